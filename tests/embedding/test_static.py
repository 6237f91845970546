from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from ctxshape.embedding import StaticEmbedder
from ctxshape.embedding.static import unit_rows
from ctxshape.errors import ModelError

VECTORS = np.array([[9, 9], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32)
WORDS = {"[UNK]": 0, "rome": 1, "paris": 2, "巴": 3, "黎": 4}


def made(folder: Path, vectors: np.ndarray = VECTORS, **more: np.ndarray) -> str:
    """A model of five tokens in model2vec's form."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    folder.mkdir()
    rules = Tokenizer(models.WordPiece(WORDS, unk_token="[UNK]"))
    rules.normalizer = normalizers.BertNormalizer(lowercase=True)
    rules.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    rules.save(str(folder / "tokenizer.json"))
    save_file({"embeddings": vectors, **more}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec", "normalize": True}))
    return str(folder)


def test_the_mean_of_the_token_vectors(tmp_path: Path) -> None:
    embedder = StaticEmbedder(model=made(tmp_path / "m"))
    rows = embedder.embed(["Rome", "rome paris", "Rome Rome Paris", "巴黎", "rome elsewhere"])
    diagonal, steep = 2**-0.5, 5**-0.5
    expected = [[1.0, 0.0], [diagonal, diagonal], [2 * steep, steep], [-diagonal, -diagonal], [1.0, 0.0]]
    assert rows.dtype == np.float32
    assert np.allclose(rows, np.array(expected), atol=1e-6)


def test_nothing_is_cut_off(tmp_path: Path) -> None:
    rows = StaticEmbedder(model=made(tmp_path / "m")).embed(["rome " * 3000 + "paris " * 4000])
    assert np.allclose(rows, [[0.6, 0.8]], atol=1e-6)


def test_what_it_does_not_know_is_like_nothing(tmp_path: Path) -> None:
    embedder = StaticEmbedder(model=made(tmp_path / "m"))
    assert embedder.embed(["", "elsewhere", "\ud83d\ude00"]).tolist() == [[0, 0]] * 3
    assert embedder.embed([]).shape == (0, 2)
    assert unit_rows(np.zeros((1, 3), dtype=np.float32)).tolist() == [[0, 0, 0]]


def test_weights_and_mapping_are_used(tmp_path: Path) -> None:
    weights = np.array([1, 3, 4, 1, 1], dtype=np.float32)
    assert np.allclose(StaticEmbedder(model=made(tmp_path / "w", weights=weights)).embed(["rome paris"]), [[0.6, 0.8]])
    shared = made(tmp_path / "s", VECTORS[:2], mapping=np.array([0, 1, 1, 1, 0], dtype=np.int64))
    assert np.allclose(StaticEmbedder(model=shared).embed(["paris", "巴"]), np.array([[1.0, 0.0], [1.0, 0.0]]))


def test_half_precision_gives_float32(tmp_path: Path) -> None:
    rows = StaticEmbedder(model=made(tmp_path / "h", VECTORS.astype(np.float16))).embed(["rome paris"])
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_it_pickles(tmp_path: Path) -> None:
    embedder = StaticEmbedder(model=made(tmp_path / "m"))
    copy = pickle.loads(pickle.dumps(embedder))
    assert np.array_equal(copy.embed(["rome paris"]), embedder.embed(["rome paris"]))


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no folder '.*none'.*model2vec"):
        StaticEmbedder(model=str(tmp_path / "none"))
    with pytest.raises(ModelError, match=r"model\.safetensors or tokenizer\.json"):
        StaticEmbedder(model=str(tmp_path))
    folder = made(tmp_path / "cut")
    (Path(folder) / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"cannot load '.*cut'"):
        StaticEmbedder(model=folder).embed(["rome"])
    with pytest.raises(ModelError, match=r"\(5\).* \(3\)"):
        StaticEmbedder(model=made(tmp_path / "few", VECTORS[:3])).embed(["rome"])

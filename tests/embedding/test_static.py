from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from ctxshape.embedding import SentenceTransformerEmbedder, StaticEmbedder, distill
from ctxshape.embedding.distillation import principal_components, rarity
from ctxshape.embedding.static import unit_rows
from ctxshape.errors import ConfigError, ModelError

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
    with pytest.raises(ModelError, match=r"there is no folder '.*none'; give one in model2vec's form, or make it with"):
        StaticEmbedder(model=str(tmp_path / "none"))
    with pytest.raises(ModelError, match=r"lacks model\.safetensors or tokenizer\.json"):
        StaticEmbedder(model=str(tmp_path))
    folder = made(tmp_path / "cut")
    (Path(folder) / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"cannot load '.*cut' as static embeddings"):
        StaticEmbedder(model=folder).embed(["rome"])
    with pytest.raises(
        ModelError, match=r"as static embeddings: Number of tokens \(5\) does not match number of vectors \(3\)"
    ):
        StaticEmbedder(model=made(tmp_path / "few", VECTORS[:3])).embed(["rome"])


def test_rare_tokens_weigh_more() -> None:
    weights = rarity(30_000)
    assert (np.diff(weights) > 0).all()
    # The first has 1/2 of the sum 1/2 + ... + 1/30001, which is about ln(30001) + 0.5772 - 1 = 9.886.
    assert weights[0] == pytest.approx(1e-4 / (1e-4 + 0.5 / 9.886), rel=1e-3)
    assert weights[-1] == pytest.approx(1e-4 / (1e-4 + 1 / 30_001 / 9.886), rel=1e-3)


def test_principal_components() -> None:
    points = np.array([[0, 0, 5], [4, 4, 5], [0, 4, 5], [4, 0, 5], [6, 6, 5], [-2, -2, 5]], dtype=np.float32)
    turned = principal_components(points, 2)
    assert turned.shape == (6, 2)
    # Centre (2, 2, 5); along (1, 1)/sqrt(2) and, with less difference, along (1, -1)/sqrt(2).
    assert np.allclose(turned[:, 0] / 2**0.5, [-2, 2, 0, 0, 4, -4], atol=1e-5)
    assert np.allclose(np.abs(turned[:, 1]) / 2**0.5, [0, 0, 2, 2, 0, 0], atol=1e-5)
    assert principal_components(points, 9).shape == (6, 3)


def test_bad_wishes_are_refused_before_a_model_is_loaded(tmp_path: Path, minilm_path: str) -> None:
    with pytest.raises(ConfigError, match="dimensions is 0"):
        distill(minilm_path, tmp_path / "new", dimensions=0)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with pytest.raises(ConfigError, match="is not an empty folder; give a new one"):
        distill(minilm_path, tmp_path / "full")


def tiny_bi_encoder(folder: Path) -> str:
    """A BERT of two layers with random weights and mean pooling, as a sentence-transformers folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", *(f"word{number}" for number in range(40)), "巴", "黎"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    parts = [("", "Transformer"), ("1_Pooling", "Pooling")]
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(parts)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True})
    )
    return str(folder)


@pytest.mark.model
def test_distilled_from_a_model(tmp_path: Path) -> None:
    model = tiny_bi_encoder(tmp_path / "teacher")
    teacher = SentenceTransformerEmbedder(model=model, device="cpu")
    student = distill(model, tmp_path / "static", dimensions=16, device="cpu")
    rows = student.embed(["word7", "word7 word7", "巴黎", "word8", "[CLS] [SEP]"])
    assert np.allclose(rows[0], rows[1], atol=1e-6)
    assert np.allclose(np.linalg.norm(rows[:4], axis=1), 1, atol=1e-5)
    assert not rows[4].any()  # special tokens are no words
    # A turned, centred vector keeps the teacher's distances: the angle is that of the centred vectors.
    tokens = teacher.token_vectors(range(49))
    centred = tokens - tokens.mean(axis=0)
    seven, eight = centred[14], centred[15]
    cosine = seven @ eight / np.linalg.norm(seven) / np.linalg.norm(eight)
    assert rows[0] @ rows[3] == pytest.approx(cosine, abs=0.01)
    alone = tokens[14] / np.linalg.norm(tokens[14])
    assert np.allclose(alone, teacher.embed(["word7"])[0], atol=1e-5)  # a token goes in as a text of one token does
    with pytest.raises(ConfigError, match="give a new one"):
        distill(model, tmp_path / "static")
    with pytest.raises(ModelError, match="has no token 49"):
        teacher.token_vectors([49])

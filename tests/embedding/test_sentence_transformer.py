from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from ctxshape import CrossEncoder
from ctxshape.core.protocols import QueryEmbedder, Scorer
from ctxshape.embedding import SentenceTransformerEmbedder
from ctxshape.embedding.loading import check_available, local_folder
from ctxshape.embedding.sentence_transformer import prompt_text
from ctxshape.errors import ConfigError, InvalidInput, ModelError
from ctxshape.scorers.similarity import Similarity
from ctxshape.testing import check_embedder

PROMPTS = {"query": "ask: ", "document": "say: ", "other": "x "}


def folder_of(place: Path, **files: object) -> str:
    place.mkdir()
    for name, content in files.items():
        (place / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(place)


@pytest.fixture
def prompted(tmp_path: Path, minilm_path: str) -> str:
    """MiniLM with prompts of its own."""
    folder = tmp_path / "prompted"
    folder.mkdir()
    for part in Path(minilm_path).resolve().iterdir():
        (folder / part.name).symlink_to(part)
    (folder / "config_sentence_transformers.json").unlink()
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": PROMPTS}))
    return str(folder)


def test_paths_and_names_on_the_hub(tmp_path: Path) -> None:
    assert local_folder(str(tmp_path), "a model") == tmp_path
    assert local_folder("intfloat/multilingual-e5-small", "a model") is None
    for path in ("./none", "~/none/such", "/none", "models/of/mine", str(tmp_path / "x")):
        with pytest.raises(ModelError, match="no folder.*a model"):
            local_folder(path, "a model")


def test_a_folder_that_is_no_bi_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"empty'.* no modules\.json"):
        SentenceTransformerEmbedder(model=folder_of(tmp_path / "empty"))
    with pytest.raises(ModelError, match=r"plain'.* plain transformers model"):
        SentenceTransformerEmbedder(model=folder_of(tmp_path / "plain", config={"architectures": ["BertModel"]}))
    with pytest.raises(ModelError, match=r"cannot read '.*modules\.json'"):
        SentenceTransformerEmbedder(model=folder_of(tmp_path / "cut", modules='[{"idx": 0,'))
    kind = {"model_type": "SparseEncoder"}
    with pytest.raises(ModelError, match="SparseEncoder"):
        SentenceTransformerEmbedder(model=folder_of(tmp_path / "sparse", modules=[], config_sentence_transformers=kind))


def test_a_folder_that_is_no_cross_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"empty'.* no config\.json"):
        CrossEncoder(model=folder_of(tmp_path / "empty"))
    with pytest.raises(ModelError, match="BertModel.*ForSequenceClassification"):
        CrossEncoder(model=folder_of(tmp_path / "bi", config={"architectures": ["BertModel"]}))


def test_a_prompt_that_the_model_does_not_have(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", modules=[], config_sentence_transformers={"prompts": PROMPTS})
    assert SentenceTransformerEmbedder(model=folder, query_prompt="query", prompt="passage: ").query_prompt == "query"
    with pytest.raises(InvalidInput, match=r"'querry', only: 'query', 'document', 'other'"):
        SentenceTransformerEmbedder(model=folder, query_prompt="querry")


def test_the_text_of_a_prompt() -> None:
    assert prompt_text(None, PROMPTS, "m") is None
    assert prompt_text("other", PROMPTS, "m") == "x "
    assert prompt_text("为这个句子生成表示：", {}, "m") == "为这个句子生成表示："
    with pytest.raises(InvalidInput, match="only: none"):
        prompt_text("query", {}, "m")


def test_bad_numbers() -> None:
    with pytest.raises(ConfigError, match="batch_size"):
        SentenceTransformerEmbedder(batch_size=0)
    with pytest.raises(ConfigError, match="dtype"):
        SentenceTransformerEmbedder(dtype="int3")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="max_length"):
        CrossEncoder(max_length=0)


def test_a_name_that_cannot_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for fails in (
        lambda: SentenceTransformerEmbedder(model="nobody/nothing").embed(["a"]),
        lambda: CrossEncoder(model="nobody/nothing").score("a", ["b"]),
    ):
        with pytest.raises(ModelError, match=r"'nobody/nothing'.*give the folder"):
            fails()


def test_a_hub_that_cannot_be_reached_fails_before_anything_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="'nobody/nothing'.*the hub cannot be reached"):
        check_available("nobody/nothing")
    snapshot = tmp_path / "hub" / "models--nobody--nothing" / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0123")
    (snapshot / "config.json").write_text("{}")
    check_available("nobody/nothing", marker="config.json")
    with pytest.raises(ModelError, match="'nobody/nothing'.*the hub cannot be reached"):
        check_available("nobody/nothing", marker="modules.json")
    check_available(str(tmp_path))


@pytest.mark.model
def test_a_real_bi_encoder(minilm: SentenceTransformerEmbedder) -> None:
    embedder = minilm
    check_embedder(embedder)
    assert isinstance(embedder, QueryEmbedder)
    assert embedder.embed([]).shape == (0, 384)
    assert embedder.embed_query("Paris").shape == (384,)
    texts = ["a much longer text than the others, so that batches are sorted", "Rome", "a cat sat", "巴黎在法国。"]
    pairs = embedder.model_copy(update={"batch_size": 2})
    together, alone = pairs.embed(texts), np.concatenate([embedder.embed([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)  # in the order given, whatever the order of the batches
    copy = pickle.loads(pickle.dumps(embedder))
    assert copy == embedder
    scores = Similarity(embedder=embedder).score("Where is Paris?", ["Paris is in France.", "I like green apples."])
    assert scores[0] > 0.6 > 0.2 > scores[1]


@pytest.mark.model
def test_half_the_bits_give_nearly_the_same_unit_vectors(minilm: SentenceTransformerEmbedder) -> None:
    texts = ["Paris is in France.", "I like green apples.", "巴黎在法国。"]
    full, half = minilm.embed(texts), minilm.model_copy(update={"dtype": "bfloat16"}).embed(texts)
    assert half.dtype == np.float32 and np.allclose(np.linalg.norm(half, axis=1), 1, atol=1e-6)
    assert 0 < np.abs(half @ half.T - full @ full.T).max() < 0.02


@pytest.mark.model
def test_a_given_prompt_goes_before_the_text(minilm: SentenceTransformerEmbedder) -> None:
    told = minilm.model_copy(update={"query_prompt": "query: ", "prompt": "passage: "})
    assert np.allclose(told.embed_query("Rome"), minilm.embed_query("query: Rome"), atol=1e-6)
    assert np.allclose(told.embed(["Rome"]), minilm.embed(["passage: Rome"]), atol=1e-6)


@pytest.mark.model
def test_the_prompts_of_the_model(prompted: str, minilm: SentenceTransformerEmbedder) -> None:
    plain, own = minilm, SentenceTransformerEmbedder(model=prompted, device="cpu")
    assert np.allclose(own.embed_query("Rome"), plain.embed_query("ask: Rome"), atol=1e-6)
    assert np.allclose(own.embed(["Rome"]), plain.embed(["say: Rome"]), atol=1e-6)
    none = own.model_copy(update={"query_prompt": "", "prompt": "other"})
    assert np.allclose(none.embed_query("Rome"), plain.embed_query("Rome"), atol=1e-6)
    assert np.allclose(none.embed(["Rome"]), plain.embed(["x Rome"]), atol=1e-6)


@pytest.mark.model
def test_broken_weights_and_a_device_that_is_not_there(tmp_path: Path, minilm_path: str, prompted: str) -> None:
    with pytest.raises(ModelError, match=r"device nowhere"):
        SentenceTransformerEmbedder(model=minilm_path, device="nowhere").embed(["a"])
    (Path(prompted) / "model.safetensors").unlink()
    (Path(prompted) / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(ModelError, match=r"prompted' on device auto"):
        SentenceTransformerEmbedder(model=prompted).embed(["a"])


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "where", "is", "paris", "in", "france", "rome", "?", ".", "巴", "黎"]


def tiny_cross_encoder(folder: Path, labels: int = 1) -> str:
    """A BERT of two layers with random weights, saved as transformers saves it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=labels,
        initializer_range=0.5,
    )
    torch.manual_seed(0)
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return str(folder)


TEXTS = ["paris is in france.", "rome", "巴黎 is in france. " * 3, ""]


@pytest.mark.model
def test_a_cross_encoder_gives_the_logit_of_each_pair(tmp_path: Path) -> None:
    import torch
    from transformers import BertForSequenceClassification, BertTokenizerFast

    folder = tiny_cross_encoder(tmp_path / "cross")
    scorer = CrossEncoder(model=folder, device="cpu", batch_size=2)
    assert isinstance(scorer, Scorer)
    scores = scorer.score("where is paris?", TEXTS)
    assert scores.dtype == np.float64
    rules, model = BertTokenizerFast.from_pretrained(folder), BertForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits = [float(model(**rules(["where is paris?"], [text], return_tensors="pt")).logits[0, 0]) for text in TEXTS]
    assert scores.tolist() == pytest.approx(logits, abs=1e-5)
    assert len({round(score, 4) for score in scores}) == 4
    assert scorer.score("where is paris?", []).shape == (0,)
    copy = pickle.loads(pickle.dumps(scorer))
    assert copy == scorer
    assert np.array_equal(copy.score("where is paris?", TEXTS), scores)


@pytest.mark.model
def test_max_length_cuts_what_a_cross_encoder_reads(tmp_path: Path) -> None:
    short = CrossEncoder(model=tiny_cross_encoder(tmp_path / "cross"), max_length=10)
    first, second = short.score("rome", ["paris " * 20 + "rome", "paris " * 20 + "france"])
    assert first == pytest.approx(second, abs=1e-6)  # they differ behind the tenth token


@pytest.mark.model
def test_cross_encoders_that_give_no_score(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="2 labels"):
        CrossEncoder(model=tiny_cross_encoder(tmp_path / "two", labels=2)).score("rome", ["paris"])
    from safetensors.numpy import load_file, save_file

    folder = Path(tiny_cross_encoder(tmp_path / "nan"))
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][:] = np.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="non-finite scores"):
        CrossEncoder(model=str(folder)).score("rome", ["paris"])

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape import ConfigError, CrossEncoder, LlamaCpp, ModelError, OpenAICompatible, ask, shape
from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder, Matrix, QueryEmbedder
from ctxshape.core.tokens import EstimateCounter
from ctxshape.embedding import CachedEmbedder, SentenceTransformerEmbedder, StaticEmbedder
from ctxshape.embedding.endpoint import OpenAIEmbedder
from ctxshape.inputs.foreign import ForeignCounter, ForeignEmbedder, ForeignScorer
from ctxshape.inputs.models import backend_from, counter_from, embedder_from, reranker_from
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.similarity import Similarity
from ctxshape.testing import ScriptedBackend, check_embedder, check_scorer


def vector(text: str) -> list[float]:
    """A vector of length 5 or so, which differs for texts of different lengths."""
    return [3.0, 4.0, float(len(text) % 7)]


class LangChainLike:
    model_name = "lengths"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [0.0, 0.0, 2.0]


class LlamaIndexLike:
    def __call__(self, nodes: object) -> object:
        raise AssertionError("an embedding of LlamaIndex is a step for nodes, too; it is not called")

    def get_text_embedding_batch(self, texts: list[str], show_progress: bool = False) -> list[list[float]]:
        return [vector(text) for text in texts]

    def get_query_embedding(self, query: str) -> list[float]:
        return [0.0, 0.0, 2.0]


class FastEmbedLike:
    def embed(self, documents: list[str]) -> Any:  # noqa: ANN401
        raise AssertionError("gives a generator")

    def passage_embed(self, texts: list[str]) -> Any:  # noqa: ANN401
        return (np.array(vector(text)) for text in texts)

    def query_embed(self, query: str) -> Any:  # noqa: ANN401
        yield np.array([0.0, 0.0, 2.0])


class SentenceTransformerLike:
    def encode(self, texts: list[str]) -> Matrix:
        raise AssertionError("encode_document is there")

    def encode_document(self, texts: list[str], show_progress_bar: bool | None = None) -> Matrix:
        return np.array([vector(text) for text in texts], dtype=np.float32)

    def encode_query(self, query: str, show_progress_bar: bool | None = None) -> Matrix:
        return np.array([0.0, 0.0, 2.0], dtype=np.float32)


class StaticModelLike:
    def encode(self, texts: list[str]) -> list[list[float]]:
        return [vector(text) for text in texts]


class HaystackLike:
    def run(self, text: str) -> dict[str, object]:
        return {"embedding": vector(text), "meta": {}}


ASKS_OTHERWISE = (LangChainLike, LlamaIndexLike, FastEmbedLike, SentenceTransformerLike)


@pytest.mark.parametrize("kind", [*ASKS_OTHERWISE, StaticModelLike, HaystackLike])
def test_embedders_of_other_libraries(kind: type) -> None:
    made = embedder_from(kind())
    assert isinstance(made, CachedEmbedder) and isinstance(made.embedder, ForeignEmbedder)
    check_embedder(made)
    check_embedder(made.embedder)
    assert np.allclose(made.embed(["seven 7"]), [[0.6, 0.8, 0.0]])
    query = [0.0, 0.0, 1.0] if kind in ASKS_OTHERWISE else [0.6, 0.8, 0.0]
    assert isinstance(made, QueryEmbedder) and np.allclose(made.embed_query("seven 7"), query)
    assert made.embedder.parameters()["given"] == f"{kind.__module__}.{kind.__qualname__}"
    assert pickle.loads(pickle.dumps(made)).embed(["a"]).tolist() == made.embed(["a"]).tolist()


@pytest.mark.parametrize("kind", [*ASKS_OTHERWISE, StaticModelLike, HaystackLike])
def test_every_kind_goes_through_shape(kind: type) -> None:
    texts = ["Rain fell in Bath.", "Emma is by Jane Austen."]
    for options in ({"preset": "balanced"}, {"preset": "thorough", "reranker": kind()}):
        shaped = shape("Who wrote Emma?", texts, embedder=kind(), **options)
        assert shaped.documents and kind.__name__ in str(shaped.trace.steps[-1].params)


def test_a_reranker_and_a_backend_go_through_shape_and_ask() -> None:
    backend = ScriptedBackend(reply="Austen")
    made = ask(
        "Who wrote Emma?",
        ["Rain fell in Bath.", "Emma is by Jane Austen."],
        backend={"use": "scripted", "reply": "Austen"},
        preset="thorough",
        embedder=lambda texts: [vector(text) for text in texts],
        reranker=lambda query, texts: [float("Emma" in text) for text in texts],
    )
    assert made.text == backend.reply == "Austen"
    counted = shape("q", ["two words"], preset="raw", budget=50, counter=lambda text: len(text.split()))
    assert counted.trace.steps[-1].tokens_after == 4


def test_a_function_is_asked_once_for_a_text() -> None:
    seen: list[str] = []

    def embed(texts: list[str]) -> list[list[float]]:
        seen.extend(texts)
        return [vector(text) for text in texts]

    made = embedder_from(embed)
    made.embed(["a", "b", "a"])
    made.embed(["b"])
    assert seen == ["a", "b"]


def test_the_trace_names_a_model_and_never_shows_its_repr() -> None:
    class Keyed(LangChainLike):
        model = "text-3"
        model_name = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            return "Keyed(key='secret')"

    shown = ForeignEmbedder(given=Keyed())
    assert shown.parameters()["model"] == "text-3"
    assert "secret" not in f"{shown!r} {shown.parameters()}" and "text-3" in repr(shown)
    with pytest.raises(ConfigError, match=r"Keyed; give .*\.gguf") as error:
        backend_from(Keyed())
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda texts: [[1.0, 2.0], [3.0]], "list .*same length"),
        (lambda texts: [[1.0]], r"\(1, 1\) for 2"),
        (lambda texts: [[float("nan")]] * 2, "finite"),
        (lambda texts: [1.0, 2.0], r"\(2,\) for 2"),
        (lambda texts: None, "NoneType|shape"),
        (lambda texts: ["a", "b"], "list"),
    ],
)
def test_rows_that_are_none(given: object, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        embedder_from(given).embed(["a", "b"])


def test_an_embedder_of_ours_is_taken_as_it_is() -> None:
    class Ones(Component):
        def embed(self, texts: Sequence[str], /) -> Matrix:
            return np.ones((len(texts), 1), dtype=np.float32)

    mine = Ones()
    assert embedder_from(mine) is mine
    wanted = Similarity(embedder=mine)
    assert reranker_from(mine) == wanted and reranker_from(wanted) is wanted


def test_embedders_by_name(tmp_path: Path) -> None:
    universal = embedder_from("universal")
    assert isinstance(universal, CachedEmbedder) and type(universal.embedder).__name__ == "UniversalSentenceEmbedder"
    assert embedder_from("universal") is universal
    hub = embedder_from("intfloat/e5-small")
    assert isinstance(hub, CachedEmbedder) and hub.embedder == SentenceTransformerEmbedder(model="intfloat/e5-small")
    half = embedder_from("intfloat/e5-small", "bfloat16")
    assert half.embedder == SentenceTransformerEmbedder(model="intfloat/e5-small", dtype="bfloat16")  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="float16.*'universal'"):
        embedder_from("universal", "float16")
    with pytest.raises(ConfigError, match="float16"):
        embedder_from(LangChainLike(), "float16")
    with pytest.raises(ConfigError, match="'static' needs model"):
        embedder_from("static")
    with pytest.raises(ModelError, match="/no/such/folder"):
        embedder_from("/no/such/folder")
    (tmp_path / "config.json").write_text('{"model_type": "model2vec"}')
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "tokenizer.json").touch()
    static = CachedEmbedder(embedder=StaticEmbedder(model=str(tmp_path)))
    assert embedder_from(tmp_path) == static and reranker_from(tmp_path) == Similarity(embedder=static)


def test_a_table_of_a_component() -> None:
    made = embedder_from({"use": "cached", "embedder": {"use": "universal", "threads": 1}})
    assert isinstance(made, CachedEmbedder) and made.embedder.threads == 1  # type: ignore[attr-defined]
    assert reranker_from({"use": "bm25"}) == Bm25()
    assert isinstance(backend_from({"use": "scripted", "reply": "x"}), ScriptedBackend)
    with pytest.raises(ConfigError, match="embedder.*no field 'thread'"):
        embedder_from({"use": "universal", "thread": 1})
    with pytest.raises(ConfigError, match="backend.*'nothing'"):
        backend_from({"use": "nothing"})


@pytest.mark.parametrize("take", [embedder_from, reranker_from, backend_from, counter_from])
@pytest.mark.parametrize("given", [5, None, "", "  ", b"name", ["universal"], LangChainLike, object()])
def test_what_is_no_model(take: Any, given: object) -> None:  # noqa: ANN401
    what = take.__name__.partition("_")[0]
    with pytest.raises(ConfigError, match=f"^{what} is .*; give "):
        take(given)


def test_a_tokenizer_is_no_embedder() -> None:
    class Tokenizer:
        def __call__(self, text: str) -> object:
            raise AssertionError

        def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
            return [0] * (len(text.split()) + 2 * add_special_tokens)

        def decode(self, tokens: list[int]) -> str:
            raise AssertionError

    with pytest.raises(ConfigError, match="Tokenizer; give"):
        embedder_from(Tokenizer())
    assert counter_from(Tokenizer()).count_tokens("two words") == 2


def test_rerankers_by_name(tmp_path: Path) -> None:
    assert reranker_from("universal") == Similarity(embedder=embedder_from("universal"))
    (tmp_path / "modules.json").write_text("[]")
    bi = SentenceTransformerEmbedder(model=str(tmp_path), dtype="bfloat16")
    assert reranker_from(str(tmp_path), "bfloat16") == Similarity(embedder=CachedEmbedder(embedder=bi))
    assert reranker_from("cross-encoder/one") == CrossEncoder(model="cross-encoder/one")
    assert reranker_from("cross-encoder/one") is reranker_from("cross-encoder/one")
    with pytest.raises(ModelError, match="cross-encoder"):
        reranker_from("./none/such")
    with pytest.raises(ConfigError, match="127.0.0.1"):
        reranker_from("http://127.0.0.1:1/v1")


def test_rerankers_of_other_libraries() -> None:
    class LangChainCrossEncoder:
        def score(self, text_pairs: list[tuple[str, str]]) -> list[float]:
            return [float(len(text)) for _, text in text_pairs]

    class SentenceTransformersCrossEncoder:
        def rank(self) -> None:
            raise AssertionError

        def __call__(self, features: object) -> None:
            raise AssertionError("a module of torch")

        def predict(self, pairs: list[tuple[str, str]], activation_fn: object, show_progress_bar: bool) -> Matrix:
            assert type(activation_fn).__name__ == "Identity"
            return np.array([len(text) for _, text in pairs], dtype=np.float32)

    def function(query: str, texts: list[str]) -> list[int]:
        return [len(text) for text in texts]

    for given in (LangChainCrossEncoder(), function):
        made = reranker_from(given)
        assert isinstance(made, ForeignScorer) and made.score("q", ["ab", "c"]).tolist() == [2.0, 1.0]
        check_scorer(made)
    pytest.importorskip("torch")
    assert reranker_from(SentenceTransformersCrossEncoder()).score("q", ["ab", "c"]).tolist() == [2.0, 1.0]
    similar = reranker_from(LangChainLike())
    assert isinstance(similar, Similarity) and isinstance(similar.embedder, Embedder)


@pytest.mark.parametrize("scores", [[1.0], [1.0, float("nan")], [[1.0], [2.0]], ["a", "b"], None])
def test_scores_that_are_none(scores: object) -> None:
    with pytest.raises(ModelError, match=r"2 texts|each text"):
        reranker_from(lambda query, texts: scores).score("q", ["a", "b"])


def test_backends(tmp_path: Path) -> None:
    scripted = ScriptedBackend(reply="x")
    assert backend_from(scripted) is scripted
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    assert backend_from(str(file)) == backend_from(file) == LlamaCpp(str(file))
    assert backend_from("http://127.0.0.1:8080/v1#m") == OpenAICompatible("http://127.0.0.1:8080/v1", model="m")
    assert backend_from("http://127.0.0.1:8080") == OpenAICompatible("http://127.0.0.1:8080/v1")
    with pytest.raises(ModelError, match=r"no model file 'none\.gguf'"):
        backend_from("none.gguf")
    with pytest.raises(ConfigError, match=r"'gpt-9'.*no file.*\.gguf.*http"):
        backend_from("gpt-9")
    with pytest.raises(ModelError, match="directory"):
        backend_from(tmp_path)


def test_counters(tmp_path: Path) -> None:
    estimate, scripted = EstimateCounter(), ScriptedBackend()
    assert counter_from(estimate) is estimate and counter_from(scripted) is scripted
    assert counter_from("http://127.0.0.1:8080/v1") == OpenAICompatible("http://127.0.0.1:8080/v1")
    words = counter_from(lambda text: np.int64(len(text.split())))
    assert isinstance(words, ForeignCounter) and words.count_tokens("two words") == 2
    with pytest.raises(ModelError, match="-1"):
        counter_from(lambda text: -1).count_tokens("a")
    with pytest.raises(ConfigError, match="no_such_encoding"):
        counter_from("no_such_encoding")


def test_an_address_with_a_model() -> None:
    made = embedder_from("http://127.0.0.1:8080/v1#minilm")
    assert isinstance(made, CachedEmbedder)
    assert made.embedder == OpenAIEmbedder("http://127.0.0.1:8080/v1", model="minilm")


@pytest.mark.model
def test_a_folder_and_a_ready_model_embed_alike(minilm_path: str) -> None:
    from sentence_transformers import SentenceTransformer

    ready = embedder_from(SentenceTransformer(minilm_path))
    assert np.allclose(ready.embed(["Paris"]), embedder_from(minilm_path).embed(["Paris"]), atol=1e-6)
    assert ready.embedder.parameters()["given"].endswith("SentenceTransformer")  # type: ignore[attr-defined]

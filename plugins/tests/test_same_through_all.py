"""The same options give the same passages through every door, and where peers flip, ctxshape does not."""

# ruff: noqa: D103

from __future__ import annotations

import inspect
import json
import os
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ctxshape import ConfigError, Context, InvalidInput, PipelineSpec, ask, shape
from ctxshape.cli.app import run
from ctxshape.cli.demo import demo_case
from ctxshape.core.tokens import default_counter
from ctxshape.evaluation.methods import methods
from ctxshape.testing import ScriptedBackend
from ctxshape.text.omission import OMISSION

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # tests use no network
langchain = pytest.importorskip("ctxshape_langchain")
llamaindex = pytest.importorskip("ctxshape_llamaindex")
haystack = pytest.importorskip("ctxshape_haystack")
ray_dataset = pytest.importorskip("ctxshape_ray.dataset")
ray_recipe = pytest.importorskip("ctxshape_ray.recipe")
ray_worker = pytest.importorskip("ctxshape_ray.worker")
pyarrow = pytest.importorskip("pyarrow")

EDGES = {"pipeline": {"step": [{"use": "reorder"}]}}
TOML = """[[step]]
use = "drop_duplicates"

[[step]]
use = "keep_key_sentences"
ratio = 0.5

[[step]]
use = "reorder"
"""


class Row(NamedTuple):
    """A passage, or a shaped one, independent of any framework."""

    id: str
    text: str
    title: str | None
    score: float | None
    provenance: Any = None

    def passage(self) -> dict[str, Any]:
        """Returns the options of `shape` that are set."""
        fields = {"id": self.id, "text": self.text, "title": self.title, "score": self.score}
        return {name: value for name, value in fields.items() if value is not None}


Options = Mapping[str, Any]
Plugin = Callable[[str, list[Row], Options], list[Row]]


class Backend(ScriptedBackend):
    """A double that counts tokens as the library does without a backend."""

    n_ctx: int = 100_000

    def count_tokens(self, text: str, /) -> int:
        """Tokens by the default counter."""
        return default_counter().count_tokens(text)


def through_langchain(query: str, rows: list[Row], options: Options) -> list[Row]:
    from langchain_core.documents import Document

    given = [Document(r.text, id=r.id, metadata={"title": r.title, "relevance_score": r.score}) for r in rows]
    shaped = langchain.CtxshapeCompressor(**options).compress_documents(given, query)
    metadata = [(document, document.metadata) for document in shaped]
    return [Row(d.id, d.page_content, m["title"], m["relevance_score"], m["ctxshape"]) for d, m in metadata]


def through_llamaindex(query: str, rows: list[Row], options: Options) -> list[Row]:
    from llama_index.core.schema import NodeWithScore, TextNode

    given = [NodeWithScore(node=TextNode(text=r.text, id_=r.id, metadata={"title": r.title}), score=r.score) for r in rows]
    shaped = llamaindex.CtxshapePostprocessor(**options).postprocess_nodes(given, query_str=query)
    return [Row(s.node_id, s.node.text, s.metadata["title"], s.score, s.metadata["ctxshape"]) for s in shaped]


def through_haystack(query: str, rows: list[Row], options: Options) -> list[Row]:
    from haystack import Document

    given = [Document(id=r.id, content=r.text, meta={"title": r.title}, score=r.score) for r in rows]
    shaped = haystack.CtxshapeShaper(**options).run(query, given)["documents"]
    return [Row(d.id, d.content, d.meta["title"], d.score, d.meta["ctxshape"]) for d in shaped]


def through_ray(query: str, rows: list[Row], options: Options) -> list[Row]:
    """Through the code of Ray's actors, without a cluster; plugins/ctxshape-ray/tests has one."""
    documents = [{"id": row.id, "text": row.text, "title": row.title, "score": row.score} for row in rows]
    task = ray_worker.Task(ray_recipe.Recipe(**options).prepared(), "question", "documents")
    table = pyarrow.table({"question": [query], "documents": [documents]})
    (shaped,) = ray_worker.ShapeRows(pickle.dumps(task))(table).to_pylist()
    if shaped["error"] is not None:
        raise InvalidInput(shaped["error"])
    scores = {row.id: row.score for row in rows}
    return [Row(d["id"], d["text"], d["title"], scores[d["id"]], _provenance(d)) for d in shaped["shaped"]]


def _provenance(shaped: dict[str, Any]) -> dict[str, Any]:
    """A provenance as the other frameworks carry it: Arrow has every field in each, and no mappings."""
    provenance = {name: shaped[name] for name in ("id", "kind", "spans", "score", "duplicates")}
    provenance["notes"] = {note["step"]: note["note"] for note in shaped["notes"]}
    return {name: value for name, value in provenance.items() if value not in (None, [], {})}


ALL: tuple[Plugin, ...] = (through_langchain, through_llamaindex, through_haystack, through_ray)


def through_ask(query: str, rows: list[Row], options: Options) -> list[tuple[str, str]]:
    """The passages that the model reads, out of its prompt."""
    prompts: list[str] = []

    def reply(prompt: str) -> str:
        prompts.append(prompt)
        return "an answer"

    answer = ask(query, [row.passage() for row in rows], backend=Backend(reply=reply), **options)
    shaped = shape(query, [row.passage() for row in rows], **options)
    order = answer.trace.steps[-1].after if answer.trace.steps else [row.id for row in rows]
    texts = {document.id: document.text for document in shaped.documents}
    assert [id for id in order if texts[id] in prompts[0]] == list(texts)
    return [(id, texts[id]) for id in order]


def through_command_line(
    query: str, rows: list[Row], options: Options, folder: Path, capsys: pytest.CaptureFixture[str]
) -> list[tuple[str, str]]:
    docs = folder / "docs.jsonl"
    docs.write_text("".join(json.dumps(row.passage()) + "\n" for row in rows), encoding="utf-8")
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    assert run(["shape", query, "--docs", str(docs), "--json", *given]) == 0
    return [(document["id"], document["text"]) for document in json.loads(capsys.readouterr().out)["documents"]]


def through_bench(query: str, rows: list[Row], options: Options) -> list[tuple[str, str]]:
    models = {name: options[name] for name in ("embedder", "reranker") if name in options}
    (method,) = methods([str(options.get("preset") or options["pipeline"])], Backend(), **models)
    shaped = method.pipeline(Context.of(query, [row.passage() for row in rows]))
    return [(document.id, document.text) for document in shaped.documents]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "options",
    [
        {"preset": "raw"},
        {"preset": "light"},
        {"preset": "light", "budget": 300},
        {"preset": "raw", "budget": 300},
        {"preset": "balanced", "embedder": "universal"},
        {"preset": "thorough", "embedder": "universal", "reranker": "universal"},
        {"pipeline": "mine.toml"},
        {"pipeline": "mine.toml", "budget": 300},
        {"pipeline": "light", "budget": 300},
        {"pipeline": [{"use": "drop_duplicates"}, {"use": "reorder"}]},
        EDGES,
    ],
    ids=str,
)
def test_the_same_passages_through_every_door(
    language: str, options: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(TOML, encoding="utf-8")
    case = demo_case(language)
    rows = [Row(d.id, d.text, d.title, 1 - n / 50) for n, d in enumerate(case.documents)]
    one, *others = [through(case.question, rows, options) for through in ALL]
    assert one and all(other == one for other in others)

    expected = [(row.id, row.text) for row in one]
    passages = [row.passage() for row in rows]
    ours = shape(case.question, passages, **options)
    assert [(document.id, document.text) for document in ours.documents] == expected
    again = PipelineSpec.from_config(PipelineSpec(**options).to_config(), allow="reads").resolve()(
        Context.of(case.question, passages)
    )
    assert again.documents == ours.documents
    assert through_ask(case.question, rows, options) == expected
    if options.get("pipeline", "mine.toml") == "mine.toml":  # the command line takes a file, and names presets by --preset
        assert through_command_line(case.question, rows, options, tmp_path, capsys) == expected
        if "budget" not in options:  # the bench has no budget
            assert through_bench(case.question, rows, options) == expected

    sources = {row.id: row.text for row in rows}
    for row in one:
        quotes = [sources[span["document"]][span["start"] : span["end"]] for span in row.provenance["spans"]]
        assert "".join("".join(quotes).split()) == "".join(row.text.replace(OMISSION, "").split())


def test_every_door_takes_the_options_of_shape_under_the_same_names() -> None:
    steps = (langchain.CtxshapeCompressor, llamaindex.CtxshapePostprocessor, haystack.CtxshapeShaper)
    options = set(inspect.signature(shape).parameters) - {"query", "documents"}
    assert options == set(PipelineSpec.model_fields) - {"seed"}
    for door in (*(step.__init__ for step in steps), ray_dataset.shape_dataset):
        assert options <= set(inspect.signature(door).parameters), door


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "lite"}, "'lite'.*raw, light, balanced, thorough"),
        ({"preset": "light", "embedder": "universal"}, "'universal'.*'light'.*balanced or thorough"),
        ({"preset": "balanced", "reranker": "universal"}, "'universal'.*'balanced'.*thorough"),
        ({"pipeline": "mine.toml", "embedder": "universal"}, "'universal'.*KeepEvidence"),
        ({"preset": "light", "pipeline": "mine.toml"}, "'light'.*'mine.toml'"),
        ({"pipeline": "none.toml"}, "'none.toml'"),
        ({"preset": "light", "budget": 0}, "'budget'.* 0"),
    ],
    ids=str,
)
def test_the_same_mistakes_are_refused_by_every_door(
    options: dict[str, Any],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(TOML, encoding="utf-8")
    Path("docs.jsonl").write_text('"Emma is by Jane Austen."\n', encoding="utf-8")
    rows = [Row("a", "Emma is by Jane Austen.", None, None)]
    library: tuple[Any, Any] = (
        lambda *given: shape(given[0], [], **given[2]),
        lambda *given: ask(given[0], [], backend=Backend(), **given[2]),
    )
    for through in (*ALL, *library):
        with pytest.raises(ConfigError, match=message):
            through("Who wrote Emma?", rows, options)
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    for command in (["shape"], ["ask", "--model", "none.gguf"]):
        assert run([*command, "Who wrote Emma?", "--docs", "docs.jsonl", *given]) == 2
        error = capsys.readouterr().err
        assert "--budget" in error if "budget" in options else re.search(message, error)


@pytest.mark.parametrize("through", ALL)
def test_an_empty_question_is_the_same_mistake_everywhere(through: Plugin) -> None:
    with pytest.raises(InvalidInput, match=r"query.*' '"):
        through(" ", [Row("a", "text", None, None)], {"preset": "light"})


def vector_of(text: str) -> list[float]:
    """A test's embedding model, which knows only whether a text is about rain."""
    return [1.0, 0.0] if "rain" in text or "showers" in text else [0.0, 1.0]


def test_each_framework_s_own_embedding_model_is_an_embedder() -> None:
    from haystack import component
    from langchain_core.embeddings import Embeddings
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class LangChainModel(Embeddings):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [vector_of(text) for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return vector_of(text)

    class LlamaIndexModel(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embedding(self, text: str) -> list[float]:
            return vector_of(text)

        def _get_query_embedding(self, query: str) -> list[float]:
            return vector_of(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return vector_of(query)

    @component
    class HaystackModel:
        @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
        def run(self, text: str) -> dict[str, list[float]]:
            return {"embedding": vector_of(text)}

    rows = [Row("a", "Emma was read in Bath.", None, None), Row("b", "Heavy showers fell in spring.", None, None)]
    models = (LangChainModel(), LlamaIndexModel(), HaystackModel())
    for through, model in zip(ALL[:3], models, strict=True):
        shaped = through("Where was the rain?", rows, {"preset": "balanced", "embedder": model})
        assert shaped[0].id == "b"  # by words alone, neither says anything


@pytest.mark.filterwarnings("ignore:.langchain-community. is being sunset")  # its reorder is what we compare with
def test_the_best_stays_first_for_even_and_odd_numbers_where_peers_flip() -> None:
    from langchain_community.document_transformers import LongContextReorder as LangChainReorder
    from langchain_core.documents import Document
    from llama_index.core.postprocessor import LongContextReorder as LlamaIndexReorder
    from llama_index.core.schema import NodeWithScore, TextNode

    first: dict[str, list[str]] = {"langchain": [], "llama-index": [], "ours": []}
    for number in (4, 5, 6, 7):
        rows = [Row(f"rank{n}", f"Passage {n}.", None, 1 - n / 10) for n in range(1, number + 1)]  # rank1 is the best
        nodes = [NodeWithScore(node=TextNode(text=r.text, id_=r.id), score=r.score) for r in rows]
        first["llama-index"].append(LlamaIndexReorder().postprocess_nodes(nodes)[0].node_id)
        documents = [Document(r.text, id=r.id) for r in rows]
        first["langchain"].append(LangChainReorder().transform_documents(documents)[0].id)
        ours = {tuple(row.id for row in through("q", rows, EDGES)) for through in ALL}
        assert len(ours) == 1
        first["ours"].append(ours.pop()[0])
    assert first == {
        "langchain": ["rank2", "rank1", "rank2", "rank1"],
        "llama-index": ["rank2", "rank1", "rank2", "rank1"],
        "ours": ["rank1", "rank1", "rank1", "rank1"],
    }

"""One question over the same passages comes out the same through every framework, and where peers flip, ctxshape does not."""

# ruff: noqa: D103

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ctxshape import InvalidInput, shape
from ctxshape.cli.demo import demo_case

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # tests use no network
langchain = pytest.importorskip("ctxshape_langchain")
llamaindex = pytest.importorskip("ctxshape_llamaindex")
haystack = pytest.importorskip("ctxshape_haystack")
ray_recipe = pytest.importorskip("ctxshape_ray.recipe")
ray_worker = pytest.importorskip("ctxshape_ray.worker")
pyarrow = pytest.importorskip("pyarrow")

PLUGINS = Path(__file__).parents[1]
EDGES = {"step": [{"use": "reorder"}]}


class Row(NamedTuple):
    """A passage, or a shaped one, as none of the frameworks has it."""

    id: str
    text: str
    title: str | None
    score: float | None
    record: Any = None


Step = Callable[[str, list[Row], Any, int | None], list[Row]]


def through_langchain(query: str, rows: list[Row], pipeline: Any, budget: int | None) -> list[Row]:  # noqa: ANN401
    from langchain_core.documents import Document

    given = [Document(r.text, id=r.id, metadata={"title": r.title, "relevance_score": r.score}) for r in rows]
    shaped = langchain.CtxshapeCompressor(pipeline, budget=budget).compress_documents(given, query)
    metadata = [(document, document.metadata) for document in shaped]
    return [Row(d.id, d.page_content, m["title"], m["relevance_score"], m["ctxshape"]) for d, m in metadata]


def through_llamaindex(query: str, rows: list[Row], pipeline: Any, budget: int | None) -> list[Row]:  # noqa: ANN401
    from llama_index.core.schema import NodeWithScore, TextNode

    given = [NodeWithScore(node=TextNode(text=r.text, id_=r.id, metadata={"title": r.title}), score=r.score) for r in rows]
    shaped = llamaindex.CtxshapePostprocessor(pipeline, budget=budget).postprocess_nodes(given, query_str=query)
    return [Row(s.node_id, s.node.text, s.metadata["title"], s.score, s.metadata["ctxshape"]) for s in shaped]


def through_haystack(query: str, rows: list[Row], pipeline: Any, budget: int | None) -> list[Row]:  # noqa: ANN401
    from haystack import Document

    given = [Document(id=r.id, content=r.text, meta={"title": r.title}, score=r.score) for r in rows]
    shaped = haystack.CtxshapeShaper(pipeline, budget=budget).run(query, given)["documents"]
    return [Row(d.id, d.content, d.meta["title"], d.score, d.meta["ctxshape"]) for d in shaped]


def through_ray(query: str, rows: list[Row], pipeline: Any, budget: int | None) -> list[Row]:  # noqa: ANN401
    """Through what each of Ray's actors runs, without a cluster; plugins/ctxshape-ray/tests has one."""
    documents = [{"id": row.id, "text": row.text, "title": row.title, "score": row.score} for row in rows]
    task = ray_worker.Task(ray_recipe.Recipe(pipeline=pipeline, budget=budget).checked(), "question", "documents")
    table = pyarrow.table({"question": [query], "documents": [documents]})
    (made,) = ray_worker.ShapeRows(pickle.dumps(task))(table).to_pylist()
    if made["error"] is not None:
        raise InvalidInput(made["error"])
    scores = {row.id: row.score for row in rows}
    return [Row(d["id"], d["text"], d["title"], scores[d["id"]], _record(d)) for d in made["shaped"]]


def _record(shaped: dict[str, Any]) -> dict[str, Any]:
    """A record as the other frameworks carry it: Arrow has every field in each, and no mappings."""
    record = {name: shaped[name] for name in ("id", "kind", "spans", "score", "duplicates")}
    record["notes"] = {note["step"]: note["note"] for note in shaped["notes"]}
    return {name: value for name, value in record.items() if value not in (None, [], {})}


ALL: tuple[Step, ...] = (through_langchain, through_llamaindex, through_haystack, through_ray)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("pipeline", "budget"), [("raw", None), ("light", None), ("light", 300), (EDGES, None)])
def test_same_shaped_texts(language: str, pipeline: Any, budget: int | None) -> None:  # noqa: ANN401
    case = demo_case(language)
    rows = [Row(d.id, d.text, d.title, 1 - n / 50) for n, d in enumerate(case.documents)]
    one, *others = [through(case.question, rows, pipeline, budget) for through in ALL]
    assert one and all(other == one for other in others)
    passages = [{"id": row.id, "text": row.text, "title": row.title, "score": row.score} for row in rows]
    if isinstance(pipeline, str):
        ours = shape(case.question, passages, preset=pipeline, budget=budget)
        assert [(row.id, row.text) for row in one] == [(document.id, document.text) for document in ours.documents]
    sources = {row.id: row.text for row in rows}
    for row in one:
        quotes = [sources[span["document"]][span["start"] : span["end"]] for span in row.record["spans"]]
        assert "".join("".join(quotes).split()) == "".join(row.text.split())


@pytest.mark.parametrize("through", ALL)
def test_an_empty_question_is_the_same_mistake_everywhere(through: Step) -> None:
    with pytest.raises(InvalidInput, match="the query is ' '"):
        through(" ", [Row("a", "text", None, None)], "light", None)


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
        ours = {tuple(row.id for row in through("q", rows, EDGES, None)) for through in ALL}
        assert len(ours) == 1
        first["ours"].append(ours.pop()[0])
    assert first == {
        "langchain": ["rank2", "rank1", "rank2", "rank1"],
        "llama-index": ["rank2", "rank1", "rank2", "rank1"],
        "ours": ["rank1", "rank1", "rank1", "rank1"],
    }

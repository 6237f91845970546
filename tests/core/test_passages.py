from __future__ import annotations

import csv
import io
import math
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ctxshape import shape
from ctxshape.core.fields import source_of, title_of
from ctxshape.core.passages import Passage, document_from
from ctxshape.core.retrieved import documents_from
from ctxshape.core.types import Context, Document
from ctxshape.errors import InvalidInput


class LangChainLike:
    """The shape of LangChain's Document, a pydantic model, which can be iterated."""

    def __init__(self, page_content: str, metadata: dict[Any, Any] | None = None, id: str | None = None) -> None:
        self.page_content, self.metadata, self.id = page_content, metadata or {}, id

    def __iter__(self) -> Iterator[tuple[str, object]]:
        return iter(vars(self).items())


class NodeLike:
    """The shape of LlamaIndex's TextNode."""

    def __init__(self, text: str, node_id: str, **metadata: object) -> None:
        self.node_id, self.metadata, self._text = node_id, metadata, text

    def get_content(self) -> str:
        return self._text


class NodeWithScoreLike:
    """The shape of LlamaIndex's NodeWithScore, whose `text` raises for a node that is no TextNode."""

    def __init__(self, node: NodeLike, score: float | None) -> None:
        self.node, self.score = node, score

    @property
    def text(self) -> str:
        raise ValueError("Must be a TextNode to get text.")


@dataclass
class HaystackLike:
    """The shape of Haystack's Document."""

    id: str = "h"
    content: str | None = None
    blob: bytes | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    score: float | None = None
    embedding: list[float] | None = None


class FrameLike:
    """The shape of a pandas DataFrame, whose iteration gives its columns' names."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns, self._columns = list(columns), columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def itertuples(self) -> None:
        raise AssertionError

    def to_dict(self, orient: str) -> list[dict[str, Any]]:
        assert orient == "records"
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self._columns.values(), strict=True)]


def told(document: Document) -> tuple[str, str, str | None, str | None, float | None]:
    return document.id, document.text, document.title, document.source, document.score


def test_every_form_of_input_becomes_a_document() -> None:
    context = Context.of(
        "q",
        [
            "plain",
            {"page_content": "a page", "id": 7, "lang": "en"},
            {"content": "c", "score": "0.5", "source": "s"},
            Document(id="d", text="t"),
        ],
    )
    assert [(d.id, d.text) for d in context.documents] == [("d1", "plain"), ("7", "a page"), ("d3", "c"), ("d", "t")]
    assert context.documents[1].meta == {"lang": "en"}
    assert (context.documents[2].score, context.documents[2].source) == (0.5, "s")
    assert context.sources["7"] is context.documents[1]


def test_text_wins_over_page_content_and_nothing_is_lost() -> None:
    document = document_from({"text": "a", "page_content": "b"}, id="x")
    assert (document.text, document.meta) == ("a", {"page_content": "b"})


@pytest.mark.parametrize("inner", ["metadata", "meta"])
def test_metadata_inside_a_mapping_says_title_and_source(inner: str) -> None:
    given = {"page_content": "a", inner: {"title": "T", "source": "S", "page": 3, 4: "x"}, "lang": "en"}
    document = document_from(given, id="x")
    assert told(document) == ("x", "a", "T", "S", None)
    assert document.meta == {"title": "T", "source": "S", "page": 3, "4": "x", "lang": "en"}
    assert given[inner] == {"title": "T", "source": "S", "page": 3, 4: "x"}


def test_what_stands_beside_the_text_goes_before_what_stands_in_its_metadata() -> None:
    document = document_from({"text": "a", "title": "own", "score": 2, "metadata": {"title": "T", "score": 1, "url": "U"}}, "x")
    assert told(document) == ("x", "a", "own", "U", 2.0)


def test_the_names_of_title_and_source() -> None:
    assert title_of({"file_name": "f.pdf", "name": " ", "title": 5}) == "f.pdf"
    assert [source_of({name: "x"}) for name in ("source", "url", "uri", "link", "file_path", "path", "place")] == [
        *"xxxxxx",
        None,
    ]
    assert told(document_from({"text": "a", "url": "https://a.org", "name": "n"}, "x")) == (
        "x",
        "a",
        "n",
        "https://a.org",
        None,
    )


def test_documents_of_langchain() -> None:
    first, second = documents_from(
        [LangChainLike("a", {"title": "T", "source": "S", "relevance_score": np.float32(0.5)}, id="i"), LangChainLike("b")]
    )
    assert told(first) == ("i", "a", "T", "S", 0.5) and first.meta["source"] == "S"
    assert told(second) == ("d2", "b", None, None, None)


def test_nodes_of_llamaindex() -> None:
    node = NodeLike("a", "n1", file_name="f.pdf", file_path="/x/f.pdf")
    scored, bare = documents_from([NodeWithScoreLike(node, 0.5), NodeLike("b", "n2")])
    assert told(scored) == ("n1", "a", "f.pdf", "/x/f.pdf", 0.5)
    assert told(bare) == ("n2", "b", None, None, None)


def test_documents_of_haystack_may_come_twice() -> None:
    given = HaystackLike(content="a", meta={"name": "f", "url": "u"}, score=0.25, embedding=[0.5])
    documents = documents_from([given, given, {"id": "h#2", "text": "b"}, given])
    assert told(documents[0]) == ("h", "a", "f", "u", 0.25) and documents[0].meta == {"name": "f", "url": "u"}
    assert [document.id for document in documents] == ["h", "h#3", "h#2", "h#4"]
    assert documents_from({"documents": [given]})[0].text == "a"


def test_any_object_with_a_text() -> None:
    @dataclass
    class Chunk:
        text: str
        source: str
        page: int = 3

    assert told(documents_from([Chunk("a", "s")])[0]) == ("d1", "a", None, "s", None)


def test_hits_of_vector_stores_hold_the_text_inside() -> None:
    documents = documents_from(
        [
            SimpleNamespace(id=4, score=0.9, payload={"text": "qdrant", "source": "s"}),
            SimpleNamespace(uuid="u", properties={"content": "weaviate"}, metadata=SimpleNamespace(distance=1)),
            {"id": "p", "score": 0.5, "metadata": {"text": "pinecone", "url": "u"}},
            {"_id": "e", "_score": 3.5, "_source": {"text": "elasticsearch", "title": "T"}},
            {"id": 1, "distance": 0.5, "entity": {"text": "milvus"}},
        ]
    )
    assert [told(document) for document in documents] == [
        ("4", "qdrant", None, "s", 0.9),
        ("u", "weaviate", None, None, None),
        ("p", "pinecone", None, "u", 0.5),
        ("e", "elasticsearch", "T", None, 3.5),
        ("1", "milvus", None, None, None),
    ]
    assert documents[4].meta == {"distance": 0.5}


def test_pairs_of_a_passage_and_its_score() -> None:
    falling = documents_from([(LangChainLike("a"), 0.75), ("b", np.float32(0.5)), ({"text": "c"}, Decimal("0.25"))])
    assert [document.score for document in falling] == [0.75, 0.5, 0.25]
    rising = documents_from([(LangChainLike("a", {"x": 1}), 0.25), (Document(id="b", text="b"), 0.75)])
    assert [(document.score, document.meta) for document in rising] == [
        (None, {"x": 1, "distance": 0.25}),
        (None, {"distance": 0.75}),
    ]
    assert documents_from([("a", None)])[0].score is None


def test_rows_of_databases() -> None:
    Row = namedtuple("Row", "id text score")
    base = sqlite3.connect(":memory:")
    base.row_factory = sqlite3.Row
    (row,) = base.execute("SELECT 'b' AS text, 's' AS source, 3 AS page").fetchall()
    first, second = documents_from([Row(1, "a", 0.5), row])
    assert told(first) == ("1", "a", None, None, 0.5)
    assert told(second) == ("d2", "b", None, "s", None) and second.meta == {"page": 3}


def test_a_result_of_chroma() -> None:
    queried = {
        "ids": [["1", "2"]],
        "documents": [["a", "b"]],
        "metadatas": [[{"source": "s"}, None]],
        "distances": [[0.25, 0.5]],
        "embeddings": None,
        "included": ["documents"],
    }
    first, second = documents_from(queried)
    assert told(first) == ("1", "a", None, "s", None) and first.meta == {"source": "s", "distance": 0.25}
    assert told(second) == ("2", "b", None, None, None) and second.meta == {"distance": 0.5}
    assert [document.id for document in documents_from({"ids": ["7"], "documents": ["a"], "metadatas": None})] == ["7"]
    assert documents_from({"ids": [[]], "documents": [[]]}) == ()


def test_a_data_frame_gives_its_rows() -> None:
    frame = FrameLike(text=["a", "b"], score=[0.5, math.nan], title=[None, "T"], url=["u", math.nan])
    assert [told(document) for document in documents_from(frame)] == [
        ("d1", "a", None, "u", 0.5),
        ("d2", "b", "T", None, None),
    ]
    with pytest.raises(InvalidInput, match=r"FrameLike .*text, page_content, content.*'body', 'id'"):
        documents_from(FrameLike(body=["a"], id=[1]))
    with pytest.raises(InvalidInput, match="document 2 has no text"):
        documents_from(FrameLike(text=["a", math.nan], id=[1, 2]))


def test_real_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["a", "b"], "score": [0.5, None], "page": [pandas.NA, 2]})
    assert [(d.text, d.score, dict(d.meta)) for d in documents_from(frame)] == [("a", 0.5, {}), ("b", None, {"page": 2})]
    assert [d.text for d in documents_from(frame["text"])] == ["a", "b"]
    assert [d.text for d in documents_from([row for _, row in frame[["text"]].iterrows()])] == ["a", "b"]
    twice = pandas.DataFrame([["a", "b"]], columns=["text", "text"])
    with pytest.raises(InvalidInput, match="same name: 'text'"):
        documents_from(twice)
    polars = pytest.importorskip("polars")
    assert [(d.text, d.meta) for d in documents_from(polars.DataFrame({"text": ["a"], "page": [2]}))] == [("a", {"page": 2})]
    assert [d.text for d in documents_from(polars.Series(["a", "b"]))] == ["a", "b"]


def test_arrays_and_generators() -> None:
    array = np.array(["a", "b"])
    documents = documents_from(array)
    assert [(document.text, type(document.text)) for document in documents] == [("a", str), ("b", str)]
    assert len(documents_from(text for text in ["a", "b"])) == 2
    assert documents_from([]) == documents_from(()) == ()


def test_made_ids_avoid_given_ones() -> None:
    context = Context.of("q", ["a", {"id": "d1", "text": "b"}, {"id": "d1'", "text": "c"}])
    assert [d.id for d in context.documents] == ["d1''", "d1", "d1'"]


def test_the_callers_objects_stay_as_they_are() -> None:
    given: dict[str, Any] = {"text": "a", "tags": ["x"]}
    documents: list[Passage] = [given, "b"]
    Context.of("q", documents)
    assert given == {"text": "a", "tags": ["x"]}
    assert documents == [given, "b"]


EMMA, RAIN = "Emma is by Jane Austen.", "Rain fell in Bath."


@pytest.mark.parametrize(
    "documents",
    [
        [RAIN, EMMA],
        (text for text in (RAIN, EMMA)),
        np.array([RAIN, EMMA]),
        [{"text": RAIN}, {"page_content": EMMA, "metadata": {}}],
        [Document(id="a", text=RAIN), Document(id="b", text=EMMA)],
        [LangChainLike(RAIN), LangChainLike(EMMA)],
        [(LangChainLike(RAIN), 0.75), (LangChainLike(EMMA), 0.5)],
        [NodeWithScoreLike(NodeLike(RAIN, "1"), None), NodeLike(EMMA, "2")],
        [HaystackLike("1", RAIN), HaystackLike("2", EMMA)],
        {"documents": [HaystackLike("1", RAIN), HaystackLike("2", EMMA)]},
        FrameLike(content=[RAIN, EMMA]),
        {"ids": [["1", "2"]], "documents": [[RAIN, EMMA]]},
        [SimpleNamespace(payload={"text": RAIN}), {"id": "p", "metadata": {"text": EMMA}}],
    ],
    ids=lambda documents: type(documents).__name__,
)
def test_every_kind_goes_through_shape(documents: Any) -> None:  # noqa: ANN401
    assert [document.text for document in shape("Who wrote Emma?", documents).documents] == [EMMA]


class Mail:
    text = b"bytes"


@pytest.mark.parametrize(
    ("query", "documents", "told"),
    [
        ("", ["a"], ["query", "''"]),
        ("  \n", ["a"], ["query"]),
        (None, ["a"], ["query", "None"]),
        (None, "a", ["query", "None"]),
        (["secret"], ["a"], ["query", "list"]),
        (["secret"], "a question", ["query", "list", "swapped"]),
        ("q", None, ["documents", "None", "[]"]),
        ("q", 5, ["documents", "int", "list"]),
        ("q", "a text", ["documents", "one str"]),
        ("q", b"a text", ["documents", "bytes"]),
        ("q", Path("a.txt"), ["documents", "Path", "read"]),
        ("q", {"text": "a"}, ["documents", "one dict"]),
        ("q", {"d7": "secret"}, ["documents", "d7", "items()"]),
        ("q", {}, ["documents", "none"]),
        ("q", {"a", "b"}, ["documents", "set", "order"]),
        ("q", LangChainLike("secret"), ["documents", "one LangChainLike"]),
        ("q", HaystackLike(content="secret"), ["documents", "one HaystackLike"]),
        ("q", LangChainLike, ["documents", "type"]),
        ("q", np.array("secret"), ["documents", "ndarray"]),
        ("q", {"ids": [["1"], ["2"]], "documents": [["a"], ["b"]]}, ["2 queries"]),
        ("q", {"ids": [["1"]], "documents": None}, ["include"]),
        ("q", {"ids": ["1", "2"], "documents": ["a"]}, ["'ids': 2", "'documents': 1"]),
        ("q", [{"id": "x"}], ["document 1", "text, page_content, content", "id"]),
        ("q", [{"text": 5}], ["document 1", "'text'", "int"]),
        ("q", [{"metadata": {"text": 5}}], ["document 1", "'text'", "int"]),
        ("q", ["a", {"text": "b", "title": 5}], ["document 2", "'title'", "int"]),
        ("q", ["a", {"text": "b", "source": Path("x")}], ["document 2", "'source'", "Path"]),
        ("q", [{"text": "b", "score": "high"}], ["document 1", "'score'", "'high'"]),
        ("q", [{"text": "b", "score": math.nan}], ["document 1", "'score'", "nan"]),
        ("q", [{"text": "b", "score": np.float32("inf")}], ["document 1", "'score'", "inf"]),
        ("q", [("b", math.nan)], ["document 1", "'score'", "nan"]),
        ("q", [HaystackLike(content="a", score=math.nan)], ["document 1", "'score'", "nan"]),
        ("q", [{"text": "b", "score": 10**400}], ["document 1", "'score'", "1000"]),
        ("q", list(csv.DictReader(io.StringIO("text\na,extra\n"))), ["document 1", "None", "header"]),
        ("q", [{"text": "a", 3: 4}], ["document 1", "key 3"]),
        ("q", ["a", 5], ["document 2", "int"]),
        ("q", [None], ["document 1", "NoneType"]),
        ("q", [b"a"], ["document 1", "bytes", "decode"]),
        ("q", [Path("a.txt")], ["document 1", "Path", "read_text"]),
        ("q", [("id", "text")], ["document 1", "tuple"]),
        ("q", np.array([["a", "b"]]), ["document 1", "ndarray"]),
        ("q", [LangChainLike], ["document 1", "type"]),
        ("q", [object()], ["document 1", "object"]),
        ("q", [HaystackLike(blob=b"x")], ["document 1", "'text'", "NoneType"]),
        ("q", [Mail()], ["document 1", "'text'", "bytes"]),
        ("q", [{"id": "x", "text": "a"}, "b", {"id": "x", "text": "c"}], ["documents 1 and 3", "'x'"]),
        ("q", ["ok", "bad \ud800 text"], ["document 2", "'text'", "U+D800", "character 4"]),
        ("q\udfff", ["ok"], ["query", "U+DFFF"]),
    ],
)
def test_bad_input_is_named(query: Any, documents: Any, told: list[str]) -> None:  # noqa: ANN401
    with pytest.raises(InvalidInput) as caught:
        shape(query, documents)
    message = str(caught.value)
    assert all(part in message for part in told), message
    assert "secret" not in message

from __future__ import annotations

import math
from typing import Any

import pytest

from ctxshape.core.types import Context, Document, Passage, Span
from ctxshape.errors import InvalidInput


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
    document = Document.of({"text": "a", "page_content": "b"}, id="x")
    assert (document.text, document.meta) == ("a", {"page_content": "b"})


def test_made_ids_avoid_given_ones() -> None:
    context = Context.of("q", ["a", {"id": "d1", "text": "b"}, {"id": "d1'", "text": "c"}])
    assert [d.id for d in context.documents] == ["d1''", "d1", "d1'"]


def test_the_callers_objects_stay_as_they_are() -> None:
    given: dict[str, Any] = {"text": "a", "tags": ["x"]}
    documents: list[Passage] = [given, "b"]
    Context.of("q", documents)
    assert given == {"text": "a", "tags": ["x"]}
    assert documents == [given, "b"]


def test_no_documents_are_fine_and_a_generator_is() -> None:
    assert Context.of("q", []).documents == ()
    assert len(Context.of("q", (text for text in ["a", "b"])).documents) == 2


@pytest.mark.parametrize(
    ("query", "documents", "message"),
    [
        ("", ["a"], "the query is ''"),
        ("  \n", ["a"], "the query is"),
        (None, ["a"], "the query is None"),
        ("q", "a text", "documents is one str; give a list"),
        ("q", {"text": "a"}, "documents is one dict"),
        ("q", [{"id": "x"}], "document 1 has no text: give one of text, page_content, content; it has ['id']"),
        ("q", [{"text": 5}], "document 1, field 'text' is int; give a str"),
        ("q", ["a", {"text": "b", "title": 5}], "document 2, field 'title' is int"),
        ("q", [{"text": "b", "score": "high"}], "document 1, field 'score' is 'high'"),
        ("q", [{"text": "b", "score": math.nan}], "document 1, field 'score' is nan"),
        ("q", [{"text": "b", "score": 10**400}], "document 1, field 'score' is 1000"),
        ("q", [5], "document 1 is int; give a str, a mapping with a text field, or a Document"),
        ("q", [{"id": "x", "text": "a"}, "b", {"id": "x", "text": "c"}], "documents 1 and 3 share the id 'x'"),
        ("q", ["ok", "bad \ud800 text"], "document 2, field 'text' holds the lone surrogate U+D800 at character 4"),
        ("q\udfff", ["ok"], "the query holds the lone surrogate U+DFFF"),
    ],
)
def test_bad_input_is_named(query: Any, documents: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(InvalidInput) as caught:
        Context.of(query, documents)
    assert message in str(caught.value)


def test_odd_but_encodable_text_is_kept() -> None:
    texts = ["", "  ", "nul \x00 inside", "x" * 1_000_000, "😀"]
    assert [d.text for d in Context.of("q", texts).documents] == texts


def test_spans_give_the_original_text() -> None:
    context = Context.of("q", [{"id": "a", "text": "One. Two."}])
    whole = context.documents[0]
    assert context.spans_of(whole) == (Span(document="a", start=0, end=9),)
    part = whole.model_copy(update={"text": "Two.", "spans": (Span(document="a", start=5, end=9),)})
    assert context.quotes(part) == ("Two.",)


def test_a_shaped_document_is_an_original_of_the_next_context() -> None:
    shaped = Document(id="a", text="Two.", spans=(Span(document="a", start=5, end=9),))
    context = Context.of("q", [shaped])
    assert context.quotes(context.documents[0]) == ("Two.",)
    assert context.sources["a"].spans == shaped.spans

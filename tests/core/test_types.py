from __future__ import annotations

from ctxshape import DropDuplicates, Pipeline
from ctxshape.core.types import Context, Document, Span


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


def test_the_repr_of_a_context_is_short() -> None:
    context = Context.of("Where? " * 1000, ["secret passage " * 500] * 50)
    shown = repr(Pipeline(DropDuplicates())(context))
    assert len(shown) < 120
    assert "documents=1, steps=1" in shown and "secret" not in shown

"""Runs every check of faithfulness on a context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ctxshape.core.types import Context, Document
from ctxshape.testing.faithful.excerpts import Fault, excerpts
from ctxshape.testing.faithful.files import file_faults
from ctxshape.testing.faithful.joins import cut_faults, join_faults
from ctxshape.testing.faithful.outline import Outline
from ctxshape.testing.faithful.owners import owner_faults
from ctxshape.testing.faithful.recognise import recognise

# The rules that hold without an outline. A hostile text may have lines of another kind than those that are recognised.
WITHOUT_OUTLINES = frozenset({"verbatim", "invented", "joined", "silent"})


def faults(before: Context, after: Context, outlines: Mapping[str, Outline] | None = None) -> list[Fault]:
    r"""Returns what a transform made that its sources do not say.

    It compares the shown text of each quote with its spans and with the outlines of the sources, by source id. The rules are
    those of `join_faults`, `cut_faults`, `owner_faults` and `file_faults`; `verbatim` and `invented` mean text that is not
    in the spans. A source without an outline gets the one that simple rules recognise. The units of the library are not
    used. Rewrites, and documents that the transform left as they were, are not checked.

    >>> before = Context.of("q", ["The age was raised to\n67. It had been 65 since\n1916."])
    >>> from ctxshape.core.types import Span
    >>> spans = Span(document="d1", start=0, end=21), Span(document="d1", start=46, end=51)
    >>> wrong = before.documents[0].model_copy(update={"text": "The age was raised to 1916.", "spans": spans})
    >>> [fault.rule for fault in faults(before, before.keep([wrong]))]
    ['joined']
    """
    given = {document.id: (document.text, document.spans) for document in before.documents}
    found: list[Fault] = []
    known = dict(outlines or {})
    for document in after.documents:
        if document.kind != "quote" or given.get(document.id) == (document.text, document.spans):
            continue
        spans = [span for span in after.spans_of(document) if span.document in after.sources]
        for name in {span.document for span in spans} - set(known):
            known[name] = recognise(after.sources[name].text)
        found += _of_document(after, document, known)
    return found


def _of_document(context: Context, document: Document, outlines: Mapping[str, Outline]) -> Iterator[Fault]:
    found, broken = excerpts(document, context.spans_of(document), context.sources)
    yield from broken
    yield from join_faults(document, found, context.sources, outlines)
    yield from cut_faults(document, found, context.sources, outlines)
    yield from owner_faults(document, found, context.sources, outlines)
    names = {one.source for one in found}
    if len(names) == 1:
        name = names.pop()
        yield from file_faults(document, context.sources[name].text, outlines[name].language, found)


def known_outlines(context: Context, outlines: Mapping[str, Outline]) -> dict[str, Outline]:
    """Returns the outlines of those sources of a context whose text is one of the given texts."""
    return {id: outlines[document.text] for id, document in context.sources.items() if document.text in outlines}

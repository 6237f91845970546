"""Shaping inside another framework: its passages become documents, and shaped documents become its passages again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from ctxshape.core.component import plain
from ctxshape.core.fields import source_of, title_of
from ctxshape.core.protocols import Transform
from ctxshape.core.types import Context, Document

KEY = "ctxshape"  # the entry of a passage's metadata that holds its provenance
Item = TypeVar("Item")  # a passage as the framework has it


class Incoming(NamedTuple):
    """A framework's passage as it is read. `text` is None if it holds something else, such as an image."""

    id: str | None
    text: str | None
    metadata: Mapping[str, Any]
    score: float | None = None


class Outgoing(NamedTuple):
    """A passage to write. `text` is None for one that is passed through; `is_new` means that it has a new id.

    `title` is None unless the pipeline changed it, as where one passage stands for copies under other titles.
    """

    id: str
    text: str | None
    provenance: dict[str, Any]
    is_new: bool = False
    title: str | None = None


class Shaped(NamedTuple, Generic[Item]):
    """The framework's own passages, shaped, and the context they came from; `context.trace` says what was dropped and why."""

    documents: list[Item]
    context: Context


def restructure(
    pipeline: Transform,
    query: str,
    passages: Sequence[Item],
    read: Callable[[Item], Incoming],
    write: Callable[[Outgoing, Sequence[Item]], Item],
) -> Shaped[Item]:
    """Shapes a framework's passages, which stay as they are.

    `read` reads a passage; `write` makes one like its originals. Passages without text come last, in their order and
    outside any budget; their provenance says so.
    """
    incoming = [read(passage) for passage in passages]
    ids = unique_ids(incoming)
    with_text = [(id, item) for id, item in zip(ids, incoming, strict=True) if item.text is not None]
    context = pipeline(Context.of(query, [document_of(item, id) for id, item in with_text]))
    originals = dict(zip(ids, passages, strict=True))
    outgoing = [_outgoing(context, document, originals) for document in context.documents]
    for id, item in zip(ids, incoming, strict=True):
        if item.text is None:
            provenance = {"id": id, "kind": "other", "notes": {KEY: "it is not text alone: passed through as it is"}}
            outgoing.append((Outgoing(id, None, provenance), [id]))
    return Shaped([write(one, [originals[id] for id in origins]) for one, origins in outgoing], context)


def document_of(item: Incoming, id: str) -> Document:
    """Makes a document of a passage: title and source come from its metadata, the score is kept if it is finite."""
    return Document(
        id=id,
        text=item.text or "",
        title=title_of(item.metadata),
        source=source_of(item.metadata),
        score=float(item.score) if item.score is not None and math.isfinite(item.score) else None,
        meta={str(name): value for name, value in item.metadata.items()},
    )


def unique_ids(incoming: Sequence[Incoming]) -> list[str]:
    """Returns an id for each: its own, else one made of its text and source. A repeated id gets a number at its end.

    >>> unique_ids([Incoming("a", "x", {}), Incoming("a", "y", {}), Incoming(None, "x", {})])
    ['a', 'a#2', '2d711642b726b044']
    """
    given = {item.id for item in incoming}
    ids: dict[str, None] = {}
    for item in incoming:
        base = content_id(item) if item.id is None else item.id
        id, number = base, 1
        while id in ids or (number > 1 and id in given):
            number += 1
            id = f"{base}#{number}"
        ids[id] = None
    return list(ids)


def content_id(item: Incoming) -> str:
    """Returns an id that the same text from the same source always gets: 16 hexadecimal digits."""
    source = source_of(item.metadata)
    content = (item.text or "", f"\0{source}" if source else "")
    return hashlib.sha256("".join(content).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _outgoing(context: Context, document: Document, originals: Mapping[str, Any]) -> tuple[Outgoing, list[str]]:
    """The passage to write for a document, and the ids of its originals: its own id, else those that its spans name."""
    provenance = provenance_of(context, document)
    if document.id in originals:
        title = document.title if document.title != context.sources[document.id].title else None
        return Outgoing(document.id, document.text, provenance, title=title), [document.id]
    origins = [id for id in dict.fromkeys(span.document for span in document.spans) if id in originals]
    # A name such as "summary1" is unique within this call alone; with the text in it, it differs from another call's.
    id = f"{document.id}-{content_id(Incoming(None, document.text, {}))}"
    return Outgoing(id, document.text, provenance, is_new=True), origins


def provenance_of(context: Context, document: Document) -> dict[str, Any]:
    """Describes a shaped document as JSON can hold it; spans are characters of the texts that were given.

    >>> context = Context.of("Who wrote Emma?", [{"id": "a", "text": "Emma is by Austen."}])
    >>> provenance_of(context, context.documents[0])
    {'id': 'a', 'kind': 'quote', 'spans': [{'document': 'a', 'start': 0, 'end': 18}]}
    """
    source = context.sources.get(document.id)
    before = source.meta if source else {}
    notes: dict[str, str] = {}
    for step in context.trace.steps:
        if document.id in step.notes:
            notes[step.name] = "; ".join(filter(None, (notes.get(step.name), step.notes[document.id])))
    optional = {
        "score": document.score,
        "duplicates": list(document.duplicates),
        "notes": notes,
        "meta": {k: plain(v) for k, v in document.meta.items() if k not in before or before[k] is not v},
        "hints": list(context.hints),
        "earlier": before.get(KEY),  # the passage had been shaped before
    }
    spans = [span.model_dump() for span in context.spans_of(document)]
    known = {name: value for name, value in optional.items() if value not in (None, [], {})}
    return {"id": document.id, "kind": document.kind, "spans": spans} | known


def metadata_of(outgoing: Outgoing, originals: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Returns the metadata of a passage to write: the entries that all its originals share, a new title, the provenance.

    >>> metadata_of(Outgoing("a", "text", {"id": "a"}, title="Rome / Roma"), [{"title": "Rome", "page": 3}])
    {'title': 'Rome / Roma', 'page': 3, 'ctxshape': {'id': 'a'}}
    """
    title = {} if outgoing.title is None else {"title": outgoing.title}
    return common_entries(originals) | title | {KEY: outgoing.provenance}


def common_entries(mappings: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Returns the entries that all the mappings share.

    >>> common_entries([{"a": 1, "b": 2}, {"a": 1, "b": 3}])
    {'a': 1}
    """
    first, *rest = mappings or [{}]
    return {key: value for key, value in first.items() if all(key in other and other[key] == value for other in rest)}

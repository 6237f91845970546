"""What a step inside another framework does, whichever it is: which pipeline, which ids, and what a passage's record says."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ctxshape import ConfigError, Context, Document, Pipeline, TokenCounter, Transform
from ctxshape.core.component import plain
from ctxshape.core.registry import build, config_of
from ctxshape.presets import preset
from ctxshape.transforms.budget import limit

KEY = "ctxshape"  # where a passage's metadata has the record
SOURCE_FIELDS = ("source", "url", "file_path")
Passage = TypeVar("Passage")
PipelineLike = Transform | str | Path | Mapping[str, Any]


class Found(NamedTuple):
    """What a framework's passage says; `text` is None where it holds something else, such as an image."""

    id: str | None
    text: str | None
    metadata: Mapping[str, Any]
    score: float | None = None


class Made(NamedTuple):
    """What becomes of a passage. `text` None: nothing. `is_new`: it was written from several, or none, under a new id."""

    id: str
    text: str | None
    record: dict[str, Any]
    is_new: bool = False


class Shaped(NamedTuple, Generic[Passage]):
    """The framework's own passages, shaped, and the context they came out of: `context.trace` says what went, and why."""

    documents: list[Passage]
    context: Context


def pipeline_of(
    given: PipelineLike, budget: int | None = None, counter: TokenCounter | Mapping[str, Any] | None = None
) -> Pipeline:
    """The pipeline that is meant: a transform, a preset's name, a TOML file or its mapping.

    A file is a Path, or a str that ends in ".toml". `budget` is the most tokens the passages may take as ctxshape's
    prompt shows them. Raises ConfigError.

    >>> [type(step).__name__ for step in pipeline_of({"step": [{"use": "reorder"}]}, budget=100).steps]
    ['Reorder', 'FitBudget']
    """
    counts = counter_of(counter)
    if isinstance(given, str) and not given.endswith(".toml"):
        return Pipeline(preset(given, tokens=budget, counter=counts), counter=counts)
    if isinstance(given, str | Path | Mapping):
        chosen: Transform = Pipeline.from_config(given)
    elif callable(given):
        chosen = given
    else:
        raise ConfigError(f"pipeline is {given!r:.200}; give a Pipeline, a preset's name, a TOML file or a mapping")
    return Pipeline(chosen, *limit(budget, counts), counter=counts)


def pipeline_config(given: PipelineLike) -> str | dict[str, Any]:
    """What `pipeline_of` makes the same pipeline of, as JSON and YAML can hold it.

    Raises ConfigError for a step that no entry point names.

    >>> from ctxshape import Reorder
    >>> pipeline_config(Pipeline(Reorder())), pipeline_config("light")
    ({'step': [{'use': 'reorder'}]}, 'light')
    """
    if isinstance(given, str | Path):
        return str(given)
    return dict(given) if isinstance(given, Mapping) else Pipeline(given).to_config()


def counter_of(given: TokenCounter | Mapping[str, Any] | None) -> TokenCounter | None:
    """The counter that is meant: one, None for the default, or a backend's table, `{"use": "llama_cpp", …}`."""
    counter = build(given, "backends", "counter") if isinstance(given, Mapping) else given
    if counter is not None and not isinstance(counter, TokenCounter):
        raise ConfigError(f"counter is {given!r:.200}; give an object with count_tokens(text), such as a ctxshape backend")
    return counter


def counter_config(given: TokenCounter | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What `counter_of` makes the same counter of. Raises ConfigError for one that no entry point names."""
    return None if given is None else dict(given) if isinstance(given, Mapping) else config_of(given, "backends")


def restructure(
    pipeline: Transform,
    query: str,
    passages: Sequence[Passage],
    read: Callable[[Passage], Found],
    write: Callable[[Made, Sequence[Passage]], Passage],
) -> Shaped[Passage]:
    """Shape a framework's passages; they stay as they are.

    `read` says what is in a passage, and `write` makes one like its originals with what became of it. Passages without
    text come last, in their order and outside any budget; their record says so.
    """
    found = [read(passage) for passage in passages]
    ids = unique_ids(found)
    texts = [(id, item) for id, item in zip(ids, found, strict=True) if item.text is not None]
    context = pipeline(Context.of(query, [document_of(item, id) for id, item in texts]))
    originals = dict(zip(ids, passages, strict=True))
    made = [_made(context, document, originals) for document in context.documents]
    for id, item in zip(ids, found, strict=True):
        if item.text is None:
            record = {"id": id, "kind": "other", "notes": {KEY: "it is not text alone: passed through as it is"}}
            made.append((Made(id, None, record), [id]))
    return Shaped([write(one, [originals[id] for id in origins]) for one, origins in made], context)


def document_of(item: Found, id: str) -> Document:
    """The document of a passage: title and source out of its metadata, the score where it is a finite number."""
    texts = {name: value for name, value in item.metadata.items() if isinstance(value, str)}
    return Document(
        id=id,
        text=item.text or "",
        title=texts.get("title"),
        source=next((texts[name] for name in SOURCE_FIELDS if name in texts), None),
        score=float(item.score) if item.score is not None and math.isfinite(item.score) else None,
        meta={str(name): value for name, value in item.metadata.items()},
    )


def unique_ids(found: Sequence[Found]) -> list[str]:
    """An id for each: its own, else one made of its text and source; a repeated one gets a number behind it.

    >>> unique_ids([Found("a", "x", {}), Found("a", "y", {}), Found(None, "x", {})])
    ['a', 'a#2', '2d711642b726b044']
    """
    given = {item.id for item in found}
    ids: dict[str, None] = {}
    for item in found:
        base = digest(item) if item.id is None else item.id
        id, number = base, 1
        while id in ids or (number > 1 and id in given):
            number += 1
            id = f"{base}#{number}"
        ids[id] = None
    return list(ids)


def digest(item: Found) -> str:
    """An id that the same text from the same source always gets."""
    source = next((item.metadata[name] for name in SOURCE_FIELDS if name in item.metadata), "")
    parts = (item.text or "", f"\0{source}" if source else "")
    return hashlib.sha256("".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _made(context: Context, document: Document, originals: Mapping[str, Any]) -> tuple[Made, list[str]]:
    """What became of the original of this id, or of those that a new document's spans name."""
    record = record_of(context, document)
    if document.id in originals:
        return Made(document.id, document.text, record), [document.id]
    origins = [id for id in dict.fromkeys(span.document for span in document.spans) if id in originals]
    # A name such as "summary1" is one of this call alone; with the text in it, it is not another call's.
    id = f"{document.id}-{digest(Found(None, document.text, {}))}"
    return Made(id, document.text, record, is_new=True), origins


def record_of(context: Context, document: Document) -> dict[str, Any]:
    """What is to know of a shaped document, as JSON can hold it; spans are places in the texts that were given.

    >>> context = Context.of("Who wrote Emma?", [{"id": "a", "text": "Emma is by Austen."}])
    >>> record_of(context, context.documents[0])
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
        "earlier": before.get(KEY),  # a shaped passage was shaped again
    }
    spans = [span.model_dump() for span in context.spans_of(document)]
    known = {name: value for name, value in optional.items() if value not in (None, [], {})}
    return {"id": document.id, "kind": document.kind, "spans": spans} | known


def shared(mappings: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """The entries that all of them have.

    >>> shared([{"a": 1, "b": 2}, {"a": 1, "b": 3}])
    {'a': 1}
    """
    first, *rest = mappings or [{}]
    return {key: value for key, value in first.items() if all(key in other and other[key] == value for other in rest)}

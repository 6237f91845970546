"""The values: a document, its spans, the context that holds them, and the trace of what was done to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from ctxshape.errors import InvalidInput

TEXT_FIELDS = ("text", "page_content", "content")


class Frozen(BaseModel):
    """A value: fields are fixed when it is made, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Frozen):
    """Characters `start` (included) to `end` (excluded) of the original document's text."""

    document: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]

    def text_in(self, sources: Mapping[str, Document]) -> str:
        """The characters it names, out of the original documents by id.

        >>> Span(document="a", start=1, end=3).text_in({"a": Document(id="a", text="text")})
        'ex'
        """
        return sources[self.document].text[self.start : self.end]


class Document(Frozen):
    """One passage.

    `kind` says what `text` is: a `quote` is its spans, verbatim (no spans: the whole original); a `rewrite`
    was written by a model or a function, and its spans say from what. `duplicates` are the ids of the dropped
    copies it stands for. `score` is relevance: higher is better.
    """

    id: str
    text: str
    title: str | None = None
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None
    source: str | None = None
    kind: Literal["quote", "rewrite"] = "quote"
    spans: tuple[Span, ...] = ()
    duplicates: tuple[str, ...] = ()
    meta: Mapping[str, Any] = {}

    @classmethod
    def of(cls, item: Passage, id: str, place: str = "document") -> Document:
        """Make a document of a text, a mapping or a document; `id` is used when `item` brings none.

        A mapping has its text under `text`, `page_content` or `content`; `id`, `title`, `score` and `source`
        are optional and every other key goes to `meta`. Raises InvalidInput, naming `place` and the field.

        >>> Document.of({"page_content": "Paris is in France.", "lang": "en"}, id="d1").meta
        {'lang': 'en'}
        """
        if isinstance(item, Document):
            document = item
        elif isinstance(item, str):
            document = cls(id=id, text=item)
        elif isinstance(item, Mapping):
            document = cls(**_fields_of(item, id, place))
        else:
            raise InvalidInput(f"{place} is {type(item).__name__}; give a str, a mapping with a text field, or a Document")
        for field in ("id", "text", "title", "source"):
            check_encodable(getattr(document, field) or "", f"{place}, field {field!r}")
        return document


Passage = str | Mapping[str, Any] | Document  # what every public call takes for a document


def _fields_of(item: Mapping[str, Any], id: str, place: str) -> dict[str, Any]:
    """Sort a mapping's keys into the document's fields and `meta`, checking each."""
    key = next((name for name in TEXT_FIELDS if name in item), None)
    if key is None:
        raise InvalidInput(f"{place} has no text: give one of {', '.join(TEXT_FIELDS)}; it has {sorted(map(str, item))}")
    fields: dict[str, Any] = {"id": id if item.get("id") is None else str(item["id"])}
    for name, value in (("text", item[key]), ("title", item.get("title")), ("source", item.get("source"))):
        if not isinstance(value, str) and not (value is None and name != "text"):
            raise InvalidInput(f"{place}, field {name!r} is {type(value).__name__}; give a str")
        fields[name] = value
    if item.get("score") is not None:
        fields["score"] = _score_of(item["score"], place)
    known = {"id", "title", "score", "source", key}
    return fields | {"meta": {name: value for name, value in item.items() if name not in known}}


def _score_of(value: object, place: str) -> float:
    try:
        score = float(value)  # type: ignore[arg-type]  # numpy scalars and Decimals are welcome
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{place}, field 'score' is {value!r:.100}; give a number, higher for more relevant") from None
    if not math.isfinite(score):
        raise InvalidInput(f"{place}, field 'score' is {score}; give a finite number or leave it out")
    return score


def check_encodable(text: str, place: str) -> None:
    """Raise InvalidInput if `text` holds a lone surrogate, which no tokenizer can encode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"{place} holds the lone surrogate U+{ord(text[error.start]):04X} at character {error.start}; "
            "replace it first, for example with text.encode('utf-8', 'replace').decode()"
        ) from None


class Step(Frozen):
    """What one transform did: ids before and after, why each dropped id went, what is to be noted of a kept one."""

    name: str
    params: Mapping[str, Any]
    seconds: float
    before: tuple[str, ...]
    after: tuple[str, ...]
    dropped: Mapping[str, str]
    notes: Mapping[str, str]
    tokens_before: int
    tokens_after: int


class Trace(Frozen):
    """The steps of every pipeline the context went through, and the name of the counter of their tokens."""

    steps: tuple[Step, ...] = ()
    counter: str = ""

    @property
    def dropped(self) -> dict[str, str]:
        """The reason of every dropped id, in the order they went."""
        return {id: f"{step.name}: {reason}" for step in self.steps for id, reason in step.dropped.items()}


Kept = TypeVar("Kept")


class Memory:
    """Holds what was computed of a context (see `ctxshape.core.analysis`); it is no part of the context's value.

    Every one equals every other, and a copy or a pickle is empty.
    """

    def __init__(self) -> None:
        self._sources: object = None
        self._kept: object = None

    def get(self, sources: object, make: Callable[[], Kept]) -> Kept:
        """Returns what is kept for these sources; makes it first where there is nothing, or something for others."""
        if self._kept is None or self._sources is not sources:
            self._sources, self._kept = sources, make()
        return self._kept  # type: ignore[return-value]  # one kind of thing is kept

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Memory)

    def __hash__(self) -> int:
        return 0

    def __copy__(self) -> Memory:
        return Memory()

    def __deepcopy__(self, memo: object) -> Memory:
        return Memory()

    def __reduce__(self) -> tuple[type[Memory], tuple[()]]:
        return Memory, ()


class Context(Frozen):
    """A query with its documents: the value that transforms map to another.

    `sources` holds the documents as they came in, by id, and never changes; spans point into their texts.
    `dropped` and `notes` are what the last transform said by `keep`; the pipeline moves them into the trace.
    """

    query: str
    documents: tuple[Document, ...]
    sources: Mapping[str, Document]
    hints: tuple[str, ...] = ()
    trace: Trace = Trace()
    dropped: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}
    _memory: Memory = PrivateAttr(default_factory=Memory)

    @property
    def memory(self) -> Memory:
        """What was computed of this context so far; every context made from it has the same."""
        return self._memory

    @classmethod
    def of(cls, query: str, documents: Iterable[Passage]) -> Context:
        """Make a context of a query and retrieved passages, best first.

        Documents without an id get `d1`, `d2`, … by their place. Raises InvalidInput for an empty query, an id
        given twice, or a document that is none.

        >>> context = Context.of("Where is Paris?", ["Paris is in France.", {"id": "x", "text": "Lyon, too."}])
        >>> [document.id for document in context.documents]
        ['d1', 'x']
        """
        if not isinstance(query, str) or not query.strip():
            raise InvalidInput(f"the query is {query!r}; give the question as a str that is not empty")
        if isinstance(documents, str | Mapping | Document):
            raise InvalidInput(f"documents is one {type(documents).__name__}; give a list of them")
        check_encodable(query, "the query")
        made = tuple(_with_ids(list(documents)))
        # A document that some earlier shaping made is an original here: its old spans stay readable in `sources`.
        fresh = (d.model_copy(update={"spans": (), "kind": "quote"}) if d.spans else d for d in made)
        return cls.model_construct(query=query, documents=tuple(fresh), sources={d.id: d for d in made})

    def keep(
        self,
        documents: Sequence[Document],
        dropped: Mapping[str, str] | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> Context:
        """The same context with other documents; `dropped` gives the reason of each id that is gone."""
        update = {"documents": tuple(documents), "dropped": dict(dropped or {}), "notes": dict(notes or {})}
        return self.model_copy(update=update)

    def quotes(self, document: Document) -> tuple[str, ...]:
        """The original text of each of the document's spans, in their order."""
        return tuple(span.text_in(self.sources) for span in self.spans_of(document))

    def spans_of(self, document: Document) -> tuple[Span, ...]:
        """The document's spans; the whole original where it has none of its own."""
        if document.spans or document.id not in self.sources:
            return document.spans
        return (Span(document=document.id, start=0, end=len(self.sources[document.id].text)),)


def _with_ids(items: list[Passage]) -> Iterable[Document]:
    """Documents of `items`; the ids made for those without one avoid the given ones."""
    given: dict[str, int] = {}
    for number, item in enumerate(items, 1):
        id = item.id if isinstance(item, Document) else item.get("id") if isinstance(item, Mapping) else None
        if id is None:
            continue
        if str(id) in given:
            raise InvalidInput(f"documents {given[str(id)]} and {number} share the id {str(id)!r}; ids must be unique")
        given[str(id)] = number
    for number, item in enumerate(items, 1):
        id = f"d{number}"
        while id in given and not isinstance(item, Document):
            id += "'"
        yield Document.of(item, id, f"document {number}")

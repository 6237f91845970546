"""The values: a document, its spans, the context that holds them, and the trace of what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

if TYPE_CHECKING:
    from ctxshape.core.passages import Passage


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
        """Makes a context of a query and retrieved passages, best first, in any form that `documents_from` takes.

        Documents without an id get `d1`, `d2`, … by their place. Raises InvalidInput for an empty query, an id
        given twice, or something that is not a passage.

        >>> context = Context.of("Where is Paris?", ["Paris is in France.", {"id": "x", "text": "Lyon, too."}])
        >>> [document.id for document in context.documents]
        ['d1', 'x']
        """
        from ctxshape.core.retrieved import check_query, documents_from  # which stands on this module

        asked = check_query(query, documents)
        made = documents_from(documents)
        # A document that some earlier shaping made is an original here: its old spans stay readable in `sources`.
        fresh = (d.model_copy(update={"spans": (), "kind": "quote"}) if d.spans else d for d in made)
        return cls.model_construct(query=asked, documents=tuple(fresh), sources={d.id: d for d in made})

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

"""The values: a document, its spans, the context that holds documents, and the trace of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from ctxshape.core.validation import FrozenMeta
from ctxshape.errors import InvalidInput

if TYPE_CHECKING:
    from ctxshape.core.passages import Passage


class Frozen(BaseModel, metaclass=FrozenMeta):
    """A value. Its fields cannot be changed, and unknown fields are refused.

    Raises InvalidInput for a wrong field, naming the field, its value and its limit.

    >>> class Size(Frozen):
    ...     width: int
    >>> Size(width="wide")
    Traceback (most recent call last):
        ...
    ctxshape.errors.InvalidInput: Size, field 'width': Input should be a valid integer, ...; it was 'wide'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    renamed_fields: ClassVar[Mapping[str, str]] = {}  # old name -> new name, for the error of an outdated call
    invalid: ClassVar[type[InvalidInput]] = InvalidInput


class Span(Frozen):
    """Characters `start` (included) to `end` (excluded) of the original document's text."""

    document: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]

    def text_in(self, sources: Mapping[str, Document]) -> str:
        """Returns the text of the span. `sources` holds the original documents by id.

        >>> Span(document="a", start=1, end=3).text_in({"a": Document(id="a", text="text")})
        'ex'
        """
        return sources[self.document].text[self.start : self.end]


class Document(Frozen):
    """One passage.

    - `kind`: a "quote" is the verbatim text of its spans, or of the whole original if it has no spans. A "rewrite" was
      written by a model or a function from the text of its spans.
    - `score`: relevance; higher is better.
    - `duplicates`: the ids of the dropped copies that the document represents, and of the windows that it joins.
    - `meta`: any other data of the caller.
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


class Sufficiency(Frozen):
    """The probability that a list has the evidence that its question needs, and the reason in plain words.

    It is for the caller: to retrieve again, to refuse, or to warn.
    """

    probability: Annotated[float, Field(ge=0, le=1)]
    reason: str = ""


class Step(Frozen):
    """The record of one transform: ids before and after, the reason for each dropped id, and notes on kept ones.

    `sufficiency` is there if the step estimated whether the list suffices.
    """

    name: str
    params: Mapping[str, Any]
    seconds: float
    before: tuple[str, ...]
    after: tuple[str, ...]
    dropped: Mapping[str, str]
    notes: Mapping[str, str]
    tokens_before: int
    tokens_after: int
    sufficiency: Sufficiency | None = None


class Trace(Frozen):
    """The steps of all pipelines that a context went through, and the name of the counter of their tokens."""

    steps: tuple[Step, ...] = ()
    counter: str = ""

    @property
    def dropped(self) -> dict[str, str]:
        """The reason for each dropped id, in the order of dropping."""
        return {id: f"{step.name}: {reason}" for step in self.steps for id, reason in step.dropped.items()}


_T = TypeVar("_T")


class ContextCache:
    """Holds the analysis of a context (see `ctxshape.core.analysis`) without being part of the context's value.

    All caches are equal, and a copy or an unpickled one is empty.
    """

    def __init__(self) -> None:
        self._sources: object = None
        self._content: object = None

    def get(self, sources: object, make: Callable[[], _T]) -> _T:
        """Returns the content for these sources. Makes it first if there is none, or only one for other sources."""
        if self._content is None or self._sources is not sources:
            self._sources, self._content = sources, make()
        return self._content  # type: ignore[return-value]  # the content is always of the same type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContextCache)

    def __hash__(self) -> int:
        return 0

    def __copy__(self) -> ContextCache:
        return ContextCache()

    def __deepcopy__(self, memo: object) -> ContextCache:
        return ContextCache()

    def __reduce__(self) -> tuple[type[ContextCache], tuple[()]]:
        return ContextCache, ()


_SHOWN = 60  # characters of a query in the repr of its context


class Context(Frozen):
    """A query with its documents. Transforms map one context to another.

    - `sources`: the original documents by id. They never change, and spans point into their texts.
    - `hints`: lines that the prompt shows behind the documents.
    - `sufficiency`: whether the list has the evidence that the question needs, as the last step estimated it that can;
      None if no step did.
    - `trace`: the record of all steps so far.
    - `dropped`, `notes`: the reasons and notes that the last transform gave to `keep`. The pipeline moves them into the
      trace.
    """

    query: str
    documents: tuple[Document, ...]
    sources: Mapping[str, Document]
    hints: tuple[str, ...] = ()
    sufficiency: Sufficiency | None = None
    trace: Trace = Trace()
    dropped: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}
    _cache: ContextCache = PrivateAttr(default_factory=ContextCache)

    def __repr_args__(self) -> Iterable[tuple[str, object]]:
        """Yields what a line can hold; passages may be long, and logs are kept.

        >>> Context.of("Where is Paris?", ["Paris is in France."])
        Context(query='Where is Paris?', documents=1, steps=0)
        """
        yield "query", self.query if len(self.query) <= _SHOWN else self.query[:_SHOWN] + "…"
        yield "documents", len(self.documents)
        yield "steps", len(self.trace.steps)

    @property
    def cache(self) -> ContextCache:
        """The cache of the analysis, shared by all contexts made from this one."""
        return self._cache

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
        """Returns the context with other documents. `dropped` has the reason for each id that is gone, `notes` remarks."""
        update = {"documents": tuple(documents), "dropped": dict(dropped or {}), "notes": dict(notes or {})}
        return self.model_copy(update=update)

    def quotes(self, document: Document) -> tuple[str, ...]:
        """Returns the original text of each of the document's spans, in their order."""
        return tuple(span.text_in(self.sources) for span in self.spans_of(document))

    def spans_of(self, document: Document) -> tuple[Span, ...]:
        """Returns the document's spans, or a span of the whole original if it has none."""
        if document.spans or document.id not in self.sources:
            return document.spans
        return (Span(document=document.id, start=0, end=len(self.sources[document.id].text)),)

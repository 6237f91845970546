"""Weights for documents by their source, their age, and the sources that agree with them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from ctxshape.claims.conflicts import groups_of
from ctxshape.claims.statements import statements
from ctxshape.claims.trust import date_of, decay, domain_of, independent, is_within
from ctxshape.core.component import Component
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context, Document, Frozen
from ctxshape.errors import ConfigError, InvalidInput

WEIGHT = "weight"  # the key of the weight in a document's `meta`

Weight: TypeAlias = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class TrustRule(Frozen):
    """A weight for the documents of a domain and its subdomains, or of those whose `meta` has a field, with a value if given.

    >>> TrustRule(domain="gov.uk", weight=2).name, TrustRule(field="kind", equals="blog", weight=0.5).name
    ("domain 'gov.uk'", "field 'kind' = 'blog'")
    """

    weight: Weight
    domain: Annotated[str, Field(min_length=1)] | None = None
    field: Annotated[str, Field(min_length=1)] | None = None
    equals: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _has_one_subject(self) -> TrustRule:
        if (self.domain is None) == (self.field is None) or (self.equals is not None and self.field is None):
            raise ValueError(
                f"domain is {self.domain!r:.100}, field is {self.field!r:.100} and equals is {self.equals!r:.100}; give a "
                "domain, or a field and what it equals"
            )
        return self

    @property
    def name(self) -> str:
        """The subject of the rule, for notes and errors."""
        if self.domain is not None:
            return f"domain {self.domain!r}"
        return f"field {self.field!r}" + ("" if self.equals is None else f" = {self.equals!r}")

    def seen_in(self, document: Document) -> object:
        """Returns the domain or field that the rule looks at; None if the document has none."""
        return domain_of(document) if self.field is None else document.meta.get(self.field)

    def matches(self, document: Document) -> bool:
        """Returns whether the rule applies to the document."""
        seen = self.seen_in(document)
        if seen is None:
            return False
        if self.domain is not None:
            return is_within(str(seen), self.domain.casefold().removeprefix("www."))
        return self.equals is None or seen == self.equals


class Recency(Frozen):
    """Halves the weight of a document for each `half_life_days` before `as_of`; it never reads the clock.

    The date of a document is that in `field` of `meta`. Without `field`, it is the first in the usual fields, the title or
    the date line (see `ctxshape.claims.trust.date_of`). A document without a date weighs `undated`, and none weighs less
    than `floor`.
    """

    as_of: datetime.date
    half_life_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 365.0
    field: Annotated[str, Field(min_length=1)] | None = None
    undated: Annotated[float, Field(gt=0, le=1)] = 0.5
    floor: Annotated[float, Field(gt=0, le=1)] = 0.01


class WeighSources(Component):
    """Writes a weight to `meta["weight"]` of each document, 1.0 for an ordinary one, and explains it in the notes.

    The weight is a product of the first of `rules` that matches, `by` (your own function of a document), `recency` and
    `agreement`. The factor for agreement is 1 plus `agreement` for each doubling of the sources that state the same value
    for the question: 0.5 gives two sources 1.5 and four sources 2.0. Copies, and pages of one site, are one source. Leave
    it 0 before MarkConflicts, which counts sources itself.

    `score` stays the relevance, unless `rescore` multiplies it by the weight. A rule that matches no document gets a note,
    because it may match in the next list. If no document even has a domain or the field, it raises InvalidInput. With
    `unmatched="note"` it never does, and with `unmatched="error"` any rule without a match does.

    Notes and errors name rules and fields. The documents' own domains, dates and other metadata are only in them with
    `show_values`, since traces are kept and metadata may be private.

    >>> context = Context.of("q", [{"text": "a", "source": "https://www.gov.uk/a"}, {"text": "b", "source": "b.com/x"}])
    >>> weighed = WeighSources(rules=[{"domain": "gov.uk", "weight": 2}])(context)
    >>> [document.meta["weight"] for document in weighed.documents], dict(weighed.notes)
    ([2.0, 1.0], {'d1': "weight 2: domain 'gov.uk' 2"})
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    rules: tuple[TrustRule, ...] = ()
    recency: Recency | None = None
    by: Callable[[Document], float] | None = None
    agreement: Annotated[float, Field(ge=0, le=10)] = 0.0
    rescore: bool = False
    unmatched: Literal["absent", "note", "error"] = "absent"
    show_values: bool = False

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with a weight in the `meta` of every document."""
        documents = context.documents
        notes = self._unmatched(documents) if documents else {}
        agreeing = self._agreeing(context)
        weighed = []
        for index, document in enumerate(documents):
            factors = [*self._factors(document), *agreeing.get(index, [])]
            weight = math.prod((factor for _, factor in factors), start=1.0)
            if factors:
                notes[document.id] = f"weight {weight:.3g}: " + ", ".join(f"{name} {factor:.3g}" for name, factor in factors)
            weighed.append(self._weighed(document, weight))
        return context.keep(weighed, notes=notes)

    def _weighed(self, document: Document, weight: float) -> Document:
        update: dict[str, object] = {"meta": {**document.meta, WEIGHT: weight}}
        if self.rescore and document.score is not None:
            if document.score < 0:
                raise InvalidInput(
                    f"document {document.id!r} has the score {document.score:.4g}, and a weight would reverse the order of "
                    "scores below 0; rank with scores from 0 up, or leave rescore off"
                )
            update["score"] = document.score * weight
        return document.model_copy(update=update)

    def _factors(self, document: Document) -> Iterator[tuple[str, float]]:
        """Yields the name and factor of each thing that applies to a document by itself."""
        for rule in self.rules:
            if rule.matches(document):
                yield rule.name, rule.weight
                break
        if self.by is not None:
            yield getattr(self.by, "__name__", type(self.by).__name__), self._by(document)
        if self.recency is not None:
            date = date_of(document, self.recency.field)
            aged = decay(date, self.recency.as_of, self.recency.half_life_days) if date else self.recency.undated
            dated = f"dated {date}" if self.show_values else "date"
            yield dated if date else "undated", max(aged, self.recency.floor)

    def _by(self, document: Document) -> float:
        assert self.by is not None  # the caller has checked it
        weight = self.by(document)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1000:
            raise ConfigError(f"by gave document {document.id!r} the weight {weight!r:.100}; give a number above 0, up to 1000")
        return float(weight)

    def _agreeing(self, context: Context) -> dict[int, list[tuple[str, float]]]:
        """Returns, by index, the factor of each document whose value other independent sources state, too."""
        if not self.agreement:
            return {}
        found: dict[int, list[tuple[str, float]]] = {}
        for group in groups_of(statements(context.query, context.documents)):
            inside = [statement.document for statement in group]
            sources = len(set(independent([context.documents[index] for index in inside])))
            if sources > 1:
                factor = 1 + self.agreement * math.log2(sources)
                found |= {index: [(f"{sources} sources agree on {group[0].value.written!r:.60}", factor)] for index in inside}
        return found

    def _unmatched(self, documents: Sequence[Document]) -> dict[str, str]:
        """Returns a note for each rule that matches no document, or raises its error."""
        notes = {}
        for number, rule in enumerate(self.rules, 1):
            if any(rule.matches(document) for document in documents):
                continue
            seen = sorted({str(looked) for document in documents if (looked := rule.seen_in(document)) is not None})
            said = f"matches none of the {len(documents)} documents; " + self._instead(rule, documents, seen)
            if self.unmatched == "error" or (self.unmatched == "absent" and not seen):
                raise InvalidInput(f"rule {number}, {rule.name}, {said}; mend the rule, or set unmatched='note'")
            notes[f"rule {number}, {rule.name}"] = said
        return notes

    def _instead(self, rule: TrustRule, documents: Sequence[Document], seen: Sequence[str]) -> str:
        """Returns what the documents have instead, at most ten names."""
        if seen and not self.show_values:
            what = "domains" if rule.field is None else "values"
            return f"they have other {what} ({len(seen)}); show_values=True names them"
        if seen:
            return f"there is {', '.join(seen[:10]):.300}"
        if rule.field is None:
            return "none has a domain in source or in a url of meta"
        fields = sorted({name for document in documents for name in document.meta})
        return f"their fields in meta are: {', '.join(fields[:10]) or 'none'}"

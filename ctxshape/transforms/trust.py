"""Weights for documents by where they come from, how old they are, and who agrees with them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from ctxshape.claims.conflicts import groups_of
from ctxshape.claims.statements import statements
from ctxshape.claims.trust import date_of, decay, domain_of, independent, is_within
from ctxshape.core.component import Component
from ctxshape.core.types import Context, Document, Frozen
from ctxshape.errors import ConfigError, InvalidInput

WEIGHT = "weight"  # the key of the weight in a document's `meta`

Weight: TypeAlias = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class TrustRule(Frozen):
    """A weight for the documents of a domain and what is under it, or whose `meta` has a field, with a value if given.

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
            raise ValueError("a rule has a domain, or a field and what it equals; give one of the two")
        return self

    @property
    def name(self) -> str:
        """What it is about, for notes and errors."""
        if self.domain is not None:
            return f"domain {self.domain!r}"
        return f"field {self.field!r}" + ("" if self.equals is None else f" = {self.equals!r}")

    def seen_in(self, document: Document) -> object:
        """What the rule looks at: the document's domain or field; None if it has none."""
        return domain_of(document) if self.field is None else document.meta.get(self.field)

    def matches(self, document: Document) -> bool:
        """Whether the rule is about the document."""
        seen = self.seen_in(document)
        if seen is None:
            return False
        if self.domain is not None:
            return is_within(str(seen), self.domain.casefold().removeprefix("www."))
        return self.equals is None or seen == self.equals


class Recency(Frozen):
    """Half the weight for each `half_life_days` before `as_of`; the clock is never read.

    A document's date is that of `field` in `meta`, without a field the first one in its usual fields, its title or its
    date line (`ctxshape.claims.trust.date_of`). Without a date the weight is `undated`; it is never under `floor`.
    """

    as_of: datetime.date
    half_life_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 365.0
    field: Annotated[str, Field(min_length=1)] | None = None
    undated: Annotated[float, Field(gt=0, le=1)] = 0.5
    floor: Annotated[float, Field(gt=0, le=1)] = 0.01


class WeighSources(Component):
    """Gives each document a weight, 1.0 for an ordinary one, in `meta["weight"]`, and says why in the notes.

    The weight is the product of what applies: the first of `rules` that matches, `by` (your own function of a document),
    `recency`, and agreement. `agreement` is what a doubling of the sources that state the same value for what the
    question asks adds: 0.5 gives two such sources 1.5 and four 2.0; copies, and pages of one site, are one source.
    Leave it 0 before MarkConflicts, which counts sources itself. `score` stays what it is, relevance, unless `rescore`
    multiplies it too. A rule that matches nothing gets a note under its own name, as it may match in the next list; but
    one for which no document even has a domain or the field raises InvalidInput (`unmatched="note"`: never;
    `"error"`: for any rule that matches nothing).

    >>> context = Context.of("q", [{"text": "a", "source": "https://www.gov.uk/a"}, {"text": "b", "source": "b.com/x"}])
    >>> weighed = WeighSources(rules=[{"domain": "gov.uk", "weight": 2}])(context)
    >>> [document.meta["weight"] for document in weighed.documents], dict(weighed.notes)
    ([2.0, 1.0], {'d1': "weight 2: domain 'gov.uk' 2"})
    """

    rules: tuple[TrustRule, ...] = ()
    recency: Recency | None = None
    by: Callable[[Document], float] | None = None
    agreement: Annotated[float, Field(ge=0, le=10)] = 0.0
    rescore: bool = False
    unmatched: Literal["absent", "note", "error"] = "absent"

    def __call__(self, context: Context, /) -> Context:
        """The context with a weight in the `meta` of every document."""
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
                    f"document {document.id!r} has the score {document.score:.4g}, and a weight would turn a score below 0 "
                    "round; rank with scores from 0 up, or leave rescore off"
                )
            update["score"] = document.score * weight
        return document.model_copy(update=update)

    def _factors(self, document: Document) -> Iterator[tuple[str, float]]:
        """What applies to a document by itself, each with its factor."""
        for rule in self.rules:
            if rule.matches(document):
                yield rule.name, rule.weight
                break
        if self.by is not None:
            yield getattr(self.by, "__name__", type(self.by).__name__), self._by(document)
        if self.recency is not None:
            date = date_of(document, self.recency.field)
            aged = decay(date, self.recency.as_of, self.recency.half_life_days) if date else self.recency.undated
            yield f"dated {date}" if date else "undated", max(aged, self.recency.floor)

    def _by(self, document: Document) -> float:
        assert self.by is not None  # asked for by the one caller
        weight = self.by(document)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1000:
            raise ConfigError(f"by gave document {document.id!r} the weight {weight!r:.100}; give a number above 0, up to 1000")
        return float(weight)

    def _agreeing(self, context: Context) -> dict[int, list[tuple[str, float]]]:
        """The factor of each document with whose value other, independent sources agree, by index."""
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
        """A note, or the error, for each rule that matches none of the documents."""
        notes = {}
        for number, rule in enumerate(self.rules, 1):
            if any(rule.matches(document) for document in documents):
                continue
            seen = sorted({str(looked) for document in documents if (looked := rule.seen_in(document)) is not None})
            said = f"matches none of the {len(documents)} documents; " + self._there(rule, documents, seen)
            if self.unmatched == "error" or (self.unmatched == "absent" and not seen):
                raise InvalidInput(f"rule {number}, {rule.name}, {said}; mend the rule, or set unmatched='note'")
            notes[f"rule {number}, {rule.name}"] = said
        return notes

    @staticmethod
    def _there(rule: TrustRule, documents: Sequence[Document], seen: Sequence[str]) -> str:
        """What the documents have instead, at most ten of it."""
        if seen:
            return f"there is {', '.join(seen[:10]):.300}"
        if rule.field is None:
            return "none has a domain in source or in a url of meta"
        fields = sorted({name for document in documents for name in document.meta})
        return f"their fields in meta are: {', '.join(fields[:10]) or 'none'}"

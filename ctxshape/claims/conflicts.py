"""Finds passages that give different values for what a question asks, grouped into the sides of the conflict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.claims.alterations import Alteration, alterations
from ctxshape.claims.dates import dateline, dates
from ctxshape.claims.entities import PlaceName
from ctxshape.claims.questions import ValueQuestion, parse_question
from ctxshape.claims.scope import same_scope
from ctxshape.claims.statements import Matcher, Statement, statements, years_of
from ctxshape.claims.values import StatedValue, fold_digits
from ctxshape.core.types import Document
from ctxshape.text.names import proper_names
from ctxshape.text.numbers import numbers
from ctxshape.text.words import is_cjk, normalize

MOST_SIDES = 3  # more values are mostly several facts, such as the years in which a club won a cup
_COMPARED = 30  # statements of a side that are compared with those of another, and values of a group, at most
_DAY = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|[年月日号]")
_RELATED = 0.4  # share of the question's words that an altered sentence has together with its title


class ConflictSide(NamedTuple):
    """The documents, by index, that state the same value; `value` is written as in the first of them."""

    value: StatedValue
    statements: tuple[Statement, ...]

    @property
    def documents(self) -> tuple[int, ...]:
        """The indices of the documents, in their order."""
        return tuple(statement.document for statement in self.statements)


def conflict(query: str, documents: Sequence[Document]) -> list[ConflictSide]:
    """Returns the sides that give different values for what the query asks, in the order of their first documents.

    Returns an empty list if the documents do not disagree. The sides come from statements that have all words of the
    question. If those do not disagree, they come from near copies of one passage that differ in the value asked for.

    >>> texts = ["The captain of the Avocet is Ida Holwick.", "The captain of the Avocet is Ana Feld.", "It has a captain."]
    >>> made = [Document(id=str(n), text=text) for n, text in enumerate(texts)]
    >>> [(side.value.written, side.documents) for side in conflict("Who is the captain of the Avocet?", made)]
    [('Ida Holwick', (0,)), ('Ana Feld', (1,))]
    """
    return sides(statements(query, documents)) or altered_copies(query, documents)


def sides(said: Sequence[Statement]) -> list[ConflictSide]:
    """Groups statements by value into two or three sides that disagree; returns an empty list if they do not.

    A statement that agrees with two sides, such as a year beside two of its days, belongs to neither. Sides do not
    contradict each other if their sentences are all about different years.

    >>> said = [Statement(n, StatedValue(str(x), x, x, "metre"), "") for n, x in enumerate((808, 745, 808))]
    >>> [(side.value.written, side.documents) for side in sides(said)]
    [('808', (0, 2)), ('745', (1,))]
    """
    groups = groups_of(said)
    apart = [group for group in groups if any(_contradict(group, other) for other in groups if other is not group)]
    return [ConflictSide(group[0].value, tuple(group)) for group in apart] if len(apart) > 1 else []


def groups_of(said: Sequence[Statement]) -> list[list[Statement]]:
    """Groups statements that agree. One that agrees with two groups is left out; more than three groups give none."""
    groups: list[list[Statement]] = []
    known: list[list[StatedValue]] = []  # the first distinct values of each group, which a new one is compared with
    for statement in said:
        value = statement.value
        some = [place for place, values in enumerate(known) if any(value.agrees(other) for other in values)]
        if not some:
            groups.append([statement])
            known.append([value])
        elif len(some) == 1:
            groups[some[0]].append(statement)
            if len(known[some[0]]) < _COMPARED and value not in known[some[0]]:
                known[some[0]].append(value)
        if len(groups) > MOST_SIDES:
            return []
    return groups


def _contradict(one: Sequence[Statement], other: Sequence[Statement]) -> bool:
    """Returns whether two statements, one of each group, hold for the same years and the same thing."""
    return any(_comparable(x, y) for x in _distinct(one) for y in _distinct(other))


def _distinct(group: Sequence[Statement]) -> list[Statement]:
    """Returns one statement for each time and scope, at most 30, because each is compared with each."""
    return list({(said.years, said.scope): said for said in group}.values())[:_COMPARED]


def _comparable(one: Statement, other: Statement) -> bool:
    same_time = not one.years or not other.years or any(x.agrees(y) for x in one.years for y in other.years)
    return same_time and same_scope(one.scope, one.sentence, other.scope, other.sentence) and not _holds_place(one, other)


def _holds_place(one: Statement, other: Statement) -> bool:
    """Returns whether a sentence also names the place of the other: "in Austin, Texas" agrees with "in Texas"."""
    pairs = ((one.value, other.sentence), (other.value, one.sentence))
    return any(isinstance(value, PlaceName) and normalize(value.written) in normalize(sentence) for value, sentence in pairs)


def altered_copies(query: str, documents: Sequence[Document]) -> list[ConflictSide]:
    """Returns the sides among near copies of one passage that differ in the value asked for.

    They must differ in a sentence about the question; of several such sentences, the one with the most words of the
    question counts. Counterfactual copies differ in this way (Chen et al. 2024, "Benchmarking Large Language Models in
    Retrieval-Augmented Generation"), whatever words the question uses.

    >>> texts = [f"It stands by the river. The old mill went up there in {year}." for year in (1884, 1913)]
    >>> made = [Document(id=text, text=text) for text in texts]
    >>> [side.value.written for side in altered_copies("When was the old river mill built?", made)]
    ['1884', '1913']
    """
    question = parse_question(query)
    if question is None:
        return []
    matcher = Matcher(query, question, documents)
    found: dict[tuple[int, str], dict[int, Statement]] = {}
    for altered in alterations(documents):
        titles = {matcher.related(normalize(documents[index].title or "")) for index in altered.documents}
        said = _said(question, altered, documents)
        # Copies under titles with different words of the question share a template and are about two things.
        if len(titles) == 1 and said and not said[0].value.agrees(said[1].value):
            found.setdefault((altered.documents[0], altered.sentences[0]), {}).update({item.document: item for item in said})
    best: tuple[float, list[ConflictSide]] = (0.0, [])
    for (first, sentence), statements_of in found.items():
        related = matcher.related(normalize(f"{documents[first].title or ''} {sentence}"))
        if related >= _RELATED and related > best[0] and not dateline(sentence):
            best = (related, sides([statements_of[index] for index in sorted(statements_of)]))
    return best[1]


def _said(question: ValueQuestion, altered: Alteration, documents: Sequence[Document]) -> list[Statement]:
    """Returns what the two sentences state where they differ; nothing unless that is one value of the kind asked for."""
    changed = [fold_digits(text) for text in altered.changed]
    values = [_value_of(question, *pair) for pair in zip(altered.sentences, changed, strict=True)]
    rest = [text.replace(v.written, "") if v else "" for text, v in zip(changed, values, strict=True)]
    if not all(values) or (rest[0] != rest[1] and any(is_cjk(text) or proper_names(text) or numbers(text) for text in rest)):
        return []
    said = zip(altered.documents, values, altered.sentences, strict=True)
    return [
        Statement(index, value, sentence, years_of(question, sentence, documents[index].title or ""))
        for index, value, sentence in said
        if value
    ]


def _value_of(question: ValueQuestion, sentence: str, changed: str) -> StatedValue | None:
    """Returns the changed words as a value of the kind asked for, even if the rules for that kind miss it."""
    known = next((value for value in question.values(sentence) if changed and value.written in changed), None)
    known = known or next((value for value in question.values(sentence) if changed and changed in value.written), None)
    if known is not None:
        return known if known.written in changed else known._replace(written=changed)
    found = numbers(changed)
    if question.kind in ("person", "place"):
        # Chinese names carry no mark, and the rules of `ctxshape.claims.entities` recognize few.
        named = bool(proper_names(changed)) or (is_cjk(changed) and len(changed) > 1)
        kind = PlaceName if question.kind == "place" else StatedValue
        return kind(changed) if named and not found else None
    fits = bool(_DAY.search(changed)) if question.kind == "date" else not dates(changed)
    if len(found) != 1 or not fits:
        return None
    ((written, number),) = found.items()
    shown = changed if question.kind == "date" else written
    return StatedValue(shown, float(number), float(number), f"{question.kind} as written")

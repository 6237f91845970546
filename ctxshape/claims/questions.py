"""What kind of value a question asks for: a person, a place, a date, an amount of money, a number. English and Chinese."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ctxshape.claims.dates import dates
from ctxshape.claims.entities import people, places
from ctxshape.claims.values import MEASURES, MONEY, Value, amounts, unit_of
from ctxshape.text import is_cjk


class Asked(NamedTuple):
    """The kind of value asked for, the units it can have, and the question without the words that ask."""

    kind: Literal["person", "place", "date", "number"]
    units: frozenset[str]
    subject: str

    def values(self, text: str) -> list[Value]:
        """The values of this kind that a text states."""
        if self.kind == "number":
            return amounts(text, self.units)
        return {"person": people, "place": places, "date": dates}[self.kind](text)


_QUALIFIER = re.compile(  # from when on the value is to hold: passages say it in many ways, or not at all
    r"\bas of (?:early |late )?(?:1\d|20)\d\d,?|\b(?:currently|current|today|now)\b|"
    r"(?:截至|截止到?)(?:1\d|20)\d\d年(?:为止|底|初)?[，,]?|目前|现在|如今|現在",
    re.IGNORECASE,
)
_PLACE_NOUN = r"(?:town|city|village|country|county|state|province|district)"
_COST = r"(?:cost|costs|charge|price|pay|paid|fee|fare|toll|ticket|salary|worth|money|budget)"
_ENGLISH: list[tuple[str, str]] = [
    (r"how many (?P<noun>[a-z]+(?: [a-z]+)?)", "noun"),
    (rf"how much (?:money )?(?=.*\b{_COST}\b)|how large are (?=.*\bsales\b)", "money"),
    (rf"what (?:is|was|are|were) (?=the (?:[a-z]+ )?{_COST}\b)", "money"),
    (r"how (?:tall|high|long|wide|deep|far|heavy|large|big|old)\b", "measure"),
    (r"(?:what|which) percentage\b|what percent\b", "percent"),
    (r"(?:in |on )?(?:what|which) (?:year|date)\b|when\b", "date"),
    (r"who\b|whom\b", "person"),
    (rf"where\b|(?:in |to |from )?(?:what|which) {_PLACE_NOUN}\b", "place"),
    (r"what\b|which\b|how\b|why\b|whose\b", ""),
]
_CHINESE: list[tuple[str, str]] = [
    (r"多少(?:钱|錢)|多少(?:美|日|港|欧)?元|多少英镑|多少(?=[^，,]{0,4}[费費价價])|(?<=[费費价價票])[是为為]?多少", "money"),
    (r"百分之(?:多少|几)|多少比例|比例是多少", "percent"),
    (r"多少(?P<noun>[\u4e00-\u9fff]{0,3})|几(?P<noun2>[名个位件条座辆只本所项种人次米岁天页])", "noun"),
    (r"多(?:高|长|長|远|遠|宽|寬|深|重|久)", "measure"),
    (r"什么时候|什麼時候|什么时间|何时|何時|哪一?年|哪一?[天日]|何年|几月几[日号]", "date"),
    (r"由?(?:谁|誰)|何人|哪一?位|哪个人", "person"),
    (r"哪里|哪裡|哪儿|何处|什么地方|什麼地方|哪一?[个座]?(?:城市|国家|省|市|县|镇|村)", "place"),
    (r"什么|什麼|哪[个些一种]|怎么|怎样|如何|为什么|为何", ""),
]
Found = tuple[str, re.Match[str]]  # the kind of question, and where it is put
_SECOND = re.compile(r"(?:,|\band|\bor)\s+(?:in |on |to |from |by )?(?:who|whom|when|where|what|which|how)\b")


def asked(query: str) -> Asked | None:
    """What a question asks for; None where it asks for another kind of thing, for several things, or is no question.

    >>> asked("How many people does Fen Ltd employ?")
    Asked(kind='number', units=frozenset({'people'}), subject='  Fen Ltd employ?')
    >>> asked("截至2024年，松坪剧团的团长是谁？").kind, asked("Why is it old?"), asked("Who made it, and when did he die?")
    ('person', None, None)
    """
    plain = _QUALIFIER.sub(" ", query)
    found = _chinese(plain) if is_cjk(plain) else _english(plain)
    if found is None or not found[0]:
        return None
    name, match = found
    subject = plain[: match.start()] + " " + plain[match.end() :]
    if name in ("person", "place", "date"):
        return Asked(name, frozenset(), subject)  # type: ignore[arg-type]  # mypy does not narrow to a Literal here
    if name == "noun":
        units = _nouns(match)
        return Asked("number", units, subject) if units else None
    return Asked("number", {"money": MONEY, "measure": MEASURES, "percent": frozenset(["percent"])}[name], subject)


def _english(query: str) -> Found | None:
    folded = query.casefold()
    if _SECOND.search(folded) or len(folded) != len(query):
        return None
    found = [(name, match) for form, name in _ENGLISH if (match := re.search(rf"\b{form}", folded))]
    return min(found, key=lambda item: item[1].start(), default=None)


def _chinese(query: str) -> Found | None:
    """The one question word; 多少 is found by several forms, the first of which wins, and a second word asks again."""
    apart: list[Found] = []
    for form, name in _CHINESE:
        for match in re.finditer(form, query):
            if all(match.end() <= other.start() or other.end() <= match.start() for _, other in apart):
                apart.append((name, match))
    return apart[0] if len(apart) == 1 else None


def _nouns(match: re.Match[str]) -> frozenset[str]:
    """The units that what is counted can have: the nouns behind "how many", the measure word behind 多少."""
    groups = match.groupdict()
    noun = groups.get("noun") or groups.get("noun2") or ""
    if noun.isascii():
        # "how many paid hands": either; a verb behind the noun does no harm, since no number stands before it.
        return frozenset(unit_of(word) for word in noun.split() if word not in ("of", "does", "did", "do", "is", "are", "were"))
    return frozenset([unit_of(noun[:1])] if noun else [])

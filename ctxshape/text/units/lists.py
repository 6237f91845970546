"""The marks of items and clauses, and the lists that say something else if an item is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.enumerations import CONDITION
from ctxshape.text.listing import LIST_MARK, is_unfinished

_CLAUSE = re.compile(
    r"(?:(?:§§?|Art(?:icle|ikel|ículo|igo|icolo)?\.?|Section|Clause|Abschnitt|Sec\.|Статья|Пункт|Điều|มาตรา|المادة)\s?\d{1,4}(?:\.\d{1,3})*\w?\b[.:)]?"
    r"|第[\d一二三四五六七八九十百零〇０-９]{1,7}[条條款项項]"
    r"|제\s?\d{1,4}[조항]"
    r"|\d{1,3}(?:\.\d{1,3}){1,4}\.?)(?=\s|[^\x00-\x7f])"
)
_MEASURE = re.compile(
    r"\d+(?:\.\d+)+\.?\s+(?:%|[a-z]{1,3}\b|euros?\b|dollars?\b|million\b|billion\b|percent\b|per\b|times\b|and\b|or\b|of\b|to\b|in\b)"
)
_CLOSED = re.compile(r"[.:;!?。：；！？|][\"'”’»」』)）\]*_]*$")
_FIRST_CLAUSE = re.compile(r"\d{1,3}\.[01]\.?\s+[^\Wa-z_]")  # "7.1 The", below a heading
_CORE = re.compile(r"[^\W_]+")
_ROMAN = re.compile(r"[ivx]{2,5}$", re.IGNORECASE)
_FIRST = frozenset("1 a A i I 一 ① １ а А α".split())
_JOINED = re.compile(r"(?:[;；,，、]|[;,]?\s(?:and|or|und|oder|et|ou|y|o|e|и|или)|[或和及])$")
_ENDED = re.compile(r"[.:;!?。：；！？]['\"”’»)]*$")


_CLAUSE_MARK = 6  # characters before the words of a clause
_OPENING = 60  # columns of the first words of a clause
_ENDS_OPENING = tuple(map(re.compile, (r"[:：](?=\s|[^\x00-\x7f])", r"[,，;；、](?=\s|[^\x00-\x7f])")))


class MarkStyle(NamedTuple):
    """The form of an item's mark: `text` has a class for its number, `number` is as written, `begins` marks the first."""

    text: str
    number: str
    begins: bool


def clause_mark(text: str) -> str:
    """Returns the mark that opens a clause of a contract or a law, or "".

    >>> clause_mark("7.2 The tenant pays."), clause_mark("第三条　租期为一年。"), clause_mark("2.5 million people")
    ('7.2', '第三条', '')
    """
    mark = _CLAUSE.match(text)
    if mark is None or _MEASURE.match(text):
        return ""
    return mark.group()


def opens_clause(text: str, above: str | None, first: str = "") -> bool:
    """Returns whether a line opens a clause, rather than going on with a number behind which a line was broken.

    `above` is the line directly above, if there is one, and `first` the first line of its block.

    >>> opens_clause("7.2 The tenant pays.", None), opens_clause("95.9. It had been 80.", "The limit was raised to")
    (True, False)
    """
    if not clause_mark(text) or above is None:
        return clause_mark(text) != ""
    if above.endswith((",", "，")) or (is_unfinished(above) and not _counts_on(clause_mark(first), clause_mark(text))):
        return False
    if not text[0].isdigit() or _CLOSED.search(above) or _counts_on(clause_mark(first), clause_mark(text)):
        return True
    return not above[0].islower() and _FIRST_CLAUSE.match(text) is not None


def _counts_on(before: str, after: str) -> bool:
    """Returns whether a clause is the next one, as 7.3 is after 7.2, 8.1 after 7.5, and 7.2.1 after 7.2."""
    old, new = before.rstrip(".").split("."), after.rstrip(".").split(".")
    if not all(part.isdigit() for part in (*old, *new)):
        return False
    place = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
    if place == len(old):
        return new[place:] in (["0"], ["1"])
    return place < len(new) and int(new[place]) == int(old[place]) + 1


def item_style(text: str, above: Sequence[str] = ()) -> MarkStyle:
    """Returns the style of the mark that opens an item or a clause; `above` has the styles of the items that hold it.

    >>> item_style("(b) Dogs"), item_style("- Dogs"), item_style("7.2 Dogs")
    (MarkStyle(text='(a)', number='b', begins=False), MarkStyle(text='-', number='', begins=False), \
MarkStyle(text='#.#', number='7.2', begins=False))
    """
    if clause := clause_mark(text):
        number = clause.rstrip(".:)")
        return MarkStyle(re.sub(r"[\d一二三四五六七八九十百零〇０-９]+", "#", number), number, False)
    mark = LIST_MARK.match(text)
    core = _CORE.search(mark.group()) if mark else None
    if mark is None or core is None:
        return MarkStyle(text[:1], text[:1] if text[:1] == "①" else "", text[:1] == "①")
    number = core.group()
    kind = "1" if number.isdigit() else "一" if not number.isascii() else "a"
    roman = mark.group().replace(number, "i")
    if _ROMAN.match(number) or (
        number.lower() in ("i", "v", "x") and (roman in above or (number == "i" and _lettered(mark.group(), above)))
    ):
        return MarkStyle(roman, number, number.lower() == "i")
    return MarkStyle(mark.group().replace(number, kind), number, number in _FIRST)


def _lettered(mark: str, above: Sequence[str]) -> bool:
    return mark.replace("i", "a") in above


def opening_end(text: str) -> int:
    """Returns where the first words of a long item or clause end: its mark and the words behind it; 0 if it is short.

    >>> text = "5.1 The Supplier is liable for damage by delay, by loss of goods, and by failure of the plant."
    >>> text[: opening_end(text)]
    '5.1 The Supplier is liable for damage by delay,'
    """
    most = _OPENING if text[_CLAUSE_MARK : 2 * _CLAUSE_MARK].isascii() else _OPENING // 2
    if len(text) < most + most // 2:
        return 0
    least = most // 3
    for pattern in _ENDS_OPENING:
        found = pattern.search(text, least, most)
        if found:
            return found.end()
    return max(text.rfind(" ", least, most), 0) or most


def is_enumeration(opening: str, items: Sequence[str]) -> bool:
    """Returns whether items are the parts of one sentence, or conditions that hold only together.

    >>> is_enumeration("No fee is due if:", ["(a) the key is lost;", "(b) it rains."])
    True
    >>> is_enumeration("We sell:", ["- bread", "- milk"])
    False
    """
    if len(items) < 2:
        return False
    if opening.endswith((":", "：")) and CONDITION.search(opening):
        return True
    return all(_JOINED.search(item) for item in items[:-1])

"""Enumerations in running text, such as "No refund for: (a) custom goods; (b) opened software"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ctxshape.text.listing import ORDINAL_MARK

# Words of a sentence whose list is one condition: what is left of it says something else.
CONDITION = re.compile(
    r"\b(?:if|unless|except(?:ions?|ing)?|exclud\w+|provided|only|cases?|conditions?|when|where|requirements?|criteria|not|must|"
    r"wenn|falls|außer|ausgenommen|sofern|nur|Fällen?|sauf|excepté|si|cas|salvo|excepto|casos?|eccetto|exceto|кроме|если|случа\w+)\b"
    r"|除外|除非|除了|下列|以下|情形|情况|條件|条件|例外|不得|もの|場合|경우",
    re.IGNORECASE,
)
_JOINS = ";；,，、:："
_JOINED = re.compile(r"[;；,，、]\s?(?:and|or|und|oder|et|ou|y|o|e|и|или|та|або|以及|或者|和|或|及)$", re.IGNORECASE)
_MARK = re.compile(
    r"\s*(?:(?:and|or|und|oder|et|ou|y|o|e|и|или|以及|或者|和|或|及)\s?)?"
    rf"(?:{ORDINAL_MARK.pattern}|[(（][^\W_]{{1,4}}[)）]|[^\W_][)）]|[\u2460-\u2473])",
    re.IGNORECASE,
)
_BARE_MARK = re.compile(r"(?P<before>[;；,，、:：])\s*(?:[^\W\d_]{1,4}\s)?(?P<number>\d{1,2}|[^\W\d_])\.$")
_NEAR = 24  # characters beside a cut
_OPENING = 120  # characters of the part that opens an enumeration
_ITEM = 300  # characters in which the second item follows
_MOST = 600  # columns of an enumeration whose items are sentences


def cuts_in_enumerations(text: str, cuts: Iterable[int], starts: Collection[int]) -> set[int]:
    """Returns those of the cuts that are inside of an enumeration in running text.

    `cuts` is sorted; nothing is joined at one of the `starts`, which begin something new. An item goes on behind a
    semicolon, a comma or a colon. If the enumeration is a condition ("in the following cases:"), it goes on behind
    every full-width semicolon, and with each item that is a sentence, as far as 600 columns.

    >>> sorted(cuts_in_enumerations("除下列外：（一）甲；（二）乙。丙。", [0, 10, 15], [0]))
    [10]
    """
    if "：" not in text and ":" not in text and "；" not in text and ";" not in text:
        return set()
    found: set[int] = set()
    begin = last = 0
    is_condition = False
    for cut in cuts:
        if cut in starts:
            begin, is_condition = cut, False
        else:
            is_condition = is_condition or _opens_condition(text, last, cut)
            if _is_inside(text, cut) or (is_condition and _lists(text, begin, cut)):
                found.add(cut)
            else:
                begin, is_condition = cut, False
        last = cut
    return found


def _opens_condition(text: str, start: int, end: int) -> bool:
    places = [place for place in (text.find(":", start, end), text.find("：", start, end)) if place >= 0]
    return bool(places) and CONDITION.search(text, max(start, min(places) - _OPENING), min(places)) is not None


def _is_inside(text: str, cut: int) -> bool:
    """Returns whether an item begins at a cut, or the cut parts an item from its mark."""
    before = text[max(cut - _NEAR, 0) : cut].rstrip()
    end = before[-1:]
    if end != ".":
        return (end in _JOINS or (end.isalpha() and _JOINED.search(before) is not None)) and _MARK.match(text, cut) is not None
    mark = _BARE_MARK.search(before)
    if mark is None or mark["before"] not in ":：":
        return mark is not None
    number = mark["number"]  # "is: 1." ends a sentence unless "2." follows
    following = str(int(number) + 1) if number.isdecimal() else chr(ord(number) + 1)
    rest = text[cut : cut + _ITEM]
    return (
        f"{following}." in rest and re.search(rf"[;；,，、]\s*(?:[^\W\d_]{{1,4}}\s)?{re.escape(following)}\.", rest) is not None
    )


def _lists(text: str, begin: int, cut: int) -> bool:
    if text[cut - 1] in "；;":
        return True
    return (cut - begin) * (1 if text[begin : begin + 1].isascii() else 2) <= _MOST and _MARK.match(text, cut) is not None

"""Finds the place where a long text is cut best: where it pauses, and never inside a number or a word."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from ctxshape.text.numbers import NUMERALS
from ctxshape.text.words import CJK, FUNCTION_WORDS

_LETTER = f"[^\\W\\d_{CJK}]"
_BLANK = r"[^\S\r\n]"  # a line's end may part a number from its unit
_DIGIT = rf"[\d{NUMERALS}]"
# What no cut may part: an abbreviation with its number ("พ.ศ. 2395"), the mark of an item with the item, a number with the
# words beside it, a Latin word, a word in katakana.
_WHOLE = re.compile(
    rf"(?<![^\W_])(?:{_LETTER}{{1,4}}[.]){{1,5}}{_BLANK}?{_DIGIT}++(?:[.,]{_DIGIT}++)*+"
    rf"|(?:(?<=[;；:：，、])|(?<=[;:,]\s))\d{{1,2}}[.]{_BLANK}*+\S"
    rf"|(?:{_LETTER}{{1,12}}{_BLANK}|[$€£¥￥第#№]|[{CJK}])?(?<![A-Za-z]){_DIGIT}++(?:(?:[.,，．:：/–年月-]|{_BLANK}(?=\d{{3}}(?!\d))){_DIGIT}++)*+"
    rf"(?:[.]?{_BLANK}?(?:{_LETTER}{{1,12}}(?!\w)|[%％‰°℃€$])|[A-Za-z]++|[{CJK}]{{1,2}})?"
    rf"|[^\W_{CJK}]++(?:[-.'’_/@][^\W_{CJK}]++)*+|[ァ-ヺー]++"
)
# Where a long text pauses, the best first.
_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\r\n]+",
        r"[.!?。！？…][\"'”’）)]*(?:\s|(?=[^\x00-\x7f]))|[。！？]",
        r"[;；:：]\s?",
        r"[,，、](?:\s|(?=[^\x00-\x7f]))|\s[—–]\s|——",
    )
)
_SPACE = re.compile(r"\s+")
_FIRST_WORD = re.compile(r"[^\W_]+")
_LAST_WORD = re.compile(r"([^\W_]+)\W*$")
# In a text without blanks: behind a particle that ends a phrase, or before a word that begins one.
_PHRASE = re.compile(
    r"(?<=[了吗呢吧をにはがで、])(?![ぁ-ゖ])"
    r"|(?=但是|而且|因为|因為|所以|如果|并且|並且|以及|同时|同時|然后|然後|其中|此外)"
)
_LONGEST_WORD = 40
_MOST_BLANKS = 8  # among which the best one is chosen


def best_cut(text: str, start: int, end: int) -> int:
    """Returns where to cut the characters `start` to `end` of a text, not in their first third.

    A line's end is best, then that of a sentence, a clause, and at last a word, if possible before a function word. A
    number stays whole and with the words beside it, if there is any other place. So do words in Latin letters.

    >>> text = "保险柜的密码是七七四一山水花草"
    >>> text[: best_cut(text, 0, 9)]
    '保险柜的密码'
    >>> text = "the code of the safe is 12 400 and it is new"
    >>> text[: best_cut(text, 0, 28)]
    'the code of the safe '
    """
    least = start + (end - start) // 3
    wholes = [match.span() for match in _WHOLE.finditer(text, start, min(end + _LONGEST_WORD, len(text)))]
    for pattern in _PAUSES:
        places: list[int] = [match.end() for match in pattern.finditer(text, least, end)]
        for place in reversed(places):
            if not _parts_any(wholes, place):
                return place
    blanks: list[int] = [match.end() for match in _SPACE.finditer(text, least, end)]
    if blanks:
        whole = [place for place in blanks if not _parts_any(wholes, place)] or blanks
        return max(whole[-_MOST_BLANKS:], key=lambda place: (_worth(text, place), place))
    phrases: list[int] = [match.start() for match in _PHRASE.finditer(text, (start + end) // 2, end)]
    tried: list[int] = [*reversed(phrases), *range(end, start, -1)]
    for place in tried:
        if not _parts_any(wholes, place) and not _is_mark(text[place : place + 1]):
            return place
    while end > least and _is_mark(text[end : end + 1]):
        end -= 1
    return end


def _parts_any(wholes: Sequence[tuple[int, int]], place: int) -> bool:
    """Returns whether a place lies inside one of the sorted spans."""
    number = bisect_left(wholes, (place,)) - 1
    return number >= 0 and place < wholes[number][1]


def _worth(text: str, place: int) -> int:
    """Returns how good it is to cut a text without pauses at a blank."""
    before = _LAST_WORD.search(text[max(place - _LONGEST_WORD, 0) : place])
    if before is not None and before.group(1).casefold() in FUNCTION_WORDS:
        return 0
    after = _FIRST_WORD.match(text, place)
    return 2 if after is not None and after.group().casefold() in FUNCTION_WORDS else 1


def _is_mark(char: str) -> bool:
    """Returns whether a character belongs to the one before it."""
    return char != "" and (unicodedata.combining(char) > 0 or unicodedata.category(char) in ("Mn", "Me", "Cf"))

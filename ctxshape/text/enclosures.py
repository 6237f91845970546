"""Quotations and brackets, which hold whole sentences together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

_MOST = 300  # characters of a quotation that is not cut; a longer one is a chapter
_MOST_WIDE = 150  # of letters that are as wide as two
_ENCLOSED = re.compile(
    '(?=["“„«»`(\\[「『（【《])(?:'
    + "|".join(
        [
            rf"(?<![^\s(\[{{—–/-])\"(?=\S)[^\"]{{1,{_MOST}}}(?<=\S)\"(?![a-zA-Z0-9])",
            rf"“[^“”]{{1,{_MOST}}}”",
            rf"„[^“”„]{{1,{_MOST}}}[“”]",
            rf"«[^«»]{{1,{_MOST}}}»",
            rf"»[^«»\s][^«»]{{1,{_MOST}}}«",
            rf"``[^`]{{1,{_MOST}}}''",
            rf"\((?!\s)(?:[^()]|\([^()]{{,60}}\)){{1,{_MOST}}}\)",
            rf"\[[^\[\]]{{1,{_MOST}}}\]",
            *(rf"{a}[^{a}{b}]{{1,{_MOST_WIDE}}}{b}" for a, b in ("「」", "『』", "（）", "【】", "《》")),
        ]
    )
    + ")"
)
_SIGNS = dict.fromkeys(map(ord, '"“”„«»「」『』()（）【】'), " ")
_PAIRS = re.compile(r"``|''|\[(?!\d{1,3}\])|(?<!\d)\]")


def enclosures(text: str) -> list[tuple[int, int]]:
    """Returns the places of quotations and brackets that open and close properly, the outer ones, in order.

    >>> enclosures('He said "Go. Now." (Then he left.)')
    [(8, 18), (19, 34)]
    """
    return [match.span() for match in _ENCLOSED.finditer(text)]


def inside(places: Sequence[tuple[int, int]], cut: int) -> bool:
    """Returns whether a cut is inside one of the places, which are sorted."""
    index = bisect_left(places, (cut, 0)) - 1
    return index >= 0 and places[index][0] < cut < places[index][1]


def without_signs(text: str) -> str:
    """Returns the text with blanks for quotation marks and brackets, place by place. The number of a reference stays.

    >>> without_signs('He said "Go."[3]')
    'He said  Go. [3]'
    """
    text = text.translate(_SIGNS)
    return _PAIRS.sub(lambda match: " " * len(match.group()), text) if _PAIRS.search(text) else text

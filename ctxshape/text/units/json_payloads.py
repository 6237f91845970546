"""Finds the values of JSON that are payloads, such as an image in base64 or a vector."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from ctxshape.text.payloads import payloads
from ctxshape.text.units.json_values import Value

_DEEPEST = 8  # brackets in brackets
_MOST_WORDS = 2
_WORD = re.compile(r"[^\W\d_]{2,}")


class Hidden:
    """The payloads of a text.

    >>> hidden = Hidden('{"id": 7, "icon": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA"}')
    >>> hidden.size(0, 10), hidden.size(0, 70)
    (0, 46)
    """

    def __init__(self, text: str) -> None:
        found = payloads(text)
        self._text = text
        self._starts = [one.start for one in found]
        self._ends = [one.end for one in found]
        self._sizes = list(accumulate((one.end - one.start for one in found), initial=0))

    def size(self, start: int, end: int) -> int:
        """Returns how many of the characters `start` to `end` belong to payloads."""
        return self._before(end) - self._before(start) if self._starts else 0

    def is_payload(self, value: Value, depth: int = 0) -> bool:
        """Returns whether a value is a payload with at most two words beside it; a value with brackets, if all in it are."""
        hidden = self.size(value.value, value.end)
        if not hidden:
            return False
        if not value.members:
            rest = value.end - value.value - hidden
            return hidden >= rest and (9 * rest <= hidden or self._words(value.value, value.end) <= _MOST_WORDS)
        return depth < _DEEPEST and all(self.is_payload(member, depth + 1) for member in value.members)

    def _words(self, start: int, end: int) -> int:
        """Returns the number of words beside the payloads of a part of the text."""
        count = 0
        for number in range(max(bisect_right(self._starts, start) - 1, 0), len(self._starts)):
            if self._starts[number] >= end:
                break
            count += len(_WORD.findall(self._text, start, max(self._starts[number], start)))
            start = max(start, self._ends[number])
        return count + len(_WORD.findall(self._text, start, max(start, end)))

    def _before(self, place: int) -> int:
        number = bisect_right(self._starts, place)
        return self._sizes[number] - (max(self._ends[number - 1] - place, 0) if number else 0)

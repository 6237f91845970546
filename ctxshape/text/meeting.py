"""Finds where a text goes on in another one, if what they share proves that both are windows of one longer text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ctxshape.text.boilerplate import boilerplate_kind
from ctxshape.text.similarity import ComparedText
from ctxshape.text.words import CJK, normalize, split_tokens

Cut = Callable[[int], Sequence[tuple[int, int]]]  # the index of a text -> the start and end of each of its units

_SENTENCE = 5  # tokens of a sentence that two texts hardly share by chance
_LEAST = (40, 30, 16)  # columns of an overlap around the end of a sentence, if none, one or both of its ends are inside one
_TORN, _TORN_CJK = (48, 32), (16, 10)  # characters of an overlap inside of a sentence, if one or both of its ends are torn
_LINES, _LINES_UNDER_A_HEAD, _LEAST_LINES = 3, 2, 60  # lines that are no sentences, and their characters together
_CJK = re.compile(f"[{CJK}]")
_GOES_ON = re.compile(r"\s*[,;:.!?)\]，、；：。！？）」』]")  # how no text begins
_SENTENCE_END = re.compile(r"[.!?…。！？；][\"'”’」』）)\]]*\s*$")


class Overlap(NamedTuple):
    """The end of the text `left` that is the beginning of the text `right`, behind a head of the same lines."""

    length: int  # in characters of the streams
    left: int
    right: int
    head: int  # characters of `right`


def meeting_place(texts: Sequence[str], compared: Sequence[ComparedText], overlap: Overlap, cut: Cut) -> tuple[int, int] | None:
    """Returns where the left text stops and the right one goes on, or None if the overlap proves nothing."""
    length, left, right, head = overlap
    begins = len(compared[left].stream) - length
    left_starts = {place - begins: start for start, place in _starts(texts[left], cut(left)) if place >= begins}
    skipped = len(stream_of(texts[right][:head]))
    right_starts = {
        place - skipped: start for start, place in _starts(texts[right], cut(right)) if skipped <= place <= skipped + length
    }
    cuts_inside = (0 not in left_starts) + (length not in right_starts)
    left_starts.setdefault(length, len(texts[left]))
    common = sorted(left_starts.keys() & right_starts.keys())
    torn = _torn_place(texts[left], texts[right], head, length, begins=0 in left_starts, ends=length in right_starts)
    if not common:
        return torn
    first, stop, resume = left_starts[common[0]], left_starts[common[-1]], right_starts[common[-1]]
    shared = [texts[left][max(start, first) : end] for start, end in cut(left) if end > first]
    if any(boilerplate_kind(unit) for unit in shared):
        return None
    if 0 < common[-1] < length and columns_of(compared[left].stream[-length:]) >= _LEAST[cuts_inside]:
        if _SENTENCE_END.search(texts[left], max(stop - 20, 0), stop):
            return stop, resume
    starts = {right_starts[place] for place in common}
    whole = [texts[right][start:end] for start, end in cut(right) if start in starts and end <= resume]
    on_own_line = "\n" in _white_space_before(texts[left], first) and "\n" in _white_space_before(texts[right], resume)
    return (stop, resume) if _proves(whole, on_own_line=on_own_line, headed=head > 0) else torn


def _torn_place(left: str, right: str, head: int, length: int, *, begins: bool, ends: bool) -> tuple[int, int] | None:
    """Returns where two texts meet inside of a sentence that only one of them has whole, or none.

    `begins` and `ends` say whether units begin at the start of the overlap and behind it. Returns None if both do, or if
    the overlap may be chance.
    """
    whole = begins, ends or _SENTENCE_END.search(left[-20:]) is not None
    torn = 2 - sum(whole) + (whole == (False, True) and _GOES_ON.match(right, head) is not None)
    if torn == 0 or len(left) < length:
        return None
    for end in range(head + length, min(head + 2 * length, len(right)) + 1):
        shared = right[head:end]
        if left.endswith(shared) and len(stream_of(shared)) == length:
            least = (_TORN_CJK if 3 * len(_CJK.findall(shared)) > length else _TORN)[torn - 1]
            resume = end + len(right[end:]) - len(right[end:].lstrip())
            return (len(left), resume) if length >= least else None
    return None


def _white_space_before(text: str, place: int) -> str:
    near = text[max(place - 20, 0) : place]
    return near[len(near.rstrip()) :]


def _proves(whole: Sequence[str], *, on_own_line: bool, headed: bool) -> bool:
    """Returns whether the units that two texts share are more than a line that many pages have.

    One sentence is enough, but not on a line of its own at the edge of both texts, where it may be a head or foot. Of other
    lines it takes several; fewer under a head that both texts have.
    """
    if len(whole) == 1 and on_own_line:
        return False
    if any(_SENTENCE_END.search(unit) and len(split_tokens(normalize(unit))) >= _SENTENCE for unit in whole):
        return True
    return len(whole) >= (_LINES_UNDER_A_HEAD if headed else _LINES) and (headed or sum(map(len, whole)) >= _LEAST_LINES)


def _starts(text: str, units: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yields where each unit starts: in the text, and in its stream."""
    before = place = 0
    for start, _ in units:
        place += len(stream_of(text[before:start]))
        before = start
        yield start, place


def stream_of(text: str) -> str:
    """Returns the normalized characters of a text without white space."""
    return normalize(text).replace(" ", "")


def columns_of(text: str) -> int:
    """Returns the width of a text; a CJK letter takes two columns."""
    return len(text) + len(_CJK.findall(text))

"""Subtitles and other text with times: WebVTT, SRT, and lines that begin with a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.units.model import MOST_LINES, Unit, nearest

_CLOCK = r"(?:\d{1,2}:){1,2}\d{1,2}[.,]\d{1,3}"
_CUE = re.compile(rf"^(?:\d{{1,6}}[ \t]*\r?\n|(?<=\n\n)[^\n]{{1,60}}\n)?[ \t]*\[?{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}", re.MULTILINE)
_TIMED = re.compile(
    r"^[ \t]*+[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?[\])]?(?:[ \t]+(?=[^\s\d-])|[ \t]*\r?\n(?=[ \t]*[^\s\d]))",
    re.MULTILINE,
)
_ENDED = re.compile(r"[.?!。？！…:：♪\])][\"'”’»」)]*$")
_BLANK = re.compile(r"\n[ \t\r]*\n")
_LEAST = 3  # lines with a time


def cue_units(text: str) -> list[Unit] | None:
    """Returns the cues of subtitles, each with its time; a sentence over several cues brings all of them."""
    if "-->" in text:
        starts = [match.start() for match in _CUE.finditer(text)]
        least = 2  # a cue names itself
    else:
        starts = [match.start() for match in _TIMED.finditer(text)] if ":" in text else []
        lines = sum(1 for line in text.split("\n") if line.strip())
        least = max(_LEAST, int(0.4 * lines))
    if len(starts) < least or len(text[: starts[0]].strip()) > 0.3 * len(text):
        return None
    if "-->" not in text and (_BLANK.search(text[: starts[0]].lstrip()) or _BLANK.search(text[starts[-1] :].strip())):
        return None  # other blocks stand before or behind the lines with a time
    units = _head(text, starts[0])
    first = len(units)
    for start, stop in zip(starts, [*starts[1:], len(text)], strict=True):
        units.append(Unit(start + _blank(text[start:stop]), start + len(text[start:stop].rstrip()), "turn", (), 0))
    return _with_sentences(text, units, first)


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip())


def _head(text: str, end: int) -> list[Unit]:
    """Returns the lines before the first cue."""
    return [Unit(*match.span(), "line", (), 0) for match in re.finditer(r"\S(?:[^\n]*\S)?", text[:end])]


def _with_sentences(text: str, units: Sequence[Unit], first: int) -> list[Unit]:
    ended = [
        number < first or _ENDED.search(text[max(u.end - 8, u.start) : u.end]) is not None for number, u in enumerate(units)
    ]
    made = list(units)
    for number in range(first, len(units)):
        begin, end = number, number
        while begin > first and number - begin < MOST_LINES and not ended[begin - 1]:
            begin -= 1
        while end + 1 < len(units) and end - number < MOST_LINES and not ended[end]:
            end += 1
        around = sorted((n for n in range(begin, end + 1) if n != number), key=lambda n: abs(n - number))
        made[number] = units[number]._replace(needs=nearest(units, around))
    return made

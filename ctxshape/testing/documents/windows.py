"""Cuts a synthetic document into windows that overlap, as a store of chunks does."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ctxshape.testing.faithful.outline import Outline, Part


def overlapping_windows(text: str, outline: Outline, rng: random.Random) -> list[tuple[str, Outline]]:
    """Returns windows of a few parts each, with their outlines; owners outside of a window are unknown in it.

    >>> outline = Outline([Part(0, 4, "sentence"), Part(5, 9, "sentence"), Part(10, 14, "sentence")])
    >>> [window for window, _ in overlapping_windows("One. Two. Six.", outline, random.Random(0))]
    ['One. Two.', 'Two. Six.']
    """
    parts = outline.parts
    size = rng.randint(2, max(2, len(parts) // 2))
    step = rng.randint(1, size - 1)
    starts = range(0, max(len(parts) - size, 0) + step, step)
    return [_window(text, parts, start, min(start + size, len(parts))) for start in starts if start < len(parts) - 1]


def _window(text: str, parts: Sequence[Part], first: int, stop: int) -> tuple[str, Outline]:
    while parts[first].kind == "code" and first:
        first -= 1  # no window begins or ends inside of a fence
    while stop < len(parts) and parts[stop].kind == "code":
        stop += 1
    line = text.rfind("\n", 0, parts[first].start) + 1
    start = parts[first].start if text[line : parts[first].start].strip() else line  # with the indentation

    def inside(indices: Sequence[int]) -> tuple[int, ...]:
        return tuple(index - first for index in indices if first <= index < stop)

    kept = [
        part._replace(start=part.start - start, end=part.end - start, owners=inside(part.owners), brings=inside(part.brings))
        for part in parts[first:stop]
    ]
    return text[start : parts[stop - 1].end], Outline(kept)

"""Finds texts that are overlapping windows of one longer text, and how to put that text together again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ctxshape.text.meeting import Cut, Overlap, columns_of, meeting_place, stream_of
from ctxshape.text.similarity import ComparedText
from ctxshape.text.words import normalize, split_tokens

_RUN = slice(1, 4)  # tokens by which the beginning of a window is found; the first one may be a part of a word
_PROBE = 8  # characters by which the place of an overlap is found
_TRIES = 8  # such places in a repetitive text
_CROWD = 64  # windows with the same beginning; more have it from a template
_HEADS, _HEAD = 3, 300  # lines and characters of a head that a splitter repeats on top of each window
_LONGEST = 12_000  # columns of a joined text, which models that rank read whole


class Part(NamedTuple):
    """The characters `start` to `end` of the text with the index `window`."""

    window: int
    start: int
    end: int


class Joined(NamedTuple):
    """A text put together from windows, with the part that each window contributes, in the order of the text."""

    text: str
    parts: tuple[Part, ...]


class _Next(NamedTuple):
    """The window that goes on from its character `resume` where another one stops, and the end of its head."""

    window: int
    stop: int
    resume: int
    head: int


def joined_windows(
    texts: Sequence[str], compared: Sequence[ComparedText], groups: Sequence[Hashable], cut: Cut
) -> list[Joined]:
    """Returns the texts that two windows or more make up. The windows of one text have equal `groups`.

    Two texts are windows if the end of one is the beginning of the other, apart from case, width and white space, and
    the overlap has a whole sentence, or is long. A text continues where a unit begins in both windows, so that a sentence
    that a window has whole is whole; inside of a sentence only if the overlap is a part of one. A line that three texts
    share at an edge, or that stands at both edges of one, is a head or foot of a page, and boilerplate makes no overlap. A
    text of more than 12,000 columns is continued in another one, under the head of its first window.

    >>> one, two = "It rained. The dam broke in the second night.", "The dam broke in the second night. Nobody was hurt."
    >>> pair = [ComparedText(one), ComparedText(two)]
    >>> joined_windows([one, two], pair, [None, None], lambda index: [[(0, 10), (11, 45)], [(0, 34), (35, 51)]][index])[0].text
    'It rained. The dam broke in the second night. Nobody was hurt.'
    """
    found = _overlaps(texts, compared, groups)
    following: dict[int, _Next] = {}
    for overlap in _best(found, compared):
        place = meeting_place(texts, compared, overlap, cut)
        if place is not None:
            following[overlap.left] = _Next(overlap.right, *place, overlap.head)
    rights = {following_one.window for following_one in following.values()}
    return [joined for index in sorted(following) if index not in rights for joined in _chain(texts, index, following)]


def _overlaps(texts: Sequence[str], compared: Sequence[ComparedText], groups: Sequence[Hashable]) -> list[Overlap]:
    """Returns the longest overlap of each text with the beginning of each other."""
    beginnings: dict[tuple[Hashable, str], list[tuple[int, int]]] = defaultdict(list)
    for index, head, parts in _beginnings(texts, compared, groups):
        listed = beginnings[groups[index], " ".join(parts[_RUN])]
        if len(listed) <= _CROWD:
            listed.append((index, head))
    runs = {run for _, run in beginnings}
    longest: dict[tuple[int, int], Overlap] = {}
    for left, text in enumerate(compared):
        for run in text.shingles & runs:
            listed = beginnings.get((groups[left], run), [])
            for right, head in listed if len(listed) <= _CROWD else ():
                overlap = _overlap(texts, compared, left, right, head) if right != left else None
                if overlap and overlap.length > getattr(longest.get((left, right)), "length", 0):
                    longest[left, right] = overlap
    return list(longest.values())


def _beginnings(
    texts: Sequence[str], compared: Sequence[ComparedText], groups: Sequence[Hashable]
) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Yields each text's index and first tokens, then those behind each of its first lines that another text begins with."""
    lines = [_first_line(text) for text in texts]
    counts: dict[tuple[Hashable, str], int] = defaultdict(int)
    for group, line in zip(groups, lines, strict=True):
        counts[group, line] += bool(line)
    for index, (text, line) in enumerate(zip(texts, lines, strict=True)):
        yield index, 0, compared[index].parts[: _RUN.stop]
        end = len(line)
        for _ in range(_HEADS if line and counts[groups[index], line] > 1 else 0):
            head = end + len(text[end : end + _HEAD]) - len(text[end : end + _HEAD].lstrip())
            yield index, head, split_tokens(normalize(text[head : head + _HEAD]))[: _RUN.stop]
            end = text.find("\n", head, _HEAD)
            if end < 0:
                break


def _first_line(text: str) -> str:
    end = text.find("\n", 0, _HEAD)
    return text[:end] if end > 0 else ""


def _overlap(texts: Sequence[str], compared: Sequence[ComparedText], left: int, right: int, head: int) -> Overlap | None:
    mine, whole = compared[left].stream, compared[right].stream
    skipped = len(stream_of(texts[right][:head]))
    if skipped and not mine.startswith(whole[:skipped]):
        return None
    theirs = whole[skipped:]
    probe, place = theirs[:_PROBE], 0
    for _ in range(_TRIES):
        place = mine.find(probe, place + 1)
        if place < 0:
            return None
        length = len(mine) - place
        if length < len(theirs) and theirs.startswith(mine[place:]):
            return Overlap(length, left, right, head)
    return None


def _best(found: Sequence[Overlap], compared: Sequence[ComparedText]) -> Iterator[Overlap]:
    """Yields the overlaps that are the longest for both of their texts and could not be with another text as well."""
    of_left: dict[int, list[Overlap]] = defaultdict(list)
    of_right: dict[int, list[Overlap]] = defaultdict(list)
    for overlap in sorted(found, reverse=True):
        of_left[overlap.left].append(overlap)
        of_right[overlap.right].append(overlap)
    pairs = {(overlap.left, overlap.right) for overlap in found}
    for overlap in sorted(found):
        if (overlap.right, overlap.left) in pairs:
            continue  # a ring has no beginning
        mine, theirs = compared[overlap.left].stream, compared[overlap.right].stream
        shared = mine[-overlap.length :]
        if mine.startswith(shared) or theirs.endswith(shared):
            continue  # a head or foot that every page has
        rights = (compared[o.right].stream for o in of_left[overlap.left] if o != overlap and o.length >= overlap.length)
        lefts = (compared[o.left].stream for o in of_right[overlap.right] if o != overlap and o.length >= overlap.length)
        # A shorter window that says the same is no rival.
        if all(map(theirs.startswith, rights)) and all(map(mine.endswith, lefts)):
            yield overlap


def _chain(texts: Sequence[str], index: int, following: Mapping[int, _Next]) -> Iterator[Joined]:
    """Yields the texts of the windows from `index` on. They end before a window that would repeat a part of them."""
    written: list[str] = []
    parts: list[Part] = []
    gap, start, head, columns = "", 0, 0, 0
    while True:
        text = texts[index]
        follows = following.get(index)
        if follows is not None and follows.stop < start:
            follows = None
        part = text[start : len(text) if follows is None else follows.stop].rstrip()
        columns += columns_of(part)
        if parts and columns > _LONGEST:
            yield Joined("".join(written), tuple(parts))
            shown = text[:head].rstrip()
            written, columns = [shown] * bool(shown), columns_of(part)
            parts, gap = [Part(index, 0, len(shown))] * bool(shown), text[len(shown) : head]
        if part:
            written += [gap, part]
            parts.append(Part(index, start, start + len(part)))
        if follows is None:
            break
        before = texts[follows.window][: follows.resume]
        gap = text[start + len(part) : follows.stop] or before[len(before.rstrip()) :]
        index, start, head = follows.window, follows.resume, follows.head
    if len(parts) > 1 or (parts and parts[0].start):
        yield Joined("".join(written), tuple(parts))

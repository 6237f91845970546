"""The history that `git log` prints: a commit with its author, date and message is one unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ctxshape.text.units.lines import LONGEST, add_line, line_spans
from ctxshape.text.units.model import MOST_LINES, Unit

COMMIT = re.compile(r"commit [0-9a-f]{6,64}(?=\s|$)")
_ANY_COMMIT = re.compile(rf"^{COMMIT.pattern}", re.MULTILINE)
_FIELD = re.compile(
    r"(?:Author|AuthorDate|Commit|Committer|CommitDate|Date|Merge|Reflog|Reflog message|Notes|Tags?)(?: \(.*\))?:"
)
_INDENTED = re.compile(r"\s")
_FILE = re.compile(r"(?:[ACDMRTUXB]\d{0,3}|\d+\t\d+|-\t-)\t\S")  # --name-status, --numstat
_SHORT = re.compile(r"[*|\\/ ]{0,40}(?P<hash>[0-9a-f]{7,40}) (?:\([^()\n]*\) )?\S")  # --oneline
_GRAPH = re.compile(r"[*|\\/ _]+$")
_GROUP = 300  # characters of a long message that stay together


def commit_units(text: str) -> list[Unit] | None:
    r"""Returns the commits of a history; None if the text is anything else.

    A message of more than 600 characters is cut into parts that need the lines with the commit, its author and its date.

    >>> text = "commit 8f1c2aa\nAuthor: Mei <m@ex.org>\n\n    Add Norway\n\ncommit 77be091\nAuthor: Omar\n\n    Fix dates"
    >>> [text[unit.start : unit.end] for unit in commit_units(text)][1]
    'commit 77be091\nAuthor: Omar\n\n    Fix dates'
    """
    begin = len(text) - len(text.lstrip("\ufeff\r\n"))
    if "\n" not in text or not (_ANY_COMMIT.search(text) or _SHORT.match(text, begin)):
        return None
    spans = line_spans(text)
    starts = [number for number, span in enumerate(spans) if COMMIT.match(text, *span)]
    if not starts:
        return [Unit(*span, "line") for span in spans] if _is_short(text, spans) else None
    headed = all(n + 1 < len(spans) and _FIELD.match(text, *spans[n + 1]) for n in starts)
    known = (COMMIT, _INDENTED, _FIELD, _FILE)
    if not headed or not all(any(sign.match(text, *span) for sign in known) for span in spans):
        return None
    made: list[Unit] = []
    for span in spans[: starts[0]]:
        add_line(made, text, span, "line")  # of a commit whose head is cut off
    for first, behind in zip(starts, [*starts[1:], len(spans)], strict=True):
        add_commit(made, text, spans[first:behind])
    return made


def _is_short(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Returns whether each line is a commit with its title."""
    found = [_SHORT.match(text, *span) for span in spans]
    lacking = [span for span, one in zip(spans, found, strict=True) if one is None]
    hashes = {one["hash"] for one in found if one}
    mixed = sum(not one.isdecimal() and not one.isalpha() for one in hashes)
    return len(hashes) > 1 and mixed > 0.8 * len(hashes) and all(_GRAPH.match(text, *span) for span in lacking)


def add_commit(made: list[Unit], text: str, spans: Sequence[tuple[int, int]]) -> None:
    """Adds the lines of a commit: one unit, or, if it is too long, its head and groups of the others, which need it."""
    if spans[-1][1] - spans[0][0] <= LONGEST:
        made.append(Unit(spans[0][0], spans[-1][1], "line"))
        return
    fields = 1
    while fields < len(spans) and _FIELD.match(text, *spans[fields]):
        fields += 1
    head = add_line(made, text, (spans[0][0], spans[fields - 1][1]), "line")
    for group in _groups(spans[fields:]):
        add_line(made, text, group, "line", (head,))
    if len(made) > head + 1:
        made[head] = made[head]._replace(needs=(head + 1,))  # the title says what the commit is


def commit_line_needs(lines: Sequence[str]) -> list[tuple[int, ...]] | None:
    """Returns, for each line of a commit, the indices of those that it needs; None if the lines are no commit.

    All need the lines with the commit, its author and its date, and these need the title.

    >>> commit_line_needs(["commit 8f1c2aa", "Author: Mei <m@ex.org>", "    Add Norway", "    It was missing."])
    [(1, 2), (0, 2), (0, 1), (0, 1)]
    """
    if not COMMIT.match(lines[0]):
        return None
    fields = 1
    while fields < len(lines) and _FIELD.match(lines[fields]):
        fields += 1
    head = range(min(fields, MOST_LINES - 1))
    title = range(fields, min(fields + 1, len(lines)))
    return [tuple(n for n in (*head, *(title if number < fields else ())) if n != number) for number in range(len(lines))]


def _groups(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = 0
    for number, (_, end) in enumerate(spans):
        if number + 1 == len(spans) or spans[number + 1][1] - spans[start][0] > _GROUP:
            yield spans[start][0], end
            start = number + 1

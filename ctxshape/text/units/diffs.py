"""Differences between versions of files: hunks, each with its head, that of its file, and its commit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.units.commits import COMMIT, add_commit
from ctxshape.text.units.lines import LONGEST, line_spans
from ctxshape.text.units.model import Unit, nearest

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
_FILE = re.compile(
    r"diff |index [0-9a-f]{4,}|--- |\+\+\+ |new file|deleted file|old mode|new mode|similarity |rename |copy "
    r"|Index: |={20,}|Binary files"
)
_BEGINS = re.compile(r"\s*(?:diff |--- |Index: |commit [0-9a-f]{6,}|From [0-9a-f]{6,}|@@ -)")
_GROUP = 400  # characters of the lines of a long hunk that stay together


def diff_units(text: str) -> list[Unit] | None:
    r"""Returns the hunks of a diff, each with the head of its file; None if the text is anything else.

    >>> text = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n@@ -9 +9 @@\n-four\n+five"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in diff_units(text)][1:]
    [('@@ -1,2 +1,2 @@\n one\n-two\n+three', (0,)), ('@@ -9 +9 @@\n-four\n+five', (0,))]
    """
    if "\n" not in text or "@@ -" not in text or not _BEGINS.match(text) or not _HUNK.search(text):
        return None
    made: list[Unit] = []
    commit: list[int] = []
    file: list[int] = []
    for label, group in _groups(text):
        if label == "message" and COMMIT.match(text, group[0][0]):
            commit, file = [len(made)], []
            add_commit(made, text, group)
        elif label == "message":
            made += [Unit(*span, "line") for span in group]
        elif label == "file":
            file = [len(made)]
            made.append(Unit(group[0][0], group[-1][1], "code", nearest(made, commit)))
        else:
            _add_hunk(made, group, nearest(made, [*file, *commit]))
    return made


def _groups(text: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """Returns the lines in groups: those of a `message`, of the head of a `file`, and of a `hunk`."""
    found: list[tuple[str, list[tuple[int, int]]]] = []
    for span in line_spans(text):
        last = found[-1][0] if found else "message"
        if _HUNK.match(text, span[0]):
            found.append(("hunk", [span]))
            continue
        if COMMIT.match(text, span[0]):
            found.append(("message", [span]))
            continue
        label = "file" if _is_file_line(text, span, last == "hunk") else "hunk" if last == "hunk" else "message"
        if not found or label != last:
            found.append((label, []))
        found[-1][1].append(span)
    return found


def _is_file_line(text: str, span: tuple[int, int], in_hunk: bool) -> bool:
    """Returns whether a line belongs to the head of a file; a removed line may begin as one does."""
    if not _FILE.match(text, span[0]):
        return False
    if in_hunk and text.startswith("--- ", span[0]):
        return text.startswith("+++ ", text.find("\n", span[1]) + 1)
    return not (in_hunk and text.startswith("+++ ", span[0]))


def _add_hunk(made: list[Unit], group: Sequence[tuple[int, int]], needs: tuple[int, ...]) -> None:
    """Adds a hunk, or, if it is too long, its first line and groups of the others, which need it."""
    if group[-1][1] - group[0][0] <= LONGEST:
        made.append(Unit(group[0][0], group[-1][1], "code", needs))
        return
    head = len(made)
    made.append(Unit(*group[0], "code", needs))
    first = 1
    for number in range(1, len(group)):
        if number + 1 == len(group) or group[number + 1][1] - group[first][0] > _GROUP:
            made.append(Unit(group[first][0], group[number][1], "code", (*needs, head)))
            first = number + 1

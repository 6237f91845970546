"""Long literals and calls in source code: their items, one or more lines each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ctxshape.text.units.nested import Lines, Node

_LONG = 600  # characters of an item whose own items are units
_LONGEST_CALL = 1200
_DEEPEST = 3  # brackets in brackets
_LEAST = 3  # items
_CALL = re.compile(r"[\w)\]]\(\s*(?:#.*)?$")
# Strings and comments, in which brackets mean nothing, and brackets.
TOKEN = re.compile(
    r"#[^\r\n]*"
    r"|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\")?|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?"
    r"|\"(?:[^\"\\\r\n]|\\.)*+\"?|'(?:[^'\\\r\n]|\\.)*+'?"
    r"|[()\[\]{}]",
    re.DOTALL,
)


def literal_items(lines: Lines, first: int, stop: int, depth: int = 0) -> Node | None:
    """Returns the node of a long bracket over the lines `first` to `stop`; None if its items are not lines of their own.

    The head ends with the line of the bracket that opens, the tail begins with the line of the one that closes it. Each
    item ends in a comma, so the others stay sound without it.
    """
    opening = first
    while opening < stop - 1 and (_is_comment(lines, opening) or not lines[opening].strip()):
        opening += 1
    size = lines.size(first, stop)
    if stop - opening < 4 or (_CALL.search(lines[opening]) and size <= _LONGEST_CALL):
        return None  # a call without one of its arguments would be another one
    items = _items(lines, opening, stop)
    if len(items) < (_LEAST if size <= _LONGEST_CALL else 2) and not (len(items) == 1 and size > _LONG):
        return None
    nodes = [_item(lines, begin, end, depth) for begin, end in items]
    if len(nodes) == 1 and not nodes[0].body:
        return None
    return Node(first, opening + 1, nodes, tail=(items[-1][1], stop), fills=True)


def _item(lines: Lines, begin: int, end: int, depth: int) -> Node:
    node = literal_items(lines, begin, end, depth + 1) if depth < _DEEPEST and lines.size(begin, end) > _LONG else None
    return node or Node(begin, end)


def _items(lines: Lines, first: int, stop: int) -> list[tuple[int, int]]:
    """Returns the lines of each item between the lines of the brackets, or nothing."""
    levels = list(_levels(lines, first, stop))
    inner = levels[1][0]
    if inner < 1 or levels[-1][0] != inner or _closes_inside(lines, first, stop, inner):
        return []
    starts = [first + 1]
    closes = lines[stop - 1].strip()[:1] in (")", "]", "}")
    for number in range(2, len(levels) - closes):
        level, inside = levels[number]
        if level == inner and not inside and lines[first + number].strip() and not _is_comment(lines, first + number):
            if _last_text(lines, first + number - 1).endswith(","):
                starts.append(_with_comments(lines, first + number, starts[-1] + 1))
    if not closes and starts.pop() != stop - 1:  # the last item stands on the line of the bracket that closes
        return []
    return list(zip(starts, [*starts, stop - 1][1:], strict=True))


def _levels(lines: Lines, first: int, stop: int) -> Iterator[tuple[int, bool]]:
    """Yields for each line the number of open brackets at its start, and whether it begins inside of a string."""
    level, line = 0, first
    begin, end = lines.starts[first], lines.ends[stop - 1]
    yield 0, False
    for match in TOKEN.finditer(lines.text, begin, end):
        while line + 1 < stop and lines.starts[line + 1] <= match.start():
            line += 1
            yield level, False
        while line + 1 < stop and lines.starts[line + 1] < match.end():
            line += 1
            yield level, True
        char = match.group()
        level += (char in "([{") - (char in ")]}")
    while line + 1 < stop:
        line += 1
        yield level, False


def _closes_inside(lines: Lines, first: int, stop: int, inner: int) -> bool:
    """Returns whether the bracket is closed before the last line, and perhaps another one opened."""
    level = 0
    for match in TOKEN.finditer(lines.text, lines.starts[first], lines.ends[stop - 2]):
        char = match.group()
        level += (char in "([{") - (char in ")]}")
        if level < inner and match.start() >= lines.starts[first + 1]:
            return True
    return False


def _is_comment(lines: Lines, number: int) -> bool:
    return lines[number].lstrip().startswith("#")


def _last_text(lines: Lines, number: int) -> str:
    """Returns the text of a line or of the last one before it that is more than a comment, without a comment behind it."""
    while number >= 0 and (not lines[number].strip() or _is_comment(lines, number)):
        number -= 1
    text = lines[number]
    for match in TOKEN.finditer(text):
        if match.group().startswith("#"):
            text = text[: match.start()]
            break
    return text.rstrip()


def _with_comments(lines: Lines, number: int, least: int) -> int:
    while number > least and _is_comment(lines, number - 1):
        number -= 1
    return number

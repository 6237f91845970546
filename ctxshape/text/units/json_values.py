"""Reads a JSON value with the places of its parts. Takes time linear in the text and no recursion."""

from __future__ import annotations

import re

_STRING = r"\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'"
_WORD = r"-?\d++(?:\.\d++)?+(?:[eE][+-]?+\d++)?+|true|false|null|True|False|None|NaN|-?Infinity"
_SPACE = r"[ \t\r\n]*+"
_EMPTY = rf"\{{{_SPACE}\}}|\[{_SPACE}\]"
_SHORT = rf"(?:\"[^\"\\]{{0,12}}+\"|{_EMPTY}|{_WORD})"
_DEEPEST = 500  # brackets in brackets; a text with more is no record of anything
_KEY = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:", re.DOTALL)
_ONE = rf"{_EMPTY}|[{{\[]|{_STRING}|(?:{_WORD})(?![\w.])"
_VALUE = re.compile(rf"{_SPACE}({_ONE})", re.DOTALL)
_SEVERAL = re.compile(rf"{_SPACE}((?:{_SHORT}{_SPACE},{_SPACE}){{1,15}}+{_SHORT}(?={_SPACE}[,\]])|{_ONE})", re.DOTALL)
_AFTER = re.compile(rf"{_SPACE}([,}}\]])")
CLOSING = {"{": "}", "[": "]"}


class Value:
    """A value of JSON: characters `start` to `end` of a text, a key at `start` included; it begins at `value` without it.

    - `mark`: its opening bracket, or its first character.
    - `members`: the values inside brackets; None for a plain value, or for several short ones of an array.
    - `is_opened`, `is_closed`: whether the text has its brackets.
    """

    __slots__ = ("end", "is_closed", "is_opened", "mark", "members", "start", "value")

    def __init__(self, start: int, value: int, end: int, mark: str, members: list[Value] | None = None) -> None:
        self.start, self.value, self.end = start, value, end
        self.mark = mark
        self.members = members
        self.is_opened = self.is_closed = True


def json_value(text: str, place: int = 0) -> Value | None:
    """Returns the JSON value that begins at a place; None if there is none. Values as Python writes them count, too.

    >>> found = json_value('{"a": [1, {"b": null}]} and more')
    >>> found.end, [(member.start, member.value, member.end) for member in found.members]
    (23, [(1, 6, 22)])
    """
    root = Value(place, place, place, "", [])  # holds the value like brackets
    stack = [root]
    while True:
        start = None
        if stack[-1].mark == "{":
            key = _KEY.match(text, place)
            if key is None:
                return None
            start, place = key.start(1), key.end()
        match = (_SEVERAL if len(stack) > 1 and start is None else _VALUE).match(text, place)
        if match is None or len(stack) > _DEEPEST:
            return None
        begin, place = match.start(1), match.end()
        value = Value(begin if start is None else start, begin, place, text[begin])
        stack[-1].members.append(value)  # type: ignore[union-attr]  # it has brackets
        if place == begin + 1 and text[begin] in CLOSING:
            value.members = []
            stack.append(value)
            continue
        place = _close(text, place, stack)
        if place < 0:
            return None
        if len(stack) == 1:
            return stack[0].members[0]  # type: ignore[index]


def _close(text: str, place: int, stack: list[Value]) -> int:
    """Closes the brackets that end behind a value, and returns where the next value begins; -1 if there is another mark."""
    while len(stack) > 1:
        after = _AFTER.match(text, place)
        if after is None:
            return -1
        place = after.end()
        if after.group(1) == ",":
            return place
        closed = stack.pop()
        if after.group(1) != CLOSING[closed.mark]:
            return -1
        closed.end = place
    return place

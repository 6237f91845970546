"""Parts of JSON: cut off at the start or the end, with comments, with a comma too many. Their records stay whole, too."""

from __future__ import annotations

import re

from ctxshape.text.units.json import value_units
from ctxshape.text.units.json_values import CLOSING, Value
from ctxshape.text.units.model import Unit

_TOKEN = re.compile(
    r"(?P<string>\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+(?:\"|\Z)|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+')"
    r"|(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|^[ \t]*+\#[^\n]*+)"
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<colon>:)|(?P<word>[^\s\"'{}\[\],:/]++|.)",
    re.MULTILINE | re.DOTALL,
)
_WORD = re.compile(r"-?[\d.]+(?:[eE][+-]?\d+)?|true|false|null|True|False|None|NaN|\.\.\.|…")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_ASSIGNED = re.compile(r"\s*((?:export (?:default )?)?(?:(?:const|let|var)\s+)?(?:[\w.$]+\s*=\s*)?)(?=[{\[])")
_FIELD = re.compile(r"[\"'\w]\s*:\s*(?:[\"'{\[]|-?\d|true|false|null|None|True|False)")
_FEWEST = 3  # fields
_DEEPEST = 500
_CUT_OFF = 300  # characters of a string at the end


def fragment_units(text: str) -> list[Unit] | None:
    r"""Returns the records of a part of JSON, such as a chunk of a file; None if the text is anything else.

    A record that is cut off is a unit with the fields that it has. No unit has fields of two records.

    >>> text = '"city": "Jena", "open": true}, {"id": 5102, "city": "Gera"}, {"id": 5103, "ci'
    >>> [text[unit.start : unit.end] for unit in fragment_units(text)]
    ['"city": "Jena", "open": true}', '{"id": 5102, "city": "Gera"}', '{"id": 5103, "ci']
    """
    if '"' not in text and "'" not in text and "{" not in text:
        return None
    if ("{" not in text and "}" not in text and text.lstrip()[:1] != '"') or len(_FIELD.findall(text)) < _FEWEST:
        return None
    root = _read(text, 0)
    if root is None and 0 <= (quote := text.find('"')) < _CUT_OFF:
        root = _read(text, quote + 1)  # the text begins inside of a string
    return None if root is None else value_units(text, [root])


def _read(text: str, begin: int) -> Value | None:
    """Returns a value whose members are those of the text; None if the text holds other things than JSON."""
    reading = _Reading(begin)
    if not begin and (assigned := _ASSIGNED.match(text)):
        reading.comment, begin = assigned.start(1), assigned.end()
    words = strange = 0
    for match in _TOKEN.finditer(text, begin):
        kind, start = match.lastgroup, match.start()
        end = start + len(match.group().rstrip())
        if kind == "string" and ((begin and text[start] == "'") or (end - start > _CUT_OFF and end == len(text))):
            return None
        if kind == "word":
            if match.group().isspace() or (match.group() == ";" and len(reading.stack) == 1 and reading.start < 0):
                continue
            words += 1
            strange += _WORD.fullmatch(match.group()) is None and not (
                _NAME.fullmatch(match.group()) and text[end : end + 2].lstrip()[:1] == ":"
            )
        if not reading.takes(kind or "", start, end, text[start]) or strange > 1 + words // 100:
            return None
    return reading.result()


class _Reading:
    """The brackets that are open, and the member that is being read."""

    def __init__(self, begin: int) -> None:
        self.root = _container(begin, begin, "{")
        self.root.is_opened = self.root.is_closed = False
        self.stack = [self.root]
        self.start = self.value = 0 if begin else -1  # of the member and its value; the text may begin inside of a member
        self.comment = -1  # above the next member
        self.named = False
        self.end = begin

    def takes(self, kind: str, start: int, end: int, mark: str) -> bool:
        """Reads a token and returns whether it may stand here."""
        if kind == "comment":
            self.comment = start if self.comment < 0 and self.start < 0 else self.comment
            self.end = end
        elif kind == "comma":
            self._finish()
        elif kind == "close":
            self._finish()
            self._close(end, mark)
        elif kind == "colon":
            self.named, self.value = self.start >= 0, -1
        elif kind == "open":
            if self.start >= 0 and not self.named:
                return False  # a call or a statement, which is code
            self._begin(start)
            self.stack.append(_container(self.start, start, mark))
            self.start, self.named, self.end = -1, False, end
            return len(self.stack) < _DEEPEST
        else:
            self._begin(start)
            self.value = start if self.value < 0 else self.value
            self.end = end
        return True

    def _begin(self, start: int) -> None:
        if self.start < 0:
            self.start = start if self.comment < 0 else self.comment
            self.value = -1
        self.comment = -1

    def _finish(self) -> None:
        """Ends the member that is being read."""
        if self.start < 0 <= self.comment:
            self._begin(self.comment)  # a comment below the last member stands for itself
        if self.start >= 0:
            self._add(Value(self.start, max(self.value, self.start), self.end, "-"))
        self.start = self.value = -1
        self.named = False

    def _add(self, value: Value) -> None:
        members = self.stack[-1].members
        assert members is not None
        members.append(value)

    def _close(self, end: int, mark: str) -> None:
        if any(CLOSING[one.mark] == mark for one in self.stack[1:]):
            while CLOSING[self.stack[-1].mark] != mark:
                self._leave(self.end, is_closed=False)
            self._leave(end, is_closed=True)
        else:  # it closes what was opened before the text
            while len(self.stack) > 1:
                self._leave(self.end, is_closed=False)
            inside = self.root.members or []
            start = inside[0].start if inside else end - 1
            wrapped = Value(start, start, end, "{" if mark == "}" else "[", inside)
            wrapped.is_opened = False
            self.root.members = [wrapped]
        self.end = end

    def _leave(self, end: int, *, is_closed: bool) -> None:
        closed = self.stack.pop()
        closed.end, closed.is_closed = end, is_closed
        self._add(closed)

    def result(self) -> Value:
        """Returns the outermost value, after all that is open has been left."""
        self._finish()
        while len(self.stack) > 1:
            self._leave(max(self.end, self.stack[-1].value + 1), is_closed=False)
        self.root.end = self.root.members[-1].end if self.root.members else self.root.end
        self.root.start = self.root.members[0].start if self.root.members else self.root.start
        return self.root


def _container(start: int, value: int, mark: str) -> Value:
    return Value(start, value, value + 1, mark, [])

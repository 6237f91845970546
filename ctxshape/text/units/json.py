"""JSON and JSON lines: records, and the brackets and identifying fields that a record needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ctxshape.text.sentences import sentences
from ctxshape.text.units.json_payloads import Hidden
from ctxshape.text.units.json_values import Value, json_value
from ctxshape.text.units.model import MOST_CHARACTERS, Kind, Unit

LONGEST = 600  # characters of a record
_LONGEST_ROOT = 300  # of a file that is one record; the members of a longer one stand for themselves
_MOST_FIELDS = 15  # of a record of more than 300 characters
_LONGEST_ARRAY, _LONGEST_INNER, _TINY = 300, 240, 40
_DEPTH = 8  # levels of brackets; what lies deeper is cut into windows
_WINDOW = re.compile(r"\s*+(.{1,300}(?:(?<=[\s,])|$)|.{1,300}\S*)", re.DOTALL)
_IDENTITY = re.compile(
    r"[\"'](?:\w*[_-]|\w*(?=[INTKC]))(?-i:i|I)d[\"']"
    r"|[\"'](?:\w{1,20}[_-]?)?(?:name|title|key|code|sku|slug|uuid|label|number|url|uri|path|编号|名称|标题|姓名)[\"']"
    r"|[\"'](?:id|no|kind|type)[\"']",
    re.IGNORECASE,
)
_META = re.compile(r"[\"'](?:meta|metadata|attributes|properties|info)[\"']", re.IGNORECASE)
_MOST_NAMES, _LONGEST_NAME = 2, 160  # fields that identify an object, and the characters of one
_SEGMENT = re.compile(r"((?:[^\\]|\\[^n])++)(?:\\n|\s)*+|(?:\\n)++", re.DOTALL)  # of a string, up to its next line break
_SPACE = re.compile(r"\s*+")


def json_units(text: str) -> list[Unit] | None:
    r"""Returns the records of a JSON text, or of one JSON value a line; None if the text is not JSON.

    A record is an object of plain values, or a member of a larger object. Its brackets, the keys above it, and the fields
    that identify the objects around it come along, so that kept records parse. A field that is a payload is left out.

    >>> text = '[{"id": 1, "customer": "Ada Lorenz", "open": true}, {"id": 2, "customer": "Ben Okoro", "open": false}]'
    >>> [(text[unit.start : unit.end][:10], unit.kind, unit.needs) for unit in json_units(text)]
    [('[', 'open', (1, 3)), ('{"id": 1, ', 'record', (0, 3)), ('{"id": 2, ', 'record', (0, 3)), (']', 'close', (0, 1))]
    >>> json_units('{"shop": ') is None
    True
    """
    place = 1 if text.startswith("\ufeff") else 0
    if text[place : place + 200].lstrip()[:1] not in ("{", "["):
        return None
    roots: list[Value] = []
    while (rest := _space_end(text, place)) < len(text):
        root = json_value(text, rest)
        if root is None or root.members is None or (roots and "\n" not in text[place:rest]):
            return None
        roots.append(root)
        place = root.end
    if not any(root.members for root in roots):
        return None
    return value_units(text, roots)


def value_units(text: str, roots: Sequence[Value]) -> list[Unit]:
    """Returns the units of values that follow each other."""
    cut = _Cutting(text)
    for root in roots:
        cut.add(root, None, is_root=len(roots) == 1)
    return cut.units()


def _space_end(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


class _Frame:
    """A pair of brackets: the indices of its units and of the units that identify it, and the brackets around it."""

    def __init__(self, around: _Frame | None) -> None:
        self.around = around
        self.depth: int = around.depth + 1 if around else 1
        self.brackets: list[int] = []
        self.names: list[int] = []
        self.fields = range(0)  # the units of an object that would be one record without its payloads
        self.needs: tuple[int, ...] | None = None  # of the units inside


class _Cutting:
    """The units of a JSON text, made in the order of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.hidden = Hidden(text)
        self.made: list[tuple[int, int, Kind]] = []
        self.frames: list[_Frame | None] = []  # of each unit
        self.heads: dict[int, int] = {}  # sentence of a long string -> the unit of its key

    def add(self, value: Value, frame: _Frame | None, *, is_root: bool = False) -> None:
        """Adds the units of a value inside a frame."""
        if self._is_record(value, is_root):
            self._unit(value.start, value.end, "record", frame)
        elif value.members is None:
            self._add_string(value, frame)
        elif frame is not None and frame.depth >= _DEPTH:
            for match in _WINDOW.finditer(self.text, value.start, value.end):
                self._unit(*_stripped(self.text, *match.span(1)), "item", frame)
        else:
            self._add_members(value, frame, is_root)

    def _add_members(self, value: Value, frame: _Frame | None, is_root: bool) -> None:
        inner = value
        while (only := self._only_member(inner)) is not None:
            inner = only  # brackets around a single member are one unit
        own = _Frame(frame)
        if value.is_opened:
            own.brackets.append(self._unit(value.start, inner.value + 1, "open", own))
        names = self._names(inner)
        first = len(self.made)
        for number, member in enumerate(inner.members or ()):
            if self.hidden.is_payload(member):
                continue  # the others parse without it
            if number in names:
                own.names.append(len(self.made))
            self.add(member, own)
        if inner.mark == "{" and self._is_record(inner, is_root, shown=True):
            own.fields = range(first, len(self.made))
        if value.is_closed:
            own.brackets.append(self._unit(inner.end - 1, value.end, "close", own))

    def _only_member(self, value: Value) -> Value | None:
        """Returns the only member of a value if it has brackets of its own and is no record."""
        only = value.members[0] if value.members and len(value.members) == 1 else None
        complete = (
            only
            and not self.hidden.is_payload(only)
            and all((value.is_opened, value.is_closed, only.is_opened, only.is_closed))
        )
        return only if only and complete and only.members and not self._is_record(only) else None

    def _names(self, value: Value) -> list[int]:
        """Returns the numbers of the members that identify an object: its id and name, or else its first plain value."""
        if value.mark != "{" or not value.members:
            return []
        members = [(n, m) for n, m in enumerate(value.members[:200]) if _is_short(m) and not self.hidden.is_payload(m)]
        short = [n for n, m in members if m.members is None]
        known = [n for n in short if _IDENTITY.match(self.text, value.members[n].start, value.members[n].value)]
        if not known:  # such as {"content": "…", "metadata": {"source": "…"}}
            known = [n for n, m in members if m.members and _META.match(self.text, m.start)]
        return known[:_MOST_NAMES] or [n for n in short[:1] if n == 0]

    def _add_string(self, value: Value, frame: _Frame | None) -> None:
        """Adds the sentences of a long string; the first one has the key."""
        head = self._unit(value.start, value.value + 1, "open", frame)
        for start, end in _sentences(self.text, value.value + 1, value.end - 1):
            self.heads[self._unit(start, end, "sentence", frame)] = head
        start, _, kind = self.made[-1]
        self.made[-1] = (start, value.end, kind)  # with the closing mark

    def _unit(self, start: int, end: int, kind: Kind, frame: _Frame | None) -> int:
        self.made.append((start, end, kind))
        self.frames.append(frame)
        return len(self.made) - 1

    def _is_record(self, value: Value, is_root: bool = False, *, shown: bool = False) -> bool:
        """Returns whether a value is one unit. One with payloads is none; with `shown`, whether it is one without them."""
        hidden = self.hidden.size(value.start, value.end)
        length = value.end - value.start
        if value.members is None:
            return (length <= LONGEST and not hidden) or value.mark not in "\"'"
        if bool(hidden) != shown:
            return False
        length -= hidden
        if length <= _TINY or not value.members:
            return True
        inner = sum(
            member.end - member.start - self.hidden.size(member.start, member.end) for member in value.members if member.members
        )
        if value.mark == "[":
            return length <= _LONGEST_ARRAY and not inner
        if len(value.members) > _MOST_FIELDS and length > _LONGEST_ROOT:
            return False  # a table of values under keys
        some_plain = any(not member.members for member in value.members)
        most_inner = 0 if shown and is_root else _LONGEST_INNER
        return length <= (_LONGEST_ROOT if is_root else LONGEST) and inner <= most_inner and some_plain

    def units(self) -> list[Unit]:
        """Returns the units with their needs."""
        return [Unit(start, end, kind, self._needs(number)) for number, (start, end, kind) in enumerate(self.made)]

    def _needs(self, number: int) -> tuple[int, ...]:
        frame = self.frames[number]
        found = self._around(frame)
        if number in self.heads:
            found = tuple(sorted({*found, self.heads[number]}))
        elif self.heads.get(number + 1) == number:
            found = tuple(sorted({*found, number + 1}))  # a key without a value would be false
        if frame and len(frame.brackets) == 2 and number in frame.brackets:
            # Empty brackets would be false, so they bring the first unit inside.
            inside = next(n for n in range(frame.brackets[0] + 1, len(self.made)) if self.made[n][2] != "open")
            found = tuple(sorted({*found, inside, *self._around(self.frames[inside])}))
        return tuple(need for need in found if need != number) if number in found else found

    def _around(self, frame: _Frame | None) -> tuple[int, ...]:
        """Returns the brackets around a unit and the fields that identify what it lies in."""
        if frame is None:
            return ()
        if frame.needs is None:
            frames = list(_outwards(frame))
            found = {unit for one in frames for unit in (*one.brackets, *one.fields)}
            left = MOST_CHARACTERS
            for name in [name for one in frames for name in one.names][:5]:
                left -= self.made[name][1] - self.made[name][0]
                found |= {name} if left >= 0 else set()
            frame.needs = tuple(sorted(found))
        return frame.needs


def _is_short(value: Value) -> bool:
    return value.end - value.start <= _LONGEST_NAME


def _outwards(frame: _Frame | None) -> Iterator[_Frame]:
    while frame is not None:
        yield frame
        frame = frame.around


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the spans of the sentences inside a string; its escaped line breaks end a sentence and belong to it."""
    for segment in _SEGMENT.finditer(text, start, end):
        found = sentences(segment.group(1) or "") or [(0, 0)]
        for number, (first, last) in enumerate(found):
            behind = segment.end() if number == len(found) - 1 else segment.start() + last
            if segment.start() + first < behind:
                yield _stripped(text, segment.start() + first, behind)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return end - len(part.lstrip()), start + len(part.rstrip())

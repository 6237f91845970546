"""YAML in block style: entries by their indentation, each with the keys above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.units.lines import LONGEST, line_spans, parts
from ctxshape.text.units.model import MOST_CHARACTERS, Unit

_KEY = re.compile(
    r"(?P<indent> *)(?P<dashes>(?:- +)*)"
    r"(?P<key>\"[^\"\n]*\"|'[^'\n]*'|<<|[^\s#\[\]{},&*!|>'\"%@`:-][^:#\n]{0,80}?|-?[\w.*/]{1,60}):"
    r"(?: +(?P<value>.*))?$"
)
_ITEM = re.compile(r"(?P<indent> *)-(?: +(?P<value>.*))?$")
_COMMENT = re.compile(r"\s*#")
_DIRECTIVE = re.compile(r"---(?: .*)?$|\.\.\.$|%(?:YAML|TAG) ")
_BLOCK = re.compile(r"(?:[&!]\S+ +)*[|>][-+\d]{0,2}\s*(?:#.*)?$")
_PLAIN_KEY = re.compile(r"[\w./@$*<+-]+$|[\"']")
_CODE_END = tuple(",;{(")
_NAME = re.compile(r"(?:[\w-]*[_-])?(?:id|name|title|kind|key)$", re.IGNORECASE)
_MOST_ABOVE, _MOST_BESIDE = 12, 3  # keys and identifying fields that come along
_ANCHOR, _ALIAS = re.compile(r"(?<=[\s\[,])&([\w.-]+)"), re.compile(r"(?<=[\s\[,])\*([\w.-]+)")
_SHORT = 200  # characters of an entry that stays whole with what lies below it
_GROUP = 300  # characters of lines of a long text that stay together


class _Entry(NamedTuple):
    """A line with those that continue it: its span, depth, key, and whether it begins an item of a list."""

    start: int
    end: int
    depth: int
    key: str
    value: str
    item: bool


def yaml_units(text: str) -> list[Unit] | None:
    r"""Returns the entries of YAML in block style; None if the text is anything else, or has no structure.

    An item of a list is one unit with its fields if it is short. The keys above an entry come along, and so do the fields
    that identify what it lies in.

    >>> text = "orders:\n- id: 5\n  city: Jena\n- id: 6\n  city: Gera\ncount: 2"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in yaml_units(text)]
    [('orders:', ()), ('- id: 5\n  city: Jena', (0,)), ('- id: 6\n  city: Gera', (0,)), ('count: 2', ())]
    """
    if "\n" not in text or ":" not in text:
        return None
    begin = len(text) - len(text.lstrip("\ufeff\r\n"))
    first = text[begin : begin + 200].split("\n", 1)[0].rstrip()
    if not (_KEY.match(first) or _ITEM.match(first) or _COMMENT.match(first) or _DIRECTIVE.match(first)):
        return None
    entries = _read(text, line_spans(text))
    if not entries or not _is_yaml(entries):
        return None
    made = _units(text, entries)
    return _with_anchors(text, made) if "&" in text and "*" in text else made


def _with_anchors(text: str, made: list[Unit]) -> list[Unit]:
    """Returns the units, each of which needs those that hold the anchors of its aliases."""
    anchors: dict[str, int] = {}
    for number, unit in enumerate(made):
        for match in _ANCHOR.finditer(text, unit.start, unit.end):
            anchors.setdefault(match.group(1), number)
    found: list[Unit] = []
    for number, unit in enumerate(made):
        named = {anchors[match.group(1)] for match in _ALIAS.finditer(text, unit.start, unit.end) if match.group(1) in anchors}
        wanted = {
            need
            for n in [*named][:_MOST_BESIDE]
            if made[n].end - made[n].start <= MOST_CHARACTERS
            for need in (n, *made[n].needs)
        }
        found.append(unit._replace(needs=tuple(sorted({*unit.needs, *wanted} - {number}))) if wanted else unit)
    return found


def _read(text: str, spans: Sequence[tuple[int, int]]) -> list[_Entry] | None:
    """Returns the entries; None if a line is none and continues none."""
    found: list[_Entry] = []
    literal = -1  # the depth of an entry whose text follows below
    pending: int | None = None  # the start of the comments above the next entry
    for start, end in spans:
        line = text[start:end].lstrip("\ufeff")
        indent = len(line) - len(line.lstrip(" "))
        if literal >= 0 and 2 * indent > literal and line[indent] != "\t":
            found[-1] = found[-1]._replace(end=end)
            continue
        literal = -1
        if _COMMENT.match(line):
            pending = start if pending is None else pending
            continue
        if _DIRECTIVE.match(line):
            found.append(_Entry(start if pending is None else pending, end, -1, "", "", False))
        elif (match := _KEY.match(line)) or (match := _ITEM.match(line)):
            groups = match.groupdict()
            dashes = "dashes" not in groups or bool(groups["dashes"])
            value = groups["value"] or ""
            key = (groups.get("key") or "").strip("\"'")
            found.append(_Entry(start if pending is None else pending, end, 2 * indent + dashes, key, value, dashes))
            literal = found[-1].depth if _BLOCK.match(value) else -1
        elif found and pending is None and "\t" not in line[: indent + 1] and _continues(found[-1], line, indent):
            found[-1] = found[-1]._replace(end=end)
            continue
        else:
            return None
        pending = None
    if pending is not None and found:
        found[-1] = found[-1]._replace(end=spans[-1][1])
    return found


def _continues(entry: _Entry, line: str, indent: int) -> bool:
    """Returns whether a line continues the value of an entry: it is indented more, or closes brackets."""
    return entry.value != "" and (2 * indent > entry.depth or line.startswith(("]", "}")))


def _is_yaml(entries: Sequence[_Entry]) -> bool:
    """Returns whether entries are YAML with a structure, rather than a list or prose with colons."""
    keyed = [entry for entry in entries if entry.key]
    inner = [entry for entry in keyed if entry.depth > 0 and not entry.item]
    marked = entries[0].depth < 0 or any(entry.value[:1] in ("{", "[") for entry in keyed)
    if len(keyed) < 3 or not (inner or marked):
        return False
    if sum(_PLAIN_KEY.match(entry.key) is not None for entry in keyed) < 0.8 * len(keyed):
        return False
    if sum(entry.value.endswith(_CODE_END) for entry in entries) > 0.1 * len(entries):
        return False
    return len(keyed) >= 0.3 * len(entries)


def _units(text: str, entries: Sequence[_Entry]) -> list[Unit]:
    ends = _ends(entries)
    made: list[Unit] = []
    path: list[tuple[int, int, list[int]]] = []  # depth, unit and identifying units of each entry above, outermost first
    names: list[int] = []  # at the outermost level
    several = any(entry.depth < 0 for entry in entries[1:])
    number = 0
    while number < len(entries):
        entry = entries[number]
        if entry.depth < 0:
            names, path = [], []
            made.append(Unit(entry.start, entry.end, "open"))
            path = [(-1, len(made) - 1, [])] if several else []
            number += 1
            continue
        while path and path[-1][0] >= entry.depth:
            path.pop()
        above = [unit for _, unit, _ in reversed(path)]
        beside = [name for _, _, own in reversed(path) for name in own] + names
        needs = _limited(made, above, beside)
        behind = ends[number]
        last = entries[behind - 1].end
        if behind > number + 1 and _is_record(entries[number:behind]):
            made.append(Unit(entry.start, last, "record", needs))
            number = behind
            continue
        unit = len(made)
        _add(made, text, entry, needs, has_children=behind > number + 1)
        if behind > number + 1:
            path.append((entry.depth, unit, []))
        elif _NAME.match(entry.key) and entry.end - entry.start < 120:
            own = path[-1][2] if path else names
            if len(own) < 2:
                own.append(unit)
        number += 1
    return made


def _limited(made: Sequence[Unit], above: Sequence[int], beside: Sequence[int]) -> tuple[int, ...]:
    """Returns the keys above an entry, the nearest first up to 400 characters, and a few fields that identify them."""
    found: list[int] = []
    left = MOST_CHARACTERS
    for unit in [*above[:_MOST_ABOVE], *beside[:_MOST_BESIDE]]:
        left -= made[unit].end - made[unit].start
        if left < 0:
            break
        found.append(unit)
    return tuple(sorted(set(found)))


def _ends(entries: Sequence[_Entry]) -> list[int]:
    """Returns, for each entry, the index behind the last one below it."""
    ends = [len(entries)] * len(entries)
    open_entries: list[int] = []
    for number, entry in enumerate(entries):
        while open_entries and entries[open_entries[-1]].depth >= entry.depth:
            ends[open_entries.pop()] = number
        open_entries.append(number)
    return ends


def _is_record(entries: Sequence[_Entry]) -> bool:
    """Returns whether an entry and all below it are kept as a whole: a short item of a list, or fields of one depth."""
    length = entries[-1].end - entries[0].start
    is_flat = len({entry.depth for entry in entries[1:]}) < 2
    if not entries[0].item and any(entry.item and entry.key for entry in entries[1:]):
        return False  # a list of records
    return (entries[0].item or is_flat) and length <= (LONGEST if entries[0].item and is_flat else _SHORT)


def _add(made: list[Unit], text: str, entry: _Entry, needs: tuple[int, ...], *, has_children: bool) -> None:
    """Adds an entry; a long text is cut into groups of lines, which need the line of its key."""
    if entry.end - entry.start <= LONGEST:
        made.append(Unit(entry.start, entry.end, "open" if has_children else "record", needs))
        return
    head = len(made)
    spans = [(a + entry.start, b + entry.start) for a, b in line_spans(text[entry.start : entry.end])]
    first = 0
    for number, (_, end) in enumerate(spans):
        if number + 1 < len(spans) and number > 0 and spans[number + 1][1] - spans[first][0] <= _GROUP:
            continue
        start = spans[first][0]
        own = needs if len(made) == head else (*needs, head)
        if end - start <= LONGEST:
            made.append(Unit(start, end, "open" if len(made) == head else "record", own))
        else:
            for a, b in parts(text, start, end):
                made.append(Unit(a, b, "sentence", needs if len(made) == head else (*needs, head)))
        first = number + 1

"""Files of settings and lists of fields: a key and its value a line, with the head of its section and the comment above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ctxshape.text.units.lines import LONGEST, add_line, line_spans
from ctxshape.text.units.model import Unit, nearest

_COMMENT = re.compile(r"\s*(?:[#;!]|//)")
_SECTION = re.compile(r"\s*\[{1,2}[\w.:/@*$, \"'+-]{1,120}\]{1,2}\s*(?:[#;].*)?$")
_EQUALS = re.compile(
    r"\s*(?:export\s+|set\s+|SET\s+)?"
    r"(?P<key>\"[^\"\n]{1,60}\"|[\"']?[^\W\d][\w./:$@*%-]*(?:\[\w*\])?[\"']?)\s*(?:\?|\+|:)?=(?!=)\s*(?P<value>.*)$"
)
_COLON = re.compile(r"(?P<key>[^\W\d_][^:：\n]{0,39}?)\s*(?:[:：]\s+(?P<value>\S.*)|：(?P<wide>\S.*)|[:：])$")
_ENDED = tuple(".!?。！？;；,，{")
_ASSIGNED_CODE = re.compile(r"[;{]$|\w\(.*\)$|=>")
_PLAIN_KEY = re.compile(r"[\w.-]+$", re.ASCII)
_HEAD_KEY = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]+)+$")  # as in mails and HTTP
_PAIR = re.compile(r"[^\W\d]\w{0,14}(?:: |：)[^:：.!?。！？]{1,40}$")  # one of only two fields
_STATEMENT = re.compile(
    r"(?:else|try|finally|default|public|private|protected|case .*|return|Note|Warning|Example|注意?|例如?)$"
)
_MOST_WORDS, _LONGEST_VALUE = 4, 120  # words of a key, characters of most values
_QUOTED = re.compile(r"\"[^\"\n]*+\"|'[^'\n]*+'|(?<!\S)#.*")  # and comments
_OPENS = re.compile(r"\"\"\"|'''|[\[{]|.*\\\\$")
_MOST_LINES = 100  # of a value


class _Line(NamedTuple):
    start: int
    end: int
    sort: str  # "comment", "section", "field", "opening" (a key without a value)
    key: str
    block: int  # number of the run of lines without a blank one


def settings_units(text: str) -> list[Unit] | None:
    r"""Returns the fields of a file of settings: INI, TOML, environment, properties; None if the text is anything else.

    A field brings along the head of its section and the comment above it.

    >>> text = "# limits\n[queue]\nmax_retry = 7\nname = mail"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in settings_units(text)]
    [('# limits', ()), ('[queue]', (0,)), ('max_retry = 7', (1,)), ('name = mail', (1,))]
    """
    return _cut(text, _EQUALS, _are_settings) if "\n" in text and "=" in text else None


def form_units(text: str) -> list[Unit] | None:
    r"""Returns the fields of a form, which are lines of `key: value`; None if the text is anything else.

    If records with the same first key follow each other, a field brings the first field of its record along.

    >>> text = "Name: Ada\nAge: 31\nCity: Jena\n\nName: Ben\nAge: 44\nCity: Gera"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in form_units(text)][2:5]
    [('City: Jena', (0,)), ('Name: Ben', ()), ('Age: 44', (3,))]
    """
    return _cut(text, _COLON, _are_fields) if "\n" in text and (":" in text or "：" in text) else None


def _cut(text: str, field: re.Pattern[str], accepts: Callable[[str, Sequence[_Line]], bool]) -> list[Unit] | None:
    lines = _read(text, line_spans(text), field)
    return _units(text, lines) if lines is not None and accepts(text, lines) else None


def _read(text: str, spans: Sequence[tuple[int, int]], field: re.Pattern[str]) -> list[_Line] | None:
    """Returns the sort of each line; None at the first line that has none."""
    found: list[_Line] = []
    number = block = unclosed = 0
    while number < len(spans):
        start, end = spans[number]
        block += bool(found) and start - found[-1].end > 1 and text.count("\n", found[-1].end, start) > 1
        line = text[start:end]
        goes_on = bool(found) and found[-1].sort == "field" and line[:1].isspace()
        if _COMMENT.match(line) and not goes_on:
            found.append(_Line(start, end, "comment", "", block))
        elif _SECTION.match(line):
            found.append(_Line(start, end, "section", line.strip(), block))
        elif match := None if goes_on and field is _COLON else field.match(line):
            value = match["value"] or (match["wide"] if field is _COLON else "")
            last = number
            if field is _EQUALS and value and unclosed < _MOST_LINES and _OPENS.match(value):
                last = _value_end(text, spans, number, value)
                unclosed += last == number
            sort = "field" if value or field is _EQUALS else "opening"
            found.append(_Line(start, spans[last][1], sort, match["key"].strip("\"' "), block))
            number = last
        elif goes_on and start - found[-1].end < 3:
            found[-1] = found[-1]._replace(end=end)  # INI continues a value on an indented line
        else:
            return None
        number += 1
    return found


def _value_end(text: str, spans: Sequence[tuple[int, int]], number: int, value: str) -> int:
    """Returns the last line of a value that brackets, quotation marks or a backslash carry on over several lines."""
    for mark in ('"""', "'''"):
        if value.startswith(mark) and value.count(mark) == 1:
            ends = (n for n in range(number + 1, min(number + _MOST_LINES, len(spans))) if mark in text[slice(*spans[n])])
            return next(ends, number)
    if value.endswith("\\"):
        return next((n for n in range(number + 1, len(spans)) if text[spans[n][1] - 1] != "\\"), len(spans) - 1)
    depth = 0
    in_text = False
    for n in range(number, min(number + _MOST_LINES, len(spans))) if value[0] in "[{" else ():
        line = value if n == number else text[slice(*spans[n])]
        in_text ^= (line.count("'''") + line.count('"""')) % 2 == 1
        line = "" if in_text else _QUOTED.sub("", line)
        depth += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
        if depth <= 0 and not in_text:
            return n
    return number


def _are_settings(text: str, lines: Sequence[_Line]) -> bool:
    fields = [line for line in lines if line.sort == "field"]
    code = sum(_ASSIGNED_CODE.search(text, line.start, line.end) is not None for line in fields)
    return len(fields) > 1 and code <= 0.3 * len(fields)


def _are_fields(text: str, lines: Sequence[_Line]) -> bool:
    """Returns whether lines of keys and values are a form, and not a transcript, code or prose with colons."""
    fields = [line for line in lines if line.sort == "field"]
    blocks: dict[int, list[_Line]] = {}
    for line in fields:
        blocks.setdefault(line.block, []).append(line)
    if any(sum(text[line.end - 1] in _ENDED for line in block) > 0.5 * len(block) for block in blocks.values()):
        return False  # a paragraph with a colon, or talk
    if lines[0].sort == "section" and fields and all(line.key.isidentifier() or _PLAIN_KEY.match(line.key) for line in fields):
        return True
    if any(_STATEMENT.match(line.key) for line in lines):
        return False
    if len(fields) == len(lines) == 2:
        return all(_PAIR.match(text, line.start, line.end) for line in lines) and lines[0].key != lines[1].key
    if len(fields) < 3 or len(fields) < 0.6 * len(lines):
        return False
    if sum(_count_keys(block) for block in blocks.values()) < 0.9 * len(fields):
        return False
    if len({line.key for line in fields}) < 3:
        return False
    if sum(len(line.key.split()) > _MOST_WORDS for line in fields) > 0.1 * len(fields):
        return False
    plain = all(_PLAIN_KEY.match(line.key) for line in fields)
    ended = sum(text[line.end - 1] in _ENDED for line in fields)
    long = sum(line.end - line.start - len(line.key) > _LONGEST_VALUE for line in fields)
    return ended <= (0.5 if plain else 0.2) * len(fields) and long <= 0.25 * len(fields)


def _count_keys(block: Sequence[_Line]) -> int:
    """Returns how many keys a block has; in the head of a mail or package, where keys may recur, each line counts."""
    keys = [line.key for line in block]
    distinct = len(set(keys))
    in_order = 1 + sum(a != b for a, b in pairwise(keys)) == distinct
    is_head = in_order or sum(_HEAD_KEY.match(key) is not None for key in keys) > 0.3 * len(keys)
    return len(keys) if is_head and distinct > 3 and all(map(_PLAIN_KEY.match, keys)) else distinct


def _units(text: str, lines: Sequence[_Line]) -> list[Unit]:
    lines = _joined(lines)
    begins = [line.sort == "field" and (n == 0 or line.block != lines[n - 1].block) for n, line in enumerate(lines)]
    counts = Counter(line.key for line, first in zip(lines, begins, strict=True) if first)
    made: list[Unit] = []
    section: int | None = None
    record: int | None = None
    comments: list[int] = []  # directly above
    for number, line in enumerate(lines):
        if number and line.block != lines[number - 1].block:
            record, comments = None, []
            section = section if section is not None and text.startswith("[", made[section].start) else None
        if line.sort in ("section", "opening"):
            section = add_line(made, text, line[:2], "field", nearest(made, comments[::-1]))
            record, comments = None, []
            continue
        wanted = [*comments[::-1], *(n for n in (record, section) if n is not None)]
        first = add_line(made, text, (line.start, line.end), "field", nearest(made, wanted) if wanted else ())
        comments = [*comments[-3:], first] if line.sort == "comment" else []
        if begins[number] and counts[line.key] > 1:
            record = first
    return made


def _joined(lines: Sequence[_Line]) -> list[_Line]:
    """Returns the lines with each short table of a TOML array as one: its fields are a record."""
    found: list[_Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and last.key.startswith("[[") and line.sort == "field" and line.end - last.start <= LONGEST:
            found[-1] = last._replace(end=line.end, block=line.block)
        else:
            found.append(line)
    return found

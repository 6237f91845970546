"""Dockerfiles: each instruction with its further lines and the comments above it, and the `FROM` that it builds on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ctxshape.text.units.model import Unit
from ctxshape.text.units.nested import Lines

_NAMES = (
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR"
)
_INSTRUCTION = re.compile(rf"\s*({_NAMES})\s+\S", re.IGNORECASE)
_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*\S+(?:\s+AS\s+\S+)?\s*$", re.IGNORECASE)
_BEGINS = re.compile(rf"(?:\s*+#[^\n]*+\n|\s*+\n)*+\s*+(?:{_NAMES})\s", re.IGNORECASE)
_FEWEST, _FEWEST_NAMES = 3, 2  # instructions of a part of a file, which has no `FROM`
_HERE = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_LONGEST_FROM = 200  # characters


def dockerfile_units(text: str) -> list[Unit] | None:
    r"""Returns the instructions of a Dockerfile; None if the text is anything else.

    >>> text = "FROM python:3.12\nRUN pip install \\\n    build\nEXPOSE 80"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in dockerfile_units(text)][1:]
    [('RUN pip install \\\n    build', (0,)), ('EXPOSE 80', (0,))]
    """
    if not _BEGINS.match(text.lstrip("\ufeff")):
        return None
    lines = Lines(text)
    found = list(_instructions(lines))
    names = [match.group(1) if (match := _INSTRUCTION.match(lines[line])) else "" for _, line, _ in found]
    if len(names) < 2 or not all(name and (name.isupper() or name.islower()) for name in names):
        return None
    stages = [lines[line].strip() for name, (_, line, _) in zip(names, found, strict=True) if name.upper() == "FROM"]
    is_part = len(names) >= _FEWEST and len(set(names)) >= _FEWEST_NAMES and all(map(str.isupper, names))
    if not all(map(_FROM.match, stages)) or not (stages or is_part):
        return None
    return list(_units(lines, found, names))


def _instructions(lines: Lines) -> Iterator[tuple[int, int, int]]:
    """Yields for each instruction its first line with the comments above it, its own first line, and the line behind it."""
    above: int | None = None
    endless = set[str]()  # the marks of texts without an end
    number = 0
    while number < len(lines):
        text = lines[number].strip("\ufeff \t")
        if not text or text.startswith("#"):
            above = number if text and above is None else above
            number += 1
            continue
        stop = number + 1
        goes_on = text.endswith("\\")
        while goes_on and stop < len(lines):
            further = lines[stop].strip()
            if further and not further.startswith("#"):
                goes_on = further.endswith("\\")
            stop += 1
        for mark in _HERE.findall(text) if text[:4].upper() in ("RUN ", "COPY", "ADD ") else ():
            end = None if mark in endless else next((n for n in range(stop, len(lines)) if lines[n].strip() == mark), None)
            if end is None:
                endless.add(mark)
            else:
                stop = end + 1
        yield number if above is None else above, number, stop
        above = None
        number = stop


def _units(lines: Lines, found: Sequence[tuple[int, int, int]], names: Sequence[str]) -> Iterator[Unit]:
    stage: int | None = None
    arguments: list[int] = []  # before the first stage
    for number, ((above, first, stop), name) in enumerate(zip(found, names, strict=True)):
        last = number + 1 == len(found)
        start, end = lines.starts[above], lines.ends[len(lines) - 1 if last else stop - 1]
        start += len(lines.text[start:end]) - len(lines.text[start:end].lstrip("\ufeff"))
        shown = lines.text[start:end].rstrip()
        opens = name.upper() == "FROM"
        needs = arguments[:2] if opens and "$" in lines[first] else [] if opens or stage is None else [stage]
        yield Unit(start, start + len(shown), "code", tuple(needs))
        if opens:
            stage = number if len(shown) <= _LONGEST_FROM else None
        elif stage is None:
            arguments.append(number)

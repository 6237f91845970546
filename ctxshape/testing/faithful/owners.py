"""Finds parts that are shown under the wrong heading, head, question or parent, or without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ctxshape.core.types import Document
from ctxshape.testing.faithful.excerpts import Excerpt, Fault
from ctxshape.testing.faithful.outline import LEAF, Outline, Part
from ctxshape.text.omission import OMISSION

_FENCE = re.compile(r"^[^\S\n]*(?:```|~~~)", re.MULTILINE)
_Place = tuple[str, int]  # a source, and the index of one of its parts


def owner_faults(
    document: Document, found: Sequence[Excerpt], sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> Iterator[Fault]:
    """Yields a fault for each part that seems to belong to what it does not belong to.

    - `owner`: the last owner of its kind that is shown above it is not its own; `orphan`: none is shown.
    - `table`: rows of a table are not directly below each other.
    - `fence`: a fence is opened and not closed; `companion`: what a part brings along is missing.
    - `enumeration`: a part of an enumeration is missing without the mark.
    """
    open_owners: dict[str, list[tuple[int, _Place, str]]] = {}
    shown: dict[_Place, int] = {}
    row_end: dict[tuple[str, int], int] = {}  # for each table, the end of its last shown row
    for one in found:
        outline, source = outlines[one.source], sources[one.source].text
        for index in outline.between(one.begin, one.stop):
            part, place = outline.parts[index], (one.source, index)
            if not source[max(part.start, one.begin) : min(part.end, one.stop)].strip():
                continue
            start = one.start + max(part.start - one.begin, 0)
            wrong = _wrong_owner(outline, place, open_owners, source) if place not in shown else None
            if wrong:
                detail = f"{_written(source, part)} {wrong[1]}"
                yield Fault(wrong[0], document.id, detail)
            if part.table:
                last = row_end.get((one.source, part.table))
                if last is not None and document.text[last:start].strip(" \t\r") != "\n":
                    yield Fault("table", document.id, f"{document.text[last:start]!r} stands inside of a table")
                row_end[one.source, part.table] = start + min(part.end, one.stop) - max(part.start, one.begin)
            if part.role:
                kept = [entry for entry in open_owners.get(part.role, []) if entry[0] < part.level]
                open_owners[part.role] = [*kept, (part.level, place, _written(source, part))]
            shown.setdefault(place, start)
    yield from _missing(document, shown, sources, outlines)
    originals = [sources[name].text for name in {one.source for one in found}]
    if len(_FENCE.findall(document.text)) % 2 and not any(len(_FENCE.findall(text)) % 2 for text in originals):
        yield Fault("fence", document.id, repr(document.text[:200]))


def _wrong_owner(
    outline: Outline, place: _Place, open_owners: Mapping[str, list[tuple[int, _Place, str]]], source: str
) -> tuple[str, str] | None:
    """Returns the rule and the fault if the last shown owner of a part, of any role, is not its own."""
    part = outline.parts[place[1]]
    for owner in part.owners:
        role = outline.parts[owner].role
        assert role is not None
        level = part.level if part.role == role else LEAF
        above = [entry for entry in open_owners.get(role, []) if entry[0] < level]
        if not above:
            if role != "heading":
                return "orphan", f"is shown without its {role}"
            continue
        (name, index), text = above[-1][1:]
        mine = outline.path(owner) if role == "heading" else {owner}
        # Two sources that overlap have the same owner, each at its own place.
        known = index in mine if name == place[0] else text in {_written(source, outline.parts[one]) for one in mine}
        if not known:
            return "owner", f"is shown below the {role} of something else"
    return None


def _missing(
    document: Document, shown: Mapping[_Place, int], sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> Iterator[Fault]:
    written = {_written(sources[source].text, outlines[source].parts[index]) for source, index in shown}
    for source, index in shown:
        text, parts = sources[source].text, outlines[source].parts
        for other in parts[index].brings:
            if (source, other) not in shown and _written(text, parts[other]) not in written:
                detail = f"{_written(text, parts[index])} without {_written(text, parts[other])}"
                yield Fault("companion", document.id, detail)
    for source in {source for source, _ in shown}:
        for members in outlines[source].enumerations:
            places = [shown[source, index] for index in members if (source, index) in shown]
            if places and len(places) < len(members) and OMISSION not in document.text[min(places) :]:
                yield Fault("enumeration", document.id, f"{len(places)} of {len(members)} are shown without the mark")


def _written(text: str, part: Part) -> str:
    return repr(text[part.start : part.end][:80])

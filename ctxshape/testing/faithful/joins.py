"""Finds joins that make a sentence, a row or a statement which no source has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ctxshape.core.types import Document
from ctxshape.testing.faithful.excerpts import Excerpt, Fault
from ctxshape.testing.faithful.outline import Outline, Part
from ctxshape.text.omission import OMISSION

_ENDED = re.compile("[.!?…。！？;；:：|।؟።][\"'”’»」』）)\\]】》*_`]*$")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE_END = re.compile(r"[^\S\n]*(?:\n|$)")
_SEEN, _LEAST = 25, 8  # characters by which one source goes on in another


def join_faults(
    document: Document, found: Sequence[Excerpt], sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> Iterator[Fault]:
    """Yields a fault for each pair of neighbours that reads as one thing and is not one in the source.

    - `joined`, `wrapped`: text was left out inside a sentence without the mark, on one line or at the end of a line; or two
      lines have become one.
    - `silent`, `unmarked`: text was left out between whole sentences without the mark, on one line or at the end of a line.
      Lines of a kind, such as rows, need no mark; other lines have the mark or a blank line between them.
    - `space`: nothing was left out, and the line break or the blank between them has changed; `mark`: it has become a mark.
    """
    for before, after in pairwise(found):
        rule = _broken(before, after, document.text, sources, outlines)
        if rule:
            yield Fault(rule, document.id, repr(document.text[max(before.end - 60, before.start) : after.start + 60]))


def _broken(
    before: Excerpt, after: Excerpt, text: str, sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> str | None:
    glue = text[before.end : after.start]
    source = sources[before.source].text
    in_order = before.source == after.source and before.stop <= after.begin
    gap = source[before.stop : after.begin] if in_order else None
    if gap is not None and not gap.strip():
        return _changed(gap, glue, _is_line(before, outlines))
    if OMISSION in glue:
        return None
    if gap is not None and not any(map(str.isalnum, gap)):
        return None if "\n" in glue or "\n" not in gap or _is_data(outlines, before) else "joined"
    if before.source != after.source and _goes_on(before, after, sources):
        return None
    if _are_tagged(before, after, sources) or ("\n" not in glue and _is_data(outlines, before)):
        return None
    is_torn = _is_torn(before, after, sources, outlines)
    if "\n" not in glue:
        return "joined" if is_torn or not _run_on(before, after, outlines) else "silent"
    if _are_apart(before, after, glue, sources, outlines):
        return None
    if is_torn:
        return "wrapped"
    return None if _are_lines(before, after, glue, outlines) else "unmarked"


def _changed(gap: str, glue: str, is_line: bool) -> str | None:
    if OMISSION in glue:
        return None if is_line else "mark"  # below a table the mark may say that rows of it were left out
    same = (glue == "") == (gap == "") and ("\n" in glue) == ("\n" in gap)
    return None if same else "space"


def _is_line(one: Excerpt, outlines: Mapping[str, Outline]) -> bool:
    part = part_at(outlines, one.source, one.stop - 1)
    return part is None or part.form == "line"


def _is_data(outlines: Mapping[str, Outline], one: Excerpt) -> bool:
    """Returns whether another check reads the text: that of JSON."""
    return outlines[one.source].language == "json"


def _goes_on(before: Excerpt, after: Excerpt, sources: Mapping[str, Document]) -> bool:
    """Returns whether the second source has the end of the first text before its own, or the first one its beginning."""
    one, other = sources[before.source].text, sources[after.source].text
    end = "".join(one[max(before.begin, before.stop - 2 * _SEEN) : before.stop].split())[-_SEEN:]
    start = "".join(other[after.begin : min(after.stop, after.begin + 2 * _SEEN)].split())[:_SEEN]
    above = "".join(other[max(after.begin - 4 * _SEEN, 0) : after.begin].split())
    below = "".join(one[before.stop : before.stop + 4 * _SEEN].split())
    if above.endswith(end) or below.startswith(start):
        return True
    # The overlap of two windows may be shorter: then it begins the second source.
    return len(above) >= _LEAST and after.begin < 4 * _SEEN and end.endswith(above)


def _are_tagged(before: Excerpt, after: Excerpt, sources: Mapping[str, Document]) -> bool:
    """Returns whether tags part the two."""
    return sources[before.source].text[before.stop - 1] == ">" and sources[after.source].text[after.begin] == "<"


def _run_on(before: Excerpt, after: Excerpt, outlines: Mapping[str, Outline]) -> bool:
    """Returns whether both may stand on one line: sentences of paragraphs, or of one turn or item."""
    left, right = outlines[before.source].at(before.stop - 1), outlines[after.source].at(after.begin)
    if left is None or right is None:
        return left is right and not outlines[before.source].language
    same = left == right and before.source == after.source
    return same or {outlines[before.source].parts[left].form, outlines[after.source].parts[right].form} == {"prose"}


def _are_apart(
    before: Excerpt, after: Excerpt, glue: str, sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> bool:
    """Returns whether whole lines of a text that was only recognised stand apart: they may be lines of a form."""
    sides = part_at(outlines, before.source, before.stop - 1), part_at(outlines, after.source, after.begin)
    if not _BLANK_LINE.search(glue) or any(side is None or side.kind != "paragraph" for side in sides):
        return False
    behind = sources[before.source].text[before.stop : before.stop + 80]
    above = sources[after.source].text[max(after.begin - 80, 0) : after.begin]
    return _LINE_END.match(behind) is not None and above.rstrip(" \t")[-1:] in ("", "\n")


def _is_torn(before: Excerpt, after: Excerpt, sources: Mapping[str, Document], outlines: Mapping[str, Outline]) -> bool:
    """Returns whether a sentence is left before its end, or entered behind its start."""
    left, right = part_at(outlines, before.source, before.stop - 1), part_at(outlines, after.source, after.begin)
    if left and left.form != "line" and _has_word(sources[before.source].text[before.stop : left.end]):
        if not left.cut or not _ENDED.search(sources[before.source].text[before.begin : before.stop].rstrip()[-8:]):
            return True
    return bool(right and not right.cut and _has_word(sources[after.source].text[right.start : after.begin]))


def _are_lines(before: Excerpt, after: Excerpt, glue: str, outlines: Mapping[str, Outline]) -> bool:
    """Returns whether both are lines of a kind, or lines with a blank line between them."""
    if outlines[before.source].language and before.source == after.source:
        return True
    left, right = part_at(outlines, before.source, before.stop - 1), part_at(outlines, after.source, after.begin)
    if left is not None and left.kind == "tr" and right is None:
        return True  # the tag that closes a table, which is no row
    if left is None or right is None:
        return left is right  # both in a block of code, which is read by itself
    apart = _BLANK_LINE.search(glue) is not None
    by_line = {"line", "labelled"} if {left.kind, right.kind} <= {"turn", "line"} else {"line"}
    return left.form in by_line and right.form in by_line and (apart or left.kind == right.kind)


def cut_faults(
    document: Document, found: Sequence[Excerpt], sources: Mapping[str, Document], outlines: Mapping[str, Outline]
) -> Iterator[Fault]:
    """Yields a fault for each part that is shown without its start or end, unless the mark stands there.

    - `torn`: a sentence or a line; `label`: a turn without its speaker, an item without its mark.
    - `indentation`: a line that is not shown at its place.
    """
    text, labelled = document.text, dict[str, tuple[str, int]]()
    edges = [0, *(one.end for one in found)], [*(one.start for one in found), len(text)]
    glues = [text[end:start] for end, start in zip(*edges, strict=True)]
    for number, one in enumerate(found):
        outline, source = outlines[one.source], sources[one.source].text
        for index in outline.between(one.begin, one.stop):
            part = outline.parts[index]
            late = part.start < one.begin and _has_word(source[part.start : one.begin])
            early = one.stop < part.end and _has_word(source[one.stop : part.end])
            shown = repr(text[max(one.start - 5, 0) : one.end][:120])
            if not part.cut and ((late and OMISSION not in glues[number]) or (early and OMISSION not in glues[number + 1])):
                yield Fault("torn", document.id, f"{part.kind} {source[part.start : part.end][:80]!r} in {shown}")
            if part.label and not late:
                labelled[part.kind] = one.source, index
            elif part.label and labelled.get(part.kind) != (one.source, index):
                yield Fault("label", document.id, f"{source[part.start : part.start + part.label]!r} is not shown with {shown}")
            if part.start >= one.begin and (part.label or (part.form == "line" and not part.cut)):
                yield from _moved(document, part, source, one)


def _moved(document: Document, part: Part, source: str, one: Excerpt) -> Iterator[Fault]:
    """Yields a fault if a part that begins a line in its source does not begin one, with as much space before it."""
    place = one.start + part.start - one.begin
    before = source[source.rfind("\n", 0, part.start) + 1 : part.start]
    shown = document.text[document.text.rfind("\n", 0, place) + 1 : place]
    if not before.strip() and shown != before:
        rule = "space" if shown.strip() else "indentation"
        yield Fault(rule, document.id, f"{shown[-40:]!r} before {source[part.start : part.end][:80]!r}, not {before!r}")


def part_at(outlines: Mapping[str, Outline], source: str, place: int) -> Part | None:
    """Returns the part of a source that holds a character."""
    index = outlines[source].at(place)
    return None if index is None else outlines[source].parts[index]


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))

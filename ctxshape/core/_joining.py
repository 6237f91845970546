"""Finds what stands between kept pieces of a document: white space, a separator of their structure, an omission mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ctxshape.text.omission import OMISSION
from ctxshape.text.units.model import Kind, begins_line, ends_line, joint_of
from ctxshape.text.words import CJK

if TYPE_CHECKING:
    from ctxshape.core.spans import Piece

# Chinese text has no blank after a sentence, so none stands beside the mark of an omission there.
_WIDE = re.compile(f"[。！？；：，、」』）】》{CJK}]")
_BREAK = re.compile(r"\s*,?\s*")  # between two members of JSON
PAYLOAD = re.compile(r"[^\W_]")  # a letter or digit between two neighbours: text that no unit covers
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SETTING = re.compile(r"[\[#;]|[^\n:]*=")  # of INI or TOML, where a mark would be read as a section
_LINES_LEFT_OUT = f"\n\n{OMISSION}\n\n"
_INDENT = 8  # columns before the mark of a quotation
_ITEMS: frozenset[Kind] = frozenset({"item", "clause"})


def gaps_between(text: str, cut: Sequence[Piece], kept: Sequence[int]) -> list[str]:
    """Returns what follows each kept piece: the separator from the next one, and behind the last one nothing or a mark."""
    gaps: list[str] = []
    incomplete = False  # rows of the current block were left out
    for left, right in zip(kept, [*kept[1:], None], strict=True):
        before, after = cut[left], cut[right] if right is not None else None
        skipped = right is not None and right > left + 1
        same = after is not None and after.block == before.block and joint_of(before.kind) == joint_of(after.kind)
        if same and joint_of(before.kind) == "rows":
            incomplete |= skipped
            gaps.append(_separator(text, cut, left, right or 0))
            continue
        gap = text[before.end : cut[left + 1].start] if left + 1 < len(cut) else ""
        if after is None:
            gaps.append(_ending(cut, left, incomplete=incomplete))
        elif skipped or incomplete or PAYLOAD.search(gap):
            if not (same and joint_of(before.kind) == "lines"):
                gaps.append(_marked(text, before, after))
            else:
                beside = gap, text[cut[(right or 0) - 1].end : after.start]
                gaps.append(_LINES_LEFT_OUT if _shows_omission(before, after, beside) else "\n\n")
        else:
            gaps.append(gap)
        incomplete = False
    return gaps


def _separator(text: str, cut: Sequence[Piece], left: int, right: int) -> str:
    """Returns the separator of two pieces of a structure: that behind the first, or that before a closing bracket or tag.

    A payload between them is no part of it.
    """
    closes = cut[right].kind == "close"
    place = right if closes else left + 1
    gap = text[cut[place - 1].end : cut[place].start]
    if not PAYLOAD.search(gap):
        return gap
    return gap[len(gap.rstrip()) :] if closes else _BREAK.match(gap).group()  # type: ignore[union-attr]  # it may be empty


def _ending(cut: Sequence[Piece], last: int, *, incomplete: bool) -> str:
    """Returns what follows the last kept piece: a mark if its list or Markdown table shows only some of its items or rows."""
    piece, following = cut[last], cut[last + 1] if last + 1 < len(cut) else None
    if following is not None and piece.kind in _ITEMS and following.block == piece.block:
        return f"\n{OMISSION}"
    if following is not None and following.kind == "clause" and last in following.needs:
        return f"\n{OMISSION}"  # "No fee is due if:" without the conditions
    if piece.unfinished:
        return f"{_blank(piece.text[-1])}{OMISSION}"
    return f"\n\n{OMISSION}" if incomplete and piece.text.startswith("|") else ""


def opening_of(first: Piece) -> str:
    """Returns what stands before the first kept piece: a mark if it goes on with a sentence."""
    return f"{OMISSION}{_blank(first.text[0])}" if first.goes_on else ""


def _blank(beside: str) -> str:
    """Returns the blank between a mark and a character; full-width text has none."""
    return "" if _WIDE.match(beside) else " "


def _shows_omission(before: Piece, after: Piece, gaps: tuple[str, str]) -> bool:
    """Returns whether a mark stands between two lines: blank lines part them anyway, and no line has to be read as code.

    `gaps` holds what is behind the first and before the second in the document.
    """
    if before.kind == "code" or not all(map(_BLANK_LINE.search, gaps)):
        return False
    return before.kind != "field" or not any(map(_SETTING.match, (before.text, after.text)))


def _marked(text: str, before: Piece, after: Piece) -> str:
    wide = _WIDE.match(before.text[-1]) and _WIDE.match(after.text[0])
    blank = "" if wide else " "
    start, end = ("\n" if ends_line(before.kind) else blank), ("\n" if begins_line(after.kind) else blank)
    if before.text.startswith("|"):
        start = "\n\n"  # directly below a row of Markdown the mark would be another row
    if after.text.startswith(">"):
        end = "\n"
    if _is_quoted(text, before.end - 1) and not _is_quoted(text, after.start):
        start, end = "\n\n", "\n"  # directly below a quoted line the mark would be quoted, too
    return f"{start}{OMISSION}{end}"


def _is_quoted(text: str, place: int) -> bool:
    """Returns whether the line around a place begins with the mark of a quotation."""
    start = max(text.rfind("\n", 0, place + 1), text.rfind("\r", 0, place + 1)) + 1
    return text[start : start + _INDENT].lstrip().startswith(">")

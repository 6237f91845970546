"""Prose with headings, lists and tables: sentences, and the lines that a sentence depends on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.listing import LIST_MARK, ORDINAL_MARK
from ctxshape.text.sentences import sentences as sentence_places
from ctxshape.text.units.model import Kind, Unit

_HEADING = re.compile(r"#{1,6}\s|[^\n]+\n(?:={3,}|-{3,})\s*$")  # "# Fees", or underlined
_LABELLED = re.compile(r"[:：]\s*[^\s/]")  # "Price: 2 euros" says something by itself
_RULE = re.compile(r"\|[\s:|-]+$")
_ENDS = tuple(".!…;；,，。！:：\"'”’」』)）")
_ASKS = ("?", "？")
_LONGEST = 80  # characters of a heading
_MOST_LINES, _MOST_CHARACTERS = 5, 400  # that come with a sentence


class PlacedLine(NamedTuple):
    """A sentence and its place: `text` is `base[start:end]`."""

    text: str
    start: int
    end: int
    base: str


def prose_units(text: str) -> list[Unit]:
    """Returns the sentences of a text as units, each with its heading, table head or opening line."""
    lines = [PlacedLine(text[start:end], start, end, text) for start, end in sentence_places(text)]
    kinds = [_kind(lines, index) for index in range(len(lines))]
    blocks: list[int] = []
    for kind in kinds:
        # A table is a block; everything between two tables is another.
        new = bool(blocks) and (kind == "row") != (kinds[len(blocks) - 1] == "row")
        blocks.append((blocks[-1] if blocks else 0) + new)
    needs = carried(lines)
    return [Unit(line.start, line.end, k, n, b) for line, k, n, b in zip(lines, kinds, needs, blocks, strict=True)]


def _kind(lines: Sequence[PlacedLine], index: int) -> Kind:
    text = lines[index].text
    if text.startswith("|"):
        return "row"
    if _is_heading(lines, index):
        return "heading"
    return "item" if LIST_MARK.match(text) else "sentence"


def carried(sentences: Sequence[PlacedLine]) -> list[tuple[int, ...]]:
    r"""Returns, for each sentence of a document, the indices of the earlier ones that have to come with it.

    - A heading comes with everything below it until the next heading. Headings are Markdown headings, short lines on
      their own without an end mark, questions on their own (as on FAQ pages), and, outside lists, an ordinal with a few words.
    - The head of a table comes with its rows.
    - A line that ends in a colon comes with the list, the table or the sentence below it.
    - A question in running text comes with the sentence after it.
    - An opening line brings what it needs itself. At most 5 lines and 400 characters come with a sentence, the nearest first.

    >>> text = "# Fees\n\n| who | pays |\n|---|---|\n| child | 2 |\n\nClosed on:\n- Monday\n- Sunday"
    >>> cuts = ["# Fees", "| who | pays |", "|---|---|", "| child | 2 |", "Closed on:", "- Monday", "- Sunday"]
    >>> places = [(text.index(cut), text.index(cut) + len(cut)) for cut in cuts]
    >>> carried([PlacedLine(cut, a, b, text) for cut, (a, b) in zip(cuts, places)])
    [(), (0,), (0, 1), (0, 1, 2), (0,), (0, 4), (0, 4)]
    """
    needs: list[tuple[int, ...]] = []
    heading: int | None = None
    head: list[int] = []  # of the table that is being read
    opening: int | None = None
    asking = False  # the opening line is a question in running text
    for index, line in enumerate(sentences):
        is_row, is_item = line.text.startswith("|"), LIST_MARK.match(line.text) is not None
        goes_on = opening is not None and index > 0 and _same_line(sentences[index - 1], line)
        if not is_row and _is_heading(sentences, index):
            heading, head, opening = index, [], None
            needs.append(())
            continue
        head = head if is_row else []
        if opening is not None and index > opening + 1 and (asking or not (is_row or is_item or goes_on)):
            opening = None
        needs.append(_nearest(sentences, needs, heading, head, opening))
        if is_row and (not head or (len(head) == 1 and _RULE.match(line.text))):
            head = [*head, index]
        if line.text.endswith((":", "：", *_ASKS)):
            opening, asking = index, line.text.endswith(_ASKS)
    return needs


def _nearest(
    sentences: Sequence[PlacedLine],
    needs: Sequence[tuple[int, ...]],
    heading: int | None,
    head: Sequence[int],
    opening: int | None,
) -> tuple[int, ...]:
    """Returns the lines that a sentence needs, sorted: its own, then those of its opening line, within the limits."""
    if heading is None and opening is None and not head:
        return ()
    places = [place for place in (*head, opening, heading) if place is not None]
    if opening is not None:
        places += reversed(needs[opening])
    found: set[int] = set()
    left = _MOST_CHARACTERS
    for place in dict.fromkeys(places):
        length = len(sentences[place].text)
        if length <= left and len(found) < _MOST_LINES:
            found.add(place)
            left -= length
    return tuple(sorted(found))


def _is_heading(sentences: Sequence[PlacedLine], index: int) -> bool:
    line = sentences[index]
    if _HEADING.match(line.text):
        return len(line.text) <= 2 * _LONGEST and line.text.count("\n") < 2
    if "\n" in line.text or len(line.text) > _LONGEST or not _alone(line):
        return False
    if line.text.endswith(_ASKS):
        return True
    if line.text.endswith(_ENDS) or _LABELLED.search(line.text):
        return False
    if not LIST_MARK.match(line.text):
        return True
    # "一、开放时间" above a text is a heading; beside another item it belongs to a list.
    beside = [*sentences[max(index - 1, 0) : index], *sentences[index + 1 : index + 2]]
    opened = index > 0 and sentences[index - 1].text.endswith((":", "："))
    return ORDINAL_MARK.match(line.text) is not None and not opened and not any(LIST_MARK.match(other.text) for other in beside)


def _alone(line: PlacedLine) -> bool:
    """Returns whether the sentence is a line by itself with another line below it."""
    before = line.base[max(line.start - _LONGEST, 0) : line.start].rstrip(" \t")[-1:]
    behind = line.base[line.end : line.end + _LONGEST].lstrip(" \t")[:1]
    return before in ("", "\n") and behind == "\n"


def _same_line(before: PlacedLine, after: PlacedLine) -> bool:
    return before.base is after.base and before.end <= after.start and "\n" not in before.base[before.end : after.start]

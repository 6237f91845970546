"""What a sentence of a page cannot do without: the heading above it, its table's head, the line that opens its list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

_NUMBER = r"\(?\d{1,3}[.)]|[（(]?[一二三四五六七八九十]{1,3}[）)、.]"
_NUMBERED = re.compile(rf"(?:{_NUMBER})(?=\s|[^\x00-\x7f])")
_ITEM = re.compile(rf"(?:[-*•‣▪·]|{_NUMBER})(?=\s|[^\x00-\x7f])")
_HEADING = re.compile(r"#{1,6}\s|[^\n]+\n(?:={3,}|-{3,})\s*$")  # "# Fees", or underlined
_LABELLED = re.compile(r"[:：]\s*[^\s/]")  # "Price: 2 euros" says something by itself
_RULE = re.compile(r"\|[\s:|-]+$")
_ENDS = tuple(".!…;；,，。！:：\"'”’」』)）")
_ASKS = ("?", "？")
_LONGEST = 80  # characters of a heading without a mark


class Placed(Protocol):
    """A sentence with its place: `text` is `base[start:end]`."""

    @property
    def text(self) -> str: ...  # noqa: D102

    @property
    def start(self) -> int: ...  # noqa: D102

    @property
    def end(self) -> int: ...  # noqa: D102

    @property
    def base(self) -> str: ...  # noqa: D102


class Line(NamedTuple):
    """The plainest of them."""

    text: str
    start: int
    end: int
    base: str


def carried(sentences: Sequence[Placed]) -> list[tuple[int, ...]]:
    r"""For each sentence of a document the earlier ones that have to come with it, by index, in their order.

    A heading (a Markdown one, a short line by itself that no mark ends, a question by itself as on FAQ pages, or a number
    with a few words that is in no list) comes with what stands below it until the next one, a table's head with its rows,
    a line that ends in a colon with the list, the table or the sentence below, and a question in running text with the
    sentence behind it.

    >>> text = "# Fees\n\n| who | pays |\n|---|---|\n| child | 2 |\n\nClosed on:\n- Monday\n- Sunday"
    >>> cuts = ["# Fees", "| who | pays |", "|---|---|", "| child | 2 |", "Closed on:", "- Monday", "- Sunday"]
    >>> places = [(text.index(cut), text.index(cut) + len(cut)) for cut in cuts]
    >>> carried([Line(cut, a, b, text) for cut, (a, b) in zip(cuts, places)])
    [(), (0,), (0, 1), (0, 1, 2), (0,), (0, 4), (0, 4)]
    """
    needs: list[tuple[int, ...]] = []
    heading: int | None = None
    head: list[int] = []  # of the table
    opening: int | None = None
    asking = False  # the opening is a question in running text
    for index, piece in enumerate(sentences):
        is_row, is_item = piece.text.startswith("|"), _ITEM.match(piece.text) is not None
        goes_on = index > 0 and _same_line(sentences[index - 1], piece)
        if not is_row and _is_heading(sentences, index):
            heading, head, opening = index, [], None
            needs.append(())
            continue
        head = head if is_row else []
        if opening is not None and index > opening + 1 and (asking or not (is_row or is_item or goes_on)):
            opening = None
        needs.append(_closed(needs, [place for place in (heading, *head, opening) if place is not None]))
        if is_row and (not head or (len(head) == 1 and _RULE.match(piece.text))):
            head = [*head, index]
        if piece.text.endswith((":", "：", *_ASKS)):
            opening, asking = index, piece.text.endswith(_ASKS)
    return needs


def _closed(needs: Sequence[tuple[int, ...]], places: Iterable[int]) -> tuple[int, ...]:
    """The places with what they need themselves."""
    return tuple(sorted({need for place in places for need in (place, *needs[place])}))


def _is_heading(sentences: Sequence[Placed], index: int) -> bool:
    piece = sentences[index]
    if _HEADING.match(piece.text):
        return len(piece.text) <= 2 * _LONGEST and piece.text.count("\n") < 2
    if "\n" in piece.text or len(piece.text) > _LONGEST or not _alone(piece):
        return False
    if piece.text.endswith(_ASKS):
        return True
    if piece.text.endswith(_ENDS) or _LABELLED.search(piece.text):
        return False
    if not _ITEM.match(piece.text):
        return True
    # "一、开放时间" over a text is a heading; with another item before or behind it is one of a list.
    beside = [*sentences[max(index - 1, 0) : index], *sentences[index + 1 : index + 2]]
    opened = index > 0 and sentences[index - 1].text.endswith((":", "："))
    return _NUMBERED.match(piece.text) is not None and not opened and not any(_ITEM.match(other.text) for other in beside)


def _alone(piece: Placed) -> bool:
    """Whether the piece is a line by itself, with another below."""
    before, behind = piece.base[: piece.start].rstrip(" \t")[-1:], piece.base[piece.end :].lstrip(" \t")[:1]
    return before in ("", "\n") and behind == "\n"


def _same_line(before: Placed, after: Placed) -> bool:
    return before.base is after.base and before.end <= after.start and "\n" not in before.base[before.end : after.start]

"""Finds what surrounds the text of a mail or a page: quoted history, signatures, tables of contents, page heads and feet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ctxshape.text.mail import mail_blocks
from ctxshape.text.words import fold_variants, normalize

_CONTENTS_KIND, _PAGE_KIND = "table of contents", "page head or foot"
_LONGEST, _LONGEST_ENTRY = 80, 300  # characters of a line of a page's head, and of an entry of a table of contents

_PAGE = (
    r"(?:page|seite|página|pagina|strona|sida|side|стр\.?|страница|p\.)\s?\d{1,5}\s?(?:of|/|von|de|sur|di|van|z|av|из)\s?\d{1,5}"
    r"|第\s?\d{1,5}\s?页(?:\s?[/,、|]?\s?[共总]\s?(?:计\s?)?\d{1,5}\s?页)?|[共总]\s?\d{1,5}\s?页\s?[/,、|]?\s?第\s?\d{1,5}\s?页"
    r"|\d{1,5}\s?/\s?\d{1,5}\s?(?:ページ|页)"
)
_PAGE_LINE = re.compile(rf"(?:{_PAGE}|[-–—]\s?\d{{1,4}}\s?[-–—]|(?:page|seite)\s?\d{{1,4}})$")
_PAGE_SOMEWHERE = re.compile(rf"{_PAGE}|[-–—]\s?\d{{1,4}}\s?[-–—]|(?:page|seite)\s?\d")
_FIGURE = re.compile(r"\d+")
_SEPARATED = re.compile(r"\S\s*(?:[|·•–—]|\t|\s{3}|\s-\s)\s*\S")
_PAGE_FIRST = re.compile(rf"(?:{_PAGE})(?!\w)")
_PAGE_LAST = re.compile(rf"(?<!\w)(?:{_PAGE})$")
_SENTENCE_END = re.compile(r"[.!?。！？；;]$")
_ENTRY = re.compile(r"\S.{0,150}?(?:(?:\s?[.·_‥]){4,}+|\s?[…⋯]{2,}+)\s*(?P<page>\d{1,4}|[ivxlc]{1,7})$")
_ANCHOR = re.compile(r"(?:[-*+•]|\d{1,3}[.)])?\s*\[[^\]\n]{1,150}\]\(#[^)\s]{0,150}\)$")
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\S.{0,80}$")
_CONTENTS = re.compile(
    r"[#\s*]*(?:(?:table of )?contents|on this page|in this article|目录|目錄|目次|本页内容|inhalt(?:sverzeichnis)?|sommaire|"
    r"table des matières|índice|indice|содержание|оглавление)[\s*:：]*(?:\[\w+\])?$",
    re.IGNORECASE,
)
# A text without any of these has no furniture. They are in lower case.
_HINTS = (
    "\n>", "\n >", "\n&gt;", "\n＞", "--", "==", "- ", "–", "—", "\nfrom:", "\n**from", "\nvon:", "\nde:",
    "件者", "件人", "差出人", "regards", "wishes", "sincerely", "faithfully", "cheers", "grüße", "cordialement",
    "此致", "敬礼", "祝好", "顺颂", "发自", "sent from", "outlook for", "gesendet", "envoyé de", "enviado desde", "](#",
    "....", ". . .", "····", "____", "……", "⋯⋯", "contents", "on this page", "in this article", "目录", "目錄",
    "目次", "本页内容", "inhalt", "sommaire", "matières", "índice", "indice", "содержание", "оглавление", "page",
    "seite", "página", "pagina", "strona", "sida", "side", "стр", "p.", "页", "頁", "ページ", "mvh", "hilsen",
    "hälsningar", "groet", "уважением", "atent", "atenc", "saluti", "bien à vous", "saludo", "送信",
)  # fmt: skip


class Furniture(NamedTuple):
    """The characters `start` to `end` of a text: one line, or several that belong together. `kind` says what they are."""

    start: int
    end: int
    kind: str


class _Line(NamedTuple):
    start: int
    end: int
    text: str


def furniture(text: str) -> list[Furniture]:
    r"""Returns the furniture of a text in its order, without overlap. Takes time linear in the text.

    - *Quoted history* is a message that a mail quotes below its own text, with the line that introduces it.
    - A *signature* stands at the end of a mail, behind "--" or a closing greeting.
    - A *table of contents* has three entries or more: with leaders to growing page numbers, or links into the page.
    - A *page head or foot* is a line such as "Page 3 of 10", or a line that is repeated beside such lines.

    >>> mail = "The lift is closed.\n\nOn 3 May 2024 Ida wrote:\n> Is it open?"
    >>> [(mail[start:end], kind) for start, end, kind in furniture(mail)]
    [('On 3 May 2024 Ida wrote:\n> Is it open?', 'quoted history')]
    """
    folded = text.lower()
    if not any(hint in folded for hint in _HINTS):
        return []
    lines = list(_lines(text))
    bare = [line.text for line in lines]
    taken: set[int] = set()
    found: list[Furniture] = []
    for first, last, kind in (*mail_blocks(bare), *_contents(bare), *_pages(bare)):
        if taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            found.append(Furniture(lines[first].start, lines[last].end, kind))
    return sorted(found)


def _lines(text: str) -> Iterator[_Line]:
    """Yields the lines that have text, without their outer white space."""
    start = 0
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            begin = start + line.index(bare[0])
            yield _Line(begin, begin + len(bare), bare)
        start += len(line) + 1


def _contents(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yields the entries of tables of contents, each with its heading as a line of its own."""
    runs = [run for run in _runs(lines, _is_entry) if _is_table(lines, *run)]
    runs += [run for run in _runs(lines, lambda line: _ANCHOR.match(line) is not None) if run[1] - run[0] >= 2]
    for index, line in enumerate(lines):
        if len(line) <= _LONGEST and _CONTENTS.match(line):
            last = index
            numbers = []
            while last + 1 < len(lines) and (match := _NUMBERED.match(lines[last + 1])):
                numbers.append(match["number"])
                last += 1
            if len(numbers) >= 3 and any("." in number for number in numbers):
                runs.append((index + 1, last))
    for first, last in runs:
        yield from ((index, index, _CONTENTS_KIND) for index in range(first - _has_title(lines, first), last + 1))


def _is_entry(line: str) -> bool:
    return len(line) <= _LONGEST_ENTRY and _ENTRY.match(line) is not None


def _is_table(lines: Sequence[str], first: int, last: int) -> bool:
    """Returns whether lines with leaders lead to pages, which never decrease; a price list has no such order."""
    found = (_ENTRY.match(line) for line in lines[first : last + 1])
    pages = [int(match["page"]) for match in found if match and match["page"].isdecimal()]
    if any(before > after for before, after in pairwise(pages)):
        return False
    return last - first >= 2 if _has_title(lines, first) else last - first >= 3 and len(set(pages)) >= 3


def _has_title(lines: Sequence[str], first: int) -> bool:
    return first > 0 and len(lines[first - 1]) <= _LONGEST and _CONTENTS.match(lines[first - 1]) is not None


def _runs(lines: Sequence[str], holds: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Returns the first and last index of each run of lines for which it holds."""
    runs: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if holds(line):
            goes_on = bool(runs) and runs[-1][1] == index - 1
            runs[-1:] = [(runs[-1][0], index)] if goes_on else [*runs[-1:], (index, index)]
    return runs


def _pages(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yields lines with a page number, and the lines beside them that are repeated."""
    shapes = {index: shape for index, line in enumerate(lines) if (shape := _shape(line)) and _has_page(shape)}
    times = Counter(shapes.values())
    marked = [index for index, shape in shapes.items() if _is_page_line(lines[index], repeated=times[shape] > 1)]
    beside = {other for index in marked for other in (index - 1, index + 1) if 0 <= other < len(lines)} - set(marked)
    heads = {shape for index in beside if (shape := _shape(lines[index]))}
    edges = beside.union((0, len(lines) - 1)) if marked else set()
    seen = Counter(shape for index in edges if (shape := _shape(lines[index])) in heads)
    repeated = (index for index in edges - set(marked) if seen[_shape(lines[index])] > 1)
    yield from ((index, index, _PAGE_KIND) for index in sorted({*repeated, *marked}))


def _shape(line: str) -> str:
    """Returns a short line with every number in it the same; "" for a long line."""
    return _FIGURE.sub("7", fold_variants(normalize(line))) if len(line) <= _LONGEST else ""


def _has_page(shape: str) -> bool:
    return "7" in shape and _PAGE_SOMEWHERE.search(shape) is not None


def _is_page_line(line: str, *, repeated: bool) -> bool:
    """Returns whether a line is a page number, or has one at an edge: beside a separator, or in several such lines."""
    folded = fold_variants(normalize(line)).strip("|[](){}<>·•* ")
    if _PAGE_LINE.match(folded):
        return True
    if not (_PAGE_FIRST.match(folded) or _PAGE_LAST.search(folded)) or _SENTENCE_END.search(folded):
        return False
    return repeated or _SEPARATED.search(line) is not None

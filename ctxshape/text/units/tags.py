"""Finds the tags of HTML with their exact places.

lxml gives only the line of an element, selectolax no place at all, and html.parser is slow and reads a broken page to its end
again and again. So tags are found here, and what they mean is kept to a few rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|head|header|hgroup|hr|html|legend|li|link|main|menu|meta|nav|ol|option|p|pre|section|select|summary|table|tbody|td|"
    "tfoot|th|thead|title|tr|ul"
)
_RAW = "script|style|noscript|template|svg|math|textarea|iframe|object"
# The start of a line, or of a text, that is HTML.
HTML_BLOCK = re.compile(rf"<(?:!doctype\b|!--|/?(?:{_BLOCKS}|{_RAW})(?=[\s/>]))", re.IGNORECASE)
_BLOCK_NAME = re.compile(rf"(?:{_BLOCKS})$")
_RAW_NAME = re.compile(rf"(?:{_RAW})$")
# Neither form reads past the next "<", so the time is linear in a text of unclosed tags.
TAG = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})(?:(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>|[^<>]*+>)|<!--|<![^<>]*>|<\?[^<>]*>"
)
_PAGE = re.compile(r"<(?:!doctype|html)\b", re.IGNORECASE)
_NEXT = re.compile(r"[^\S\r\n]*(<)[A-Za-z]")
_BLANK_LINE = re.compile(r"\r?\n[^\S\n]*\r?\n")


def is_block(name: str) -> bool:
    """Returns whether an element stands by itself, rather than inside of a line."""
    return _BLOCK_NAME.match(name) is not None


def is_raw(name: str) -> bool:
    """Returns whether what an element holds is no text."""
    return _RAW_NAME.match(name) is not None


class Tag(NamedTuple):
    """A tag at the characters `start` to `end`: its name in lower case, and whether it closes an element."""

    start: int
    end: int
    name: str
    closes: bool


def element_ends(text: str) -> dict[int, int]:
    """Returns where each element ends whose closing tag is there, by the place where it begins.

    >>> element_ends("<ul><li>a</li></ul><p>")
    {4: 14, 0: 19}
    """
    ends: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for tag in tags_of(text, 0, len(text)):
        if not tag.closes:
            opened.setdefault(tag.name, []).append(tag.start)
        elif opened.get(tag.name):
            ends[opened[tag.name].pop()] = tag.end
    return ends


def html_block_end(text: str, start: int, ends: Mapping[int, int]) -> int:
    r"""Returns where the HTML ends that begins at a place: behind its elements, or else before the next blank line.

    `ends` are those of `element_ends`. A page goes to the end of the text.

    >>> text = "<ul>\n<li>a</li>\n</ul> <p>b</p>\n\nText."
    >>> html_block_end(text, 0, element_ends(text))
    30
    """
    if _PAGE.match(text, start):
        return len(text)
    end = start
    while match := _NEXT.match(text, end):
        if match.start(1) not in ends:
            break
        end = ends[match.start(1)]
    if end > start:
        return end
    blank = _BLANK_LINE.search(text, start)
    return blank.start() if blank else len(text)


def tags_of(text: str, start: int, end: int) -> Iterator[Tag]:
    """Yields the tags of a part of a text. A comment and a script are one tag each."""
    place, unclosed = start, set[str]()
    while match := TAG.search(text, place, end):
        place = match.end()
        name = (match.group(2) or "").lower()
        closing = "-->" if match.group() == "<!--" else f"</{name}" if not match.group(1) and _RAW_NAME.match(name) else ""
        if closing and closing not in unclosed:
            found = re.compile(re.escape(closing) + (r"[^<>]*>" if name else ""), re.IGNORECASE).search(text, place, end)
            if found:
                place = found.end()
            else:
                unclosed.add(closing)
        yield Tag(
            match.start(),
            place,
            name or ("!doctype" if match.group()[:9].lower() == "<!doctype" else "!"),
            bool(match.group(1)),
        )

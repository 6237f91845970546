"""Cuts any text into units: finds the form of the text and lets the cutter of that form cut it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ctxshape.text.units.blocks import Block
from ctxshape.text.units.code_blocks import region_units
from ctxshape.text.units.forms import FORMS
from ctxshape.text.units.html import html_blocks
from ctxshape.text.units.mail import with_mail_heads
from ctxshape.text.units.markdown import markdown_blocks
from ctxshape.text.units.markdown_lines import SIGNS
from ctxshape.text.units.model import Unit
from ctxshape.text.units.outline import outline_units
from ctxshape.text.units.prose import prose_units
from ctxshape.text.units.size import with_limited_size
from ctxshape.text.units.tags import HTML_BLOCK

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")


def units(text: str) -> list[Unit]:
    r"""Returns the units of a text, in order and without overlap.

    What lies between two units is white space, a separator of their block, or a payload such as a data URI.

    >>> text = "# Fees\n\nA child pays 2 euros. Dogs are free."
    >>> [(text[unit.start : unit.end], unit.kind, unit.needs) for unit in units(text)]
    [('# Fees', 'heading', ()), ('A child pays 2 euros.', 'sentence', (0,)), ('Dogs are free.', 'sentence', (0,))]
    """
    return with_limited_size(text, with_mail_heads(text, _units(text)))


def _units(text: str) -> list[Unit]:
    for cut in FORMS:
        found = cut(text)
        if found is not None:
            return found
    lines = text.replace("\r\n", " \n").replace("\r", "\n")  # as long as the text
    if "\n" not in lines.strip():
        # One line is prose, unless it is a page without line ends.
        is_page = HTML_BLOCK.match(lines.lstrip()) and not lines.lstrip()[:4].lower().startswith("<br")
        return outline_units(text, _expanded(text)) if is_page else prose_units(text)
    if SIGNS.search(lines):
        return outline_units(text, _expanded(text))
    paragraphs = list(_paragraphs(lines))
    if len(paragraphs) > 1 and any(region_units(text, start, end) for start, end in paragraphs):
        return outline_units(text, markdown_blocks(text))
    return prose_units(text)


def _paragraphs(lines: str) -> Iterator[tuple[int, int]]:
    """Yields the parts of a text between blank lines."""
    start = 0
    for blank in _BLANK_LINES.finditer(lines):
        yield start, blank.start()
        start = blank.end()
    yield start, len(lines)


def _expanded(text: str) -> list[Block]:
    """Returns the blocks of a text, with those of its HTML."""
    found: list[Block] = []
    for block in markdown_blocks(text):
        found += html_blocks(text, block.start, block.end) if block.kind == "html" else [block]
    return found

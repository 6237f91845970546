"""Consoles, and how text that others wrote is made safe to show on one."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

# Longer passages are cut on a screen, and say so; `--json` holds all of every one.
SHOWN_CHARACTERS = 1500


def output() -> Console:
    """The console for results: plain when piped, and nothing in a text is markup, an emoji code or worth a colour."""
    return Console(markup=False, highlight=False, emoji=False)


def put(console: Console, shown: RenderableType, indent: int = 2) -> None:
    """Print something indented, without the blanks that a table leaves at the end of its lines."""
    options = console.options.update(width=max(console.width - indent, 1))
    for line in console.render_lines(shown, options, pad=False):
        text = Text(" " * indent)
        for segment in line:
            text.append(segment.text, segment.style)
        text.rstrip()
        console.print(text, no_wrap=True, crop=False, overflow="ignore")


def columns(*, headed: bool = False) -> Table:
    """An empty table without lines; `headed` shows its columns' headings."""
    return Table(box=None, pad_edge=False, show_header=headed, padding=(0, 3, 0, 0), header_style="dim")


def visible(text: str) -> str:
    r"""Text that cannot steer a terminal: control characters, bidirectional overrides and lone surrogates as escapes.

    >>> print(visible("a\x1b[31mb\r\n\u202ec"))
    a\x1b[31mb
    \u202ec
    """
    return "".join(map(_visible, text.replace("\r\n", "\n").replace("\t", " ")))


def _visible(char: str) -> str:
    if char == "\n":
        return char
    steers = unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(char) in _OVERRIDES
    return char.encode("unicode_escape").decode("ascii") if steers else char


_OVERRIDES = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def one_line(text: str) -> str:
    """The visible text with every run of white space one blank."""
    return visible(" ".join(text.split()))


def passage(text: str, style: str = "") -> Text:
    """A passage without its empty lines, cut at SHOWN_CHARACTERS with the number of characters that are not shown."""
    rest = len(text) - SHOWN_CHARACTERS
    lines = (line.strip() for line in visible(text[:SHOWN_CHARACTERS]).splitlines())
    shown = Text("\n".join(filter(None, lines)), style=style)
    return shown.append(f" … (+{rest} characters)", style="dim") if rest > 0 else shown


def count(number: int) -> str:
    """A number with its thousands apart."""
    return f"{number:,}"


def duration(seconds: float) -> str:
    """A time to read: milliseconds below one second.

    >>> duration(0.0042), duration(3.14)
    ('4.2 ms', '3.1 s')
    """
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


@contextmanager
def working(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Show on standard error that something takes its time; nothing if `quiet` or if nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True, markup=False).status(Text(what)):
        yield

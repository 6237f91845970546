"""Consoles, and functions that make untrusted text safe to print."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

# A longer passage is cut on the screen, with a note; `--json` prints it whole.
SHOWN_CHARACTERS = 1500


def output() -> Console:
    """Returns the console for results: plain text when piped; markup and emoji codes in texts have no effect."""
    return Console(markup=False, highlight=False, emoji=False)


def put(console: Console, shown: RenderableType, indent: int = 2) -> None:
    """Prints something indented, without the trailing spaces of tables."""
    options = console.options.update(width=max(console.width - indent, 1))
    for line in console.render_lines(shown, options, pad=False):
        text = Text(" " * indent)
        for segment in line:
            text.append(segment.text, segment.style)
        text.rstrip()
        console.print(text, no_wrap=True, crop=False, overflow="ignore")


def plain_table(*, headed: bool = False) -> Table:
    """Returns an empty table without lines; `headed` shows the headings of its columns."""
    return Table(box=None, pad_edge=False, show_header=headed, padding=(0, 3, 0, 0), header_style="dim")


def visible(text: str) -> str:
    r"""Escapes everything that could control a terminal: control characters, bidirectional overrides, lone surrogates.

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
    """Returns the visible text on one line, with each run of white space as one space."""
    return visible(" ".join(text.split()))


def passage(text: str, style: str = "") -> Text:
    """Returns a passage without empty lines, cut at SHOWN_CHARACTERS with the number of characters left out."""
    hidden = len(text) - SHOWN_CHARACTERS
    lines = (line.strip() for line in visible(text[:SHOWN_CHARACTERS]).splitlines())
    shown = Text("\n".join(filter(None, lines)), style=style)
    return shown.append(f" … (+{hidden} characters)", style="dim") if hidden > 0 else shown


def count(number: int) -> str:
    """Formats a number with commas between thousands."""
    return f"{number:,}"


def duration(seconds: float) -> str:
    """Formats a time, in milliseconds below one second.

    >>> duration(0.0042), duration(3.14)
    ('4.2 ms', '3.1 s')
    """
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


@contextmanager
def working(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Shows a spinner on standard error while the block runs, or one line if that is no terminal; nothing if `quiet`."""
    if quiet or not sys.stderr.isatty():
        if not quiet:
            typer.echo(one_line(what), err=True)
        yield
        return
    with Console(stderr=True, markup=False).status(Text(what)):
        yield

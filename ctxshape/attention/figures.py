"""Shared code of the pictures: the check for matplotlib, and saving a PNG in fonts that have its letters."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from ctxshape.errors import MissingExtra
from ctxshape.evaluation.report.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_matplotlib(what: str = "drawing a PNG (an X-ray as .html needs nothing)") -> None:
    """Raises MissingExtra, which names `what` needs it, if matplotlib is not installed. An X-ray as HTML does not need it."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingExtra.of(what, "matplotlib", "bench") from None


def save_figure(figure: Figure, letters: Lettering, path: str | Path) -> Path:
    """Writes a figure as PNG, in fonts that have its letters, and returns its path. A figure that fails writes no file."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontfamily(list(letters.families))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=150)
    file = Path(path)
    file.write_bytes(drawn.getvalue())
    return file

"""An X-ray as one PNG with two columns, before and after: bars by passage, layers by passage, and coloured sentences."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctxshape.attention.figures import check_matplotlib, save_figure
from ctxshape.attention.xray import XRay, XRaySide
from ctxshape.evaluation.report.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SENTENCES = 14  # per column; the HTML page shows all
LINES = 4  # per sentence; longer ones end in an ellipsis
_WIDTH, _LABEL, _COLUMNS = 12.0, 30, 104  # inches, characters per label, columns per line of text
_LINE = 0.145  # inches
_KEPT, _GONE, _WARN = "#0072B2", "#B5B5B5", "#B34700"


def draw_xray(found: XRay, path: str | Path) -> Path:
    """Draws the X-ray and returns the path of the picture. Raises MissingExtra without matplotlib.

    Each side has its own scale, since fewer passages get more attention each. A character that no installed font has
    is drawn as its escape sequence. For Chinese, install a CJK font such as Noto Sans CJK.
    """
    check_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    letters = Lettering.installed()
    cautions = [line for text in found.cautions if _drawable(text, letters) for line in wrapped(text, 170)]
    rows = _heights(found)
    height = sum(rows) + 0.2 * len(cautions) + 2.55
    figure = Figure(figsize=(_WIDTH, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    _write(figure, 0.2, 0.3, letters.text(found.question, 120), fontsize=13)
    _write(figure, 0.2, 0.53, letters.text(f"Attention of {found.model} while it reads the question", 140), color="#555555")
    for number, line in enumerate(cautions):
        _write(figure, 0.2, 0.76 + 0.2 * number, letters.text(line), color=_WARN)
    top = 1.05 + 0.2 * len(cautions)
    for place, (name, side) in enumerate(found.sides):
        left = 0.2 + place * _WIDTH / 2
        _bars(_panel(figure, left + 2.0, top, 3.2, rows[0]), found, side, letters, name)
        _write(figure, left, top + rows[0] + 0.42, side.rest.replace("%", " %"), color="#555555", fontsize=7)
        if side.map is None:
            continue
        _layers(_panel(figure, left + 2.0, top + rows[0] + 0.62, 3.2, rows[1]), side)
        text = _panel(figure, left, top + rows[0] + rows[1] + 1.25, _WIDTH / 2 - 0.4, rows[2])
        _sentences(text, side, letters, rows[2])
    return save_figure(figure, letters, path)


def _panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Returns axes at a position in inches from the upper left corner."""
    wide, high = figure.get_size_inches()
    return figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))


def _write(figure: Figure, left: float, top: float, text: str, **look: Any) -> None:  # noqa: ANN401  what matplotlib takes
    wide, high = figure.get_size_inches()
    figure.text(left / wide, 1 - top / high, text, **{"fontsize": 8, **look})


def _heights(found: XRay) -> list[float]:
    """Returns the height of each row of panels in inches: the fuller side decides."""
    documents = max(len(side.documents) for _, side in found.sides)
    layers = max(len(side.map.layers) if side.map else 1 for _, side in found.sides)
    lines = max(sum(len(_lines(side, one)) + 0.45 for one in side.sentences(SENTENCES)) for _, side in found.sides)
    return [0.19 * documents + 0.1, max(0.062 * layers, 1.0), _LINE * (lines + 1)]


def _bars(axes: Axes, found: XRay, side: XRaySide, letters: Lettering, name: str) -> None:
    masses = [100 * mass for mass in side.masses]
    colours = [_KEPT if document.id in found.kept else _GONE for document in side.documents]
    axes.barh(range(len(masses)), masses, color=colours, height=0.7)
    for place, mass in enumerate(masses):
        axes.annotate(f"{mass:.1f} %", (mass, place), (3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(range(len(masses)), [letters.text(side.label(at), _LABEL) for at in range(len(masses))], fontsize=7)
    axes.set_ylim(max(len(each.documents) for _, each in found.sides) - 0.4, -0.6)
    axes.set_xlim(0, max([*masses, 0.01]) * 1.18)
    axes.set_xlabel("% of the attention", fontsize=7, labelpad=1)
    note = " (grey: shaping drops it)" if _GONE in colours else ""
    axes.set_title(letters.text(name) + note, fontsize=10, loc="left")
    axes.tick_params(axis="x", labelsize=7, pad=1)
    axes.spines[["top", "right"]].set_visible(False)


def _layers(axes: Axes, side: XRaySide) -> None:
    if side.map is None:
        return
    masses = 100 * side.map.by_layer()
    image = axes.imshow(masses, aspect="auto", cmap="YlOrBr", vmin=0, interpolation="nearest")
    step = -(-len(side.map.layers) // 10)
    shown = range(0, len(side.map.layers), step)
    axes.set_yticks(list(shown), [str(side.map.layers[at]) for at in shown], fontsize=7)
    axes.set_xticks(range(masses.shape[1]), [str(number + 1) for number in range(masses.shape[1])], fontsize=7)
    axes.set_ylabel("layer", fontsize=7)
    axes.set_xlabel("passage, in prompt order", fontsize=7, labelpad=1)
    bar = axes.figure.colorbar(image, cax=axes.inset_axes((1.03, 0, 0.025, 1)))
    bar.ax.tick_params(labelsize=6)
    bar.set_label("% of the layer's attention", fontsize=6)


def _lines(side: XRaySide, sentence: Any) -> list[str]:  # noqa: ANN401  SentenceMass
    lines = wrapped(side.text(sentence), _COLUMNS)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1][: _COLUMNS - 2] + " …"]
    return lines


def _sentences(axes: Axes, side: XRaySide, letters: Lettering, inches: float) -> None:
    """Draws the sentences in reading order. A darker background means more attention."""
    from matplotlib.patches import Rectangle

    shown, every = side.sentences(SENTENCES), side.sentences()
    most = max((one.mass for one in every), default=1) or 1
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(inches / _LINE, 0)
    rest = f": the {len(shown)} of {len(every)} with the most attention" if len(shown) < len(every) else ""
    axes.set_title(f"Sentences in prompt order{rest}", fontsize=9, loc="left")
    at = 0.3
    for one in shown:
        lines = _lines(side, one)
        strength = 0.85 * float(np.clip(one.mass / most, 0, 1))
        axes.add_patch(Rectangle((0.075, at - 0.1), 0.925, len(lines) + 0.2, color="#E67800", alpha=strength, lw=0))
        axes.text(0.065, at + 0.5, f"{100 * one.mass:.1f} %", fontsize=6.5, ha="right", va="center", color="#444444")
        for number, line in enumerate(lines):
            axes.text(0.082, at + number + 0.5, letters.text(line), fontsize=6.5, va="center", clip_on=True)
        at += len(lines) + 0.45


def _drawable(text: str, letters: Lettering) -> bool:
    """Returns whether the fonts have the text. A caution in escapes would help nobody, and the English one is shown anyway."""
    return all(ord(char) in letters.characters for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """Breaks a text into lines of at most `width` columns, at blanks and between CJK characters.

    A full-width character takes two columns.

    >>> wrapped("one two three", 8), wrapped("灯塔很高。abc", 8)
    (['one two', 'three'], ['灯塔很', '高。abc'])
    """
    lines, line, used = [], "", 0
    for word in _words(text):
        size = _columns(word)
        if used + size > width and line.strip():
            lines.append(line.rstrip())
            line, used = "", 0
            word = word.lstrip()
            size = _columns(word)
        while size > width:  # a word longer than a line
            cut = next(at for at in range(len(word), 0, -1) if _columns(word[:at]) <= width or at == 1)
            lines.append(word[:cut])
            word = word[cut:]
            size = _columns(word)
        line, used = line + word, used + size
    return [*lines, line.rstrip()] if line.strip() else lines


def _columns(text: str) -> int:
    """Returns the width of a text in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


_CLOSING = "。，、；：！？）」』】》”’"  # marks that must not begin a line


def _words(text: str) -> Sequence[str]:
    """Splits a text into pieces that may begin a line: words with the blank before them, and single full-width characters."""
    pieces: list[str] = []
    for char in " ".join(text.split()):
        wide = unicodedata.east_asian_width(char) in "WF" and char not in _CLOSING
        after_wide = bool(pieces) and unicodedata.east_asian_width(pieces[-1][-1]) in "WF" and char not in _CLOSING
        if wide or char == " " or not pieces or after_wide:
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces

"""The shared parts of all plots: one style for each method, panels side by side, a legend outside, the file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report.lettering import Lettering
from ctxshape.evaluation.report.summary import RAW, ResultRow

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FLAT = ("oracle", "closed-book")  # methods that do not depend on the position
_LONGEST_NAME = 30  # characters
_WIDTH = 8.0  # inches
_SIZE = 8  # points, except for titles
# Okabe and Ito 2008, "Color Universal Design", without yellow, which is too light for a line.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
_MARKERS = "sD^vP*X<>phd8H+x34"
_DASHES: Sequence[Any] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)))


class Style(NamedTuple):
    """The look of a method in every plot; `dash` is a line style of matplotlib."""

    colour: str
    marker: str
    dash: Any


def styles(methods: Sequence[str]) -> dict[str, Style]:
    """Assigns a style to each method: raw is black, and methods that do not depend on the position are grey."""
    fixed = {RAW: Style("#000000", "o", "-")}
    fixed |= {FLAT[0]: Style("#4D4D4D", "2", (0, (6, 2))), FLAT[1]: Style("#8C8C8C", "1", (0, (1, 1.5)))}
    others = [method for method in dict.fromkeys(methods) if method not in fixed]
    cycled = {
        method: Style(
            _COLOURS[number % len(_COLOURS)],
            _MARKERS[number % len(_MARKERS)],
            _DASHES[number // len(_COLOURS) % len(_DASHES)],
        )
        for number, method in enumerate(others)
    }
    return {method: {**fixed, **cycled}[method] for method in dict.fromkeys(methods)}


class Sheet(NamedTuple):
    """The rows by number of documents, the style of each method, the fonts, and the subtitle (model and data)."""

    table: dict[int, list[ResultRow]]
    styles: dict[str, Style]
    lettering: Lettering
    subject: str

    def name(self, method: str) -> str:
        """Returns the name of a method as matplotlib can draw it."""
        return self.lettering.text(method, _LONGEST_NAME)

    def panels(self, height: float, title: str, value_of: Callable[[ResultRow], Estimate | None]) -> tuple[Figure, list[Axes]]:
        """Makes a figure with one panel for each number of documents, titled with the n of the values that it shows."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        across = {4: 2}.get(len(self.table), min(len(self.table), 3))
        down = -(-len(self.table) // across)
        figure = Figure(figsize=(_WIDTH, height * down), dpi=150, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        figure.suptitle(f"{title}, with 95 % confidence intervals\n{self.subject}", fontsize=10)
        grid = figure.subplots(down, across, sharey=True, squeeze=False)
        panels = list(grid.flat)
        for unused in panels[len(self.table) :]:
            unused.set_visible(False)
        for axes, (documents, rows) in zip(panels, self.table.items(), strict=False):
            axes.set_title(f"{documents} documents, {_count(rows, value_of)}", fontsize=9)
            axes.grid(color="#E4E4E4", lw=0.6)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=_SIZE)
        return figure, panels[: len(self.table)]

    def legend(self, figure: Figure, handles: Sequence[Artist], labels: Sequence[str], per_row: int = 0) -> None:
        """Adds a legend under the panels and makes the figure taller by its rows."""
        longest = max(map(len, labels))
        columns = per_row or max(1, min(len(labels), int(_WIDTH * 72 / (longest * 0.58 * _SIZE + 42))))
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + 0.17 * -(-len(labels) // columns) + 0.1)
        # matplotlib ignores labels that start with an underscore
        names = [f" {label}" if label.startswith("_") else label for label in labels]
        figure.legend(
            handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=_SIZE, handlelength=2.8
        )

    def settle(self, figure: Figure) -> None:
        """Fixes the layout, so that later additions move nothing."""
        self._letter(figure)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")

    def save(self, figure: Figure, path: Path) -> Path:
        """Writes the figure as PNG and returns its path."""
        self._letter(figure)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=150)
        path.write_bytes(drawn.getvalue())
        return path

    def _letter(self, figure: Figure) -> None:
        from matplotlib.text import Text

        for text in figure.findobj(Text):
            text.set_fontfamily(list(self.lettering.families))


def _count(rows: Sequence[ResultRow], value_of: Callable[[ResultRow], Estimate | None]) -> str:
    counts = sorted({estimate.n for row in rows if (estimate := value_of(row))})
    return f"n = {counts[0]}" + (f" to {counts[-1]}" if len(counts) > 1 else "") if counts else "n = 0"


def reach(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Returns the distances of the interval bounds below and above the means, in the form that matplotlib expects."""
    return [[max(e.mean - e.low, 0.0) for e in estimates], [max(e.high - e.mean, 0.0) for e in estimates]]

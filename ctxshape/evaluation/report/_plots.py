"""Plots of a run: accuracy by position, accuracy against prompt tokens, and seconds by stage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxshape.errors import MissingExtra
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Results
from ctxshape.evaluation.report._sheet import FLAT, Sheet, Style, reach, styles
from ctxshape.evaluation.report.lettering import Label, Lettering, place_labels
from ctxshape.evaluation.report.markdown import by_documents
from ctxshape.evaluation.report.summary import RAW, ResultRow, rows, slot_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 3.6  # inches
_MANY = 8  # with more methods, a plot is taller and its error bars are fainter
_LABELLED = 12  # with more methods, a legend replaces the labels beside the points
_LETTERS = 48  # characters that fit side by side; longer names get a legend
_BARS = 5  # with more positions, intervals are bands instead of bars
_STAGES = {"shape": ("shaping", "#222222"), "prefill": ("prefill", "#8A8A8A"), "decode": ("decode", "#D0D0D0")}


def draw(results: Results, folder: str | Path, table: Sequence[ResultRow] | None = None) -> list[Path]:
    """Writes the plots for which the results have values as PNG into an existing folder; returns their paths.

    positions.png shows accuracy by position of the gold passage, tokens.png accuracy against prompt tokens, and
    seconds.png the time of each stage, with a panel for each number of documents. `table` are the rows of the results, if
    they are already computed. Raises MissingExtra without matplotlib.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingExtra.of("drawing plots", "matplotlib", "bench") from None
    table = rows(results) if table is None else table
    subjects = [str(results.settings[name]) for name in ("model", "data") if results.settings.get(name)]
    lettering = Lettering.installed()
    subject = lettering.text(" · ".join(subjects), 100)
    sheet = Sheet(by_documents(table), styles([row.method for row in table]), lettering, subject)
    plots = (
        ("positions.png", _positions, any(row.positions for row in table)),
        ("tokens.png", _tokens, any(row.accuracy and row.prompt_tokens for row in table)),
        ("seconds.png", _seconds, any(row.seconds for row in table)),
    )
    return [sheet.save(plot(sheet), Path(folder) / name) for name, plot, wanted in plots if wanted]


def _positions(sheet: Sheet) -> Figure:
    height = _HEIGHT + min(max(len(sheet.styles) - _MANY, 0) * 0.1, 1.2)
    figure, panels = sheet.panels(height, "Accuracy by position of the gold passage", lambda row: row.accuracy)
    for axes, (documents, table) in zip(panels, sheet.table.items(), strict=True):
        curves = [row for row in table if row.method not in FLAT and row.positions]
        for row in table:
            if row.method in FLAT and row.accuracy:
                _level(axes, row.accuracy, sheet.styles[row.method])
        for number, row in enumerate(curves):
            aside = (number - (len(curves) - 1) / 2) * documents * min(0.014, 0.2 / len(curves))
            _curve(axes, row, sheet.styles[row.method], aside, 0.6 if len(curves) <= _MANY else 0.35)
        _name_slots(axes, {slot_number(name, documents): name for row in curves for name in reversed(row.positions)})
    _accuracy_axis(panels)
    _legend(figure, sheet, lines=True)
    return figure


def _level(axes: Axes, accuracy: Estimate, style: Style) -> None:
    axes.axhline(accuracy.mean, color=style.colour, linestyle=style.dash, lw=1.4)
    axes.axhspan(accuracy.low, accuracy.high, color=style.colour, alpha=0.08, lw=0)


def _curve(axes: Axes, row: ResultRow, style: Style, aside: float, strength: float) -> None:
    found = list(row.positions.values())
    few = len(found) <= _BARS
    places = [slot_number(name, row.documents) + (aside if few else 0) for name in row.positions]
    look: dict[str, Any] = {"color": style.colour, "marker": style.marker, "zorder": 4 if row.method == RAW else 3}
    means = [each.mean for each in found]
    axes.plot(places, means, linestyle=style.dash, markersize=5, lw=2.0 if row.method == RAW else 1.4, **look)
    if few:
        axes.errorbar(places, means, reach(found), fmt="none", ecolor=style.colour, elinewidth=0.8, capsize=2, alpha=strength)
    else:
        axes.fill_between(places, [e.low for e in found], [e.high for e in found], color=style.colour, alpha=0.1, lw=0)


def _name_slots(axes: Axes, named: dict[int, str]) -> None:
    """Labels the slots with their positions; with many slots, only every second or third."""
    shown = sorted(named)[:: -(-len(named) // 10) or 1]
    axes.set_xticks(shown, [named[place] if named[place].isdecimal() else f"{named[place]}\n({place})" for place in shown])
    axes.set_xlabel("position among the passages", fontsize=8)


class _Point(NamedTuple):
    method: str
    accuracy: Estimate
    tokens: Estimate


def _tokens(sheet: Sheet) -> Figure:
    figure, panels = sheet.panels(_HEIGHT, "Accuracy against prompt length", lambda row: row.accuracy)
    points = [
        [_Point(r.method, r.accuracy, r.prompt_tokens) for r in table if r.accuracy and r.prompt_tokens]
        for table in sheet.table.values()
    ]
    for axes, found in zip(panels, points, strict=True):
        _scatter(axes, found, sheet)
    every = [point.accuracy for found in points for point in found]
    _accuracy_axis(panels, min(e.low for e in every), max(e.high for e in every))
    longest = max(len(sheet.name(method)) for method in sheet.styles)
    if len(sheet.styles) > _LABELLED or longest * len(sheet.table) > _LETTERS:
        _legend(figure, sheet, lines=False)
        return figure
    sheet.settle(figure)
    for axes, found in zip(panels, points, strict=True):
        labels = [Label(p.tokens.mean, *p.accuracy[:3], sheet.name(p.method), sheet.styles[p.method].colour) for p in found]
        place_labels(axes, labels, sheet.lettering.families)
    return figure


def _scatter(axes: Axes, points: Sequence[_Point], sheet: Sheet) -> None:
    lengths = [max(point.tokens.mean, 1) for point in points] or [1]
    axes.set_xscale("log")
    axes.set_xlim(min(lengths) / 1.5, max(lengths) * 1.5)
    _length_ticks(axes)
    for method, accuracy, tokens in points:
        style = sheet.styles[method]
        bars: dict[str, Any] = {"ecolor": style.colour, "elinewidth": 0.8, "capsize": 2}
        at = (tokens.mean, accuracy.mean)
        axes.errorbar(*at, reach([accuracy]), reach([tokens]), fmt=style.marker, color=style.colour, markersize=6, **bars)


def _length_ticks(axes: Axes) -> None:
    """Labels the axis with round numbers of tokens; a short axis gets finer steps."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = axes.get_xlim()
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7), tuple(d / 4 for d in range(4, 40))):
        ticks = [digit * 10**power for power in range(8) for digit in digits if low <= digit * 10**power <= high]
        if len(ticks) >= 3:
            break
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tokens, _: f"{tokens:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("prompt tokens, log scale", fontsize=8)


def _seconds(sheet: Sheet) -> Figure:
    from matplotlib.patches import Patch

    timed = {row.method: row.seconds.high for table in sheet.table.values() for row in table if row.seconds}
    names = [name for name in sheet.styles if name in timed]
    figure, panels = sheet.panels(1.2 + 0.24 * len(names), "Seconds for one question", lambda row: row.seconds)
    for axes, table in zip(panels, sheet.table.values(), strict=True):
        for row in table:
            if row.seconds:
                _stack(axes, row, names.index(row.method), row.seconds)
        axes.set_xlim(0, max(row.seconds.high for t in sheet.table.values() for row in t if row.seconds) * 1.18 or 1)
        axes.set_yticks(range(len(names)), [sheet.name(name) for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("seconds", fontsize=8)
    sheet.legend(figure, [Patch(color=colour) for _, colour in _STAGES.values()], [label for label, _ in _STAGES.values()])
    return figure


def _stack(axes: Axes, row: ResultRow, place: int, seconds: Estimate) -> None:
    start = 0.0
    for stage, (_, colour) in _STAGES.items():
        length = getattr(row, stage).mean
        axes.barh(place, length, left=start, height=0.66, color=colour)
        start += length
    axes.errorbar(seconds.mean, place, xerr=reach([seconds]), fmt="none", ecolor="#D55E00", elinewidth=1, capsize=2)
    text = f"{seconds.mean:.2f}"
    axes.annotate(text, (seconds.high, place), (4, 0), textcoords="offset points", va="center", fontsize=8)


def _accuracy_axis(panels: Sequence[Axes], low: float = 0.0, high: float = 1.0) -> None:
    for axes in panels:
        axes.set_ylim(max(low - 0.04, -0.02), min(high + 0.04, 1.02))
        place = axes.get_subplotspec()
        if place and place.is_first_col():
            axes.set_ylabel("accuracy", fontsize=8)


def _legend(figure: Figure, sheet: Sheet, *, lines: bool) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for method, style in sheet.styles.items():
        flat = lines and method in FLAT
        handles.append(
            Line2D([], [], color=style.colour, linestyle=style.dash if lines else "", marker="" if flat else style.marker)
        )
    sheet.legend(figure, handles, [sheet.name(method) for method in sheet.styles])

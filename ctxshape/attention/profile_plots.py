"""A position profile as one PNG: accuracy, likelihood and attention by slot, with a line for each list length."""

from __future__ import annotations

from pathlib import Path

from ctxshape.attention.figures import check_matplotlib, save_figure
from ctxshape.core.position_profile import Measure, PositionProfile
from ctxshape.evaluation.report.lettering import Lettering

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")  # the palette of Okabe and Ito
_PANELS: dict[Measure, str] = {
    "accuracy": "share of correct answers",
    "likelihood": "log-probability of the answer, per token",
    "mass": "share of the passages' attention",
}


def draw_profile(profile: PositionProfile, path: str | Path) -> Path:
    """Draws the profile and returns the path of the picture. Raises MissingExtra without matplotlib."""
    check_matplotlib("drawing a profile")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    letters = Lettering.installed()
    shown: list[Measure] = [by for by in _PANELS if any(table.curve(by)[1] for table in profile.tables)]
    figure = Figure(figsize=(3.2 * len(shown) + 0.4, 3.4), dpi=150, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    prompts = sorted({table.prompts for table in profile.tables})
    note = f"{prompts[0]}" + (f" to {prompts[-1]}" if len(prompts) > 1 else "")
    title = letters.text(f"How well {profile.model} reads a list, by the position of the answering passage", 100)
    figure.suptitle(f"{title}\n{note} questions per slot: generated facts and key-value pairs", fontsize=9)
    for number, by in enumerate(shown, 1):
        axes = figure.add_subplot(1, len(shown), number)
        for colour, table in zip(_COLOURS * len(profile.tables), profile.tables, strict=False):
            places, values = table.curve(by)
            if by == "mass":  # an even share is 1, so that lists of different lengths can be compared
                values = [value * table.documents for value in values]
            axes.plot(places, values, color=colour, marker="o", ms=3, lw=1.3, label=f"{table.documents} passages")
        if by == "accuracy":
            axes.set_ylim(-0.03, 1.03)
        axes.set_title(_PANELS[by] + (" (1 is even)" if by == "mass" else ""), fontsize=8)
        axes.set_xticks([0, 0.5, 1], ["first", "middle", "last"])
        axes.tick_params(labelsize=7)
        axes.grid(color="#E4E4E4", lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        if number == 1:
            axes.legend(fontsize=7, frameon=False)
    return save_figure(figure, letters, path)

"""Draws several runs of `orders_and_readers.py` as one picture: accuracy by order, with a panel for each model.

    python examples/measure/orders_picture.py qwen-raw qwen-balanced smollm2-raw smollm2-balanced --out orders.png

The runs of one model, with and without a preset, share a panel, with 95 % confidence intervals. The list as retrieved is not
drawn, since a preset reorders it.
"""

import argparse
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ctxshape.evaluation.report import read_results
from ctxshape.evaluation.report.summary import ResultRow, rows

COLOURS = {"raw": "#D55E00", "balanced": "#009E73", "light": "#0072B2", "thorough": "#CC79A7"}  # of Okabe and Ito
LABELS = {"raw": "all passages"}
ORDERS = {
    "best first": "best first",
    "edges": "best to the edges",
    "best last": "best last",
    "shuffled": "shuffled",
    "profile, likelihood": "Reorder",
}


def panels(folders: list[str]) -> dict[str, list[tuple[str, list[ResultRow]]]]:
    """Returns the runs of each model: the preset, and a row for each order."""
    by_model: dict[str, list[tuple[str, list[ResultRow]]]] = {}
    for folder in folders:
        results = read_results(folder)
        known = {row.method: row for row in rows(results)}
        missing = [order for order in ORDERS if order not in known]
        if missing:
            raise SystemExit(f"{folder} lacks {', '.join(missing)}; run orders_and_readers.py with --profile")
        model = str(results.settings["model"]).removesuffix(".gguf")
        by_model.setdefault(model, []).append((str(results.settings["preset"]), [known[order] for order in ORDERS]))
    return by_model


def draw(axes: Axes, title: str, runs: list[tuple[str, list[ResultRow]]]) -> None:
    """Draws a dot with its interval for each order and run."""
    for number, (preset, table) in enumerate(runs):
        places = [place + 0.16 * (number - (len(runs) - 1) / 2) for place in range(len(table))]
        accuracies = [row.accuracy for row in table if row.accuracy is not None]
        means = [estimate.mean for estimate in accuracies]
        sides = ([e.mean - e.low for e in accuracies], [e.high - e.mean for e in accuracies])
        label = LABELS.get(preset, f"after {preset}")
        axes.errorbar(means, places, xerr=sides, fmt="o", ms=5, capsize=2, color=COLOURS.get(preset), label=label)
    axes.set_title(f"{title}, n = {runs[0][1][0].n}", fontsize=8)
    axes.set_xlim(0, 0.65)
    axes.tick_params(labelsize=8)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="folders that orders_and_readers.py wrote")
    parser.add_argument("--out", type=Path, default=Path("orders.png"))
    arguments = parser.parse_args()
    shown = panels(arguments.runs)
    figure = Figure(figsize=(1.4 + 2.7 * len(shown), 2.9), layout="constrained", dpi=150)
    for axes, (model, runs) in zip(
        figure.subplots(1, len(shown), sharey=True, sharex=True, squeeze=False)[0], shown.items(), strict=True
    ):
        draw(axes, model, runs)
    first = figure.axes[0]
    first.set_yticks(range(len(ORDERS)), list(ORDERS.values()))
    first.invert_yaxis()
    figure.legend(*first.get_legend_handles_labels(), fontsize=8, frameon=False, loc="outside upper left", ncols=2)
    figure.supxlabel("accuracy (best subspan EM), 95 % intervals; ten passages, the gold passage in the middle", fontsize=8)
    figure.savefig(arguments.out)


if __name__ == "__main__":
    main()

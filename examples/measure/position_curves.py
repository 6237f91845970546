"""Draws several runs of `ctxshape bench` as one picture, accuracy by position of the gold passage, and prints it as a table.

    ctxshape bench --data nq.jsonl.gz --model qwen.gguf --methods raw,light,oracle --split odd --n 100 --out qwen-nq
    ctxshape bench --data nq.jsonl.gz --model gemma.gguf --methods raw,light,oracle --split odd --n 100 --out gemma-nq
    python examples/measure/position_curves.py qwen-nq gemma-nq --out curves.png

Each run has a panel of the picture and a table in Markdown.
"""

import argparse
from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report import read_results
from ctxshape.evaluation.report.summary import ResultRow, rows

# Of Okabe and Ito, distinguishable with colour blindness.
COLOURS = {"raw": "#D55E00", "light": "#0072B2", "balanced": "#009E73", "oracle": "#444444"}
SHIFT = 0.06  # between methods, so that their intervals do not hide each other


def panels(folders: list[str], methods: list[str]) -> Iterator[tuple[str, list[ResultRow]]]:
    """Yields the title and the rows of each panel: one for each run and number of documents."""
    for folder in folders:
        results = read_results(folder)
        table = [row for row in rows(results) if row.method in methods]
        model = str(results.settings["model"]).removesuffix(".gguf")
        data = str(results.settings["data"]).partition(".")[0]
        for documents in dict.fromkeys(row.documents for row in table):
            shown = [row for row in table if row.documents == documents]
            yield f"{model}\n{data}, {documents} passages, n = {shown[0].n}", shown


def draw(axes: Axes, title: str, table: list[ResultRow]) -> None:
    """Draws the curves of one panel."""
    for number, row in enumerate(table):
        colour = COLOURS.get(row.method)
        shift = SHIFT * (number - (len(table) - 1) / 2)
        places = [place + shift for place in range(len(row.positions))]
        means = [estimate.mean for estimate in row.positions.values()]
        low = [estimate.mean - estimate.low for estimate in row.positions.values()]
        high = [estimate.high - estimate.mean for estimate in row.positions.values()]
        dash = "--" if row.method == "oracle" else "-"
        axes.errorbar(places, means, (low, high), color=colour, linestyle=dash, marker="o", ms=4, capsize=2, label=row.method)
        axes.set_xticks(range(len(row.positions)), list(row.positions))
    axes.set_title(title, fontsize=7)
    axes.set_ylim(0, 1)
    axes.tick_params(labelsize=7)
    axes.grid(axis="y", alpha=0.3)


def cell(estimate: Estimate | None) -> str:
    """Formats an estimate with its interval."""
    return f"{estimate.mean:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate else ""


def main() -> None:
    """Draws the picture and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--methods", default="raw,light,balanced,oracle")
    parser.add_argument("--out", default="curves.png")
    arguments = parser.parse_args()
    shown = list(panels(arguments.runs, arguments.methods.split(",")))
    lines = max(1, -(-len(shown) // 4))
    columns = -(-len(shown) // lines)
    figure = Figure(figsize=(2.8 * columns, 2.5 * lines), layout="constrained", dpi=150)
    for number, (title, table) in enumerate(shown, 1):
        axes = figure.add_subplot(lines, columns, number)
        draw(axes, title, table)
        if number == 1:
            axes.legend(fontsize=7)
            axes.set_ylabel("accuracy", fontsize=7)
        positions = list(table[0].positions)
        print(
            f"\n{title.replace(chr(10), ', ')}\n\n| method | {' | '.join(positions)} | tokens |",
            f"\n|---|{'---|' * len(positions)}---|",
        )
        for row in table:
            tokens = f"{row.prompt_tokens.mean:,.0f}" if row.prompt_tokens else ""
            print(f"| {row.method} | {' | '.join(map(cell, row.positions.values()))} | {tokens} |")
    figure.savefig(arguments.out)


if __name__ == "__main__":
    main()

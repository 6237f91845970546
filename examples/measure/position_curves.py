"""One picture of several runs of `ctxshape bench`: accuracy by position of the gold passage, a panel for each run.

    ctxshape bench --data nq.jsonl.gz --model qwen.gguf --methods raw,light,oracle --split odd --n 100 --out qwen-nq
    ctxshape bench --data nq.jsonl.gz --model gemma.gguf --methods raw,light,oracle --split odd --n 100 --out gemma-nq
    python examples/measure/position_curves.py qwen-nq gemma-nq --out curves.png

It also prints the figures as a table in Markdown.
"""

import argparse
from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report import read_results
from ctxshape.evaluation.report.summary import ResultRow, rows

# Okabe and Ito's, told apart by all eyes.
COLOURS = {"raw": "#D55E00", "light": "#0072B2", "balanced": "#009E73", "oracle": "#444444"}
DODGE = 0.06


def panels(folders: list[str], methods: list[str]) -> Iterator[tuple[str, list[ResultRow]]]:
    """A title and the rows of each run and number of documents."""
    for folder in folders:
        results = read_results(folder)
        found = [row for row in rows(results) if row.method in methods]
        model = str(results.settings["model"]).removesuffix(".gguf")
        data = str(results.settings["data"]).partition(".")[0]
        for documents in dict.fromkeys(row.documents for row in found):
            here = [row for row in found if row.documents == documents]
            yield f"{model}\n{data}, {documents} passages, n = {here[0].n}", here


def draw(axes: Axes, title: str, found: list[ResultRow]) -> None:
    """The curves of one panel; oracle is the same at any position."""
    for number, row in enumerate(found):
        colour = COLOURS.get(row.method)
        shift = DODGE * (number - (len(found) - 1) / 2)  # else intervals hide each other
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
    """An estimate with its interval."""
    return f"{estimate.mean:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate else ""


def main() -> None:
    """Draw the picture and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--methods", default="raw,light,balanced,oracle")
    parser.add_argument("--out", default="curves.png")
    arguments = parser.parse_args()
    shown = list(panels(arguments.runs, arguments.methods.split(",")))
    lines = max(1, -(-len(shown) // 4))
    columns = -(-len(shown) // lines)
    figure = Figure(figsize=(2.8 * columns, 2.5 * lines), layout="constrained", dpi=150)
    for number, (title, found) in enumerate(shown, 1):
        axes = figure.add_subplot(lines, columns, number)
        draw(axes, title, found)
        if number == 1:
            axes.legend(fontsize=7)
            axes.set_ylabel("accuracy", fontsize=7)
        positions = list(found[0].positions)
        print(
            f"\n{title.replace(chr(10), ', ')}\n\n| method | {' | '.join(positions)} | tokens |",
            f"\n|---|{'---|' * len(positions)}---|",
        )
        for row in found:
            tokens = f"{row.prompt_tokens.mean:,.0f}" if row.prompt_tokens else ""
            print(f"| {row.method} | {' | '.join(map(cell, row.positions.values()))} | {tokens} |")
    figure.savefig(arguments.out)


if __name__ == "__main__":
    main()

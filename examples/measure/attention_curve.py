"""Measures the attention from the question to each of ten passages, as retrieved and as shaped, and how well it ranks them.

    python examples/measure/attention_curve.py nq.jsonl.gz smollm2.gguf qwen.gguf --n 20 --split odd --out folder
        [--heads smollm2.json qwen.json] [--embedder FOLDER]

The data file has one of the forms of `ctxshape bench --data`. The gold passage is in the middle. `folder` gets `curve.png`
and `readings.jsonl`, with one line for each model and question; an interrupted run resumes. The program prints the mean
share of attention by slot, and the share of the gold passage before and after the light preset. It also prints how often
the gold passage is ranked first, with a 95 % bootstrap interval, and its mean reciprocal rank. The rankings are attention
mass, RankByAttention (over all heads, and over the heads in a model's file of `ctxshape profile`), BM25, an embedder of whole
passages, and their reciprocal rank fusion.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from shared import add_split

from ctxshape import LlamaCpp, PipelineSpec, render
from ctxshape.attention.xray import CAUTION
from ctxshape.core.attention import Head
from ctxshape.core.ranking import fuse, ranks, titled
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.datasets import load_cases
from ctxshape.evaluation.metrics.statistics import estimate
from ctxshape.evidence.attention import document_scores
from ctxshape.inputs.models import embedder_from
from ctxshape.scorers.bm25 import bm25_of
from ctxshape.scorers.similarity import Similarity
from ctxshape.transforms.attention import attention_maps, read_heads

PASSAGES = 10
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # of Okabe and Ito
RANKERS = {
    "mass": "attention mass",
    "added": "RankByAttention, all heads",
    "heads": "RankByAttention, chosen heads",
    "bm25": "BM25",
    "embedder": "the embedder",
    "fused": "BM25 and the embedder",
    "all": "BM25, the embedder and chosen heads",
}


def read_one(backend: LlamaCpp, case: Case, heads: list[Head] | None, similarity: Similarity | None) -> dict[str, Any]:
    """Returns the attention masses by slot, those of the gold passage, and its rank by each method, for one question."""
    arrangement = arrange(case, PASSAGES, "middle")
    context, gold = arrangement.context, arrangement.slots[0]
    asked, empty = attention_maps(backend, context)
    shaped = PipelineSpec(preset="light").resolve()(context)
    kept = [document.id for document in shaped.documents]
    after = backend.attend(render(shaped)).by_document() if kept else np.zeros(0)
    id = context.documents[gold].id
    scores: dict[str, Sequence[float]] = {
        "mass": list(asked.by_document()),
        "added": list(document_scores(asked, empty)),
        "bm25": list(bm25_of(case.question, context.documents)),
    }
    if heads is not None:
        scores["heads"] = list(document_scores(asked, empty, heads))
    if similarity is not None:
        scores["embedder"] = list(similarity.score(case.question, [titled(d, d.text) for d in context.documents]))
        scores["fused"] = fuse([ranks(scores[name]) for name in ("bm25", "embedder")])
        if heads is not None:
            scores["all"] = fuse([ranks(scores[name]) for name in ("bm25", "embedder", "heads")])
    return {
        "question": case.question,
        "masses": [round(float(mass), 6) for mass in asked.by_document()],
        "lead": round(asked.lead, 6),
        "tail": round(asked.tail, 6),
        "gold": gold,
        "shaped": round(float(after[kept.index(id)]), 6) if id in kept else 0.0,
        "kept": len(kept),
        "place": {name: ranks(values).index(gold) + 1 for name, values in scores.items()},
    }


def collect(arguments: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Returns the readings of each model: those in the folder, and the missing ones, which it computes."""
    file = Path(arguments.out) / "readings.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    cases = load_cases(arguments.data, n=arguments.n, split=arguments.split)
    wanted = [case.question for case in cases]
    found: dict[str, list[dict[str, Any]]] = {}
    similarity = Similarity(embedder=embedder_from(arguments.embedder)) if arguments.embedder else None
    for path, profile in zip(map(Path, arguments.models), arguments.heads or [None] * len(arguments.models), strict=True):
        known = {row["question"]: row for row in kept if row["model"] == path.name}
        missing = [] if arguments.stored else [case for case in cases if case.question not in known]
        with LlamaCpp(path, n_ctx=4096, n_threads=arguments.threads) as backend, file.open("a", encoding="utf-8") as lines:
            heads = read_heads(profile, backend) if profile and missing else None
            for number, case in enumerate(missing, 1):
                known[case.question] = {"model": path.name, **read_one(backend, case, heads, similarity)}
                print(json.dumps(known[case.question], ensure_ascii=False), file=lines, flush=True)
                print(f"{path.name}: {number} of {len(missing)}", flush=True)
        found[path.name] = [known[question] for question in wanted if question in known]
    return found


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Draws the curves by slot on the left, and the gold passage before and after shaping on the right."""
    figure = Figure(figsize=(9, 3.9), layout="constrained", dpi=150)
    slots, gold = figure.subplots(1, 2, width_ratios=(3, 1.3))
    for number, (colour, (model, rows)) in enumerate(zip(COLOURS, found.items(), strict=False)):
        masses = 100 * np.array([row["masses"] for row in rows])
        label = f"{model.removesuffix('.gguf')}, n = {len(rows)}"
        slots.errorbar(
            range(1, PASSAGES + 1), masses.mean(0), error(masses), color=colour, marker="o", ms=4, capsize=2, label=label
        )
        sides = 100 * np.array([[row["masses"][row["gold"]], row["shaped"]] for row in rows])
        places = np.array([0, 1]) + 0.36 * number - 0.18 * (len(found) - 1)
        gold.bar(places, sides.mean(0), 0.34, yerr=error(sides), color=colour, capsize=2, error_kw={"lw": 0.8})
        for place, mean in zip(places, sides.mean(0), strict=True):
            gold.annotate(f"{mean:.1f}", (place, 0.3), ha="center", color="white", fontsize=8)
    slots.axvline(5, color="#BBBBBB", lw=6, zorder=0, alpha=0.5)
    slots.set_title("As retrieved: share of each slot (the gold passage is in slot 5)", fontsize=9)
    slots.set_xlabel("slot of the passage in the prompt", fontsize=8)
    slots.set_ylabel("% of the question's attention", fontsize=8)
    slots.set_xticks(range(1, PASSAGES + 1))
    slots.set_ylim(0)
    slots.legend(fontsize=8, frameon=False)
    gold.set_title("Gold passage", fontsize=9)
    gold.set_xticks([0, 1], ["as retrieved", "shaped (light)"])
    for axes in (slots, gold):
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#E4E4E4", lw=0.6)
        axes.set_axisbelow(True)
    figure.supxlabel(CAUTION.replace("used. Each", "used.\nEach"), fontsize=7, color="#B34700")
    figure.savefig(path)


def error(rows: Any) -> Any:  # noqa: ANN401  arrays
    """Returns the standard error of the mean of each column."""
    return rows.std(0, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.zeros(rows.shape[1])


def main() -> None:
    """Reads, prints and draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--n", type=int, default=20)
    add_split(parser, "all")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--heads", nargs="+", help="a file of `ctxshape profile` for each model")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--stored", action="store_true", help="run no model, only print and draw the stored readings")
    parser.add_argument("--out", default="attention")
    arguments = parser.parse_args()
    if arguments.heads and len(arguments.heads) != len(arguments.models):
        parser.error(f"{len(arguments.models)} models but {len(arguments.heads)} --heads; give a file for each model")
    found = {model: rows for model, rows in collect(arguments).items() if rows}
    for model, rows in found.items():
        masses = np.array([row["masses"] for row in rows])
        before, after = masses[:, rows[0]["gold"]].mean(), np.mean([row["shaped"] for row in rows])
        print(f"\n{model}, n = {len(rows)}; % of attention by slot:", (100 * masses.mean(0)).round(1).tolist())
        print(f"the gold passage: {before:.1%} as retrieved, {after:.1%} shaped")
        for name, title in RANKERS.items():
            places = np.array([row["place"][name] for row in rows if name in row["place"]])
            if places.size:
                first = estimate([[float(place == 1)] for place in places])
                interval = f"{first.mean:.2f} [{first.low:.2f}, {first.high:.2f}]"
                print(f"ranked first by {title}: {interval}, MRR {np.mean(1 / places):.2f}, n = {places.size}")
    draw(found, Path(arguments.out) / "curve.png")


if __name__ == "__main__":
    main()

"""Measures how well the evidence model's probabilities and its sufficiency hold on questions that it was not fitted to.

    python examples/measure/calibration.py FILE.jsonl.gz … --out FOLDER [--embedder FOLDER] [--multilingual FILE.jsonl.gz …]
        [--half report] [--limit 60] [--vectors FOLDER] [--model weights.json]

The files are those of `evidence_on_sets.py`. Similarities of FILE are by --embedder, those of --multilingual by the
multilingual Universal Sentence Encoder; all files are also measured with words alone. Writes to the folder:

- `calibration.png`: a reliability diagram for each set; bars are 95 % intervals (Wilson), of at least ten sentences;
- `calibration.md`: for each set, the expected calibration error (ECE) of sentences and other units, over all and over those
  with a probability of at least 0.1; the AUROC of the sufficiency of lists as they are against the same without their gold
  passages; and that of answerable against unanswerable questions.

Intervals in the table are 95 %, by bootstrap over cases.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from evidence_cases import Variant, labels, variants
from evidence_lists import cached
from evidence_scores import auroc, calibration_error, reliability
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from real_cases import HALVES, read_cases

from ctxshape.core.analysis import analysis_of
from ctxshape.core.protocols import Scores
from ctxshape.evidence.estimation import Estimator
from ctxshape.evidence.model import WORDS, WORDS_AND_SIMILARITY
from ctxshape.inputs.models import embedder_from
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.similarity import Similarity

_COLOURS = {WORDS: "#0072B2", WORDS_AND_SIMILARITY: "#D55E00"}  # of Okabe and Ito
_LIKELY = 0.1
_FEWEST = 10  # units of a bin that is drawn
_SAMPLES, _SEED = 500, 0
_COLUMNS = 5

Measure = Callable[[Sequence["Measured"]], float | None]


class Measured(NamedTuple):
    """The predictions for one case.

    - `predicted`, `evidence`: the probability of each unit of the list as it is, and 1 if it is evidence.
    - `whole`, `without`: the sufficiency of the list, and of that without its gold passages if it has others.
    - `suffices`: whether the list does suffice; None if that is not known.
    """

    predicted: Scores
    evidence: Scores
    whole: float | None
    without: float | None
    suffices: bool | None


def measured(lists: Sequence[Variant], estimator: Estimator) -> Measured:
    """Returns the predictions for the list of a case as it is and, if there is one, without its gold passages."""
    predicted, evidence = np.zeros(0), np.zeros(0)
    sufficiency: dict[str, float | None] = {}
    for variant in lists:
        context = variant.context()
        pieces = [analysis_of(context).pieces(document) for document in context.documents]
        estimate = estimator(context, pieces)
        sufficiency[variant.tag] = None if estimate.sufficiency is None else estimate.sufficiency.probability
        if variant.tag == "as it is":
            best = estimate.best()
            predicted = np.array([best[d, s] for d, own in enumerate(pieces) for s in range(len(own))])
            evidence = np.array(labels(variant, pieces).units)
    return Measured(predicted, evidence, sufficiency["as it is"], sufficiency.get("without evidence"), lists[0].suffices)


def error(cases: Sequence[Measured]) -> float | None:
    """Returns the expected calibration error over all units."""
    predicted, evidence = _units(cases)
    return calibration_error(predicted, evidence) if len(predicted) else None


def error_of_likely(cases: Sequence[Measured]) -> float | None:
    """Returns the expected calibration error over the units with a probability of at least 0.1."""
    predicted, evidence = _units(cases)
    likely = predicted >= _LIKELY
    return calibration_error(predicted[likely], evidence[likely]) if likely.any() else None


def told_from_without(cases: Sequence[Measured]) -> float | None:
    """Returns the AUROC of lists as they are against the same lists without their gold passages."""
    pairs = [(one.whole, one.without) for one in cases if one.suffices]
    true = [whole for whole, without in pairs if whole is not None and without is not None]
    false = [without for whole, without in pairs if whole is not None and without is not None]
    return auroc(np.array(true + false), np.array([1.0] * len(true) + [0.0] * len(false)))


def told_from_unanswerable(cases: Sequence[Measured]) -> float | None:
    """Returns the AUROC of the lists of answerable against those of unanswerable questions."""
    known = [(one.whole, float(one.suffices)) for one in cases if one.whole is not None and one.suffices is not None]
    return auroc(np.array([whole for whole, _ in known]), np.array([suffices for _, suffices in known]))


MEASURES: Mapping[str, Measure] = {
    "ECE": error,
    "ECE, 0.1 and more": error_of_likely,
    "AUROC, without gold": told_from_without,
    "AUROC, unanswerable": told_from_unanswerable,
}


def _units(cases: Sequence[Measured]) -> tuple[Scores, Scores]:
    return np.concatenate([one.predicted for one in cases]), np.concatenate([one.evidence for one in cases])


def interval(cases: Sequence[Measured], measure: Measure) -> str:
    """Formats a measure with its 95 % bootstrap interval over cases."""
    value = measure(cases)
    if value is None:
        return "–"
    rng = np.random.default_rng(_SEED)
    drawn = [measure([cases[k] for k in rng.integers(len(cases), size=len(cases))]) for _ in range(_SAMPLES)]
    low, high = np.percentile([one for one in drawn if one is not None], [2.5, 97.5])
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def table(sets: Mapping[str, Mapping[str, Sequence[Measured]]]) -> list[str]:
    """Returns the lines of a Markdown table: one for each set and group of features."""
    lines = [f"| set | by | n | {' | '.join(MEASURES)} |", "|---" * (len(MEASURES) + 3) + "|"]
    for name, groups in sets.items():
        for group, cases in groups.items():
            cells = [interval(cases, measure) for measure in MEASURES.values()]
            lines.append(f"| {name} | {group} | {len(cases)} | {' | '.join(cells)} |")
    return lines


def draw(axes: Axes, name: str, groups: Mapping[str, Sequence[Measured]]) -> None:
    """Draws the observed share against the predicted probability of each bin."""
    axes.plot([0, 1], [0, 1], color="#999999", lw=0.8, ls="--", zorder=1)
    for group, cases in groups.items():
        bins = [one for one in reliability(*_units(cases)) if one.number >= _FEWEST]
        sides = [one.wilson() for one in bins]
        axes.errorbar(
            [one.predicted for one in bins],
            [one.observed for one in bins],
            yerr=np.array([[one.observed - low, high - one.observed] for one, (low, high) in zip(bins, sides, strict=True)]).T,
            fmt="o-",
            ms=3,
            lw=1,
            elinewidth=0.7,
            color=_COLOURS[group],
            label=group,
        )
    axes.set_title(f"{name}, n = {max(map(len, groups.values()))}", fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def picture(sets: Mapping[str, Mapping[str, Sequence[Measured]]]) -> Figure:
    """Returns the reliability diagrams of all sets in one figure."""
    columns = min(_COLUMNS, len(sets))
    rows = -(-len(sets) // columns)
    figure = Figure(figsize=(0.5 + 1.9 * columns, 0.9 + 2.0 * rows), layout="constrained", dpi=150)
    panels = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat)
    for axes, (name, groups) in zip(panels, sets.items(), strict=False):
        draw(axes, name, groups)
    for axes in panels[len(sets) :]:
        axes.set_axis_off()
    handles = {label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(list(handles.values()), list(handles), fontsize=8, frameon=False, loc="outside upper left", ncols=2)
    figure.supxlabel("predicted probability that a sentence is evidence", fontsize=9)
    figure.supylabel("share that is evidence", fontsize=9)
    return figure


def main() -> None:
    """Measures all files, writes the picture and the table, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--embedder", help="a folder or a hub name")
    parser.add_argument("--dtype", help="the number format of the embedder's model, such as bfloat16")
    parser.add_argument("--multilingual", nargs="*", type=Path, default=[], help="data files for the universal encoder")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--limit", type=int, help="cases of each file; all of the half if not given")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--model", type=Path, help="another weights file than that of the library")
    parser.add_argument("--out", type=Path, required=True, help="a folder for calibration.png and calibration.md")
    options = parser.parse_args()
    scorers: dict[str, Similarity] = {}
    if options.embedder:
        given = embedder_from(options.embedder, options.dtype)
        scorers["embedder"] = Similarity(embedder=cached(given, f"{options.embedder} {options.dtype}", options.vectors))
    if options.multilingual:
        scorers["universal"] = Similarity(embedder=cached(embedder_from("universal"), None, options.vectors))
    sets: dict[str, dict[str, list[Measured]]] = {}
    for path, scorer in [(path, "embedder") for path in options.files] + [(path, "universal") for path in options.multilingual]:
        cases = read_cases(path, options.half, options.limit, unanswerable=True)
        estimators = {WORDS: Estimator((Bm25(),), model=options.model)}
        if scorer in scorers:
            estimators[WORDS_AND_SIMILARITY] = Estimator((Bm25(), scorers[scorer]), model=options.model)
        name = path.name.partition(".")[0].partition("-dev")[0]
        lists = [list(variants(case, changed=False)) for case in cases]
        sets[name] = {group: [measured(own, estimator) for own in lists] for group, estimator in estimators.items()}
        print(f"{name}: {len(cases)} cases", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    lines = table(sets)
    (options.out / "calibration.md").write_text("\n".join([*lines, ""]), encoding="utf-8")
    picture(sets).savefig(options.out / "calibration.png")
    print("\n".join(["", *lines]))


if __name__ == "__main__":
    main()

"""Trains the evidence model: writes `ctxshape/evidence/weights.json` from the tuning halves of evaluation sets.

    python examples/measure/train_evidence.py FILE.jsonl.gz … code --embedder FOLDER --out weights.json
        [--multilingual FILE.jsonl.gz …] [--features FOLDER] [--vectors FOLDER] [--limit 120]

The files are those of `evidence_on_sets.py`; `code` stands for functions of Python's standard library. The lists of FILE get
similarities by --embedder, those of --multilingual by the multilingual Universal Sentence Encoder; a file may be in both.
Needs scikit-learn, which `pip install 'ctxshape[embed]'` brings along.

Each case gives lists as it is and changed ones (see `evidence_cases.py`). For each group of features, "words" and "words and
similarity", boosted trees learn which units are evidence, and a logistic model learns which lists suffice, from what the trees
say about lists that they were not fitted to. The table is cross-validated by case, in four folds:

- `ece`, `ap`: expected calibration error and average precision of the units, on lists as they are;
- `128`, `256`, `512`: excerpts, or else facts, that the most likely units show within so many tokens;
- `no evidence`: AUROC of sufficiency, lists as they are against the same ones without their evidence;
- `unanswerable`: AUROC of sufficiency, answerable against unanswerable questions;
- `a part`: AUROC of sufficiency, short lists against those without one of the passages that are needed.

The same data, models and versions give the same file. --features keeps the features by set, so that a run can be resumed.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from evidence_cases import variants
from evidence_code import code_cases
from evidence_fit import Trees, file_text, fit_logistic, fit_trees, rounded
from evidence_lists import Listed, cached, digest_of_features, read_or_make, units_of
from evidence_scores import auroc, average_precision, calibration_error, kept, mean
from real_cases import read_cases

from ctxshape.core.protocols import Embedder, Scores
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.evidence.features.names import OF_SIMILARITY, OF_WORDS
from ctxshape.evidence.model import WORDS, WORDS_AND_SIMILARITY, Linear
from ctxshape.inputs.models import embedder_from

CODE = Path("code")
_FOLDS = 4
_UNIVERSAL = ", universal"  # behind the name of a set that the universal encoder read
_LACKS_A_PART = 0.3  # weight of a list that lacks one part of its evidence: that is hard to see
_BUDGETS = (128, 256, 512)
_OF_WORDS = (
    *("best", "second", "expected", "missing", "facets", "facets_named", "asks_value", "title_asked"),
    *("bm25", "bm25_document", "cjk", "asks_several"),
)
_OF_SIMILARITY = ("similarity", "similarity_of_likely", "similarity_of_list", "similarity_spread")
_GROUPS = {WORDS: (OF_WORDS, _OF_WORDS), WORDS_AND_SIMILARITY: ((*OF_WORDS, *OF_SIMILARITY), (*_OF_WORDS, *_OF_SIMILARITY))}


class Validated(NamedTuple):
    """Predictions for lists by models that were not fitted to them: for each list, those of its units and of itself."""

    lists: Sequence[Listed]
    units: list[Scores]
    sufficiency: Scores


def fold_of(case: str) -> int:
    """Returns the fold of a case by its id, so that all lists of a case are in the same one."""
    return int(hashlib.sha256(case.encode()).hexdigest(), 16) // 2 % _FOLDS


def read_lists(files: Sequence[Path], embedder: Embedder, options: argparse.Namespace, suffix: str = "") -> Iterator[Listed]:
    """Yields the lists of the sets, with features of similarity by one embedder."""
    counter = CountOnce(default_counter())
    for path in files:
        cases = code_cases(options.limit) if path == CODE else read_cases(path, "tuning", options.limit, unanswerable=True)
        own = [variant for case in cases for variant in variants(case)]
        data = b"" if path == CODE else path.read_bytes()
        name = path.name.partition(".")[0] + suffix
        known = options.features / f"{name}-{options.limit}-{digest_of_features(data)}.npz"
        units = read_or_make(known, own, lambda variant: units_of(variant, embedder, counter))
        print(f"{name}: {len(cases)} cases, {len(own)} lists", flush=True)
        yield from (Listed(name, variant, one) for variant, one in zip(own, units, strict=True) if len(one.evidence))


def trees_for(lists: Sequence[Listed], columns: Sequence[str]) -> Trees:
    """Returns trees fitted to all units of the lists; the lists of a set and a tag weigh like the root of their number."""
    number = Counter((one.name, one.variant.tag) for one in lists)
    weights = [np.full(len(one.units.evidence), number[one.name, one.variant.tag] ** -0.5) for one in lists]
    weight = np.concatenate(weights)
    rows = np.concatenate([one.units.matrix(columns) for one in lists])
    return fit_trees(columns, rows, np.concatenate([one.units.evidence for one in lists]), weight / weight.mean())


def linear_for(lists: Sequence[Listed], values: Sequence[Mapping[str, float]], names: Sequence[str]) -> Linear:
    """Returns the logistic model of sufficiency; lists of which it is unknown do not count."""
    known = [number for number, one in enumerate(lists) if one.variant.suffices is not None]
    number = Counter((lists[k].name, lists[k].variant.suffices) for k in known)
    weights = np.array([number[lists[k].name, lists[k].variant.suffices] ** -0.5 for k in known])
    weights[[lists[k].variant.tag == "without a part" for k in known]] *= _LACKS_A_PART
    outcomes = np.array([float(bool(lists[k].variant.suffices)) for k in known])
    return fit_logistic(names, [values[k] for k in known], outcomes, weights / weights.mean())


def train(lists: Sequence[Listed], group: str) -> tuple[Trees, Linear, Validated]:
    """Returns the trees and the logistic model for a group of features, and cross-validated predictions."""
    columns, names = _GROUPS[group]
    folds = np.array([fold_of(one.variant.case.id) for one in lists])
    units: list[Scores] = [np.zeros(0)] * len(lists)
    for fold in range(_FOLDS):
        forest = trees_for([one for one, own in zip(lists, folds, strict=True) if own != fold], columns).forest()
        for number in np.flatnonzero(folds == fold).tolist():
            units[number] = _sigmoid(forest.log_odds(lists[number].units.matrix(columns).astype(np.float64)))
    values = [one.sufficiency_features(own) for one, own in zip(lists, units, strict=True)]
    sufficiency = np.zeros(len(lists))
    for fold in range(_FOLDS):
        others = np.flatnonzero(folds != fold).tolist()
        linear = linear_for([lists[k] for k in others], [values[k] for k in others], names)
        for number in np.flatnonzero(folds == fold).tolist():
            sufficiency[number] = _sigmoid(np.array(linear.log_odds(values[number])))
    return trees_for(lists, columns), linear_for(lists, values, names), Validated(lists, units, sufficiency)


def scores(found: Validated, name: str | None = None) -> dict[str, float | None]:
    """Returns the columns of the table for a set, or for all sets together."""
    own = [k for k, one in enumerate(found.lists) if name in (None, one.name)]
    whole = [k for k in own if found.lists[k].variant.tag == "as it is"]
    predicted = np.concatenate([found.units[k] for k in whole])
    evidence = np.concatenate([found.lists[k].units.evidence for k in whole])
    with_parts = {one.variant.case.id for one in found.lists if one.variant.tag == "without a part"}

    def told(keep: Callable[[Listed], bool]) -> float | None:
        chosen = [k for k in own if found.lists[k].variant.suffices is not None and keep(found.lists[k])]
        outcomes = np.array([float(bool(found.lists[k].variant.suffices)) for k in chosen])
        return auroc(found.sufficiency[chosen], outcomes)

    return {
        "n": float(len(whole)),
        "ece": calibration_error(predicted, evidence),
        "ap": average_precision(predicted, evidence),
        **{str(b): mean([kept(found.lists[k].units, found.units[k], b) for k in whole]) for b in _BUDGETS},
        "no evidence": told(lambda one: bool(one.variant.case.gold) and one.variant.tag in ("as it is", "without evidence")),
        "unanswerable": told(lambda one: one.variant.tag == "as it is"),
        "a part": told(lambda one: one.variant.tag in ("short", "without a part") and one.variant.case.id in with_parts),
    }


def table(found: Validated) -> list[str]:
    """Returns the lines of a Markdown table: one for each set."""
    rows = {name: scores(found, name) for name in dict.fromkeys(one.name for one in found.lists)} | {"all": scores(found)}
    lines = [f"| set | {' | '.join(rows['all'])} |", "|---" * (len(rows["all"]) + 1) + "|"]
    for name, row in rows.items():
        cells = ["–" if value is None else f"{value:.0f}" if key == "n" else f"{value:.3f}" for key, value in row.items()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _once(lists: Sequence[Listed]) -> list[Listed]:
    """Returns the lists without those that both embedders read: their features of words are the same."""
    found: dict[tuple[str, str, str], Listed] = {}
    for one in lists:
        found.setdefault((one.name.removesuffix(_UNIVERSAL), one.variant.case.id, one.variant.tag), one)
    return list(found.values())


def _sigmoid(odds: Scores) -> Scores:
    return 1 / (1 + np.exp(-odds))


def main() -> None:
    """Trains both groups, prints their tables and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="data files, or `code`")
    parser.add_argument("--embedder", required=True, help="a folder or a hub name")
    parser.add_argument("--dtype", help="the number format of the embedder's model, such as bfloat16")
    parser.add_argument("--multilingual", nargs="*", type=Path, default=[], help="data files for the universal encoder")
    parser.add_argument("--features", type=Path, default=Path("evidence-features"), help="a folder that keeps features")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--limit", type=int, default=120, help="cases of each set")
    parser.add_argument("--out", type=Path, required=True, help="the weights file")
    options = parser.parse_args()
    embedder = cached(embedder_from(options.embedder, options.dtype), f"{options.embedder} {options.dtype}", options.vectors)
    lists = list(read_lists(options.files, embedder, options))
    if options.multilingual:
        several = cached(embedder_from("universal"), None, options.vectors)
        lists += read_lists(options.multilingual, several, options, suffix=_UNIVERSAL)
    models, sufficiency, calibration = {}, {}, {}
    for group in _GROUPS:
        models[group], sufficiency[group], found = train(_once(lists) if group == WORDS else lists, group)
        print("\n".join(["", f"{group}:", "", *table(found)]), flush=True)
        rows = {name: scores(found, name) for name in dict.fromkeys(one.name for one in found.lists)}
        calibration[group] = {name: {key: rounded(row[key] or 0.0) for key in ("n", "ece")} for name, row in rows.items()}
    options.out.write_text(file_text(models, sufficiency, calibration), encoding="utf-8")


if __name__ == "__main__":
    main()

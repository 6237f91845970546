"""The units of many lists as arrays: features, labels and costs, kept in a folder. Used by the scripts of the model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from evidence_cases import Variant, labels
from numpy.typing import NDArray

import ctxshape.evidence.features
import ctxshape.scorers.scale
from ctxshape.core.analysis import Analysis, analysis_of
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Embedder, Matrix, Scores, TokenCounter
from ctxshape.core.types import Context
from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.evidence.features.names import OF_SIMILARITY, OF_WORDS
from ctxshape.evidence.features.table import Features
from ctxshape.evidence.features.units import UnitTable
from ctxshape.evidence.sufficiency import sufficiency_features
from ctxshape.scorers.similarity import Similarity


class Units(NamedTuple):
    """The units of one list.

    - `rows`: the features, shape (units, features), in the order of `columns`.
    - `evidence`: 1 for a unit that is evidence, shape (units,).
    - `costs`: the tokens of each unit. `heads`: those of the line above each document. `document_of`: of each unit.
    - `needs`: the units that come along with each unit. `supporting`, `facts`: see `evidence_cases.Labels`.
    """

    columns: tuple[str, ...]
    rows: Matrix
    evidence: Scores
    costs: Scores
    heads: Scores
    document_of: Scores
    needs: list[list[int]]
    supporting: list[frozenset[int]]
    facts: list[frozenset[int]]

    def matrix(self, names: Sequence[str]) -> Matrix:
        """Returns the named features, shape (units, names)."""
        return self.rows[:, [self.columns.index(name) for name in names]]


class Listed(NamedTuple):
    """A list of the set `name`, and its units."""

    name: str
    variant: Variant
    units: Units

    def sufficiency_features(self, probabilities: Scores) -> dict[str, float]:
        """Returns the features of the list, for probabilities of its units."""
        table, analysis = _table(self.variant.context())
        return sufficiency_features(_Known(table, self.units), analysis, probabilities)


class _Known(Features):
    """Features that were computed before."""

    def __init__(self, table: UnitTable, units: Units) -> None:
        self.table = table
        self.by_name = dict(zip(units.columns, units.rows.T, strict=True))


def units_of(variant: Variant, embedder: Embedder | None, counter: TokenCounter) -> Units:
    """Returns the units of a list, with features of similarity if there is an embedder."""
    context = variant.context()
    table, analysis = _table(context)
    columns = OF_WORDS if embedder is None else (*OF_WORDS, *OF_SIMILARITY)
    features = Features(table, analysis, None if embedder is None else Similarity(embedder=embedder))
    evidence, supporting, facts = labels(variant, table.pieces)
    empty = [document.model_copy(update={"text": ""}) for document in context.documents]
    return Units(
        columns,
        features.matrix(columns).astype(np.float32),
        np.array(evidence),
        np.array([counter.count_tokens(table.pieces[d][s].text) + 1.0 for d, s in table.places]),
        np.array([float(counter.count_tokens(text)) for text in document_texts(context.query, empty)]),
        table.document_of.astype(np.float64),
        table.needs,
        supporting,
        facts,
    )


def read_or_make(path: Path, variants: Iterable[Variant], make: Callable[[Variant], Units]) -> list[Units]:
    """Returns the units of each list, from a file if it is there; otherwise it is written."""
    if not path.exists():
        made = [make(variant) for variant in variants]
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez_compressed(unfinished, allow_pickle=False, **_packed(made))
        unfinished.replace(path)
    with np.load(path) as arrays:
        return _unpacked(arrays)


_PER_UNIT = ("rows", "evidence", "costs", "document_of")


def _packed(lists: Sequence[Units]) -> dict[str, NDArray[Any]]:
    sets = [[one.needs, [*map(sorted, one.supporting)], [*map(sorted, one.facts)]] for one in lists]
    return {
        **{name: np.concatenate([getattr(one, name) for one in lists]) for name in (*_PER_UNIT, "heads")},
        "sizes": np.array([[len(one.evidence), len(one.heads)] for one in lists]),
        "columns": np.array(lists[0].columns),
        "sets": np.array(json.dumps(sets)),
    }


def _unpacked(arrays: Mapping[str, NDArray[Any]]) -> list[Units]:
    ends = np.cumsum(arrays["sizes"], axis=0)
    parts = {name: np.split(arrays[name], ends[:-1, 0]) for name in _PER_UNIT}
    heads = np.split(arrays["heads"], ends[:-1, 1])
    columns = tuple(map(str, arrays["columns"]))
    lists = []
    for number, (needs, supporting, facts) in enumerate(json.loads(str(arrays["sets"]))):
        rows, evidence, costs, document_of = (parts[name][number] for name in _PER_UNIT)
        sets = [*map(frozenset, supporting)], [*map(frozenset, facts)]
        lists.append(Units(columns, rows, evidence, costs, heads[number], document_of, needs, *sets))
    return lists


def _table(context: Context) -> tuple[UnitTable, Analysis]:
    analysis = analysis_of(context)
    pieces = [analysis.pieces(document) for document in context.documents]
    return UnitTable(context, context.query, pieces), analysis


def digest_of_features(data: bytes) -> str:
    """Returns a digest of a data file and of the code that computes features and labels."""
    folders = map(Path, ctxshape.evidence.features.__path__)
    sources = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    sources += [Path(ctxshape.scorers.scale.__file__), Path(__file__).parent / "evidence_cases.py"]
    return hashlib.sha256(b"\0".join([data, *(path.read_bytes() for path in sources)])).hexdigest()[:12]


def cached(embedder: Embedder, name: str | None, folder: Path | None) -> Embedder:
    """Returns an embedder that keeps its vectors in a folder, or the embedder itself without one."""
    if folder is None:
        return embedder
    return CachedEmbedder(embedder=embedder, name=name, folder=folder, most=400_000, most_on_disk=2_000_000)

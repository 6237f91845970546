"""The table of features: one row for each unit, one column for each name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ctxshape.core.analysis import Analysis
from ctxshape.core.protocols import Scores
from ctxshape.evidence.features.structure import structure_features
from ctxshape.evidence.features.titles import TitleNames
from ctxshape.evidence.features.units import Indices, Table, UnitTable
from ctxshape.evidence.features.vectors import vector_features
from ctxshape.evidence.features.words import word_features
from ctxshape.evidence.forest import Forest
from ctxshape.scorers.similarity import Similarity


class Features:
    """The features of a context's units: without an embedder those of words, titles and structure.

    - `embedder`: measures similarity; None for a context without one. `depth`: how many documents it reads, the best by
      words; a unit that was not read counts as the least similar of those that were.
    """

    def __init__(self, table: UnitTable, analysis: Analysis, embedder: Similarity | None = None, depth: int = 20) -> None:
        self.table = table
        titles = TitleNames(table)
        words = word_features(table, analysis)
        likely = 1.4 * words["bm25_document_standard"] + 0.6 * words["bm25_standard"]
        self.by_name = words | titles.features() | structure_features(table) | {"bridged_by_words": titles.bridged(likely)}
        if embedder is not None and len(table):
            read = _nearest(table, words, depth)
            similarity, vectors = embedder.scaled(table.query, [table.titled[number] for number in read])
            self.by_name |= vector_features(table, titles, table.with_unread(similarity, read), vectors, read, words)

    def matrix(self, names: Sequence[str]) -> Table:
        """Returns the named features, shape (units, names)."""
        return np.stack([self.by_name[name] for name in names], axis=1) if len(self.table) else np.zeros((0, len(names)))

    def table_odds(self, trees: Forest) -> Scores:
        """Returns the log-odds that trees give to each unit, shape (units,)."""
        return trees.log_odds(self.matrix(trees.features))

    def informative(self) -> bool:
        """Returns whether words or similarity tell one unit from another."""
        told = ("bm25", "bm25_document", "similarity")
        return len(self.table) > 0 and any(bool(np.ptp(self.by_name[name])) for name in told if name in self.by_name)

    def column(self, name: str) -> Scores:
        """Returns one feature, shape (units,)."""
        return self.by_name[name]


def _nearest(table: UnitTable, words: dict[str, Scores], depth: int) -> Indices:
    """Returns the numbers of the units of the `depth` documents that are best by words."""
    standing = np.full(len(table.documents), -np.inf)
    standing[table.document_of] = words["bm25_document"]
    return table.units_of_best(standing, depth)

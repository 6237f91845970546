from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape.core.component import Component
from ctxshape.core.protocols import Matrix, Scorer
from ctxshape.errors import ConfigError, ModelError
from ctxshape.scorers.similarity import Similarity

VECTORS = {"q": [1.0, 0.0], "near": [0.6, 0.8], "far": [-1.0, 0.0], "中": [0.0, 1.0]}


class Table(Component):
    """Vectors by text."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.array([VECTORS[text] for text in texts], dtype=np.float32)


class Asked(Table):
    """Embeds every query as the second axis."""

    width: int = 2

    def embed_query(self, query: str, /) -> Matrix:
        axis: Matrix = np.eye(self.width, dtype=np.float32)[1]
        return axis


class Faulty(Component):
    """Gives rows of a number of its own."""

    rows: int
    value: float = 1.0

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.full((self.rows, 2), self.value, dtype=np.float32)


def test_cosine_of_query_and_text() -> None:
    scorer = Similarity(embedder=Table())
    assert isinstance(scorer, Scorer)
    scores = scorer.score("q", ["near", "far", "中"])
    assert scores.dtype == np.float64
    assert scores.tolist() == pytest.approx([0.6, -1, 0])


def test_a_query_is_embedded_as_a_query() -> None:
    assert Similarity(embedder=Asked()).score("q", ["near", "far", "中"]).tolist() == pytest.approx([0.8, 0, 1])


def test_no_text_no_score() -> None:
    assert Similarity(embedder=Table()).score("unknown", []).shape == (0,)


@pytest.mark.parametrize("embedder", [Asked(width=3), Faulty(rows=2), Faulty(rows=1, value=float("nan"))])
def test_other_widths_other_counts_and_nan_are_refused(embedder: Table | Faulty) -> None:
    with pytest.raises(ModelError, match=r"shape \(\d,\) for the query and \(\d, 2\) for 1 texts"):
        Similarity(embedder=embedder).score("q", ["near"])


def test_what_does_not_embed_is_refused() -> None:
    with pytest.raises(ConfigError, match="embedder"):
        Similarity(embedder=3)  # type: ignore[arg-type]

"""The probability that a list suffices, and its reason."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import Context
from ctxshape.core.analysis import Analysis, analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Matrix
from ctxshape.core.types import Sufficiency
from ctxshape.evidence.features.table import Features
from ctxshape.evidence.features.units import UnitTable
from ctxshape.evidence.model import Linear
from ctxshape.evidence.sufficiency import sufficiency_features, sufficiency_of
from ctxshape.scorers.similarity import Similarity

BEST = Linear(("best",), (1.0,), 0.0)
HARBOUR = "The harbour of Arden is deep. It was opened in 1923."


class Toy(Component):
    """Vectors of length 1 in the plane: the cosine of a text with "harbour" and any other is 0.15."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.array([[1.0, 0.0] if "harbour" in text else [0.15, math.sqrt(1 - 0.15**2)] for text in texts])


def measured(query: str, *texts: str, embedder: Toy | None = None) -> tuple[Features, Analysis]:
    context = Context.of(query, list(texts))
    analysis = analysis_of(context)
    table = UnitTable(context, query, [analysis.pieces(document) for document in context.documents])
    return Features(table, analysis, None if embedder is None else Similarity(embedder=embedder)), analysis


def estimated(probabilities: Sequence[float], query: str, *texts: str, embedder: Toy | None = None) -> Sufficiency:
    return sufficiency_of(*measured(query, *texts, embedder=embedder), np.array(probabilities), BEST)


def test_features() -> None:
    values = sufficiency_features(*measured("When was the harbour of Arden sold?", HARBOUR), np.array([0.2, 0.5]))
    assert values["best"] == 0.0 and values["second"] == pytest.approx(math.log(0.25))
    assert values["expected"] == pytest.approx(math.log(0.71))
    assert values["missing"] == pytest.approx(math.log(2))  # "sold", of three terms
    assert (values["facets"], values["facets_named"]) == (1.0, 1.0)
    assert (values["asks_value"], values["cjk"], values["title_asked"]) == (1.0, 0.0, 0.0)
    assert "similarity" not in values


@pytest.mark.parametrize("least", [0.0, 1.0])
def test_certain_units_count_like_odds_of_three_thousand(least: float) -> None:
    values = sufficiency_features(*measured("the harbour", "The harbour is deep."), np.array([least]))
    assert (values["best"], values["second"]) == (16 * least - 8, -8.0)


def test_features_of_similarity() -> None:
    values = sufficiency_features(*measured("the harbour", HARBOUR, embedder=Toy()), np.array([0.9, 0.8]))
    assert values["similarity"] == values["similarity_of_likely"] > values["similarity_of_list"]
    values = sufficiency_features(*measured("the harbour", HARBOUR, embedder=Toy()), np.array([0.8, 0.9]))
    assert values["similarity"] > values["similarity_of_likely"]


def test_a_list_that_suffices() -> None:
    found = estimated([0.2, 0.9], "When was the harbour of Arden opened?", HARBOUR)
    assert found.probability == pytest.approx(0.9)
    assert "probability 0.90" in found.reason and "3 of 3 terms" in found.reason and "not" not in found.reason


def test_the_reason_names_what_is_lacking() -> None:
    found = estimated([0.1], "When was the tower of Brin opened?", "The harbour is deep.", embedder=Toy())
    assert found.probability == pytest.approx(0.1)
    assert "it has 0 of 3 terms" in found.reason and "'Brin'" in found.reason and "a date" in found.reason
    assert "(0.25; 1 is usual" in found.reason  # a typical answer has 0.6, since the fixed texts tell nothing


def test_a_value_behind_the_most_promising_units_is_found() -> None:
    # Values are looked for in 40 units by words; here the date is in the one unit without any word of the question.
    texts = ["The harbour is deep."] * 41 + ["In 1923."]
    found = estimated([0.01] * 41 + [0.5], "When was the harbour opened?", *texts)
    assert "a date" not in found.reason


def test_an_empty_list() -> None:
    found = estimated([], "Who opened the harbour?")
    assert (found.probability, found.reason) == (0.0, "the list has no text")


def test_a_long_facet_is_cut() -> None:
    found = estimated([0.1], f'Who said "{"la " * 60}"?', "The harbour is deep.")
    assert "…" in found.reason and len(found.reason) < 250

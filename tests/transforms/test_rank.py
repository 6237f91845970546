from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest
from pydantic import Field

from ctxshape import Context, DropEmpty, ModelError, Passage, RankByRelevance
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.scorers.bm25 import Bm25
from ctxshape.testing import check_transform

Fusion = Literal["standard", "reciprocal_rank"]
DOCUMENTS: list[Passage] = [
    "Berlin is in Germany.",
    {"title": "Paris", "text": "It is the capital of France."},
    "Lyon is in France.",
]


def test_best_first_with_scores() -> None:
    shaped = RankByRelevance()(Context.of("What is the capital of France?", DOCUMENTS))
    assert [d.id for d in shaped.documents] == ["d2", "d3", "d1"]
    assert [d.score is not None and d.score > 0 for d in shaped.documents] == [True, True, False]
    assert shaped.sources["d1"].score is None


def test_top_names_the_rank_of_what_goes() -> None:
    shaped = RankByRelevance(top=1)(Context.of("What is the capital of France?", DOCUMENTS))
    assert shaped.dropped == {"d3": "rank 2 of 3, below the best 1", "d1": "rank 3 of 3, below the best 1"}


def test_a_query_that_shares_nothing_changes_nothing() -> None:
    assert [d.id for d in RankByRelevance()(Context.of("什么？", DOCUMENTS)).documents] == ["d1", "d2", "d3"]


def test_empty_documents_go() -> None:
    shaped = DropEmpty()(Context.of("q", ["", "a", {"title": "T", "text": "\n"}]))
    assert [d.id for d in shaped.documents] == ["d2"]
    assert shaped.dropped == {"d1": "its text is empty", "d3": "its text is empty"}


class Table(Component):
    """Gives a text the score it has in a table, and says what it was asked."""

    scores: dict[str, float]
    seen: list[str] = Field(default_factory=list)

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        self.seen.extend(text.strip() for text in texts)
        return np.array([self.scores[text.strip()] for text in texts], dtype=np.float64)


FOUR = ["a", "b", "c", "d"]
ONE = Table(scores={"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0})
OTHER = Table(scores={"a": 9.0, "b": 1.0, "c": 5.0, "d": 5.0})


def scored(shaped: Context) -> dict[str, float]:
    return {d.text: d.score or 0.0 for d in shaped.documents}


def test_one_scorers_scores_are_the_documents_scores() -> None:
    assert scored(RankByRelevance(scorers=(ONE,))(Context.of("q", FOUR))) == {"d": 4.0, "c": 3.0, "b": 2.0, "a": 1.0}


def test_reciprocal_ranks_by_hand() -> None:
    # Ranks: a 4 and 1, b 3 and 4, c 2 and 2 (it came before d), d 1 and 3.
    found = scored(RankByRelevance(scorers=(ONE, OTHER), fusion="reciprocal_rank")(Context.of("q", FOUR)))
    assert found == pytest.approx({"d": 1 / 61 + 1 / 63, "c": 2 / 62, "a": 1 / 64 + 1 / 61, "b": 1 / 63 + 1 / 64})
    assert list(found) == ["d", "c", "a", "b"]


def test_standard_scores_by_hand() -> None:
    # The one: mean 2.5, variance 1.25; the other: mean 5, variance 8.
    sums = {
        text: ((one - 2.5) / math.sqrt(1.25) + (other - 5) / math.sqrt(8)) / math.sqrt(2)
        for text, one, other in [("a", 1, 9), ("b", 2, 1), ("c", 3, 5), ("d", 4, 5)]
    }
    whole = sum(math.exp(value) for value in sums.values())
    found = scored(RankByRelevance(scorers=(ONE, OTHER))(Context.of("q", FOUR)))
    assert found == pytest.approx({text: math.exp(value) / whole for text, value in sums.items()})
    assert list(found) == ["d", "c", "a", "b"]


def test_among_scores_the_best_as_they_come_and_leaves_the_rest_behind_in_order() -> None:
    table = Table(scores={"a": 1.0, "b": 2.0}, seen=[])
    shaped = RankByRelevance(scorers=(table,), rerank_depth=2)(Context.of("q", FOUR))
    assert [d.text for d in shaped.documents] == ["b", "a", "c", "d"]
    assert table.seen == ["a", "b"]
    scores = [d.score for d in shaped.documents if d.score is not None]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 4

    table = Table(scores={"c": -5.0, "d": -7.0}, seen=[])
    rising = [{"text": text, "score": n / 10} for n, text in enumerate(FOUR)]
    shaped = RankByRelevance(scorers=(table,), rerank_depth=2)(Context.of("q", rising))
    assert [d.text for d in shaped.documents] == ["c", "d", "b", "a"]
    assert table.seen == ["d", "c"]


def test_among_more_than_there_are_scores_all() -> None:
    assert RankByRelevance(scorers=(ONE,), rerank_depth=9)(Context.of("q", FOUR)) == RankByRelevance(scorers=(ONE,))(
        Context.of("q", FOUR)
    )


@pytest.mark.parametrize(("fusion", "scorers"), [("standard", 1), ("standard", 2), ("reciprocal_rank", 2)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_scores_that_are_not_finite_are_an_error(
    fusion: Literal["standard", "reciprocal_rank"], scorers: int, value: float
) -> None:
    bad = Table(scores={"a": value, "b": 1.0, "c": 1.0, "d": value})
    step = RankByRelevance(scorers=(bad,) * scorers, fusion=fusion)
    with pytest.raises(ModelError, match=r"^Table\(.*\(4,\), 2 .* 4 texts"):
        step(Context.of("q", FOUR))


class Everything(Component):
    """Scores a text by its length."""

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([len(text) for text in texts], dtype=np.float64)


@pytest.mark.parametrize(
    "step",
    [
        RankByRelevance(),
        RankByRelevance(top=1, scorers=(Everything(),)),
        RankByRelevance(scorers=(Bm25(), Everything())),
        RankByRelevance(scorers=(Bm25(), Everything()), fusion="reciprocal_rank", rerank_depth=2),
    ],
    ids=repr,
)
def test_the_contract(step: RankByRelevance) -> None:
    check_transform(step)

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from pydantic import Field

from ctxshape import Context, ModelError
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.evidence.relevance import Relevance, checked_scores, standard, text_odds


class Table(Component):
    """Gives a text the score it has in a table, 0 where it is not in it."""

    scores: dict[str, float]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([self.scores.get(text.strip(), 0.0) for text in texts])


class Sure(Table):
    """Its scores mean the same for every question."""

    def calibrated(self, query: str, texts: Sequence[str], /) -> Scores:
        return self.score(query, texts) / 4


class Slow(Table):
    """Reads by sentence, and remembers what it was given."""

    by_sentence: ClassVar[bool] = True
    read: list[list[str]] = Field(default_factory=list)

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        self.read.append(list(texts))
        return super().score(query, texts)


class Says(Component):
    """Returns its value instead of scores."""

    value: object

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return self.value  # type: ignore[return-value]  # what a faulty scorer may do


LAMP = Context.of("lamp", ["x"])
CONTEXT = Context.of("lamp", ["Aa is. Bb is.", "Cc is."])
# The documents score 1 and 3: -1 and 1 in standard deviations. The sentences score 0, 0 and 3: mean 1, standard deviation
# sqrt(2).
FIRST = Table(scores={"Aa is. Bb is.": 1.0, "Cc is.": 3.0})


def test_standard_scores_by_hand() -> None:
    # Mean 3, deviations -2, -1, 3, variance 14 / 3.
    assert standard(np.array([1.0, 2.0, 6.0])).tolist() == pytest.approx([n / math.sqrt(14 / 3) for n in (-2, -1, 3)])
    assert standard(np.array([])).tolist() == []
    assert standard(np.array([0.1 + 0.2, 0.3])).tolist() == [0.0, 0.0]  # the same but for rounding


def test_huge_scores_do_not_overflow() -> None:
    assert standard(np.array([-1.7e308, 0.0, 0.0])).tolist() == pytest.approx([-math.sqrt(2), *[1 / math.sqrt(2)] * 2])
    assert standard(np.array([1e300, 1e300])).tolist() == [0.0, 0.0]


def test_odds_by_hand() -> None:
    texts = ["Aa is. Bb is.", "Cc is."]
    assert text_odds(LAMP, texts, [FIRST]).tolist() == [-1.0, 1.0]
    assert text_odds(LAMP, texts, []).tolist() == [0.0, 0.0]
    against = Table(scores={"Aa is. Bb is.": 9.0, "Cc is.": 1.0})
    same = text_odds(LAMP, texts, [FIRST, FIRST, against])
    assert same.tolist() == pytest.approx([-1 / math.sqrt(3), 1 / math.sqrt(3)])


def test_a_calibrated_scorer_counts_by_its_own_units_among_others_only() -> None:
    sure = Sure(scores=FIRST.scores)
    assert text_odds(LAMP, ["Aa is. Bb is.", "Cc is."], [sure]).tolist() == [-1.0, 1.0]
    # Calibrated 0.25 and 0.75, so -0.25 and 0.25 about their mean; and -1 and 1 for the other.
    fused = text_odds(LAMP, ["Aa is. Bb is.", "Cc is."], [sure, FIRST])
    assert fused.tolist() == pytest.approx([-1.25 / math.sqrt(2), 1.25 / math.sqrt(2)])
    relevance = Relevance(CONTEXT, [sure, FIRST])
    assert relevance.document_odds("lamp").tolist() == pytest.approx(fused.tolist())
    # Of the sentences 0, 0 and 3: mean 1, so -1/4, -1/4 and 2/4; in standard deviations -1, -1 and 2 over sqrt(2).
    one, two = (-1 / 4 - 1 / math.sqrt(2)) / math.sqrt(2), (2 / 4 + 2 / math.sqrt(2)) / math.sqrt(2)
    assert relevance.sentence_odds("lamp").tolist() == pytest.approx([one, one, two])
    with pytest.raises(ModelError, match="Sure"):
        text_odds(LAMP, ["Cc is."], [Sure(scores={"Cc is.": math.inf}), FIRST])


def test_the_title_is_scored_with_the_text() -> None:
    context = Context.of("lamp", [{"title": "Aa", "text": "x"}, "Aa x", "y"])
    relevance = Relevance(context, [Table(scores={"Aa x": 2.0})])
    assert relevance.document_odds("lamp").tolist() == pytest.approx([1 / math.sqrt(2), 1 / math.sqrt(2), -math.sqrt(2)])


def test_a_scorer_by_sentence_reads_each_once_and_its_best_speaks_for_the_document() -> None:
    slow = Slow(scores={"Bb is.": 2.0, "Cc is.": 1.0})  # of sentences 0, 2, 1; of documents 2, 1: 1 and -1 standard
    relevance = Relevance(CONTEXT, [slow])
    assert relevance.document_odds("lamp").tolist() == [1.0, -1.0]
    assert relevance.sentence_odds("lamp").tolist() == pytest.approx([-math.sqrt(1.5), math.sqrt(1.5), 0.0])
    assert slow.read == [[" Aa is.", " Bb is.", " Cc is."]]
    assert relevance.document_odds("lamp", np.array([0.0, 5.0])).tolist() == [0.0, 0.0]  # a prior is one scorer more


def test_it_reads_only_the_documents_that_stand_out_for_the_others() -> None:
    context = Context.of("lamp", ["Aa is.", "Bb is.", "Cc is."])
    quick = Table(scores={"Aa is.": 3.0, "Bb is.": 2.0})
    slow = Slow(scores={"Aa is.": 0.2, "Bb is.": 0.7, "Cc is.": 9.0}, read=[])
    relevance = Relevance(context, [quick, slow], rerank_depth=2)
    odds = relevance.document_odds("lamp")
    assert slow.read == [[" Aa is.", " Bb is."]]
    # Standard scores of 3, 2, 0 and of 0.2, 0.7, 0.2: what was not read counts as the worst that was.
    first, second = standard(np.array([3.0, 2.0, 0.0])), standard(np.array([0.2, 0.7, 0.2]))
    assert odds.tolist() == pytest.approx(((first + second) / math.sqrt(2)).tolist())


def test_a_cascade_in_which_a_costly_scorer_reads_what_a_light_one_found() -> None:
    context = Context.of("lamp", ["Aa is.", "Bb is.", "Cc is."])
    light = Slow(scores={"Aa is.": 1.0, "Bb is.": 3.0, "Cc is.": 2.0}, read=[])
    costly = Slow(scores={"Aa is.": 9.0, "Bb is.": 0.1, "Cc is.": 0.5}, read=[])
    relevance = Relevance(context, [light, costly], rerank_depth=(20, 2))
    odds = relevance.document_odds("lamp")
    assert light.read == [[" Aa is.", " Bb is.", " Cc is."]] and costly.read == [[" Bb is.", " Cc is."]]
    first, second = standard(np.array([1.0, 3.0, 2.0])), standard(np.array([0.1, 0.1, 0.5]))
    assert odds.tolist() == pytest.approx(((first + second) / math.sqrt(2)).tolist())
    assert relevance.sentence_odds("lamp").tolist() == pytest.approx(odds.tolist())  # a sentence each


def test_prior_scores_count_as_one_scorer_more() -> None:
    relevance = Relevance(CONTEXT, [FIRST])
    assert relevance.document_odds("lamp", np.array([5.0, 1.0])).tolist() == [0.0, 0.0]
    assert relevance.document_odds("lamp", np.array([0.1, 0.2])).tolist() == pytest.approx([-math.sqrt(2), math.sqrt(2)])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([1.0, math.nan]), r"gave scores of shape \(2,\), 1 of them not finite for 2 texts"),
        (np.array([math.inf, -math.inf]), r"gave scores of shape \(2,\), 2 of them not finite for 2 texts"),
        (np.ones(3), r"gave scores of shape \(3,\) for 2 texts"),
        (np.ones((2, 1)), r"gave scores of shape \(2, 1\) for 2 texts"),
        (1.0, r"gave scores of shape \(\) for 2 texts"),
        (["high", "low"], r"gave no scores for 2 texts but \['high', 'low'\]"),
        ([[1.0], [1.0, 2.0]], r"gave no scores for 2 texts but"),
    ],
)
def test_scores_that_are_none_are_an_error_with_scorer_and_counts(value: object, message: str) -> None:
    with pytest.raises(ModelError, match=rf"^Says\(.*{message}") as caught:
        text_odds(LAMP, ["Aa is. Bb is.", "Cc is."], [Says(value=value)])
    assert "\n" not in str(caught.value)


def test_integers_and_lists_are_scores() -> None:
    given = checked_scores(LAMP, Says(value=[1, 2]), "lamp", ["a", "b"])
    assert given.dtype == np.float64
    assert given.tolist() == [1.0, 2.0]

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import Context, KeepEvidence, shape
from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Matrix, Scores
from ctxshape.evidence.estimation import Estimator, EvidenceEstimate
from ctxshape.evidence.selection import select
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.scale import Scale, scale_of
from ctxshape.transforms.duplicates import DropDuplicates

MILL = "The old mill was built in 1770. Ducks live there."
OTHERS = ["Rain falls in May.", "The bridge was opened in 1931.", "Bread is baked from flour."]
QUESTION = "When was the old mill built?"


class Words(Component):
    """Scores a text by the words that it has."""

    words: dict[str, float]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([sum(s for word, s in self.words.items() if word in text) for text in texts])


class Same(Component):
    """An embedder for which all texts are alike."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.ones((len(texts), 2), dtype=np.float32)


def estimate(query: str, texts: Sequence[str], *scorers: object) -> EvidenceEstimate:
    context = Context.of(query, texts)
    pieces = [analysis_of(context).pieces(document) for document in context.documents]
    return Estimator(scorers or (Bm25(),))(context, pieces)  # type: ignore[arg-type]


def test_each_unit_has_a_probability_of_its_own() -> None:
    alone, twice = (
        estimate(QUESTION, [MILL, *OTHERS]),
        estimate(QUESTION, [MILL, "The old mill was built in 1770, they say.", *OTHERS]),
    )
    (single,), (double,) = alone.parts, twice.parts
    assert single[0, 0] > 0.5 and double[0, 0] > 0.3 and double[1, 0] > 0.3  # a second likely unit takes little from the first
    assert single[0, 0] > 10 * max(value for (document, _), value in single.items() if document)
    assert estimate(QUESTION, OTHERS).best()[1, 0] < 0.1  # and where nothing answers, nothing is likely


def test_other_scorers_alone_share_out_a_total_of_one() -> None:
    found = estimate("q", ["aa", "bb"], Words(words={"aa": 1.0}))
    assert not found.absolute and found.sufficiency is None
    assert sum(found.parts[0].values()) == pytest.approx(1.0)
    assert found.of_documents(2) == pytest.approx([found.parts[0][0, 0], found.parts[0][1, 0]])


def test_a_further_scorer_adds_to_the_odds() -> None:
    texts = ["The old mill was built in 1770.", "The old mill was built in 1820."]
    plain, judged = estimate(QUESTION, texts), estimate(QUESTION, texts, Bm25(), Words(words={"1820": 1.0}))
    # One standard deviation of documents (0.35) and of units (0.25), up and down.
    before, after = ([np.log(p / (1 - p)) for p in found.parts[0].values()] for found in (plain, judged))
    assert np.subtract(after, before) == pytest.approx([-0.6, 0.6])


def test_a_document_holds_evidence_if_one_of_its_units_does() -> None:
    found = EvidenceEstimate([{(0, 0): 0.5, (0, 1): 0.5, (1, 0): 0.1}], informative=True, absolute=True)
    assert found.of_documents(2) == pytest.approx([0.75, 0.1])
    assert not found.is_vague() and EvidenceEstimate([{(0, 0): 0.05}], informative=True, absolute=True).is_vague()


def test_sufficiency_is_high_with_the_answer_and_low_without_and_stands_in_the_trace() -> None:
    enough, lacking = shape(QUESTION, [MILL, *OTHERS]), shape(QUESTION, OTHERS)
    assert enough.sufficiency is not None and lacking.sufficiency is not None
    assert enough.sufficiency.probability > 0.7 > 0.3 > lacking.sufficiency.probability
    assert enough.trace.steps[-1].sufficiency == enough.sufficiency and enough.sufficiency.reason
    assert [step.sufficiency for step in enough.trace.steps[:-1]] == [None] * (len(enough.trace.steps) - 1)
    later = Pipeline(DropDuplicates())(enough)
    assert later.sufficiency == enough.sufficiency and later.trace.steps[-1].sufficiency is None


def test_where_nothing_stands_out_the_best_passages_stay_whole() -> None:
    texts = [f"Number {n} of the club met in hall {n}. Tea was served." for n in range(8)]
    shaped = KeepEvidence()(Context.of("What happened with the budget of the club?", texts))
    assert sum(document.text == shaped.sources[document.id].text for document in shaped.documents) >= 3


def test_least_leaves_unlikely_sentences_out_and_parts_get_equal_shares() -> None:
    def chosen(parts: list[dict[tuple[int, int], float]], **how: float) -> list[tuple[int, int]]:
        taken: list[tuple[int, int]] = []

        def take(sentence: tuple[int, int]) -> bool:
            taken.append(sentence)
            return True

        select(parts, lambda _: frozenset(), take, **how)
        return taken

    assert chosen([{(0, 0): 0.9, (1, 0): 0.05, (2, 0): 0.01}], least=0.02) == [(0, 0), (1, 0)]
    assert chosen([{(0, 0): 0.01, (1, 0): 0.005}], least=0.02) == [(0, 0)]  # one is better than none
    # The second part has little, 0.2 in all, of which (2, 0) is all; of the first, (1, 0) is 0.4 of 1.0.
    first = {(0, 0): 0.6, (1, 0): 0.4, (2, 0): 0.0}
    second = {(0, 0): 0.0, (1, 0): 0.0, (2, 0): 0.2}
    assert chosen([first, second]) == [(2, 0), (0, 0), (1, 0)]


def test_a_comparison_keeps_both_sides() -> None:
    texts = ["The Alto costs 90 euros.", "The Alto is red, and the Alto is light.", "The Brio is sold for 120 euros.", *OTHERS]
    shaped = shape("Compare the price of the Alto and the Brio.", texts)
    shown = " ".join(document.text for document in shaped.documents)
    assert "90 euros" in shown and "120 euros" in shown


def test_an_embedder_for_which_all_is_alike_says_nothing() -> None:
    assert scale_of(Same(), False) == Scale(0.0, 0.6)

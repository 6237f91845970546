from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import Context
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.evidence.probability import EvidenceWeights, credit_dependents, sentence_probabilities, softmax
from ctxshape.evidence.relevance import Relevance, SentenceIndex


class Table(Component):
    """Gives a text the score it has in a table, 0 where it is not in it."""

    scores: dict[str, float]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([self.scores.get(text.strip(), 0.0) for text in texts])


def probabilities(
    context: Context, scorer: Table, weights: EvidenceWeights, standing: Scores | None = None
) -> dict[SentenceIndex, float]:
    return sentence_probabilities(Relevance(context, [scorer]), context.query, weights, standing=standing)


CONTEXT = Context.of("lamp", ["Aa is. Bb is.", "Cc is."])
# The documents score 1 and 3: -1 and 1 in standard deviations. The sentences score 0, 0 and 3: mean 1, standard deviation
# sqrt(2).
FIRST = Table(scores={"Aa is. Bb is.": 1.0, "Cc is.": 3.0})


def test_softmax_by_hand_and_without_overflow() -> None:
    assert softmax(np.array([0.0, math.log(2), math.log(5)])).tolist() == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert softmax(np.array([1e4, 1e4])).tolist() == [0.5, 0.5]
    assert softmax(np.array([])).tolist() == []


def test_sentence_probabilities_by_hand() -> None:
    weights = EvidenceWeights(document=2.0, sentence=1.0, asked=0.0, length=0.0)
    odds = [-2 - 1 / math.sqrt(2), -2 - 1 / math.sqrt(2), 2 + 2 / math.sqrt(2)]
    whole = sum(math.exp(value) for value in odds)
    found = probabilities(CONTEXT, FIRST, weights)
    assert list(found) == [(0, 0), (0, 1), (1, 0)]
    assert list(found.values()) == pytest.approx([math.exp(value) / whole for value in odds])


def test_standing_takes_the_place_of_the_documents_own_odds() -> None:
    weights = EvidenceWeights(document=1.0, sentence=0.0, asked=0.0, length=0.0)
    found = probabilities(CONTEXT, FIRST, weights, np.array([math.log(2), 0.0]))
    assert list(found.values()) == pytest.approx([0.4, 0.4, 0.2])


def test_a_value_of_the_kind_asked_for_and_the_length_count() -> None:
    context = Context.of("When was it built?", ["It was built in 1884.", "It stands on a cape.", "Lamp"])
    scorer = Table(scores={"Lamp": 1.0})  # -1 / sqrt(2) for the others, sqrt(2) for the last
    kind = probabilities(context, scorer, EvidenceWeights(document=0, sentence=0, length=0))
    assert kind[0, 0] / kind[1, 0] == 1  # if only the kind could distinguish them, it must not
    kind = probabilities(context, scorer, EvidenceWeights(document=0, asked=2.0, length=0))
    assert kind[0, 0] / kind[1, 0] == pytest.approx(math.e**2)
    long = probabilities(context, scorer, EvidenceWeights(document=0, asked=0, length=2.0))
    assert long[0, 0] / long[1, 0] == pytest.approx((21 / 20) ** 2)
    assert long[2, 0] / long[1, 0] == pytest.approx((4 / 20) ** 2 * math.exp(0.6 * 3 / math.sqrt(2)))


def test_what_no_scorer_tells_apart_is_equal_and_nothing_is_nothing() -> None:
    assert probabilities(CONTEXT, Table(scores={}), EvidenceWeights()) == {
        (0, 0): 1 / 3,
        (0, 1): 1 / 3,
        (1, 0): 1 / 3,
    }
    empty = Context.of("lamp", ["", " \n"])
    assert probabilities(empty, FIRST, EvidenceWeights()) == {}


def test_a_heading_passes_its_probability_to_the_sentences_below() -> None:
    own = {(0, 0): 0.5, (0, 1): 0.1, (0, 2): 0.3, (0, 3): 0.1}
    # The first line opens the next two; the last is by itself.
    assert credit_dependents(own, [[(), (0,), (0,), ()]]) == pytest.approx(
        {(0, 0): 0, (0, 1): 0.225, (0, 2): 0.675, (0, 3): 0.1}
    )


def test_a_question_and_its_answer_keep_their_own() -> None:
    own = {(0, 0): 0.2, (0, 1): 0.5, (0, 2): 0.3}
    # The heading opens both, and these need each other.
    needs = [[(), (0, 2), (0, 1)]]
    assert credit_dependents(own, needs) == pytest.approx({(0, 0): 0, (0, 1): 0.625, (0, 2): 0.375})


def test_improbable_sentences_below_get_equal_parts_and_a_line_without_any_keeps_its_own() -> None:
    assert credit_dependents({(0, 0): 1.0, (0, 1): 0.0, (0, 2): 0.0}, [[(), (0,), (0,)]]) == {
        (0, 0): 0,
        (0, 1): 0.5,
        (0, 2): 0.5,
    }
    assert credit_dependents({(0, 0): 0.7, (1, 0): 0.3}, [[()], [()]]) == {(0, 0): 0.7, (1, 0): 0.3}


def test_nested_headings_go_to_the_lowest_lines() -> None:
    own = {(0, 0): 0.4, (0, 1): 0.4, (0, 2): 0.2}
    assert credit_dependents(own, [[(), (0,), (0, 1)]]) == pytest.approx({(0, 0): 0, (0, 1): 0, (0, 2): 1.0})

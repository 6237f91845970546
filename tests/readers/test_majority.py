from __future__ import annotations

from math import inf

import pytest

from ctxshape.core.messages import Vote
from ctxshape.errors import InvalidInput
from ctxshape.readers.majority import majority
from ctxshape.text.answers import normalize_answer


def vote(text: str, mean_logprob: float = -1.0) -> Vote:
    return Vote(text=text, normalized=normalize_answer(text), order=(), mean_logprob=mean_logprob)


def test_most_votes_win_against_a_more_probable_answer() -> None:
    won = majority([vote("Lyon", -0.01), vote("Paris", -2.0), vote("paris.", -1.0)])
    assert won == (2, 2 / 3)  # the more probable of the two wordings


def test_a_tie_goes_to_the_higher_mean_not_to_the_best_single_vote() -> None:
    votes = [vote("A1", -0.1), vote("B1", -0.4), vote("A1", -0.9), vote("B1", -0.3)]
    assert majority(votes) == (3, 0.5)  # means: A1 -0.5, B1 -0.35


def test_a_full_tie_goes_to_the_first() -> None:
    assert majority([vote("Lyon"), vote("Paris")]) == (0, 0.5)


def test_votes_without_probabilities_tie() -> None:
    assert majority([vote("Lyon", -inf), vote("Paris", -inf)]) == (0, 0.5)
    assert majority([vote("Lyon", -inf), vote("Paris", -9.0)]) == (1, 0.5)


def test_abstentions_are_one_class_with_empty_texts() -> None:
    votes = [vote("Paris"), vote("I don't know.", -0.5), vote("", -inf), vote("无法回答", -0.2), vote("Paris")]
    assert majority(votes) == (3, 3 / 5)


def test_no_votes_are_refused() -> None:
    with pytest.raises(InvalidInput, match="0 votes"):
        majority([])

"""Counts votes and finds the winner."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from ctxshape.core.messages import Vote
from ctxshape.errors import InvalidInput
from ctxshape.text.abstention import is_abstention


class Majority(NamedTuple):
    """The index of the winning vote, and the share of all votes that gave its answer."""

    winner: int
    agreement: float


def majority(votes: Sequence[Vote]) -> Majority:
    """Returns the winning vote: the most probable wording of the answer that most votes gave.

    Votes with the same `normalized` text count together. All abstentions and empty answers form one class. If several
    classes have equally many votes, the one with the highest mean `mean_logprob` wins, then the one that came first. A
    vote without log-probabilities has minus infinity. Raises InvalidInput for no votes.

    >>> cast = [("A", -0.3), ("B", -0.1), ("a", -0.2)]
    >>> majority([Vote(text=t, normalized=t.lower(), order=(), mean_logprob=p) for t, p in cast])
    Majority(winner=2, agreement=0.6666666666666666)
    """
    if not votes:
        raise InvalidInput("there are 0 votes; a majority needs at least 1")
    classes: dict[str, list[int]] = {}
    for index, vote in enumerate(votes):
        classes.setdefault("" if is_abstention(vote.text) else vote.normalized, []).append(index)

    def weight(members: list[int]) -> tuple[int, float]:
        return len(members), fmean(votes[index].mean_logprob for index in members)

    winners = max(classes.values(), key=weight)  # max returns the first of equals
    return Majority(max(winners, key=lambda index: votes[index].mean_logprob), len(winners) / len(votes))

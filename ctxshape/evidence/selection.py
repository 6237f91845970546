"""Selects sentences by what each adds to the evidence that is kept already. A pure function."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

from ctxshape.evidence.features import Place

Shares = Sequence[Mapping[Place, float]]  # for each part of the question, the probability of each sentence


def select(
    shares: Shares,
    terms: Callable[[Place], frozenset[str]],
    take: Callable[[Place], bool],
    *,
    mass: float = 1.0,
    variety: float = 0.0,
) -> None:
    """Takes sentences in the order of their gain, until the taken ones have `mass` together for each part of the question.

    The gain of a sentence is the probability it adds, up to `mass` for each part, less `variety` times the share of its
    terms that the taken ones have already: a repetition adds less. `take` returns whether the sentence could be taken;
    `mass` is then of what is left. Greedy choice is within 1 - 1/e of the best one where the gain is submodular. Gains
    only shrink, so one is computed anew only when it comes up (Minoux 1978, "Accelerated greedy algorithms for
    maximizing submodular set functions").

    >>> def chosen(share, terms, **how):
    ...     places = []
    ...     select([share], terms.__getitem__, lambda place: places.append(place) or True, **how)
    ...     return places
    >>> share = {(0, 0): 0.5, (1, 0): 0.28, (2, 0): 0.22}
    >>> chosen(share, dict.fromkeys(share, frozenset()), mass=0.75)
    [(0, 0), (1, 0)]
    >>> same = {(0, 0): frozenset(["tower", "1884"]), (1, 0): frozenset(["tower", "1884"]), (2, 0): frozenset(["lamp"])}
    >>> chosen(share, same, variety=0.5)
    [(0, 0), (2, 0), (1, 0)]
    """
    missing = [mass - 1e-9] * len(shares)
    known: set[str] = set()

    def gain(place: Place) -> float:
        adds = sum(min(share[place], left) for share, left in zip(shares, missing, strict=True) if left > 0)
        own = terms(place) if known and variety else ()
        return adds * (1 - variety * len(known.intersection(own)) / len(own)) if own else adds

    def rank(place: Place) -> tuple[float, float, Place]:  # where a little mass is missing many gains are equal
        return -gain(place), -sum(share[place] for share in shares), place

    queue = [rank(place) for place in shares[0]]
    heapq.heapify(queue)
    found = False
    while queue and (any(left > 0 for left in missing) or not found):  # something is better than nothing
        place = heapq.heappop(queue)[2]
        now = rank(place)
        if queue and queue[0] < now:
            heapq.heappush(queue, now)
        else:
            taken = take(place)
            found |= taken
            known |= terms(place) if taken else frozenset()
            part = 1.0 if taken else mass
            missing = [left - part * share[place] for share, left in zip(shares, missing, strict=True)]

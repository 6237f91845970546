"""Selects sentences by the evidence that they add to those already taken. A pure function."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

from ctxshape.evidence.relevance import SentenceIndex

_REFUSED = 200  # sentences in a row that could not be taken: what they are added to is full


def select(
    probabilities: Sequence[Mapping[SentenceIndex, float]],
    terms: Callable[[SentenceIndex], frozenset[str]],
    take: Callable[[SentenceIndex], bool],
    *,
    mass: float = 1.0,
    variety: float = 0.0,
    least: float = 0.0,
) -> None:
    """Takes sentences by their gain, best first, until they reach `mass` for each part of the question.

    - `probabilities`: for each part of the question, the probability of each sentence.
    - `terms`: returns the terms of a sentence.
    - `take`: takes a sentence and returns whether it could. The probability of a sentence that could not be taken does not
      count: `mass` is then a share of the remaining probability.
    - `mass`: the share of the expected evidence, which is the sum of all probabilities, that is taken for each part.
    - `variety`: how much repetition costs. The gain of a sentence is its share of the evidence, for the parts that lack some,
      multiplied by 1 - `variety` x overlap, where overlap is the share of its terms in taken sentences.
    - `least`: a sentence that is less likely than this for each part is not taken, unless nothing else is.

    The last sentence counts in full, too: if only what is missing counted, all would be equal, and the one that repeats
    least would win, however unlikely. Gains only shrink, so one is computed again only when its sentence comes up (Minoux
    1978, "Accelerated greedy algorithms for maximizing submodular set functions").

    >>> def chosen(probability, terms, **how):
    ...     taken = []
    ...     select([probability], terms.__getitem__, lambda sentence: taken.append(sentence) or True, **how)
    ...     return taken
    >>> probability = {(0, 0): 0.5, (1, 0): 0.28, (2, 0): 0.22}
    >>> chosen(probability, dict.fromkeys(probability, frozenset()), mass=0.75)
    [(0, 0), (1, 0)]
    >>> chosen(probability, dict.fromkeys(probability, frozenset()), least=0.25)
    [(0, 0), (1, 0)]
    >>> terms = {(0, 0): frozenset(["tower", "1884"]), (1, 0): frozenset(["tower", "1884"]), (2, 0): frozenset(["lamp"])}
    >>> chosen(probability, terms, variety=0.5)
    [(0, 0), (2, 0), (1, 0)]
    """
    expected = [sum(part.values()) or 1.0 for part in probabilities]
    missing = [mass * total - 1e-9 for total in expected]
    known: set[str] = set()

    def wanted(sentence: SentenceIndex) -> float:
        """Returns the sentence's share of the evidence, for the parts that lack some: each part needs evidence of its own."""
        shares = zip(probabilities, missing, expected, strict=True)
        return sum(part[sentence] / total for part, left, total in shares if left > 0)

    def gain(sentence: SentenceIndex) -> float:
        adds = wanted(sentence)
        own = terms(sentence) if known and variety else ()
        return adds * (1 - variety * len(known.intersection(own)) / len(own)) if own else adds

    def rank(sentence: SentenceIndex) -> tuple[float, float, SentenceIndex]:
        return -gain(sentence), -sum(part[sentence] for part in probabilities), sentence

    queue = [rank(sentence) for sentence in probabilities[0]]
    heapq.heapify(queue)
    any_taken, refused = False, 0
    while queue and (any(left > 0 for left in missing) or not any_taken):  # one sentence is better than none
        sentence = heapq.heappop(queue)[2]
        current = rank(sentence)
        if queue and queue[0] < current:
            heapq.heappush(queue, current)
        elif not any_taken or max(part[sentence] for part in probabilities) >= least:
            taken = take(sentence)
            refused = 0 if taken else refused + 1
            if refused == _REFUSED:
                return
            any_taken |= taken
            known |= terms(sentence) if taken else frozenset()
            weight = 1.0 if taken else mass
            missing = [left - weight * part[sentence] for part, left in zip(probabilities, missing, strict=True)]

from __future__ import annotations

import pytest

from ctxshape.evidence.relevance import SentenceIndex
from ctxshape.evidence.selection import select


def chosen(
    probability: dict[SentenceIndex, float], terms: dict[SentenceIndex, str], *, mass: float = 1.0, variety: float = 0.0
) -> list[SentenceIndex]:
    return chosen_for([probability], terms, mass=mass, variety=variety)


def chosen_for(
    probabilities: list[dict[SentenceIndex, float]], terms: dict[SentenceIndex, str], *, mass: float, variety: float
) -> list[SentenceIndex]:
    taken: list[SentenceIndex] = []

    def take(sentence: SentenceIndex) -> bool:
        taken.append(sentence)
        return True

    select(probabilities, lambda sentence: frozenset(terms.get(sentence, "").split()), take, mass=mass, variety=variety)
    return taken


PROBABILITY = {(0, 0): 0.5, (1, 0): 0.25, (2, 0): 0.125, (3, 0): 0.125}


@pytest.mark.parametrize(("mass", "count"), [(0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.875, 3), (0.9, 4), (1.0, 4)])
def test_the_mass_is_reached_exactly_and_no_more(mass: float, count: int) -> None:
    assert chosen(PROBABILITY, {}, mass=mass) == list(PROBABILITY)[:count]


def test_a_sentence_that_cannot_be_taken_gives_way_to_the_next() -> None:
    taken: list[SentenceIndex] = []

    def take(sentence: SentenceIndex) -> bool:
        if sentence == (0, 0):
            return False
        taken.append(sentence)
        return True

    select([PROBABILITY], lambda _: frozenset(), take, mass=0.6)
    assert taken == [(1, 0), (2, 0)]  # 0.6 of the 0.5 that are left


def test_a_repetition_comes_later() -> None:
    probability = {(0, 0): 0.4, (1, 0): 0.35, (2, 0): 0.25}
    terms = {(0, 0): "tower built 1884", (1, 0): "tower built 1884", (2, 0): "lamp bell"}
    assert chosen(probability, terms) == [(0, 0), (1, 0), (2, 0)]
    assert chosen(probability, terms, variety=0.5) == [(0, 0), (2, 0), (1, 0)]  # 0.35 x 0.5 = 0.175 < 0.25
    half = terms | {(1, 0): "tower tall 1884 metres"}
    assert chosen(probability, half, variety=0.5) == [(0, 0), (1, 0), (2, 0)]  # 0.35 x 0.75 = 0.2625 > 0.25


def test_each_part_has_its_mass() -> None:
    one = {(0, 0): 0.8, (0, 1): 0.2, (1, 0): 0.0}
    other = {(0, 0): 0.0, (0, 1): 0.1, (1, 0): 0.9}
    assert chosen_for([one, other], {}, mass=0.8, variety=0.0) == [(1, 0), (0, 0)]
    assert chosen_for([one], {}, mass=0.8, variety=0.0) == [(0, 0)]


def test_a_gain_counts_up_to_what_a_part_still_lacks() -> None:
    # After (0, 0) the first part lacks 0.1, so (0, 1) adds 0.1 and (1, 0), of the second part, 0.15.
    one = {(0, 0): 0.7, (0, 1): 0.3, (1, 0): 0.0}
    other = {(0, 0): 0.85, (0, 1): 0.0, (1, 0): 0.15}
    assert chosen_for([one, other], {}, mass=0.8, variety=0.0)[:2] == [(0, 0), (0, 1)]
    assert chosen_for([one, other], {}, mass=1.0, variety=0.0) == [(0, 0), (0, 1), (1, 0)]


def test_the_last_sentence_is_a_likely_one_even_if_it_repeats() -> None:
    # 0.01 is missing after the first sentence; the unlikely one repeats nothing.
    probability = {(0, 0): 0.79, (1, 0): 0.2, (2, 0): 0.01}
    terms = {(0, 0): frozenset(["pro", "plan"]), (1, 0): frozenset(["pro", "team"]), (2, 0): frozenset(["lamp"])}
    taken: list[SentenceIndex] = []
    select([probability], terms.__getitem__, lambda sentence: taken.append(sentence) or True, mass=0.8, variety=0.5)  # type: ignore[func-returns-value]
    assert taken == [(0, 0), (1, 0)]

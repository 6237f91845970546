from __future__ import annotations

import math
import re

import pytest

from ctxshape.errors import InvalidInput
from ctxshape.readers.orders import branching_orders, tail_orders

SIZES = [(n, votes) for n in range(9) for votes in (1, 2, 3, 4, 5, 7, 8, 16)] + [(10, 8), (20, 8), (20, 16), (50, 32)]


def computed_documents(orders: list[list[int]]) -> int:
    """Counts the documents to compute when each shared beginning is computed once."""
    return len({tuple(order[: end + 1]) for order in orders for end in range(len(order))})


@pytest.mark.parametrize(("n", "votes"), SIZES)
def test_orders_are_permutations_the_given_one_first_and_distinct_while_n_allows(n: int, votes: int) -> None:
    orders = branching_orders(n, votes, seed=3)
    assert len(orders) == votes
    assert orders[0] == list(range(n))
    assert all(sorted(order) == list(range(n)) for order in orders)
    assert len(set(map(tuple, orders))) == min(votes, math.factorial(n))


def test_the_seed_decides() -> None:
    assert branching_orders(10, 8, seed=1) == branching_orders(10, 8, seed=1)
    assert branching_orders(10, 8, seed=1) != branching_orders(10, 8, seed=2)


def test_each_document_stands_in_front_in_half_of_the_votes() -> None:
    for n in (4, 10, 20):
        orders = branching_orders(n, 4 if n == 4 else 8, seed=5)
        for document in range(n):
            assert sum(order.index(document) < n // 2 for order in orders) == len(orders) // 2


def test_computed_documents_of_the_tree_by_hand() -> None:
    # 10 documents, 8 votes: 2 fronts of 5, behind each 2 of 3, behind each 2 of 2: 10 + 12 + 16.
    assert computed_documents(branching_orders(10, 8)) == 38
    # 10 documents, 4 votes: 2 fronts of 5, each going on with 3 in common, then 2 ends of 2: 10 + 6 + 8.
    assert computed_documents(branching_orders(10, 4)) == 24
    # 20 documents, 8 votes: 2 of 10, 4 of 7 and of 1, 8 of 2: 20 + 28 + 4 + 16.
    assert computed_documents(branching_orders(20, 8)) == 68


def test_orders_that_share_most_stand_side_by_side() -> None:
    fronts = [tuple(order[:5]) for order in branching_orders(10, 8)]
    assert fronts[:4] == [fronts[0]] * 4 and fronts[4:] == [fronts[4]] * 4
    assert set(fronts[0]).isdisjoint(fronts[4])


@pytest.mark.parametrize(("n", "votes"), [(-1, 2), (3, 0)])
def test_impossible_numbers_are_refused(n: int, votes: int) -> None:
    with pytest.raises(InvalidInput, match=f"{votes} .* {n} "):
        branching_orders(n, votes)


def test_only_the_tail_is_permuted() -> None:
    assert tail_orders(4, [2, 0], 9) == [[1, 3, 2, 0], [1, 3, 0, 2]]
    assert tail_orders(3, [], 4) == [[0, 1, 2]]
    assert len(tail_orders(10, range(4), 16)) == 16
    # 6 computed once, and a tree of 12 for the 4 best: where 4 full prompts compute 40.
    assert computed_documents(tail_orders(10, range(4), 4)) == 18


@pytest.mark.parametrize("best", [[1, 3], [1, 1], [-1]])
def test_a_tail_of_other_or_repeated_documents_is_refused(best: list[int]) -> None:
    with pytest.raises(InvalidInput, match=re.escape(str(best))):
        tail_orders(3, best, 4)

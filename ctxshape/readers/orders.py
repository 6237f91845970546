"""Orders of n documents for voting, which share beginnings. Pure functions."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import islice, permutations

from ctxshape.errors import InvalidInput


def branching_orders(n: int, votes: int, seed: int = 0) -> list[list[int]]:
    """Returns orders of `range(n)` that share beginnings, so that a backend computes each shared beginning once.

    The first order is 0 to n - 1. All orders are distinct as long as n! allows; beyond that they repeat. Half of the
    orders begin with the first half of the documents, the others with the second half. So each document stands in front
    in about half of the votes. Behind its front, each half branches again in the last documents. Orders that share most
    are neighbours in the list, which suits a server with a prompt cache, too. For 10 documents and 8 votes, 38 documents
    are computed instead of 80.

    Raises InvalidInput for a negative `n` or `votes` below 1. Voting over orders: Tang et al. 2023, "Found in the
    Middle: Permutation Self-Consistency Improves Listwise Ranking in Large Language Models".

    >>> branching_orders(6, 4)
    [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 5, 4], [4, 3, 5, 0, 1, 2], [4, 3, 5, 0, 2, 1]]
    """
    if n < 0 or votes < 1:
        raise InvalidInput(f"there are no {votes} orders of {n} documents; give n of at least 0 and votes of at least 1")
    if math.factorial(min(n, 20)) <= votes:
        return _all_orders(n, votes)
    return _branch(list(range(n)), votes, random.Random(seed), share=1 / 2)


def tail_orders(n: int, best: Sequence[int], votes: int, seed: int = 0) -> list[list[int]]:
    """Returns distinct orders of `range(n)` that end with permutations of `best`; all others stay in front, in order.

    There are `votes` orders, or as many as `best` has permutations, and they share beginnings within the tail, too.
    Raises InvalidInput if `best` holds an index twice or one outside `range(n)`.

    >>> tail_orders(5, [3, 0], 4)
    [[1, 2, 4, 3, 0], [1, 2, 4, 0, 3]]
    """
    if len(set(best)) < len(best) or not set(best) <= set(range(n)):
        raise InvalidInput(f"best is {list(best)}; give different indices from 0 to {n - 1}")
    head = [index for index in range(n) if index not in set(best)]
    tails = dict.fromkeys(tuple(order) for order in branching_orders(len(best), votes, seed))
    return [head + [best[rank] for rank in tail] for tail in tails]


def _all_orders(n: int, votes: int) -> list[list[int]]:
    """Returns every order once, then again from the start until there are `votes`."""
    every = [list(order) for order in permutations(range(n))]
    return [list(every[vote % len(every)]) for vote in range(votes)]


def _distinct(items: list[int], votes: int, rng: random.Random) -> list[list[int]]:
    """Returns `votes` distinct orders of `items`, the original one first; `items` must have that many."""
    if len(items) <= 6:
        rest = list(islice(permutations(items), 1, None))
        return [list(items), *map(list, rng.sample(rest, votes - 1))]
    orders = {tuple(items): None}
    while len(orders) < votes:
        orders[tuple(rng.sample(items, len(items)))] = None
    return [list(order) for order in orders]


def _branch(items: list[int], votes: int, rng: random.Random, share: float = 2 / 3) -> list[list[int]]:
    """Returns `votes` distinct orders of `items`, the original one first; needs votes <= len(items)!.

    Half of the votes have a front of `share` of the items in common, and the items behind each front branch again. The
    front is shortened if the items behind it would have too few orders.
    """
    if votes == 1:
        return [list(items)]
    more = votes - votes // 2
    last = votes == 2 and share > 1 / 2  # one front for both: only the rest differs
    front = _front(len(items), votes if last else more, share)
    if last:
        return [items[:front] + rest for rest in (items[front:], items[front:][::-1])]
    if front == 0:
        return _distinct(items, votes, rng)
    kept = [items[:front] + rest for rest in _branch(items[front:], more, rng)]
    other = _other_front(items, front, rng)
    rest = [item for item in items if item not in set(other)]
    return kept + [other + tail for tail in _branch(rest, votes - more, rng)]


def _front(size: int, votes: int, share: float) -> int:
    """Returns the length of the longest front, at most `share` of `size` items, whose rest has `votes` orders."""
    front = math.ceil(share * size)
    while front and math.factorial(min(size - front, 20)) < votes:
        front -= 1
    return front


def _other_front(items: list[int], front: int, rng: random.Random) -> list[int]:
    """Draws a front from the items behind `items[:front]`, filled up from that front if they are too few."""
    behind, ahead = items[front:], items[:front]
    chosen = rng.sample(behind, min(front, len(behind)))
    chosen += rng.sample(ahead, front - len(chosen))
    rng.shuffle(chosen)
    return chosen if chosen != ahead else chosen[::-1]

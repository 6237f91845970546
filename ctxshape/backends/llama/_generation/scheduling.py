"""Plans how several prompts are computed: shared beginnings once, in passes that fit into the cache. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from ctxshape.backends.llama._native.kv_cache import Tokens, padded_cells


class PrefixBranch(NamedTuple):
    """Positions `start` to `stop`, which all `members` share. The prompts in `ends` end there.

    The first member computes the branch. `children` are the first members of the branches that continue it.
    """

    start: int
    stop: int
    members: tuple[int, ...]
    ends: tuple[int, ...]
    children: tuple[int, ...]


def prefix_levels(prompts: Sequence[Tokens]) -> list[list[PrefixBranch]]:
    """Returns the prefix tree of non-empty token lists, level by level. Each branch continues one of the level before.

    One member computes each branch. Its state is then copied for the other children and for the other prompts that end there.

    >>> [[tuple(branch) for branch in level] for level in prefix_levels([np.array(p) for p in ([1, 2, 3], [1, 2], [1, 4])])]
    [[(0, 1, (1, 0, 2), (), (1, 2))], [(1, 2, (1, 0), (1,), (0,)), (1, 2, (2,), (2,), ())], [(2, 3, (0,), (0,), ())]]
    """
    levels: list[list[PrefixBranch]] = []
    groups = _groups(prompts, _sorted(prompts), 0)
    ahead = [(group, 0) for group in groups]
    while ahead:
        level, ahead, current = [], [], ahead
        for group, start in current:
            stop = start + common_prefix(prompts[group[0]][start:], prompts[group[-1]][start:])
            children = _groups(prompts, [member for member in group if len(prompts[member]) > stop], stop)
            ends = tuple(member for member in group if len(prompts[member]) == stop)
            level.append(PrefixBranch(start, stop, tuple(group), ends, tuple(child[0] for child in children)))
            ahead += [(child, stop) for child in children]
        levels.append(level)
    return levels


def common_prefix(first: Tokens, second: Tokens) -> int:
    """Returns the number of tokens at the beginning that are equal.

    >>> common_prefix(np.array([1, 2, 3]), np.array([1, 2, 4, 5]))
    2
    """
    size = min(len(first), len(second))
    different = np.flatnonzero(first[:size] != second[:size])
    return int(different[0]) if len(different) else size


def computed_shares(levels: Sequence[Sequence[PrefixBranch]], count: int) -> list[float]:
    """Returns each prompt's share of the computed tokens. A shared token is divided among its prompts."""
    shares = [0.0] * count
    for branch in (branch for level in levels for branch in level):
        for member in branch.members:
            shares[member] += (branch.stop - branch.start) / len(branch.members)
    return shares


def passes(prompts: Sequence[Tokens], room: int, cells: int, most: int) -> Iterator[list[int]]:
    """Yields the numbers of the prompts that are computed together, each with cells of its own and `room` for the answer.

    A pass has at most `most` prompts and `cells` cells. Passes have about the same size, and prompts with the same
    beginning share a pass.
    """
    order = _sorted(prompts)
    while order:
        longest = max(len(prompts[number]) for number in order)
        fitting = max(1, min(most, cells // padded_cells(longest + room)))
        count = -(-len(order) // fitting)
        size = -(-len(order) // count)
        yield order[:size]
        order = order[size:]


def _sorted(prompts: Sequence[Tokens]) -> list[int]:
    """Returns the prompts' numbers in lexical order, which puts equal beginnings side by side."""
    return sorted(range(len(prompts)), key=lambda number: prompts[number].tolist())


def _groups(prompts: Sequence[Tokens], members: list[int], at: int) -> list[list[int]]:
    """Groups sorted members by their token at a position."""
    return [list(group) for _, group in groupby(members, key=lambda member: int(prompts[member][at]))]

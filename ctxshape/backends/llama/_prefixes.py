"""Prompts that begin alike, as a tree of what must be computed; and how many fit into one pass. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]


class Branch(NamedTuple):
    """Positions `start` to `stop` that all `members` have in common; the prompts in `ends` end there.

    The first member is the one to compute it; `children` are the first members of the branches that go on from here.
    """

    start: int
    stop: int
    members: tuple[int, ...]
    ends: tuple[int, ...]
    children: tuple[int, ...]


def prefix_levels(prompts: Sequence[Tokens]) -> list[list[Branch]]:
    """The prefix tree of token lists, none empty, level by level: every branch stands on one of the level before.

    Whoever computes a branch hands a copy to its other children, and to the other prompts that end there.

    >>> [[tuple(branch) for branch in level] for level in prefix_levels([np.array(p) for p in ([1, 2, 3], [1, 2], [1, 4])])]
    [[(0, 1, (1, 0, 2), (), (1, 2))], [(1, 2, (1, 0), (1,), (0,)), (1, 2, (2,), (2,), ())], [(2, 3, (0,), (0,), ())]]
    """
    levels: list[list[Branch]] = []
    groups = _groups(prompts, sorted_prompts(prompts), 0)
    ahead = [(group, 0) for group in groups]
    while ahead:
        level, ahead, current = [], [], ahead
        for group, start in current:
            stop = start + common(prompts[group[0]][start:], prompts[group[-1]][start:])
            children = _groups(prompts, [member for member in group if len(prompts[member]) > stop], stop)
            ends = tuple(member for member in group if len(prompts[member]) == stop)
            level.append(Branch(start, stop, tuple(group), ends, tuple(child[0] for child in children)))
            ahead += [(child, stop) for child in children]
        levels.append(level)
    return levels


def sorted_prompts(prompts: Sequence[Tokens]) -> list[int]:
    """Numbers of the prompts with those that begin alike side by side, the shorter of two first."""
    return sorted(range(len(prompts)), key=lambda number: prompts[number].tolist())


def common(first: Tokens, second: Tokens) -> int:
    """How many tokens at the beginning are the same.

    >>> common(np.array([1, 2, 3]), np.array([1, 2, 4, 5]))
    2
    """
    size = min(len(first), len(second))
    different = np.flatnonzero(first[:size] != second[:size])
    return int(different[0]) if len(different) else size


def computed(levels: Sequence[Sequence[Branch]], count: int) -> list[float]:
    """Tokens that each prompt has to carry: a shared token is divided among those that share it."""
    shares = [0.0] * count
    for branch in (branch for level in levels for branch in level):
        for member in branch.members:
            shares[member] += (branch.stop - branch.start) / len(branch.members)
    return shares


def waves(prompts: Sequence[Tokens], room: int, cells: int, most: int) -> Iterator[list[int]]:
    """Numbers of the prompts to compute together, so that each has its own cells with `room` for the answer.

    Waves are of about the same size, with prompts that begin alike in the same one.
    """
    order = sorted_prompts(prompts)
    while order:
        longest = max(len(prompts[number]) for number in order)
        fitting = max(1, min(most, cells // padded(longest + room)))
        count = -(-len(order) // fitting)
        size = -(-len(order) // count)
        yield order[:size]
        order = order[size:]


def padded(cells: int) -> int:
    """Cells as llama.cpp allots them: a multiple of 256."""
    return -(-cells // 256) * 256


def _groups(prompts: Sequence[Tokens], members: list[int], at: int) -> list[list[int]]:
    """Sorted members by their token at a position."""
    return [list(group) for _, group in groupby(members, key=lambda member: int(prompts[member][at]))]

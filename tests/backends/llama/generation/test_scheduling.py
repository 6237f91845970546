from __future__ import annotations

import numpy as np
import pytest

from ctxshape.backends.llama._generation.scheduling import PrefixBranch, computed_shares, passes, prefix_levels
from ctxshape.backends.llama._native.kv_cache import Tokens


def prompts(*lists: list[int]) -> list[Tokens]:
    return [np.array(tokens, np.int32) for tokens in lists]


def test_a_tree_by_hand() -> None:
    # 1 2 is common to all; 3 to the first two; the last three tokens are each prompt's own.
    levels = prefix_levels(prompts([1, 2, 3, 4], [1, 2, 3, 5, 6], [1, 2, 9]))
    assert levels == [
        [PrefixBranch(0, 2, (0, 1, 2), (), (0, 2))],
        [PrefixBranch(2, 3, (0, 1), (), (0, 1)), PrefixBranch(2, 3, (2,), (2,), ())],
        [PrefixBranch(3, 4, (0,), (0,), ()), PrefixBranch(3, 5, (1,), (1,), ())],
    ]
    # 2/3 of the root each, half of the 3, and what is their own: 8 tokens in the tree.
    assert computed_shares(levels, 3) == pytest.approx([2 / 3 + 1 / 2 + 1, 2 / 3 + 1 / 2 + 2, 2 / 3 + 1])
    assert sum(computed_shares(levels, 3)) == pytest.approx(7)


def test_nothing_in_common() -> None:
    levels = prefix_levels(prompts([1, 2], [3]))
    assert levels == [[PrefixBranch(0, 2, (0,), (0,), ()), PrefixBranch(0, 1, (1,), (1,), ())]]
    assert computed_shares(levels, 2) == [2, 1]


def test_equal_prompts_end_in_one_branch() -> None:
    levels = prefix_levels(prompts([1, 2], [1, 2], [1, 2]))
    assert levels == [[PrefixBranch(0, 2, (0, 1, 2), (0, 1, 2), ())]]
    assert computed_shares(levels, 3) == pytest.approx([2 / 3] * 3)


def test_a_prompt_that_is_the_beginning_of_another() -> None:
    assert prefix_levels(prompts([1, 2, 3], [1])) == [
        [PrefixBranch(0, 1, (1, 0), (1,), (0,))],
        [PrefixBranch(1, 3, (0,), (0,), ())],
    ]


def test_every_position_of_every_prompt_is_in_one_branch() -> None:
    chance = np.random.default_rng(0)
    lists = [chance.integers(0, 3, size=chance.integers(1, 12)).astype(np.int32) for _ in range(30)]
    covered: dict[int, list[int]] = {number: [] for number in range(30)}
    for branch in (branch for level in prefix_levels(lists) for branch in level):
        for member in branch.members:
            covered[member] += range(branch.start, branch.stop)
            assert lists[member][: branch.stop].tolist() == lists[branch.members[0]][: branch.stop].tolist()
    assert all(covered[number] == list(range(len(lists[number]))) for number in covered)


def test_passes_keep_alike_prompts_together_and_are_of_one_size() -> None:
    lists = prompts(*([[first] * 200 + [last] for last in range(3) for first in (1, 2)]))
    # 201 tokens and 20 for the answer are 256 cells; 1,100 cells hold 4 of them; 6 prompts make 2 passes of 3.
    assert list(passes(lists, 20, 1100, 64)) == [[0, 2, 4], [1, 3, 5]]
    assert list(passes(lists, 20, 6 * 256, 64)) == [[0, 2, 4, 1, 3, 5]]
    assert list(passes(lists, 20, 100_000, 1)) == [[0], [2], [4], [1], [3], [5]]

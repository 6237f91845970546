"""Log-probabilities of given texts after prompts. Shared tokens are computed once, and logits are read only if needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.backends.llama._generation.logits import log_probabilities
from ctxshape.backends.llama._generation.scheduling import PrefixBranch, common_prefix, prefix_levels
from ctxshape.backends.llama._native.kv_cache import KvCache, Run, Tokens
from ctxshape.core.protocols import Scores


class Pair(NamedTuple):
    """A prompt and its continuation as tokens; the continuation begins at `start`."""

    tokens: Tokens
    start: int


class WantedToken(NamedTuple):
    """A token whose log-probability is wanted, as number `place` in the result of a pair."""

    pair: int
    place: int
    token: int


class Strand(NamedTuple):
    """The tokens of one sequence, and the tokens that are wanted at its positions."""

    tokens: Tokens
    wanted: dict[int, list[WantedToken]]


def strands(pairs: Sequence[Pair]) -> list[Strand]:
    """Returns the sequences to compute for pairs with non-empty prompts.

    The last token of a continuation is scored but never computed. A pair that is the beginning of another shares its
    strand, so that a hundred continuations of one token take one sequence. An empty continuation takes no sequence.

    >>> import numpy as np
    >>> one, two, other = Pair(np.array([7, 8, 1]), 2), Pair(np.array([7, 8, 2, 3]), 2), Pair(np.array([7, 9, 1]), 2)
    >>> for strand in strands([one, two, other]):
    ...     print(strand.tokens.tolist(), {at: [tuple(wanted) for wanted in found] for at, found in strand.wanted.items()})
    [7, 9] {1: [(2, 0, 1)]}
    [7, 8, 2] {1: [(1, 0, 2), (0, 0, 1)], 2: [(1, 1, 3)]}
    """
    found: list[Strand] = []
    full = [number for number, pair in enumerate(pairs) if len(pair.tokens) > pair.start]
    # In descending order, so that longer token lists come just before their own beginnings.
    for number in sorted(full, key=lambda number: pairs[number].tokens[:-1].tolist(), reverse=True):
        tokens, start = pairs[number].tokens[:-1], pairs[number].start
        if not found or common_prefix(tokens, found[-1].tokens) < len(tokens):
            found.append(Strand(tokens, {}))
        for place, token in enumerate(pairs[number].tokens[start:].tolist()):
            found[-1].wanted.setdefault(start - 1 + place, []).append(WantedToken(number, place, token))
    return found


def score_strands(cache: KvCache, lines: Sequence[Strand], results: Sequence[Scores]) -> None:
    """Computes the strands and writes the wanted log-probabilities into the results.

    The cache must be prepared for `len(lines)` sequences. All of them are empty at the end, also after an error.
    """
    # Long strands first: then the last of the adjacent sequences end first, which leaves no gap
    # (see `replies`) and so needs no extra pass over the weights.
    lines = sorted(lines, key=lambda line: -len(line.tokens))
    try:
        for level in prefix_levels([line.tokens for line in lines]):
            branches = sorted(level, key=lambda branch: branch.members[0])
            for index, position, logits in cache.compute([_run(branch, lines) for branch in branches]):
                found = [wanted for member in branches[index].members for wanted in lines[member].wanted.get(position, ())]
                values = log_probabilities(logits, [wanted.token for wanted in found])
                for wanted, value in zip(found, values, strict=True):
                    results[wanted.pair][wanted.place] = value
            for branch in branches:
                for child in {*branch.children} - {branch.members[0]}:
                    cache.copy(branch.members[0], child)
    finally:
        cache.clear()


def _run(branch: PrefixBranch, lines: Sequence[Strand]) -> Run:
    wanted = {at for member in branch.members for at in lines[member].wanted if branch.start <= at < branch.stop}
    tokens = lines[branch.members[0]].tokens[branch.start : branch.stop]
    return Run(tokens, branch.start, branch.members[0], wanted=tuple(sorted(wanted)))

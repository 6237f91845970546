"""How likely texts are after prompts: what they share is computed once, and logits are read only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ctxshape.backends.llama._prefixes import Branch, Tokens, common, prefix_levels
from ctxshape.backends.llama._sampling import Row
from ctxshape.backends.llama._sequences import Run, Sequences
from ctxshape.core.protocols import Scores
from ctxshape.errors import ModelError


class Pair(NamedTuple):
    """A prompt and its continuation as tokens; the continuation begins at `start`."""

    tokens: Tokens
    start: int


class Asked(NamedTuple):
    """The log-probability of `token` is wanted, as number `place` in the result of a pair."""

    pair: int
    place: int
    token: int


class Strand(NamedTuple):
    """Tokens of one sequence, and what is asked of the logits at its positions."""

    tokens: Tokens
    asked: dict[int, list[Asked]]


def strands(pairs: Sequence[Pair]) -> list[Strand]:
    """What must be computed for pairs of which none has an empty prompt.

    The last token of a continuation is asked for and never computed. A pair that is the beginning of another rides on
    its strand: a hundred continuations of one token take one sequence. An empty continuation takes none.

    >>> one, two, other = Pair(np.array([7, 8, 1]), 2), Pair(np.array([7, 8, 2, 3]), 2), Pair(np.array([7, 9, 1]), 2)
    >>> for strand in strands([one, two, other]):
    ...     print(strand.tokens.tolist(), {at: [tuple(asked) for asked in found] for at, found in strand.asked.items()})
    [7, 9] {1: [(2, 0, 1)]}
    [7, 8, 2] {1: [(1, 0, 2), (0, 0, 1)], 2: [(1, 1, 3)]}
    """
    found: list[Strand] = []
    full = [number for number, pair in enumerate(pairs) if len(pair.tokens) > pair.start]
    # Downwards, so that whatever begins with some tokens comes just before those tokens themselves.
    for number in sorted(full, key=lambda number: pairs[number].tokens[:-1].tolist(), reverse=True):
        tokens, start = pairs[number].tokens[:-1], pairs[number].start
        if not found or common(tokens, found[-1].tokens) < len(tokens):
            found.append(Strand(tokens, {}))
        for place, token in enumerate(pairs[number].tokens[start:].tolist()):
            found[-1].asked.setdefault(start - 1 + place, []).append(Asked(number, place, token))
    return found


def read(sequences: Sequences, lines: Sequence[Strand], results: Sequence[Scores]) -> None:
    """Compute the strands and write what they ask for into the results.

    The sequences must be prepared for `len(lines)`, and are empty again at the end, however it comes.
    """
    # Long ones first: of sequences side by side those at the end are then the first to end, which leaves no gap
    # (see `batch`), and so no extra pass over the weights.
    lines = sorted(lines, key=lambda line: -len(line.tokens))
    try:
        for level in prefix_levels([line.tokens for line in lines]):
            branches = sorted(level, key=lambda branch: branch.members[0])
            for index, position, logits in sequences.compute([_run(branch, lines) for branch in branches]):
                found = [asked for member in branches[index].members for asked in lines[member].asked.get(position, ())]
                values = log_probabilities(logits, [asked.token for asked in found])
                for asked, value in zip(found, values, strict=True):
                    results[asked.pair][asked.place] = value
            for branch in branches:
                for child in {*branch.children} - {branch.members[0]}:
                    sequences.copy(branch.members[0], child)
    finally:
        sequences.clear()


def log_probabilities(logits: Row, tokens: Sequence[int]) -> Scores:
    """Natural log-probabilities of some tokens in the distribution over all: log-softmax, in float64.

    Raises ModelError where the logits are not numbers.

    >>> log_probabilities(np.log(np.array([0.5, 0.25, 0.25], np.float32)), [0, 2]).round(4).tolist()
    [-0.6931, -1.3863]
    """
    wide = logits.astype(np.float64)
    top = wide.max()
    if not np.isfinite(top):
        raise ModelError("the model computed logits that are not numbers; try another kv_type, or flash_attention=False")
    values: Scores = wide[list(tokens)] - top - np.log(np.exp(wide - top).sum())
    return values


def _run(branch: Branch, lines: Sequence[Strand]) -> Run:
    wanted = {at for member in branch.members for at in lines[member].asked if branch.start <= at < branch.stop}
    tokens = lines[branch.members[0]].tokens[branch.start : branch.stop]
    return Run(tokens, branch.start, branch.members[0], wanted=tuple(sorted(wanted)))

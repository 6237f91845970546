"""Hypothesis strategies for hostile questions and passages; needs hypothesis, which the `test` extra brings."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies

from ctxshape.core.types import Context
from ctxshape.testing import fuzzing

_RANDOM = strategies.randoms(use_true_random=False)  # drawn from hypothesis, so that what fails is shrunk


def texts(largest: int = 400) -> strategies.SearchStrategy[str]:
    """Texts of every block type and script, with control characters and noise."""
    return _RANDOM.map(lambda rng: fuzzing.text(rng, largest))


def questions() -> strategies.SearchStrategy[str]:
    """Questions in several languages, which are never blank."""
    return _RANDOM.map(fuzzing.question)


def passage_lists(most: int = 6) -> strategies.SearchStrategy[list[Any]]:
    """Lists of up to `most` passages of every kind that callers give, with copies among them."""
    return _RANDOM.map(lambda rng: fuzzing.passage_list(rng, most))


def contexts(most: int = 6) -> strategies.SearchStrategy[Context]:
    """Contexts of such questions and passages."""
    return strategies.builds(Context.of, questions(), passage_lists(most))

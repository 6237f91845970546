"""From a row of logits to the next token and to log-probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._native.kv_cache import Logits
from ctxshape.core.messages import Generation
from ctxshape.core.protocols import Scores
from ctxshape.errors import ModelError

NOT_FINITE = "the model computed logits that are not finite; try another kv_type, or flash_attention=False"


def next_token(logits: Logits, options: Generation, rng: np.random.Generator) -> tuple[int, float]:
    """Returns the chosen token and its natural log-probability in the untempered distribution over all tokens.

    Temperature 0 takes the largest logit, and the lowest id if several are equal. Otherwise one number of `rng` decides
    within the nucleus. Raises ModelError for logits that are not finite.
    """
    best = int(logits.argmax())
    top = float(logits[best])
    if not np.isfinite(top):
        raise ModelError(NOT_FINITE)
    token = best if options.temperature == 0 else _draw(logits, options, rng)
    total = float(np.exp(logits - top).sum(dtype=np.float64))
    return token, float(logits[token]) - top - float(np.log(total))


def nucleus(logits: Logits, options: Generation) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Returns the tokens to draw from, the most likely first, and their probabilities.

    As in llama.cpp, the filters see the untempered distribution: first the `top_k` most likely tokens, then the fewest of
    them whose probabilities reach `top_p`. The temperature applies to the rest.
    """
    count = options.top_k if 0 < options.top_k < len(logits) else len(logits)
    tokens = np.argpartition(-logits, count - 1)[:count]
    tokens = tokens[np.lexsort((tokens, -logits[tokens]))]
    kept = logits[tokens].astype(np.float64)
    reached = _softmax(kept).cumsum()
    size = min(int(np.searchsorted(reached, options.top_p, side="left")) + 1, count)
    return tokens[:size], _softmax(kept[:size] / options.temperature)


def log_probabilities(logits: Logits, tokens: Sequence[int]) -> Scores:
    """Returns the natural log-probabilities of some tokens in the distribution over all: log-softmax in float64.

    Raises ModelError for logits that are not finite.

    >>> log_probabilities(np.log(np.array([0.5, 0.25, 0.25], np.float32)), [0, 2]).round(4).tolist()
    [-0.6931, -1.3863]
    """
    wide = logits.astype(np.float64)
    top = wide.max()
    if not np.isfinite(top):
        raise ModelError(NOT_FINITE)
    values: Scores = wide[list(tokens)] - top - np.log(np.exp(wide - top).sum())
    return values


def _draw(logits: Logits, options: Generation, rng: np.random.Generator) -> int:
    tokens, probabilities = nucleus(logits, options)
    bounds = probabilities.cumsum()
    return int(tokens[min(int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right")), len(tokens) - 1)])


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the probabilities of logits whose first is the largest."""
    raised: NDArray[np.float64] = np.exp(values - values[0])
    return raised / float(raised.sum())

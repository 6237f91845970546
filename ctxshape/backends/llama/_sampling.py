"""The next token from a row of logits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.messages import Generation
from ctxshape.errors import ModelError

Row = NDArray[np.float32]


def next_token(logits: Row, options: Generation, rng: np.random.Generator) -> tuple[int, float]:
    """The chosen token and its natural log-probability in the untempered distribution over all tokens.

    Temperature 0 takes the largest logit, the lowest id where several are equal. Otherwise one number of `rng`
    decides within the nucleus. Raises ModelError where the logits are not numbers.
    """
    best = int(logits.argmax())
    top = float(logits[best])
    if not np.isfinite(top):
        raise ModelError("the model computed logits that are not numbers; try another kv_type, or flash_attention=False")
    token = best if options.temperature == 0 else _draw(logits, options, rng)
    total = float(np.exp(logits - top).sum(dtype=np.float64))
    return token, float(logits[token]) - top - float(np.log(total))


def _draw(logits: Row, options: Generation, rng: np.random.Generator) -> int:
    tokens, probabilities = nucleus(logits, options)
    bounds = probabilities.cumsum()
    return int(tokens[min(int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right")), len(tokens) - 1)])


def nucleus(logits: Row, options: Generation) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The tokens to draw from, likeliest first, and their probabilities.

    As in llama.cpp the filters see the untempered distribution: the `top_k` likeliest, then the fewest of those
    whose probabilities reach `top_p`; what is left is tempered.
    """
    count = options.top_k if 0 < options.top_k < len(logits) else len(logits)
    tokens = np.argpartition(-logits, count - 1)[:count]
    tokens = tokens[np.lexsort((tokens, -logits[tokens]))]
    kept = logits[tokens].astype(np.float64)
    reached = softmax(kept).cumsum()
    size = min(int(np.searchsorted(reached, options.top_p, side="left")) + 1, count)
    return tokens[:size], softmax(kept[:size] / options.temperature)


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of logits whose first is the largest."""
    raised: NDArray[np.float64] = np.exp(values - values[0])
    return raised / float(raised.sum())

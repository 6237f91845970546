"""The KV cache: how batches are cut, and logits against those of llama_cpp.Llama."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from ctxshape.backends.llama._native.kv_cache import ContextSettings, KvCache, Run, split_batches
from ctxshape.backends.llama._native.tokenizer import Tokenizer
from ctxshape.backends.llama._native.weights import Weights


def test_batches_end_before_there_are_too_many_rows() -> None:
    flags = np.array([1, 1, 1, 0, 0, 0, 1], np.int8)
    assert list(split_batches(flags, 100, 2)) == [slice(0, 2), slice(2, 7)]
    assert list(split_batches(flags, 3, 100)) == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert list(split_batches(flags, 100, 4)) == [slice(0, 7)]


@pytest.mark.model
def test_logits_are_those_of_plain_llama(smollm2_weights: Weights, smollm2_path: str, plain_llama: ModuleType) -> None:
    """They are equal to the last bit, with flash attention in both. If only one has it, they differ by up to 1.26 (Q4_1)."""
    tokens = np.array(Tokenizer(smollm2_weights).untrusted("The mill is in Ulm. Ada owns the red boat. 钟楼在苏州。"), np.int32)
    cache = KvCache(smollm2_weights, ContextSettings(cells=256, n_threads=1, flash_attention=True, kv_type="f16"))
    cache.prepare(1, len(tokens))
    found = np.array([row.copy() for *_, row in cache.compute([Run(tokens, 0, 0, tuple(range(len(tokens))))])])
    cache.close()
    plain = plain_llama.Llama(
        smollm2_path, n_ctx=256, n_threads=1, n_threads_batch=1, logits_all=True, flash_attn=True, verbose=False
    )
    plain.eval(tokens.tolist())
    assert np.array_equal(found, plain.scores[: len(tokens)])
    plain.close()

"""Documents computed separately: their placements by hand, and a real model below the backend."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ctxshape.backends.llama._generation.logits import next_token
from ctxshape.backends.llama._generation.replies import Reply
from ctxshape.backends.llama._native.bindings import bindings
from ctxshape.backends.llama._native.kv_cache import ContextSettings, KvCache, Logits, Run
from ctxshape.backends.llama._native.tokenizer import Tokenizer
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.backends.llama.documents._blocks import DocumentBlocks, PromptParts, in_a_row, side_by_side
from ctxshape.backends.llama.documents._store import DocumentStore
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.core.messages import Generation
from ctxshape.errors import ModelError

SETTINGS = ContextSettings(cells=256, n_threads=1, flash_attention=False, kv_type="f16")


def parts(*sizes: int) -> PromptParts:
    documents = tuple(np.zeros(size, np.int32) for size in sizes[1:])
    return PromptParts(np.zeros(sizes[0], np.int32), documents, np.zeros(2, np.int32))


def test_placements() -> None:
    three = parts(10, 3, 0, 5)
    assert in_a_row(three, [2, 0, 1]) == ((2, 0, 1), (10, 15, 18), 18)
    assert side_by_side(three) == ((0, 1, 2), (10, 10, 10), 15)
    assert (in_a_row(parts(7), []), side_by_side(parts(7))) == (((), (), 7), ((), (), 7))


@pytest.fixture
def tokenizer(smollm2_weights: Weights) -> Tokenizer:
    return Tokenizer(smollm2_weights)


@pytest.fixture
def caches(smollm2_weights: Weights) -> Iterator[tuple[KvCache, KvCache]]:
    """A workbench and a cache with a stream for each reply."""
    made = KvCache(smollm2_weights, SETTINGS.model_copy(update={"unified": True})), KvCache(smollm2_weights, SETTINGS)
    yield made
    for cache in made:
        cache.close()


def prompt(tokenizer: Tokenizer, *documents: str) -> PromptParts:
    lead, tail = (np.array(tokenizer.untrusted(text), np.int32) for text in ("Read these lines.\n", "\nAnswer: It is in"))
    return PromptParts(lead, tuple(np.array(tokenizer.untrusted(text), np.int32) for text in documents), tail)


def reply(parts: PromptParts, tokenizer: Tokenizer, number: int = 0, max_tokens: int = 1) -> Reply:
    tokens = np.concatenate([parts.lead, *parts.documents, parts.tail])
    return Reply(tokens, number, Generation(max_tokens=max_tokens), tokenizer, one_line=False)


def last_positions(cache: KvCache, sequences: int) -> list[int]:
    """Returns the last position in each sequence, -1 if it is empty."""
    memory = bindings().llama_get_memory(cache.context)
    return [int(bindings().llama_memory_seq_pos_max(memory, sequence)) for sequence in range(sequences)]


@pytest.mark.model
def test_one_document_is_exact_to_the_last_bit(
    smollm2_weights: Weights, tokenizer: Tokenizer, caches: tuple[KvCache, KvCache]
) -> None:
    """No document is moved, and the same batches are computed: lead, document, tail."""
    one = prompt(tokenizer, "The mill is in Ulm.\n")
    plain = KvCache(smollm2_weights, SETTINGS)
    plain.prepare(1, 256)
    at, row = 0, np.zeros(0, np.float32)
    for tokens in (one.lead, one.documents[0], one.tail):
        row = next(iter(plain.compute([Run(tokens, at, 0, (at + len(tokens) - 1,))])))[2].copy()
        at += len(tokens)
    plain.close()
    expected = next_token(row, Generation(), np.random.default_rng(0))
    blocks = DocumentBlocks(caches[0], DocumentStore(DocumentCache(), lambda: ""))
    for placement in (in_a_row(one, [0]), side_by_side(one)):
        made = reply(one, tokenizer)
        made.end = placement.end + len(one.tail)
        assert len(list(blocks.answer(one, [placement], [made], caches[1], 256, 1))) == 1
        assert (made.written, made.completion().logprobs) == ([expected[0]], (expected[1],))


class Failing(Reply):
    """Fails at its second token."""

    def advance(self, logits: Logits) -> None:
        if self.written:
            raise ModelError("no power")
        super().advance(logits)


@pytest.mark.model
def test_an_exception_leaves_no_token_behind(tokenizer: Tokenizer, caches: tuple[KvCache, KvCache]) -> None:
    two = prompt(tokenizer, "The mill is in Ulm.\n", "Ada owns the red boat.\n")
    placements = [in_a_row(two, order) for order in ([0, 1], [1, 0])]
    tokens = np.concatenate([two.lead, *two.documents, two.tail])
    options = Generation(max_tokens=3)
    replies = [reply(two, tokenizer, 0, 3), Failing(tokens, 1, options, tokenizer, one_line=False)]
    blocks = DocumentBlocks(caches[0], DocumentStore(DocumentCache(), lambda: ""))
    with pytest.raises(ModelError, match="no power"):
        list(blocks.answer(two, placements, replies, caches[1], 1024, 2))
    assert last_positions(caches[0], 3) == [-1, -1, -1] and last_positions(caches[1], 2) == [-1, -1]

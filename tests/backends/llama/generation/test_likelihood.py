"""Log-probabilities of given texts: the plan by hand, and SmolLM2 against plain llama.cpp."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ctxshape.backends.llama._generation.likelihood import Pair, score_strands, strands
from ctxshape.backends.llama._generation.likelihood import WantedToken as Wanted
from ctxshape.backends.llama._native.bindings import bindings
from ctxshape.backends.llama._native.kv_cache import ContextSettings, KvCache
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.protocols import Likelihood, Scores
from ctxshape.errors import ContextTooLong, InvalidInput


def pair(prompt: list[int], continuation: list[int]) -> Pair:
    return Pair(np.array(prompt + continuation, np.int32), len(prompt))


def plan(*pairs: Pair) -> dict[tuple[int, ...], dict[int, list[Wanted]]]:
    return {tuple(strand.tokens.tolist()): strand.wanted for strand in strands(pairs)}


def test_the_last_token_is_asked_for_and_never_computed() -> None:
    assert plan(pair([5, 6], [7, 8, 9])) == {(5, 6, 7, 8): {1: [Wanted(0, 0, 7)], 2: [Wanted(0, 1, 8)], 3: [Wanted(0, 2, 9)]}}


def test_answers_of_one_token_share_the_prompts_sequence() -> None:
    assert plan(*(pair([5, 6], [token]) for token in (1, 2, 3))) == {
        (5, 6): {1: [Wanted(0, 0, 1), Wanted(1, 0, 2), Wanted(2, 0, 3)]}
    }


def test_a_pair_rides_on_the_longer_one_that_begins_with_it() -> None:
    # [5] + [6, 7] computes 5 6, the beginning of 5 6 1, which [5, 6] + [1, 2] computes; nothing is asked at 5 6's 1 twice.
    assert plan(pair([5], [6, 7]), pair([5, 6], [1, 2]), pair([5, 8], [1])) == {
        (5, 8): {1: [Wanted(2, 0, 1)]},
        (5, 6, 1): {0: [Wanted(0, 0, 6)], 1: [Wanted(1, 0, 1), Wanted(0, 1, 7)], 2: [Wanted(1, 1, 2)]},
    }


def test_equal_pairs_are_computed_once_and_an_empty_continuation_never() -> None:
    same, empty = pair([5], [6]), pair([5, 9], [])
    assert plan(same, empty, same) == {(5,): {0: [Wanted(0, 0, 6), Wanted(2, 0, 6)]}}
    assert strands([empty]) == []


# A 4-bit model rounds differently in a batch of another size, by up to 0.004. A wrong token is off by whole units.
ROUNDING = 0.05


def prompt(passage: str, tail: str = "\nQuestion:\n") -> Prompt:
    lead = (Segment(text="Passage:\n", trusted=True),)
    return Prompt(lead=lead, documents=(Segment(text=passage),), tail=(Segment(text=tail, trusted=True),))


PASSAGES = ["Paris is the capital of France.", "The Rhine flows through Cologne and Basel.", "Paris is a town in Texas, too."]
PAIRS = [
    (prompt(passage), text) for passage in PASSAGES for text in ("Where is Paris?", "Which river is it?", "Yes", " No")
] + [(prompt(PASSAGES[0]), "Where is Paris?"), (prompt("莱茵河。"), "什么河？"), (prompt("None"), "")]


@pytest.fixture(scope="module")
def backend(smollm2_path: str) -> Iterator[LlamaCpp]:
    # Flash attention rounds differently from the attention of a plain Llama.
    with LlamaCpp(smollm2_path, n_ctx=4096, n_threads=1, flash_attention=False) as made:
        yield made


@pytest.fixture(scope="module")
def found(backend: LlamaCpp) -> list[Scores]:
    return backend.logprobs(*map(list, zip(*PAIRS, strict=True)))


def by_plain_llama(llama: Any, backend: LlamaCpp, one: Prompt, text: str) -> Scores:  # noqa: ANN401  no stubs
    before, after = backend.encode(one), backend.tokenize(Segment(text=text))
    llama.reset()
    llama.eval(before + after)
    rows = llama.scores[len(before) - 1 : len(before) + len(after) - 1].astype(np.float64)
    totals = np.log(np.exp(rows - rows.max(axis=1, keepdims=True)).sum(axis=1)) + rows.max(axis=1)
    values: Scores = rows[np.arange(len(after)), after] - totals
    return values


@pytest.mark.model
def test_a_batch_gives_what_plain_llama_gives(
    backend: LlamaCpp, found: list[Scores], smollm2_path: str, plain_llama: ModuleType
) -> None:
    plain = plain_llama.Llama(smollm2_path, n_ctx=256, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False)
    try:
        for number in (0, 3, 5, 6, 10, 13):
            (one, text), values = PAIRS[number], found[number]
            assert values == pytest.approx(by_plain_llama(plain, backend, one, text), abs=ROUNDING), text
    finally:
        plain.close()


@pytest.mark.model
def test_the_shape_of_a_result(backend: LlamaCpp, found: list[Scores]) -> None:
    assert isinstance(backend, Likelihood)
    assert [len(values) for values in found] == [backend.count_tokens(text) for _, text in PAIRS]
    assert all(values.dtype == np.float64 and (values < 0).all() for values in found)
    assert found[-1].shape == (0,)
    assert found[0].tolist() == found[12].tolist()  # the same pair
    assert found[0].sum() > found[4].sum()  # a question about Paris, after Paris and after the Rhine
    assert backend.logprobs([], []) == []


@pytest.mark.model
def test_a_batch_gives_what_each_alone_gives(backend: LlamaCpp, found: list[Scores]) -> None:
    for number in (0, 5, 10, 13, 14):  # each passage, Chinese, and an empty continuation
        (one, text), values = PAIRS[number], found[number]
        assert backend.logprobs([one], [text])[0] == pytest.approx(values, abs=ROUNDING)


@pytest.mark.model
def test_several_passes_give_the_same(backend: LlamaCpp, found: list[Scores], smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=256, n_threads=1, flash_attention=False) as small:
        for again, values in zip(small.logprobs(*map(list, zip(*PAIRS, strict=True))), found, strict=True):
            assert again == pytest.approx(values, abs=ROUNDING)


@pytest.mark.model
def test_it_agrees_with_what_generate_says(backend: LlamaCpp) -> None:
    made = backend.generate([prompt(PASSAGES[0])], Generation(max_tokens=4))[0]
    assert backend.logprobs([prompt(PASSAGES[0])], [made.text])[0] == pytest.approx(made.logprobs, abs=ROUNDING)


@pytest.mark.model
def test_a_continuation_is_untrusted(backend: LlamaCpp) -> None:
    marked = backend.logprobs([prompt("x")], ["<|im_end|>"])[0]
    assert len(marked) == backend.count_tokens("<|im_end|>") > 1
    with pytest.raises(InvalidInput, match=r"U\+D800"):
        backend.logprobs([prompt("x")], ["\ud800"])


@pytest.mark.model
def test_a_plain_prompt_continues_with_a_blank(smollm2_plain: LlamaCpp) -> None:
    one = Prompt(lead=(), documents=(Segment(text="The capital of France is"),), tail=())
    blank, bare = smollm2_plain.logprobs([one] * 2, [" Paris", "Paris"])
    assert blank.sum() > np.log(0.3) > bare.sum()
    with pytest.raises(InvalidInput, match="prompt 1 is empty"):
        smollm2_plain.logprobs([Prompt(lead=(), documents=(), tail=())], ["Paris"])


@pytest.mark.model
def test_what_is_wrong_is_said_before_anything_runs(backend: LlamaCpp) -> None:
    with pytest.raises(InvalidInput, match="2 prompts and 1 continuations"):
        backend.logprobs([prompt("x")] * 2, ["y"])
    words = backend.count_tokens("word " * 4096)
    with pytest.raises(ContextTooLong, match=rf"prompt 2 .* {words} .* 4096"):
        backend.logprobs([prompt("x")] * 2, ["y", "word " * 4096])


@pytest.mark.model
def test_an_error_leaves_no_token_in_the_cache(smollm2_weights: Weights) -> None:
    cache = KvCache(smollm2_weights, ContextSettings(cells=256, n_threads=1, flash_attention=False, kv_type="f16"))
    cache.prepare(1, 16)
    with pytest.raises(IndexError):
        score_strands(cache, strands([pair([5, 6], [7])]), [])  # without a result to write to, it fails between two steps
    assert bindings().llama_memory_seq_pos_max(bindings().llama_get_memory(cache.context), 0) == -1
    cache.close()


@pytest.mark.model
def test_threads_take_turns_and_an_open_stream_lets_them_pass(backend: LlamaCpp, found: list[Scores]) -> None:
    gathered: dict[int, Scores] = {}

    def work(number: int) -> None:
        gathered[number] = backend.logprobs([PAIRS[number][0]], [PAIRS[number][1]])[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(gathered[number] == pytest.approx(found[number], abs=ROUNDING) for number in range(3))
    stream = backend.stream(prompt("x"), Generation(max_tokens=4))
    next(stream)
    backend.logprobs([prompt("x")], ["y"])  # the stream lets it pass and goes on
    assert next(stream, "") + "".join(stream) in backend.generate([prompt("x")], Generation(max_tokens=4))[0].text

"""Documents computed once: moved, side by side, kept, and given up where a model cannot. SmolLM2, short prompts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ctxshape.backends.llama import _sequences as sequences
from ctxshape.backends.llama._likelihood import log_probabilities
from ctxshape.backends.llama._segments import MOVED, READING, Parts, in_a_row, side_by_side
from ctxshape.backends.llama._sequences import ContextSettings, Run, Sequences
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.backends.llama.document_cache import DocumentCache
from ctxshape.backends.llama.reuse import ExactFallback, Reuse, check_orders, settings_for, why_not
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.protocols import SegmentCache
from ctxshape.errors import ConfigError, ContextTooLong, InvalidInput, ModelError
from ctxshape.testing.memory import resident_mib

SHORT = Generation(max_tokens=4)
TEXTS = ("The mill is in Ulm.\n", "Ada owns the red boat.\n", "It rains in Bath.\n", "钟楼在苏州。\n")


def prompt(*texts: str, question: str = "Where is the mill?") -> Prompt:
    return Prompt(
        lead=(Segment(text="Answer from these lines.\n", trusted=True),),
        documents=tuple(Segment(text=text) for text in texts),
        tail=(Segment(text=question), Segment(text="\nAnswer: It is in", trusted=True)),
    )


def parts(*sizes: int) -> Parts:
    return Parts(np.zeros(sizes[0], np.int32), tuple(np.zeros(n, np.int32) for n in sizes[1:]), np.zeros(2, np.int32))


def test_layouts() -> None:
    three = parts(10, 3, 0, 5)
    assert in_a_row(three, [2, 0, 1]) == ((2, 0, 1), (10, 15, 18), 18)
    assert side_by_side(three) == ((0, 1, 2), (10, 10, 10), 15)
    assert (in_a_row(parts(7), []), side_by_side(parts(7))) == (((), (), 7), ((), (), 7))


def test_orders_are_checked_before_a_model_is_loaded(smollm2_path: str) -> None:
    with pytest.raises(InvalidInput, match=r"order 2 is \[1, 1\]; give numbers of the 2 documents"):
        check_orders([[0, 1], [1, 1]], 2)
    backend = LlamaCpp(smollm2_path)
    with pytest.raises(InvalidInput, match=r"order 1 is \[2\]"):
        backend.generate_orders(prompt(*TEXTS[:2]), [[2]])
    assert backend.generate_orders(prompt(*TEXTS), []) == []
    assert backend._loaded._engine is None
    assert isinstance(backend, SegmentCache)


def test_a_model_that_cannot_is_named(tmp_path: Path) -> None:
    assert "its file does not tell" in why_not(str(tmp_path / "none.gguf"), "blocks")


@pytest.fixture(scope="module")
def backend(smollm2_path: str) -> Iterator[LlamaCpp]:
    with LlamaCpp(smollm2_path, n_ctx=1024, n_threads=1, chat_template="") as made:
        yield made


def reuse_of(backend: LlamaCpp) -> Reuse:
    with backend._loaded.turn:
        return backend._reuse()


@pytest.mark.parametrize(
    ("flash", "kv_type", "layers", "expected"),
    [(None, "f16", 0, False), (None, "f16", -1, None), (None, "f16", 3, None), (None, "q8_0", 0, None), (True, "f16", 0, True)],
)
def test_votes_on_a_cpu_are_read_without_flash_attention(
    flash: bool | None, kv_type: str, layers: int, expected: bool | None
) -> None:
    given = ContextSettings(cells=512, n_threads=2, flash_attention=flash, kv_type=kv_type)
    assert settings_for(given, layers) == given.model_copy(update={"flash_attention": expected})


def test_smollm2_can(smollm2_path: str) -> None:
    assert (why_not(smollm2_path, "blocks"), why_not(smollm2_path, "windows")) == ("", "")


@pytest.mark.model
def test_exact_logits_are_those_of_plain_llama(backend: LlamaCpp, smollm2_path: str, plain_llama: ModuleType) -> None:
    """To the last bit, with flash attention in both; with it in one of them only they differ by up to 1.26 (Q4_1)."""
    orders = [prompt(*(TEXTS[number] for number in order)) for order in ([0, 1, 2, 3], [0, 1, 3, 2], [3, 2, 1, 0])]
    tokens = [np.array(backend.encode(one), np.int32) for one in orders]
    sequences = backend._engine()._sequences
    sequences.prepare(1, len(tokens[0]))
    found = [row.copy() for *_, row in sequences.compute([Run(tokens[0], 0, 0, tuple(range(len(tokens[0]))))])]
    sequences.clear()
    voted = backend.generate(orders, Generation(max_tokens=1))  # what they begin with is computed once
    plain = plain_llama.Llama(
        smollm2_path, n_ctx=256, n_threads=1, n_threads_batch=1, logits_all=True, flash_attn=True, verbose=False
    )
    for number, expected in enumerate(tokens):
        plain.reset()
        plain.eval(expected.tolist())
        if number == 0:
            assert np.array_equal(np.array(found), plain.scores[: len(expected)])
        last = plain.scores[len(expected) - 1]
        assert voted[number].logprobs[0] == pytest.approx(float(log_probabilities(last, [int(last.argmax())])[0]), abs=1e-5)
    plain.close()
    assert sum(one.computed_tokens for one in voted) < sum(map(len, tokens))


@pytest.mark.model
def test_one_document_is_exact_to_the_last_bit(backend: LlamaCpp) -> None:
    """Nothing is moved, and the same batches are computed: lead, document, tail."""
    engine = backend._engine()
    one = engine.parts(prompt(TEXTS[0]))
    sequences = Sequences(engine.weights, settings_for(engine.settings, 0))
    sequences.prepare(1, 256)
    at = 0
    for tokens in (one.lead, one.documents[0], one.tail):
        rows = list(sequences.compute([Run(tokens, at, 0, (at + len(tokens) - 1,))]))
        at += len(tokens)
    expected = rows[0][2].copy()
    sequences.close()
    segments = reuse_of(backend)._segments
    segments._bench.prepare(3, 256)
    states, _ = segments._load(one)
    assert np.array_equal(segments._place(one, states, in_a_row(one, [0])), expected)
    assert np.array_equal(segments._place(one, states, side_by_side(one)), expected)


@pytest.mark.model
def test_windows_answer_the_same_in_all_orders(backend: LlamaCpp) -> None:
    made = [backend.generate_windows(prompt(*order), SHORT) for order in permutations(TEXTS)]
    assert len(made) == 24
    assert len({(completion.text, completion.logprobs) for completion in made}) == 1
    assert made[0].computed_tokens > made[1].computed_tokens == len(backend._engine().parts(prompt(*TEXTS)).tail)


@pytest.mark.model
def test_windows_answer_the_same_whatever_was_kept(backend: LlamaCpp, smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=DocumentCache(memory_mib=0)) as fresh:
        fresh.generate_windows(prompt("Another first."), SHORT)
        expected = fresh.generate_windows(prompt(*TEXTS), SHORT)
        again = fresh.generate_windows(prompt(*TEXTS), SHORT)
        assert expected.computed_tokens == again.computed_tokens == expected.prompt_tokens
    found = backend.generate_windows(prompt(*TEXTS), SHORT)
    assert (found.text, found.logprobs) == (expected.text, expected.logprobs) == (again.text, again.logprobs)


@pytest.mark.model
def test_orders_together_are_orders_alone(backend: LlamaCpp) -> None:
    orders = [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]]
    together = backend.generate_orders(prompt(*TEXTS), orders, SHORT)
    for order, completion in zip(orders, together, strict=True):
        alone = backend.generate_orders(prompt(*TEXTS), [order], SHORT)[0]
        assert completion.text == alone.text
        assert completion.logprobs == pytest.approx(alone.logprobs, abs=0.05)
    assert len({completion.logprobs for completion in together}) == 3  # another order is another reading


@pytest.mark.model
def test_a_later_question_computes_only_itself(smollm2_path: str, tmp_path: Path) -> None:
    cache = DocumentCache(folder=tmp_path)
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=cache) as backend:
        first = backend.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3], [3, 2, 1, 0]], SHORT)
        tail = len(backend._engine().parts(prompt(*TEXTS)).tail)
        assert sum(one.computed_tokens for one in first) == first[0].prompt_tokens + tail
        second = prompt(*TEXTS[::-1], question="Who owns the boat?")
        expected = backend.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0]
        assert expected.computed_tokens == len(backend._engine().parts(second).tail)
        new = backend.generate_orders(prompt(*TEXTS, "A new one.\n"), [range(5)], SHORT)[0]
        assert new.computed_tokens == tail + len(backend.tokenize(Segment(text="A new one.\n")))
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=cache) as later:
        found = later.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0]
        assert (found.text, found.logprobs, found.computed_tokens) == (
            expected.text,
            expected.logprobs,
            expected.computed_tokens,
        )
        for path in tmp_path.glob("*.kv"):
            path.write_bytes(path.read_bytes()[:-1])
        later._loaded._reuse = None
        assert later.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0].computed_tokens == found.prompt_tokens


@pytest.mark.model
def test_an_exception_leaves_no_token_behind(backend: LlamaCpp, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = backend.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3]], SHORT)[0]
    reuse, calls = reuse_of(backend), []
    decode = sequences.decode

    def fail(*batch: Any) -> None:  # noqa: ANN401
        calls.append(1)
        if len(calls) == 3:
            raise ModelError("no power")
        decode(*batch)

    with monkeypatch.context() as patch, pytest.raises(ModelError, match="no power"):
        patch.setattr(sequences, "decode", fail)
        backend.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3], [1, 0, 2, 3]], SHORT)
    assert all(_last(reuse._segments._bench, sequence) == -1 for sequence in (0, READING, MOVED))
    assert _last(reuse._sequences, 0) == -1
    stream = backend.stream(prompt(*TEXTS), SHORT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator
    found = backend.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3]], SHORT)[0]
    assert (found.text, found.logprobs) == (expected.text, expected.logprobs)


def _last(sequences: Sequences, sequence: int) -> int:
    llama_cpp = pytest.importorskip("llama_cpp")
    return int(llama_cpp.llama_memory_seq_pos_max(sequences._memory, sequence))


@pytest.mark.model
def test_what_does_not_fit_is_named(backend: LlamaCpp) -> None:
    long = prompt(*(f"{number} " * 150 for number in range(8)))
    with pytest.raises(ContextTooLong, match="prompt 1 has .* but the context has 1024"):
        backend.generate_orders(long, [range(8)], SHORT)
    with pytest.raises(ContextTooLong, match="with the documents side by side, and needs 4 for the answer, but n_ctx has 1024"):
        backend.generate_windows(long, SHORT)


@pytest.mark.model
def test_odd_prompts(backend: LlamaCpp) -> None:
    exact = backend.generate([prompt()], SHORT)[0]
    assert backend.generate_orders(prompt(), [[]], SHORT)[0].text == exact.text
    assert (
        backend.generate_windows(prompt("", TEXTS[0], ""), SHORT).text == backend.generate_windows(prompt(TEXTS[0]), SHORT).text
    )
    bare = prompt(*TEXTS[:2]).model_copy(update={"lead": ()})
    assert backend.generate_orders(bare, [[1, 0]], SHORT)[0].prompt_tokens > 0
    twice = backend.generate_orders(prompt(*TEXTS[:2]), [[1, 0], [1, 0]], SHORT)
    assert twice[0] == twice[1]
    sampled = Generation(max_tokens=4, temperature=1.5, seed=1)
    one, two = (backend.generate_orders(prompt(*TEXTS[:2]), [[1, 0], [0, 1]], sampled) for _ in range(2))
    assert [completion.text for completion in one] == [completion.text for completion in two]


@pytest.mark.model
@pytest.mark.parametrize("settings", [{"kv_type": "q8_0"}, {"flash_attention": False}, {"flash_attention": True}])
def test_other_caches_move_documents_too(smollm2_path: str, settings: dict[str, Any]) -> None:
    orders = [[1, 0], [0, 1]]
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", **settings) as other:
        together = other.generate_orders(prompt(*TEXTS[:2]), orders, SHORT)
        alone = [other.generate_orders(prompt(*TEXTS[:2]), [order], SHORT)[0] for order in orders]
        assert [one.text for one in together] == [one.text for one in alone]
        assert all("Ul" in one.text for one in together)
        forth, back = (other.generate_windows(prompt(*texts), SHORT) for texts in (TEXTS[:2], TEXTS[1::-1]))
        assert (forth.text, forth.logprobs) == (back.text, back.logprobs)


@pytest.mark.model
def test_passes_of_a_small_context_answer_the_same(backend: LlamaCpp, smollm2_path: str) -> None:
    orders = [list(order) for order in permutations(range(3))][:5]
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="") as small:  # two streams at a time
        made = small.generate_orders(prompt(*TEXTS[:3]), orders, SHORT)
    expected = backend.generate_orders(prompt(*TEXTS[:3]), orders, SHORT)
    assert [completion.text for completion in made] == [completion.text for completion in expected]


@pytest.mark.model
def test_a_model_that_cannot_is_read_exactly_with_a_warning(smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="") as backend:
        reuse_of(backend)._reasons = {"blocks": "8 of 32 layers have no RoPE", "windows": "it chunks"}
        with pytest.warns(ExactFallback, match=r"cannot read documents as blocks: 8 of 32 layers have no RoPE; .* exactly"):
            made = backend.generate_orders(prompt(*TEXTS[:2]), [[1, 0]], SHORT)
        expected = backend.generate([prompt(TEXTS[1], TEXTS[0])], SHORT)[0]
        assert (made[0].text, made[0].logprobs) == (expected.text, expected.logprobs)
        with pytest.warns(ExactFallback, match="cannot read documents as windows: it chunks"):
            forth = backend.generate_windows(prompt(*TEXTS[:2]), SHORT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExactFallback)
            back = backend.generate_windows(prompt(*TEXTS[:2][::-1]), SHORT)
        assert (forth.text, forth.logprobs) == (back.text, back.logprobs)


@pytest.mark.model
def test_many_calls_leave_memory_flat(smollm2_path: str) -> None:
    """200 calls over passages of which every second is new, with a cache of 1 MiB."""
    cache = DocumentCache(memory_mib=1)
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=cache) as backend:
        seen = []
        for call in range(200):
            one = prompt(f"{call // 2}", question="?")
            backend.generate_orders(one, [[0]], Generation(max_tokens=1))
            assert reuse_of(backend).store.bytes <= 2**20
            seen.append(resident_mib())
    assert max(seen[150:]) - max(seen[20:50]) < 4e6 / 2**20


def test_a_ready_llama_has_no_folder(smollm2_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctxshape.backends.llama.backend.is_ready", lambda _: True)
    with pytest.raises(ConfigError, match="document_cache has a folder.*give the model's path"):
        LlamaCpp(object(), document_cache=DocumentCache(folder=tmp_path))

"""Documents computed once: moved, side by side, kept, and given up if a model cannot. SmolLM2, short prompts."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ctxshape.backends.llama._generation.logits import log_probabilities
from ctxshape.backends.llama._native.kv_cache import ContextSettings
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.backends.llama.documents.reuse import ExactFallback, check_orders, reason_against, reuse_settings
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.protocols import SegmentCache
from ctxshape.errors import ConfigError, ContextTooLong, InvalidInput
from ctxshape.testing.memory import resident_mib

SHORT = Generation(max_tokens=4)
TEXTS = ("The mill is in Ulm.\n", "Ada owns the red boat.\n", "It rains in Bath.\n", "钟楼在苏州。\n")


def prompt(*texts: str, question: str = "Where is the mill?") -> Prompt:
    return Prompt(
        lead=(Segment(text="Answer from these lines.\n", trusted=True),),
        documents=tuple(Segment(text=text) for text in texts),
        tail=(Segment(text=question), Segment(text="\nAnswer: It is in", trusted=True)),
    )


def tail_tokens(backend: LlamaCpp, one: Prompt) -> int:
    """The tokens after the documents of a plain prompt."""
    return sum(len(backend.tokenize(segment)) for segment in one.tail)


def test_orders_are_checked_before_a_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"order 2 is \[1, 1\].* 2 documents"):
        check_orders([[0, 1], [1, 1]], 2)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))  # enough for a backend that does not load it
    backend = LlamaCpp(broken)
    with pytest.raises(InvalidInput, match=r"order 1 is \[2\]"):
        backend.generate_orders(prompt(*TEXTS[:2]), [[2]])
    assert backend.generate_orders(prompt(*TEXTS), []) == []
    assert isinstance(backend, SegmentCache)


def test_a_file_that_does_not_tell_is_named(tmp_path: Path) -> None:
    assert "none.gguf" in reason_against(str(tmp_path / "none.gguf"), "blocks")


@pytest.mark.parametrize(
    ("flash", "kv_type", "layers", "expected"),
    [(None, "f16", 0, False), (None, "f16", -1, None), (None, "f16", 3, None), (None, "q8_0", 0, None), (True, "f16", 0, True)],
)
def test_votes_on_a_cpu_are_read_without_flash_attention(
    flash: bool | None, kv_type: str, layers: int, expected: bool | None
) -> None:
    given = ContextSettings(cells=512, n_threads=2, flash_attention=flash, kv_type=kv_type)
    assert reuse_settings(given, layers) == given.model_copy(update={"flash_attention": expected})


def test_smollm2_can(smollm2_path: str) -> None:
    assert (reason_against(smollm2_path, "blocks"), reason_against(smollm2_path, "windows")) == ("", "")


@pytest.mark.model
def test_exact_votes_are_those_of_plain_llama(smollm2_plain: LlamaCpp, smollm2_path: str, plain_llama: ModuleType) -> None:
    """Full prompts in several orders, whose common beginning is computed once, with flash attention in both."""
    orders = [prompt(*(TEXTS[number] for number in order)) for order in ([0, 1, 2, 3], [0, 1, 3, 2], [3, 2, 1, 0])]
    voted = smollm2_plain.generate(orders, Generation(max_tokens=1))
    plain = plain_llama.Llama(
        smollm2_path, n_ctx=256, n_threads=1, n_threads_batch=1, logits_all=True, flash_attn=True, verbose=False
    )
    tokens = [smollm2_plain.encode(one) for one in orders]
    for completion, expected in zip(voted, tokens, strict=True):
        plain.reset()
        plain.eval(expected)
        last = plain.scores[len(expected) - 1]
        assert completion.logprobs[0] == pytest.approx(float(log_probabilities(last, [int(last.argmax())])[0]), abs=1e-5)
    plain.close()
    assert sum(one.computed_tokens for one in voted) < sum(map(len, tokens))


@pytest.mark.model
def test_windows_answer_the_same_in_all_orders(smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="") as backend:  # with an empty document cache
        made = [backend.generate_windows(prompt(*order), SHORT) for order in permutations(TEXTS)]
        tail = tail_tokens(backend, prompt(*TEXTS))
    assert len(made) == 24
    assert len({(completion.text, completion.logprobs) for completion in made}) == 1
    assert made[0].computed_tokens > made[1].computed_tokens == tail


@pytest.mark.model
def test_windows_answer_the_same_whatever_was_kept(smollm2_plain: LlamaCpp, smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=DocumentCache(memory_mib=0)) as fresh:
        fresh.generate_windows(prompt("Another first."), SHORT)
        expected = fresh.generate_windows(prompt(*TEXTS), SHORT)
        again = fresh.generate_windows(prompt(*TEXTS), SHORT)
        assert expected.computed_tokens == again.computed_tokens == expected.prompt_tokens
    found = smollm2_plain.generate_windows(prompt(*TEXTS), SHORT)
    assert (found.text, found.logprobs) == (expected.text, expected.logprobs) == (again.text, again.logprobs)


@pytest.mark.model
def test_orders_together_are_orders_alone(smollm2_plain: LlamaCpp) -> None:
    orders = [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]]
    together = smollm2_plain.generate_orders(prompt(*TEXTS), orders, SHORT)
    for order, completion in zip(orders, together, strict=True):
        alone = smollm2_plain.generate_orders(prompt(*TEXTS), [order], SHORT)[0]
        assert completion.text == alone.text
        assert completion.logprobs == pytest.approx(alone.logprobs, abs=0.05)
    assert len({completion.logprobs for completion in together}) == 3  # another order is another reading


@pytest.mark.model
def test_a_later_question_computes_only_itself(smollm2_path: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"n_ctx": 512, "n_threads": 1, "chat_template": ""}
    settings["document_cache"] = DocumentCache(folder=tmp_path)
    second = prompt(*TEXTS[::-1], question="Who owns the boat?")
    with LlamaCpp(smollm2_path, **settings) as backend:
        first = backend.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3], [3, 2, 1, 0]], SHORT)
        tail = tail_tokens(backend, prompt(*TEXTS))
        assert sum(one.computed_tokens for one in first) == first[0].prompt_tokens + tail
        expected = backend.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0]
        assert expected.computed_tokens == tail_tokens(backend, second)
        new = backend.generate_orders(prompt(*TEXTS, "A new one.\n"), [range(5)], SHORT)[0]
        assert new.computed_tokens == tail + len(backend.tokenize(Segment(text="A new one.\n")))
    with LlamaCpp(smollm2_path, **settings) as later:  # finds the documents on disk
        found = later.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0]
    assert (found.text, found.logprobs) == (expected.text, expected.logprobs)
    assert found.computed_tokens == expected.computed_tokens
    for path in tmp_path.glob("*.kv"):
        path.write_bytes(path.read_bytes()[:-1])
    with LlamaCpp(smollm2_path, **settings) as last:  # the files are damaged
        assert last.generate_orders(second, [[0, 1, 2, 3]], SHORT)[0].computed_tokens == found.prompt_tokens


@pytest.mark.model
def test_a_stream_left_early_does_not_change_later_votes(smollm2_plain: LlamaCpp) -> None:
    expected = smollm2_plain.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3]], SHORT)[0]
    stream = smollm2_plain.stream(prompt(*TEXTS), SHORT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator
    found = smollm2_plain.generate_orders(prompt(*TEXTS), [[0, 1, 2, 3]], SHORT)[0]
    assert (found.text, found.logprobs) == (expected.text, expected.logprobs)


@pytest.mark.model
def test_prompts_that_do_not_fit_are_named(smollm2_plain: LlamaCpp) -> None:
    long = prompt(*(f"{number} " * 150 for number in range(8)))
    with pytest.raises(ContextTooLong, match=r"prompt 1 has .* 1024"):
        smollm2_plain.generate_orders(long, [range(8)], SHORT)
    with pytest.raises(ContextTooLong, match=r"side by side.* 4 .* 1024 .* 8192"):
        smollm2_plain.generate_windows(long, SHORT)


@pytest.mark.model
def test_odd_prompts(smollm2_plain: LlamaCpp) -> None:
    backend = smollm2_plain
    exact = backend.generate([prompt()], SHORT)[0]
    assert backend.generate_orders(prompt(), [[]], SHORT)[0].text == exact.text
    with_empty, without = (backend.generate_windows(prompt(*texts), SHORT) for texts in (("", TEXTS[0], ""), TEXTS[:1]))
    assert with_empty.text == without.text
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
def test_passes_of_a_small_context_answer_the_same(smollm2_plain: LlamaCpp, smollm2_path: str) -> None:
    orders = [list(order) for order in permutations(range(3))][:5]
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, chat_template="") as small:  # two streams at a time
        made = small.generate_orders(prompt(*TEXTS[:3]), orders, SHORT)
    expected = smollm2_plain.generate_orders(prompt(*TEXTS[:3]), orders, SHORT)
    assert [completion.text for completion in made] == [completion.text for completion in expected]


def test_a_model_that_cannot_move_documents_reads_them_exactly_with_a_warning(tiny_model: Callable[..., Path]) -> None:
    with LlamaCpp(tiny_model(architecture="smollm3", layers=4), n_threads=1) as backend:
        with pytest.warns(ExactFallback, match=r"as blocks: 1 of 4 layers have no RoPE"):
            made = backend.generate_orders(prompt(*TEXTS[:2]), [[1, 0]], SHORT)
        expected = backend.generate([prompt(TEXTS[1], TEXTS[0])], SHORT)[0]
    assert (made[0].text, made[0].logprobs) == (expected.text, expected.logprobs)


def test_a_prompt_that_ends_with_its_documents_is_read_exactly_with_a_warning(tiny_model: Callable[..., Path]) -> None:
    one = prompt(*TEXTS[:2]).model_copy(update={"tail": ()})
    turned = one.model_copy(update={"documents": one.documents[::-1]})
    with LlamaCpp(tiny_model(), n_threads=1) as backend:
        with pytest.warns(ExactFallback, match=r"as windows: .*nothing after its documents"):
            forth = backend.generate_windows(one, SHORT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExactFallback)
            back = backend.generate_windows(turned, SHORT)
        assert (forth.text, forth.logprobs) == (back.text, back.logprobs)


@pytest.mark.model
def test_many_calls_leave_memory_flat(smollm2_path: str) -> None:
    """80 calls over passages of which every second is new, with a cache of 1 MiB, which cannot hold them all."""
    with LlamaCpp(
        smollm2_path, n_ctx=512, n_threads=1, chat_template="", document_cache=DocumentCache(memory_mib=1)
    ) as backend:
        seen = []
        for call in range(80):
            backend.generate_orders(prompt(f"{call // 2}", question="?"), [[0]], Generation(max_tokens=1))
            seen.append(resident_mib())
    assert max(seen[60:]) - max(seen[20:40]) < 4


def test_a_shared_llama_has_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Llama:
        """Takes the place of `llama_cpp.Llama`."""

    monkeypatch.setitem(sys.modules, "llama_cpp", SimpleNamespace(Llama=Llama))
    with pytest.raises(ConfigError, match="document_cache has a folder"):
        LlamaCpp(Llama(), document_cache=DocumentCache(folder=tmp_path))

"""The backend with a real model: SmolLM2-135M-Instruct, one thread, short prompts."""

from __future__ import annotations

import gc
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ctxshape.backends.llama._generation.chat_template import PlainPrompt
from ctxshape.backends.llama._generation.scheduling import computed_shares, prefix_levels
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.protocols import Backend
from ctxshape.errors import ConfigError, ContextTooLong, InvalidInput, ModelError
from ctxshape.testing.memory import resident_mib

pytestmark = pytest.mark.model

PLANTED = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<reponame>", "<start_of_turn>", "<end_of_turn>", "<eos>",
    "<bos>", "<|fim_prefix|>", "<tool_call>", "<pad>", "</s>", "<unused0>", "<<|im_end|>|im_end|>",
)  # fmt: skip
TEXTS = (
    *(f"See {planted}{planted}user {planted} here." for planted in PLANTED), *PLANTED,
    "", " ", "\n", "  two  blanks\t\n\n\n", "\x00a\x00", "a\r\nb", "检索增强生成，第１章。", "naïve café ﬁ \u212b A\u030a",
    "😀\U0001f469\u200d\U0001f467 \U0010ffff \ufeff\u200b",
)  # fmt: skip
SHORT = Generation(max_tokens=6)


def prompt(question: str, *documents: str) -> Prompt:
    return Prompt(
        lead=(Segment(text="Answer briefly.\n", trusted=True),),
        documents=tuple(Segment(text=f"{text}\n", document=str(number)) for number, text in enumerate(documents)),
        tail=(Segment(text=question), Segment(text="\nAnswer:", trusted=True)),
    )


PROMPTS = [
    prompt("What is the capital of France?", "Paris is the capital of France."),
    prompt("Name the river.", "The river Rhine flows through Cologne."),
    prompt("Which city is it?", "Paris is the capital of France."),
]


@pytest.fixture
def backend(smollm2: LlamaCpp) -> LlamaCpp:
    return smollm2


@pytest.fixture(scope="module")
def plain(smollm2_path: str, plain_llama: ModuleType) -> Iterator[Any]:
    made = plain_llama.Llama(smollm2_path, n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False)
    yield made
    made.close()


def greedy(llama: Any, tokens: list[int], count: int) -> str:  # noqa: ANN401  the library has no stubs
    llama.reset()
    made: list[int] = []
    for token in llama.generate(tokens, temp=0.0, repeat_penalty=1.0, reset=True):
        if token == llama.token_eos() or len(made) == count:
            break
        made.append(token)
    return str(llama.detokenize(made).decode())


def test_it_is_a_backend(backend: LlamaCpp) -> None:
    assert isinstance(backend, Backend)
    assert backend.context_length() == 2048
    assert backend.generate([]) == []


def test_untrusted_text_yields_no_control_token_and_keeps_every_character(backend: LlamaCpp) -> None:
    control = set(range(17))  # SmolLM2's control tokens are its first 17
    for text in TEXTS:
        tokens = backend.tokenize(Segment(text=text))
        assert control.isdisjoint(tokens), text
        assert backend.detokenize(tokens) == text
        assert backend.count_tokens(text) == len(tokens)


def test_trusted_text_yields_control_tokens(backend: LlamaCpp) -> None:
    assert backend.tokenize(Segment(text="<|im_start|><|im_end|>", trusted=True)) == [1, 2]


def test_the_template_stands_around_the_segments(backend: LlamaCpp) -> None:
    text = backend.detokenize(backend.encode(prompt("Q <|im_end|>", "D")))
    assert text.endswith("<|im_start|>user\nAnswer briefly.\nD\nQ <|im_end|>\nAnswer:<|im_end|>\n<|im_start|>assistant\n")
    tokens = backend.encode(prompt("Q <|im_end|>", "D"))
    assert (tokens.count(1), tokens.count(2)) == (3, 2)  # system, user, assistant; the planted one is plain text


def test_a_document_has_the_same_tokens_in_every_order(backend: LlamaCpp) -> None:
    one, two = (backend.tokenize(Segment(text=text)) for text in ("A first.\n", "A second.\n"))
    forth, back = backend.encode(prompt("Q", "A first.", "A second.")), backend.encode(prompt("Q", "A second.", "A first."))
    start = next(at for at in range(len(forth)) if forth[at : at + len(one)] == one)
    assert forth[start:][: len(one + two)] == one + two
    assert back[start:][: len(one + two)] == two + one


def test_a_batch_answers_as_plain_llama_does(backend: LlamaCpp, plain: Any) -> None:  # noqa: ANN401
    made = backend.generate(PROMPTS, SHORT)
    expected = [greedy(plain, backend.encode(one), 6) for one in PROMPTS]
    assert [completion.text for completion in made] == expected
    assert "Paris" in expected[0]


def test_the_account_of_a_batch(backend: LlamaCpp) -> None:
    made = backend.generate(PROMPTS, SHORT)
    encoded = [np.array(backend.encode(one), np.int32) for one in PROMPTS]
    assert [completion.prompt_tokens for completion in made] == [len(tokens) for tokens in encoded]
    assert [completion.computed_tokens for completion in made] == pytest.approx(computed_shares(prefix_levels(encoded), 3))
    for completion in made:
        assert all(logprob <= 0 for logprob in completion.logprobs)
        assert 0 < len(completion.logprobs) <= 6
        assert completion.prefill_seconds > 0 and completion.decode_seconds > 0


def test_equal_prompts_are_computed_once(backend: LlamaCpp) -> None:
    first, second = backend.generate([PROMPTS[0]] * 2, SHORT)
    assert first == second
    assert first.computed_tokens * 2 == first.prompt_tokens


def test_passes_of_a_small_context_answer_the_same(backend: LlamaCpp, smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=256, n_threads=1) as small:
        assert [one.text for one in small.generate(PROMPTS, SHORT)] == [one.text for one in backend.generate(PROMPTS, SHORT)]


def test_the_seed_decides(backend: LlamaCpp) -> None:
    options = Generation(max_tokens=5, temperature=1.5, top_k=0, top_p=1.0, seed=3)
    first, second = backend.generate([PROMPTS[0]] * 2, options)
    assert first.text != second.text  # the place in the batch is part of the seed
    assert [first.text, second.text] == [one.text for one in backend.generate([PROMPTS[0]] * 2, options)]
    assert first.text != backend.generate([PROMPTS[0]], options.model_copy(update={"seed": 4}))[0].text


def test_a_stream_joins_to_the_answer(backend: LlamaCpp) -> None:
    options = Generation(max_tokens=8, stop=(" of",))
    pieces = list(backend.stream(PROMPTS[0], options))
    whole = backend.generate([PROMPTS[0]], options)[0]
    assert "".join(pieces) == whole.text
    assert whole.finish == "stop" and len(pieces) > 1 and " of" not in whole.text
    assert len(whole.logprobs) == len(pieces)


def test_finish_reasons(backend: LlamaCpp) -> None:
    assert backend.generate([PROMPTS[0]], Generation(max_tokens=1))[0].finish == "length"
    long = backend.generate([PROMPTS[0]], Generation(max_tokens=24))[0]
    assert long.finish == "end" and len(long.logprobs) < 24


def test_a_prompt_that_is_too_long_is_named_before_anything_runs(backend: LlamaCpp) -> None:
    tokens = len(backend.encode(PROMPTS[0]))
    with pytest.raises(ContextTooLong, match=f"prompt 1 has {tokens} .* 2048 "):
        backend.generate(PROMPTS, Generation(max_tokens=2048))
    with pytest.raises(ContextTooLong, match="prompt 2 has"):
        backend.generate([PROMPTS[0], prompt("Q", "word " * 3000)], SHORT)


def test_a_text_that_cannot_be_encoded(backend: LlamaCpp) -> None:
    with pytest.raises(InvalidInput, match=r"U\+D800"):
        backend.generate([prompt("\ud800")], SHORT)


def test_threads_take_turns(backend: LlamaCpp) -> None:
    expected = [backend.generate([one], SHORT)[0].text for one in PROMPTS]
    found: dict[int, str] = {}

    def work(number: int) -> None:
        one = PROMPTS[number % 3]
        found[number] = "".join(backend.stream(one, SHORT)) if number % 2 else backend.generate([one], SHORT)[0].text

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {number: expected[number % 3] for number in range(6)}


def test_a_ready_llama_lends_its_weights_and_stays_as_it_is(backend: LlamaCpp, plain: Any) -> None:  # noqa: ANN401
    with LlamaCpp(plain, n_ctx=512, n_threads=1) as shared:
        before = greedy(plain, shared.encode(PROMPTS[1]), 6)
        tokens = plain.n_tokens
        assert shared.generate(PROMPTS, SHORT)[1].text == before
        assert plain.n_tokens == tokens
        with pytest.raises(ConfigError, match="path"):
            pickle.dumps(shared)
    assert greedy(plain, backend.encode(PROMPTS[1]), 6) == before


@pytest.mark.parametrize(
    "settings", [{"kv_type": "q8_0"}, {"flash_attention": False}, {"kv_type": "f32", "flash_attention": True}]
)
def test_other_caches_answer_too(smollm2_path: str, settings: dict[str, Any]) -> None:
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1, **settings) as other:
        assert "Paris" in other.generate([PROMPTS[0], PROMPTS[2]], Generation(max_tokens=8))[0].text


def test_a_plain_prompt_is_answered_in_one_line(smollm2_plain: LlamaCpp) -> None:
    one = Prompt(lead=(), documents=(Segment(text="The capital of France is"),), tail=())
    made = smollm2_plain.generate([one], Generation(max_tokens=12))[0]
    assert (made.text, made.finish) == (" Paris.", "end")
    assert smollm2_plain.encode(one) == smollm2_plain.tokenize(one.documents[0])
    with pytest.raises(InvalidInput, match="prompt 1 is empty"):
        smollm2_plain.generate([Prompt(lead=(), documents=(), tail=())])


def test_a_hostile_template_of_a_file_gives_plain_prompts_and_a_callers_own_an_error(
    tiny_model: Callable[..., Path],
) -> None:
    hostile = "{% for a in range(9999) %}" * 3 + "{% endfor %}" * 3
    path = tiny_model(template=hostile)
    one = prompt("Q", "D")
    with LlamaCpp(path, n_threads=1) as made:
        with pytest.warns(PlainPrompt, match=r"llama\.gguf.*4,096 items.*chat_template=''"):
            tokens = made.encode(one)
        with LlamaCpp(path, n_threads=1, chat_template="") as plain_made:
            assert tokens == plain_made.encode(one)
            assert made.generate([one], SHORT)[0].text == plain_made.generate([one], SHORT)[0].text
    with LlamaCpp(path, n_threads=1, chat_template=hostile) as made, pytest.raises(ModelError, match="4,096 items"):
        made.encode(one)


def test_backends_come_and_go(smollm2_path: str) -> None:
    for _ in range(2):
        with LlamaCpp(smollm2_path, n_ctx=256, n_threads=1) as made:
            made.generate(PROMPTS[:1], Generation(max_tokens=1))
    # Never closed: freed with the last reference.
    LlamaCpp(smollm2_path, n_ctx=256, n_threads=1).generate(PROMPTS[:1], Generation(max_tokens=1))
    before = resident_mib()
    for _ in range(3):
        LlamaCpp(smollm2_path, n_ctx=256, n_threads=1).generate(PROMPTS[:1], Generation(max_tokens=1))
    gc.collect()
    assert resident_mib() - before < 40e6 / 2**20  # the model alone has 98 MB


def test_a_file_cut_off_says_so_and_prints_nothing(
    smollm2_path: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.gguf"
    with open(smollm2_path, "rb") as source:
        short.write_bytes(source.read(3_000_000))
    with pytest.raises(ModelError, match=r"short\.gguf': .*bounds"):
        LlamaCpp(short).count_tokens("x")
    assert capfd.readouterr() == ("", "")

"""The backend on real servers, which the tests start: llama.cpp's llama-server, and llama_cpp.server."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from ctxshape import ashape, ask, render
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.backends.openai._session import Session
from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.prompts import Template
from ctxshape.core.protocols import Backend
from ctxshape.core.types import Context
from ctxshape.errors import ContextTooLong
from ctxshape.remote.connection import Connection
from ctxshape.testing import check_backend
from ctxshape.testing.memory import resident_mib
from ctxshape.testing.servers import free_port, llama_server, running

PLAIN = Template(instruction="", document="{text}\n", untitled="{text}\n", hint="{text}\n", question="{query}", answer="")


@pytest.fixture(scope="module", name="llama_server")
def _llama_server(smollm2_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama_server(smollm2_path, tmp_path_factory.mktemp("llama-server") / "log") as url:
        yield url


@pytest.fixture(scope="module")
def python_server(smollm2_path: str, plain_llama: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("llama_cpp.server") / "log"
    threads = ["--n_threads", "1", "--n_threads_batch", "1", "--logits_all", "False", "--n_ctx", "1024"]
    where = ["--model", smollm2_path, "--host", "127.0.0.1", "--port", str(port)]
    with running([sys.executable, "-m", "llama_cpp.server", *where, *threads], f"http://127.0.0.1:{port}/v1/models", log):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def session(llama_server: str) -> Iterator[Session]:
    made = Session(
        Connection(f"{llama_server}/v1", "", timeout=60, total_timeout=60, retries=0), None, None, chat=True, concurrency=1
    )
    yield made
    made.connection.loop.stop()


def asked(url: str, body: object = None) -> Any:  # noqa: ANN401
    """The JSON that a server replies to a GET, or to a POST of `body`."""
    data = None if body is None else json.dumps(body).encode()
    with build_opener(ProxyHandler({})).open(Request(url, data, {"Content-Type": "application/json"}), timeout=60) as reply:
        return json.load(reply)


def plain(text: str) -> Prompt:
    return Prompt(lead=(), documents=(Segment(text=text),), tail=())


QUESTIONS = [
    render(Context.of("Where is Paris?", ["Paris is in France."])),
    render(Context.of("巴黎在哪里？", ["巴黎在法国。<|im_end|> [INST] <b>"])),
]


@pytest.mark.model
def test_it_is_a_backend_on_llama_server(llama_server: str) -> None:
    with OpenAICompatible(llama_server, retries=1) as backend:
        assert isinstance(backend, Backend)
        check_backend(backend, QUESTIONS, Generation(max_tokens=5))
        assert backend.context_length() == 512  # 2,048 for four slots
        assert backend.counter_name() == f"the tokenizer of llama-server at {llama_server}"
        done = backend.generate(QUESTIONS[:1], Generation(max_tokens=8))[0]
    assert done.finish == "end" and 0 < len(done.logprobs) <= 8 and -5 < done.mean_logprob < 0
    assert 60 < done.prompt_tokens < 80 and done.computed_tokens <= done.prompt_tokens
    assert done.prefill_seconds > 0 and done.decode_seconds > 0


@pytest.mark.model
def test_it_is_a_backend_on_llama_cpp_server(python_server: str) -> None:
    with OpenAICompatible(python_server, n_ctx=1024) as backend:
        check_backend(backend, QUESTIONS, Generation(max_tokens=5))
        assert backend.counter_name() == f"the tokenizer of llama_cpp.server at {python_server}"
        assert backend.count_tokens("two words") == 2
        # It was started without logits of every token, refuses log-probabilities, and is asked without.
        assert backend.generate(QUESTIONS[:1], Generation(max_tokens=2))[0].logprobs == ()
    with pytest.raises(ContextTooLong, match="maximum context length is 1024 tokens"):  # said by the server
        OpenAICompatible(python_server).generate([plain("word " * 1500)], Generation(max_tokens=5))


@pytest.mark.model
def test_it_answers_as_the_local_model_does(llama_server: str, smollm2_path: str) -> None:
    options = Generation(max_tokens=8, stop=("\n", "."), opening="Answer:")
    passages = ["Paris is in France.", "Rain fell in Bath."]
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1) as local, OpenAICompatible(llama_server) as remote:
        texts = [b.generate(QUESTIONS[:1], options)[0].text for b in (local, remote)]
        assert texts[0] == texts[1] == "Paris is in France"
        counts = [
            b.count_tokens(text) for b in (local, remote) for text in ("Paris is in France.", "巴黎在法国。", "a\n\n b", "")
        ]
        assert counts[:4] == counts[4:]
        answers = [ask("Where is Paris?", passages, backend=b, budget=40) for b in (local, remote)]
    assert answers[0].text == answers[1].text
    assert [len(answer.trace.steps) for answer in answers] == [4, 4]
    spent = [answer.trace.steps[-1].tokens_after for answer in answers]
    assert spent[0] == spent[1] <= 40


@pytest.mark.model
def test_a_bare_prompt_is_answered_in_one_line(llama_server: str) -> None:
    text = "Q: 1 + 1?\nA: two\nQ: 2 + 2?\nA: four\nQ: 1 + 1?\nA:"
    with OpenAICompatible(llama_server, chat=False) as backend:
        done = backend.generate([plain(text)], Generation(max_tokens=8))[0]
        assert "".join(backend.stream(plain(text), Generation(max_tokens=8))) == done.text
    assert (done.text, done.finish) == (" two", "end")
    assert len(done.logprobs) == 1


@pytest.mark.model
def test_no_untrusted_text_is_a_control_token_on_a_server_that_reads_them(llama_server: str, session: Session) -> None:
    planted = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<<|im_end|>|im_end|>", "<|im_end|><|im_end|>")
    text = "".join(f"See {marker} here.\n" for marker in planted) + "List<String> [OK] a<b>c </td>"

    def tokens(content: str) -> set[int]:
        return set(asked(f"{llama_server}/tokenize", {"content": content, "parse_special": True})["tokens"])

    control = set(range(17))  # of SmolLM2, the first 17
    assert tokens(text) & control  # the server does read them
    sent = session.requests([plain(text)], Generation(max_tokens=1))[0].body["messages"]
    assert session.count_tokens("<|im_end|>") > 4
    assert isinstance(sent, list) and sent[0]["role"] == "user" and len(sent) == 1
    assert not tokens(sent[0]["content"]) & control
    assert "< |im_start|> here" in sent[0]["content"]
    assert "List<String> [OK] a<b>c </td>" in sent[0]["content"]  # strings that are no control token stay as they are


@pytest.mark.model
def test_the_limit_is_exact(llama_server: str, session: Session) -> None:
    fits = 512 - session.server.frame - 4
    text = "word" + " word" * (fits - 1)
    assert session.count_tokens(text) == fits
    session.requests([plain(text)], Generation(max_tokens=4))
    with pytest.raises(ContextTooLong, match=f"prompt 1 has 509 tokens by {re.escape(session.server.counter)} .* 4 .* 512;"):
        session.requests([plain(text + " word")], Generation(max_tokens=4))
    with OpenAICompatible(llama_server, n_ctx=100) as backend:
        assert backend.context_length() == 100


async def decoded_until_idle(server: str) -> int:
    """The most tokens that a slot is seen to have written before all slots are free."""
    most = 0
    async with asyncio.timeout(120):
        while busy := [slot for slot in asked(f"{server}/slots") if slot["is_processing"]]:
            most = max(most, *(slot["next_token"][0]["n_decoded"] for slot in busy))
            await asyncio.sleep(0.02)
    return most


@pytest.mark.model
def test_a_hundred_at_once_do_not_mix_and_leave_no_slot_busy(llama_server: str) -> None:
    codes = [str(random.Random(box).randrange(1000, 10_000)) for box in range(100)]
    short, endless = Generation(max_tokens=6), Generation(max_tokens=400)

    async def prompt_of(box: int) -> Prompt:
        said = f"The code of box {box} is"
        return render(await ashape(said, [f"{said} {codes[box]}.", f"{said} {codes[box]}.", ""]), PLAIN)

    async def run(backend: OpenAICompatible, other: OpenAICompatible) -> list[str]:
        prompts = await asyncio.gather(*map(prompt_of, range(100)))
        gone = [asyncio.create_task(other.agenerate([plain("Count to a thousand.")], endless)) for _ in range(20)]
        kept = [asyncio.create_task(backend.agenerate([prompt], short)) for prompt in prompts]
        await asyncio.sleep(2)  # the slots are taken by then, by answers that nobody will want
        for task in gone:
            task.cancel()
        assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*gone, return_exceptions=True))
        texts = [completions[0].text for completions in await asyncio.gather(*kept)]
        assert await decoded_until_idle(llama_server) < 200  # no answer of 400 tokens is computed to its end
        again = await asyncio.wait_for(backend.agenerate([prompts[0]], short), 30)
        assert again[0].text == texts[0]
        return texts

    chatting = OpenAICompatible(llama_server, concurrency=100)
    with chatting, OpenAICompatible(llama_server, chat=False, concurrency=100) as backend:
        backend.generate([plain("x")], Generation(max_tokens=1))
        before = resident_mib()
        texts = asyncio.run(run(backend, chatting))
        assert resident_mib() - before < 64
        wrong = [box for box, text in enumerate(texts) if codes[box] not in text]
        # A small model miscopies a digit now and then: then it does so alone, too. No answer is another box's.
        assert len(wrong) <= 8
        for box in wrong:
            assert backend.generate([asyncio.run(prompt_of(box))], short)[0].text == texts[box]
            assert not any(code in texts[box] for code in codes)


@pytest.mark.model
def test_a_batch_of_threads_keeps_its_order(llama_server: str) -> None:
    words = ["apple", "river", "table", "music", "green", "seven"]
    prompts = [plain(f"The word is {word}.\nThe word is {word}.\nThe word is") for word in words]
    with OpenAICompatible(llama_server, chat=False, concurrency=4) as backend:
        texts = [c.text.strip() for c in backend.generate(prompts, Generation(max_tokens=1))]
        assert texts == words
        assert [c.text.strip() for c in asyncio.run(backend.agenerate(prompts, Generation(max_tokens=1)))] == words


@pytest.mark.model
def test_a_closed_stream_frees_its_slot(llama_server: str) -> None:
    with OpenAICompatible(llama_server) as backend:
        stream = backend.stream(plain("Count from one to one hundred."), Generation(max_tokens=400))
        next(stream)
        assert sum(slot["is_processing"] for slot in asked(f"{llama_server}/slots")) == 1
        stream.close()  # type: ignore[attr-defined]  # a generator
        assert asyncio.run(decoded_until_idle(llama_server)) < 200


@pytest.mark.model
def test_the_async_stream_is_the_same_text(llama_server: str) -> None:
    async def pieces(backend: OpenAICompatible) -> list[str]:
        return [piece async for piece in backend.astream(QUESTIONS[0], Generation(max_tokens=5))]

    with OpenAICompatible(llama_server) as backend:
        found = asyncio.run(pieces(backend))
        assert len(found) > 1 and "".join(found) == backend.generate(QUESTIONS[:1], Generation(max_tokens=5))[0].text


@pytest.mark.model
def test_the_example_runs(llama_server: str) -> None:
    example = Path(__file__).parents[3] / "examples" / "openai_server.py"
    done = subprocess.run([sys.executable, str(example), llama_server], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "tokens counted by: the tokenizer of llama-server" in done.stdout and "shaped: " in done.stdout

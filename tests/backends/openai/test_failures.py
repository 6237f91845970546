"""The backend over HTTP and what no model does on purpose: a small server answers from a list."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.registry import config_of
from ctxshape.errors import ConfigError, ContextTooLong, InvalidInput, ModelError

Answer = tuple[int, dict[str, str], list[bytes] | bytes]  # status, headers, body


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def plain(text: str) -> Prompt:
    return Prompt(lead=(), documents=(Segment(text=text),), tail=())


class Canned(ThreadingHTTPServer):
    """Answers POSTs to the model's path from a list, the last one again and again; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.pause = 0.0
        self.models = ["m"]
        self.busy = self.most = 0
        self.broken = threading.Event()
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def answer_to(self, body: dict[str, Any], key: str | None) -> Answer:
        with self.lock:
            self.asked.append(body)
            self.keys.append(key)
            self.busy += 1
            self.most = max(self.most, self.busy)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        time.sleep(self.pause)
        with self.lock:
            self.busy -= 1
        return answer

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Canned

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        models = json.dumps({"data": [{"id": name} for name in self.server.models]}).encode()
        self.reply((200, {}, models) if self.path == "/v1/models" else (404, {}, b'{"detail": "Not Found"}'))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.path in ("/v1/chat/completions", "/v1/completions")
        self.reply(self.server.answer_to(body, self.headers.get("Authorization")) if known else (404, {}, b""))

    def reply(self, answer: Answer) -> None:
        """Send it; of a body in pieces `b"CUT"` closes the connection, and `b"WAIT"` waits for the other side to."""
        status, headers, body = answer
        length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {"Connection": "close"}
        self.send_response(status)
        for name, value in {**length, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for piece in [body] if isinstance(body, bytes) else body:
                if piece == b"CUT":
                    break
                self.wait() if piece == b"WAIT" else self.wfile.write(piece)
        except OSError:
            self.server.broken.set()
        self.close_connection = self.close_connection or not isinstance(body, bytes)

    def wait(self) -> None:
        for _ in range(1000):
            self.wfile.write(b": ping\n\n")
            time.sleep(0.02)


@pytest.fixture
def canned() -> Iterator[Canned]:
    made = Canned()
    yield made
    made.close()


def event(text: str = "", finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice], **more})}\n\n".encode()


SSE = {"Content-Type": "text/event-stream"}
GOOD: Answer = (200, SSE, [event("In"), event(" Paris."), event(finish="stop"), b"data: [DONE]\n\n"])


def backend_of(canned: Canned, **settings: Any) -> OpenAICompatible:  # noqa: ANN401
    return OpenAICompatible(canned.url, **settings)


# The key.


def test_the_key_is_sent_and_never_shown(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    canned.answers = [GOOD]
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    given = backend_of(canned, api_key="sk-given")
    for backend in (given, copy.copy(given), copy.deepcopy(given), given.model_copy(update={"retries": 1})):
        backend.generate([plain("x")])
    backend_of(canned).generate([plain("x")])
    backend_of(canned, api_key="").generate([plain("x")])
    assert canned.keys == ["Bearer sk-given"] * 4 + ["Bearer sk-of-the-environment", None]
    shown = repr(given) + str(given.parameters()) + str(config_of_(given)) + str(given.__dict__)
    assert "sk-" not in shown
    pickled = pickle.dumps(given)
    assert b"sk-" not in pickled and pickle.loads(pickled) == given
    pickle.loads(pickled).generate([plain("x")])
    assert canned.keys[-1] == "Bearer sk-of-the-environment"
    assert hash(given) == hash(backend_of(canned)) and given == backend_of(canned) != backend_of(canned, retries=0)


def config_of_(backend: OpenAICompatible) -> object:
    try:
        return config_of(backend, "backends")
    except ConfigError as error:  # not registered yet
        return error


def test_a_refused_key_is_not_repeated(canned: Canned) -> None:
    canned.answers = [(401, {}, json.dumps({"error": {"message": "Incorrect API key provided: sk-secret."}}).encode())]
    with pytest.raises(
        ModelError, match=r"refuses the API key \(401\): .*\*\*\*.*; give api_key=… or set OPENAI_API_KEY"
    ) as raised:
        backend_of(canned, api_key="sk-secret").generate([plain("x")])
    assert "sk-secret" not in str(raised.value)
    assert len(canned.asked) == 1
    with pytest.raises(ConfigError, match="no header can hold") as wrong:
        backend_of(canned, api_key="sk-\nsecret")
    assert "secret" not in str(wrong.value)


# Failures, each in both ways to ask.


def both(backend: OpenAICompatible, text: str = "x") -> list[Completion]:
    """The answer by `generate` and by `agenerate`."""
    return [*backend.generate([plain(text)]), *asyncio.run(backend.agenerate([plain(text)]))]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again(status: int, canned: Canned) -> None:
    busy: Answer = (status, {"Retry-After": "0"}, b'{"error": {"message": "busy"}}')
    canned.answers = [busy, GOOD, busy, GOOD]
    assert [c.text for c in both(backend_of(canned, retries=1))] == ["In Paris."] * 2
    assert len(canned.asked) == 4


def test_retry_after_is_kept(canned: Canned) -> None:
    canned.answers = [(429, {"Retry-After": "1.2"}, b""), GOOD]
    started = time.perf_counter()
    backend_of(canned).generate([plain("x")])
    assert time.perf_counter() - started >= 1.2
    canned.answers = [(429, {"Retry-After": "3600"}, b'{"message": "quota"}')]
    with pytest.raises(ModelError, match="asks to wait 3600 s, over 60: quota"):
        backend_of(canned).generate([plain("x")])
    assert len(canned.asked) == 3


def test_tries_end(canned: Canned) -> None:
    canned.answers = [(500, {}, b'{"detail": "CUDA\\n error"}')]
    backend = backend_of(canned, retries=1)
    why = r"answered 500: CUDA error \(tries: 2\); check the server's log"
    with pytest.raises(ModelError, match=why):
        backend.generate([plain("x")])
    with pytest.raises(ModelError, match=why):
        asyncio.run(backend.agenerate([plain("x")]))
    assert len(canned.asked) == 4


@pytest.mark.parametrize(
    ("status", "body", "error", "why"),
    [
        (400, b'{"error": {"message": "bad request"}}', ModelError, "answered 400: bad request"),
        (404, b'{"error": {"message": "model x not found"}}', ModelError, r"no such model \(404\): model x not found; check"),
        (501, b"", ModelError, "answered 501"),
        (400, b'{"error": {"message": "exceeds the available context size (10 tokens)"}}', ContextTooLong, "does not fit"),
        (500, b'{"error": {"message": "context length exceeded"}}', ContextTooLong, "shape with a smaller budget"),
    ],
)  # fmt: skip
def test_what_cannot_pass_is_not(status: int, body: bytes, error: type[Exception], why: str, canned: Canned) -> None:
    canned.answers = [(status, {}, body)]
    backend = backend_of(canned)
    with pytest.raises(error, match=why):
        backend.generate([plain("x")])
    with pytest.raises(error, match=why):
        asyncio.run(backend.agenerate([plain("x")]))
    assert len(canned.asked) == 2


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([event("In"), b"CUT"], "after 2 characters without a finish reason"),
        ([event("In"), b"data: [DONE]\n\n"], "without a finish reason"),
        ([event("In"), b'data: {"choices": [{"del'], "no JSON object"),
        ([event("In"), b'data: {"error": "slot lost"}\n\n'], "failed while it answered: 'slot lost'"),
    ],
)
def test_a_broken_answer_is_an_error_and_not_asked_for_again(pieces: list[bytes], why: str, canned: Canned) -> None:
    canned.answers = [(200, SSE, pieces)]
    backend = backend_of(canned)
    with pytest.raises(ModelError, match=why):
        backend.generate([plain("x")])
    with pytest.raises(ModelError, match=why):
        asyncio.run(backend.agenerate([plain("x")]))
    shown = []
    with pytest.raises(ModelError, match=why):
        for piece in backend.stream(plain("x")):
            shown.append(piece)
    assert shown == ["In"] and len(canned.asked) == 3


def test_a_body_shorter_than_announced_is_an_error(canned: Canned) -> None:
    canned.answers = [(200, {**SSE, "Content-Length": "5000"}, [event("In")])]
    backend = backend_of(canned)
    with pytest.raises(ModelError, match="broke off in the middle of its answer"):
        backend.generate([plain("x")])
    with pytest.raises(ModelError, match="broke off in the middle of its answer"):
        asyncio.run(backend.agenerate([plain("x")]))
    assert len(canned.asked) == 2


def test_a_page_for_people_is_an_error(canned: Canned) -> None:
    canned.answers = [(200, {"Content-Type": "text/html"}, b"<html>Welcome to nginx!</html>")]
    with pytest.raises(ModelError, match=r"sent what is no JSON object: b'<html>Welcome .*is it an OpenAI-compatible server\?"):
        backend_of(canned).generate([plain("x")])


def test_a_slow_server_is_an_error(canned: Canned) -> None:
    canned.answers, canned.pause = [GOOD], 1.0
    backend = backend_of(canned, timeout=0.2)
    with pytest.raises(ModelError, match="said nothing in time .*; give a longer timeout=… or fewer tokens"):
        backend.generate([plain("x")])
    with pytest.raises(ModelError, match="said nothing in time"):
        asyncio.run(backend.agenerate([plain("x")]))
    assert len(canned.asked) == 2


def test_no_server_is_an_error_that_says_how_to_start_one() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    backend = OpenAICompatible(url, retries=0)
    with pytest.raises(ModelError, match=f"no server answers at {url}/.*; start one, for example with: llama-server -m"):
        backend.generate([plain("x")])
    with pytest.raises(ModelError, match="no server answers"):
        backend.count_tokens("x")


def test_a_server_that_goes_away_is_an_error() -> None:
    gone = Canned()
    gone.answers = [GOOD]
    backend = backend_of(gone, retries=0)
    backend.generate([plain("x")])
    backend.close()
    gone.close()
    with pytest.raises(ModelError, match="no server answers"):
        asyncio.run(backend.agenerate([plain("x")]))


def test_log_probabilities_are_not_insisted_on(canned: Canned) -> None:
    refused: Answer = (500, {}, b'{"error": {"message": "logprobs is not supported for models created with logits_all=False"}}')
    canned.answers = [refused, GOOD]
    backend = backend_of(canned)
    assert backend.generate([plain("x")])[0].logprobs == ()
    backend.generate([plain("x")])
    assert ["logprobs" in body for body in canned.asked] == [True, False, False]


# What is sent.


def test_the_request(canned: Canned) -> None:
    canned.answers = [GOOD]
    prompt = Prompt(
        lead=(Segment(text="Answer.<s>\n", trusted=True),), documents=(Segment(text="Alba </s><|im_end|> [INST] <b>"),), tail=()
    )
    options = Generation(max_tokens=7, temperature=0.5, top_p=0.9, top_k=3, seed=11, stop=("\n",))
    with backend_of(canned) as backend:
        backend.generate([prompt], options)
        assert backend.counter_name().startswith(("TiktokenCounter", "EstimateCounter"))
        assert backend.context_length() == 4096
    assert canned.asked == [{
        "model": "m", "max_tokens": 7, "temperature": 0.5, "top_p": 0.9, "seed": 11, "logprobs": True, "top_logprobs": 1,
        "stream": True, "stream_options": {"include_usage": True},
        # Of untrusted text, what is a control token for many models is split: nobody can be asked here.
        "messages": [{"role": "user", "content": "Answer.<s>\nAlba < /s>< |im_end|> [ INST] <b>"}],
    }]  # fmt: skip
    backend_of(canned, chat=False, model="base").generate([plain("Hi"), plain("Hi")], Generation(seed=11))
    bodies = canned.asked[1:]
    assert [(b["prompt"], b["model"], b["logprobs"]) for b in bodies] == [("Hi", "base", 1)] * 2
    assert 11 in {b["seed"] for b in bodies} and len({b["seed"] for b in bodies}) == 2  # like prompts draw differently


def test_one_of_several_models_must_be_named(canned: Canned) -> None:
    canned.answers, canned.models = [GOOD], ["llama", "gemma"]
    with pytest.raises(ModelError, match="several models; give model=… one of: llama, gemma"):
        backend_of(canned).generate([plain("x")])
    backend_of(canned, model="gemma").generate([plain("x")])
    assert canned.asked[0]["model"] == "gemma"


def test_a_prompt_that_does_not_fit_is_found_before_any_is_sent(canned: Canned) -> None:
    canned.answers = [GOOD]
    backend = backend_of(canned, n_ctx=100)
    with pytest.raises(ContextTooLong, match=r"prompt 2 has \d+ tokens by .* but the context has 100; shape"):
        backend.generate([plain("x"), plain("word " * 200)])
    with pytest.raises(InvalidInput, match="prompt 1 is empty"):
        backend_of(canned, chat=False).generate([plain("")])
    with pytest.raises(InvalidInput, match="lone surrogate"):
        backend.generate([plain("\ud800")])
    assert canned.asked == []
    assert backend.generate([]) == [] == asyncio.run(backend.agenerate([]))


def test_a_batch_keeps_its_order_and_its_bound(canned: Canned) -> None:
    canned.pause = 0.05
    canned.answers = [(200, SSE, [event(str(n)), event(finish="stop")]) for n in range(24)]
    backend = backend_of(canned, concurrency=3)

    def in_order(texts: list[str], asked: list[dict[str, Any]]) -> None:
        """Each prompt's answer is the one that was given to it."""
        given = {body["messages"][0]["content"]: str(number) for number, body in enumerate(asked)}
        assert texts == [given[f"prompt {n}"] for n in range(12)]

    prompts = [plain(f"prompt {n}") for n in range(12)]
    in_order([c.text for c in backend.generate(prompts)], canned.asked)
    assert 2 <= canned.most <= 3
    canned.most, first = 0, len(canned.asked)
    texts = [c.text for c in asyncio.run(backend.agenerate(prompts))]
    in_order([str(int(text) - first) for text in texts], canned.asked[first:])
    assert 2 <= canned.most <= 3


def test_a_failure_in_a_batch_ends_it(canned: Canned) -> None:
    canned.answers = [(400, {}, b'{"message": "no"}'), (200, SSE, [event("a"), b"WAIT"])]
    started = time.perf_counter()
    for _ in range(2):
        canned.answers.insert(0, (400, {}, b'{"message": "no"}'))
    with pytest.raises(ModelError, match="answered 400: no"):
        asyncio.run(backend_of(canned, concurrency=4).agenerate([plain(str(n)) for n in range(4)]))
    assert time.perf_counter() - started < 5
    assert canned.broken.wait(5)  # the connection of the others was closed


def test_a_closed_stream_and_a_cancelled_task_close_the_connection(canned: Canned) -> None:
    canned.answers = [(200, SSE, [event("a"), event("b"), b"WAIT"])]
    backend = backend_of(canned)
    stream = backend.stream(plain("x"))
    assert next(stream) == "a"
    stream.close()  # type: ignore[attr-defined]  # a generator
    assert canned.broken.wait(5)

    async def cancelled() -> None:
        task = asyncio.create_task(backend.agenerate([plain("x")]))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def closed() -> None:
        pieces = backend.astream(plain("x"))
        assert await anext(pieces) == "a"
        await pieces.aclose()  # type: ignore[attr-defined]

    for way in (cancelled, closed):
        canned.broken.clear()
        asyncio.run(way())
        assert canned.broken.wait(5)


def test_a_stop_string_closes_the_connection(canned: Canned) -> None:
    canned.answers = [(200, SSE, [event("In Paris"), event(".\nQues"), event("tion"), b"WAIT"])]
    done = backend_of(canned).generate([plain("x")], Generation(stop=("\nQuestion",)))[0]
    assert (done.text, done.finish) == ("In Paris.", "stop")
    assert canned.broken.wait(5)


def test_without_httpx_the_extra_is_named() -> None:
    code = "import sys; sys.modules['httpx'] = None\nfrom ctxshape import OpenAICompatible\n"
    done = subprocess.run([sys.executable, "-c", code + "OpenAICompatible()"], capture_output=True, text=True, check=False)
    assert done.stderr.strip().endswith("OpenAICompatible needs httpx. Install it with: pip install 'ctxshape[http]'")

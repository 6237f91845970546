"""A hostile server's answers about itself, its models and its tokenizer, and the places where the key may go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from ctxshape import ask
from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Prompt, Segment
from ctxshape.errors import BackendError, CtxshapeError
from ctxshape.testing.behaviours import sends
from ctxshape.testing.hostile import HttpRequest, WireStep, at, exposures, hostile_server, response, well_behaved

KEY = "sk-hostile-0123456789abcdef"
PROMPT = Prompt(lead=(), documents=(Segment(text="x"),), tail=())


def backend_at(url: str) -> OpenAICompatible:
    return OpenAICompatible(url, api_key=KEY, timeout=10.0, total_timeout=20.0, retries=0)


def ended(call: Callable[[], object]) -> object:
    try:
        return call()
    except CtxshapeError as error:
        return error


@pytest.mark.parametrize(
    "reply",
    [
        {"tokens": 3}, {"tokens": {"0": 1}}, {"count": -1}, {"count": True}, {"count": 2.5}, {"count": 10**30}, {"count": "9"},
        {"tokens": [1] * 5000}, [], "", None, {"error": KEY}, {KEY: KEY},
    ],
)  # fmt: skip
def test_a_tokenizer_that_lies_is_an_error(reply: object) -> None:
    counts = 0

    def tokenize(body: bytes) -> object:
        nonlocal counts
        counts += 1
        return {"tokens": [1, 2, 3]} if counts == 1 else reply  # the first one is about the template

    replies = {"/props": {"default_generation_settings": {"n_ctx": 64}}, "/apply-template": {"prompt": "a b c"}}

    def behave(path: str, body: bytes) -> bytes:
        return response(json.dumps(tokenize(body) if path == "/tokenize" else replies[path]).encode())

    paths = ["/props", "/apply-template", "/tokenize"]
    with (
        hostile_server(at(paths, lambda request: iter([behave(request.path, request.body)]))) as url,
        backend_at(url) as backend,
    ):
        assert backend.counter_name().startswith("the tokenizer of llama-server")
        error = ended(lambda: backend.count_tokens("two words"))
    assert isinstance(error, BackendError) and "/tokenize" in str(error)
    assert exposures(KEY[:12], error) == []


@pytest.mark.parametrize("size", [True, 0, -5, 10**30, "many", 2.5, [], {"n": 1}])
def test_a_context_of_no_sensible_size_is_not_believed(size: object) -> None:
    listed = sends(response(json.dumps({"data": [{"id": "m\x1b[2J", "context_length": size}]}).encode()))
    with hostile_server(at(["/models"], listed)) as url, backend_at(url) as backend:
        assert backend.context_length() == 4096
        assert backend.generate([PROMPT])[0].text == "In Paris."


@pytest.mark.parametrize("content", [b"x" * 5_000_000, b'{"data": [{"id": "' + b"m" * 5_000_000])
def test_a_list_of_models_has_a_bound(content: bytes) -> None:
    with hostile_server(at(["/models"], sends(response(content)))) as url, backend_at(url) as backend:
        error = ended(backend.counter_name)
    assert isinstance(error, BackendError) and "4,194,304" in str(error)


def test_the_key_does_not_follow_a_redirect() -> None:
    seen: list[str] = []

    def collects(request: HttpRequest) -> Iterator[WireStep]:
        seen.append(request.head)
        yield from well_behaved(request)

    with hostile_server(collects) as other:
        target = sends(response(b"", f"Location: {other}/v1/chat/completions", status="307 Temporary Redirect"))
        with hostile_server(at(["/completions"], target)) as url, backend_at(url) as backend:
            assert isinstance(ended(lambda: backend.generate([PROMPT])), BackendError)
    assert seen == []


def test_no_compression_is_asked_for_and_no_cookie_kept() -> None:
    heads: list[str] = []

    def sets_cookies(request: HttpRequest) -> Iterator[WireStep]:
        heads.append(request.head.lower())
        for step in well_behaved(request):
            assert isinstance(step, bytes)
            yield step.replace(b"\r\n", b"\r\nSet-Cookie: a=%d\r\n" % len(heads), 1)

    with hostile_server(sets_cookies) as url, backend_at(url) as backend:
        assert [backend.generate([PROMPT])[0].text for _ in range(2)] == ["In Paris."] * 2
    assert all("accept-encoding: identity" in head and "\ncookie:" not in head for head in heads)


def test_the_trace_of_an_answer_holds_no_key() -> None:
    with hostile_server(well_behaved) as url, backend_at(url) as backend:
        answer = ask("Where is it?", ["It is in Paris.", "Rain."], backend=backend, budget=200)
    assert answer.text and KEY not in repr(answer) and KEY not in answer.model_dump_json()

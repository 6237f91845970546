"""Failures of a server, each met by `generate` and by `agenerate`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Completion
from ctxshape.errors import ContextTooLong, ModelError
from ctxshape.testing.servers import free_port

if TYPE_CHECKING:
    from tests.backends.openai.conftest import CannedServer

AT_ONCE = {"retry-after-ms": "1"}


def both(canned: CannedServer, backend: OpenAICompatible) -> list[Completion]:
    prompt = [canned.prompt("x")]
    return [*backend.generate(prompt), *asyncio.run(backend.agenerate(prompt))]


def errors_of(canned: CannedServer, backend: OpenAICompatible) -> list[str]:
    """The messages of the ModelErrors that both raise."""
    prompt = [canned.prompt("x")]
    with pytest.raises(ModelError) as blocking:
        backend.generate(prompt)
    with pytest.raises(ModelError) as awaited:
        asyncio.run(backend.agenerate(prompt))
    return [str(blocking.value), str(awaited.value)]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_failure_that_may_pass_is_tried_again(status: int, canned: CannedServer) -> None:
    busy, good = (status, AT_ONCE, b'{"error": {"message": "busy"}}'), canned.answers[0]
    canned.answers = [busy, good, busy, good]
    assert [c.text for c in both(canned, canned.backend(retries=1))] == ["In Paris."] * 2
    assert len(canned.asked) == 4


def test_tries_end(canned: CannedServer) -> None:
    canned.answers = [(500, AT_ONCE, b'{"detail": "CUDA\\n error"}')]
    for message in errors_of(canned, canned.backend(retries=2)):
        assert "500" in message and "CUDA error" in message
    assert len(canned.asked) == 6


def test_a_wait_that_the_server_asks_for_is_in_the_error(canned: CannedServer) -> None:
    canned.answers = [(429, {"Retry-After": "3600"}, b'{"message": "quota"}')]
    for message in errors_of(canned, canned.backend(retries=0)):
        assert "429" in message and "quota" in message and "3600" in message


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (400, b'{"error": {"message": "bad request"}}', ModelError, "bad request"),
        (404, b'{"error": {"message": "model x not found"}}', ModelError, "model x not found"),
        (501, b"", ModelError, "501"),
        (400, b'{"error": {"message": "exceeds the available context size (10 tokens)"}}', ContextTooLong, "10 tokens"),
        (500, b'{"error": {"message": "context length exceeded"}}', ContextTooLong, "context length exceeded"),
    ],
)
def test_a_failure_that_cannot_pass_is_not_tried_again(
    status: int, body: bytes, error: type[Exception], words: str, canned: CannedServer
) -> None:
    canned.answers = [(status, {}, body)]
    backend, prompt = canned.backend(), [canned.prompt("x")]
    with pytest.raises(error, match=f"{status}.*{words}|{words}"):
        backend.generate(prompt)
    with pytest.raises(error, match=f"{status}.*{words}|{words}"):
        asyncio.run(backend.agenerate(prompt))
    assert len(canned.asked) == 2


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([b"CUT"], "after 2 characters"),
        ([b"data: [DONE]\n\n"], "after 2 characters"),
        ([b'data: {"choices": [{"del'], "after 2 characters"),
        ([b'data: {"choices": [{"del\n\n'], "no JSON"),
        ([b'data: {"error": "slot lost"}\n\n'], "slot lost"),
        ([b"data: [1]\n\n"], "malformed"),
        ([b"data: \xff\n\n"], "no JSON"),
    ],
)
def test_a_broken_answer_is_an_error_and_not_asked_for_again(pieces: list[bytes], words: str, canned: CannedServer) -> None:
    canned.answers = [canned.stream(canned.event("In"), *pieces)]
    backend, shown = canned.backend(), []
    assert all(words in message for message in errors_of(canned, backend))
    with pytest.raises(ModelError, match=words):
        for piece in backend.stream(canned.prompt("x")):
            shown.append(piece)
    assert shown == ["In"] and len(canned.asked) == 3


def test_a_body_shorter_than_announced_is_an_error(canned: CannedServer) -> None:
    canned.answers = [canned.stream(canned.event("In"), **{"Content-Length": "5000"})]
    assert all("broke off" in message for message in errors_of(canned, canned.backend()))
    assert len(canned.asked) == 2


def test_a_web_page_is_an_error(canned: CannedServer) -> None:
    canned.answers = [(200, {"Content-Type": "text/html"}, b"<html>Welcome to nginx!</html>")]
    assert all("<html>Welcome to nginx!" in message for message in errors_of(canned, canned.backend()))


def test_a_slow_server_is_an_error(canned: CannedServer) -> None:
    canned.pause = 1.0
    for message in errors_of(canned, canned.backend(timeout=0.2, retries=0)):
        assert "Timeout" in message and "timeout=" in message
    assert len(canned.asked) == 2


def test_no_server_is_an_error_that_says_how_to_start_one() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with OpenAICompatible(url, retries=0) as backend, pytest.raises(ModelError, match=f"{url}/.*llama-server -m"):
        backend.count_tokens("x")


def test_a_server_that_goes_away_is_an_error(canned: CannedServer) -> None:
    backend = canned.backend(retries=0)
    assert len(both(canned, backend)) == 2
    canned.shutdown()
    canned.server_close()
    canned.answers = [canned.stream(b"CUT")]
    assert all(canned.url in message for message in errors_of(canned, backend))


def test_log_probabilities_are_not_insisted_on(canned: CannedServer) -> None:
    words = b'{"error": {"message": "logprobs is not supported for models created with logits_all=False"}}'
    canned.answers = [(500, {}, words), canned.answers[0]]
    backend = canned.backend()
    assert [c.logprobs for c in both(canned, backend)] == [(), ()]
    assert ["logprobs" in body for body in canned.asked] == [True, False, False]


def test_a_missing_package_names_the_extra() -> None:
    code = "import sys; sys.modules['openai'] = None\nfrom ctxshape import OpenAICompatible\nOpenAICompatible()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtra" in done.stderr and "ctxshape[openai]" in done.stderr


def test_importing_ctxshape_does_not_import_the_client() -> None:
    code = "import sys, ctxshape\nfrom ctxshape import OpenAICompatible\nsys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

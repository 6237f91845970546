from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from ctxshape import shape
from ctxshape.embedding.endpoint import OpenAIEmbedder
from ctxshape.errors import ConfigError, ModelError
from ctxshape.testing import check_embedder

pytest.importorskip("openai")


class Server(ThreadingHTTPServer):
    """A server of embeddings that answers in the reverse order, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.models = ["lengths"]
        self.status = 200
        self.row: object = None
        self.page = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": name, "object": "model"} for name in self.server.models]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.keys.append(self.headers["Authorization"])
        rows = [
            {"object": "embedding", "index": n, "embedding": self.server.row or [3.0, 4.0, float(len(text))]}
            for n, text in enumerate(asked["input"])
        ]
        self._send({"object": "list", "model": asked["model"], "data": rows[::-1], "usage": {}})

    def _send(self, content: object) -> None:
        body = (
            self.server.page or json.dumps(content if self.server.status == 200 else {"error": {"message": "too hot"}}).encode()
        )
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_rows_in_the_order_of_the_texts_and_in_batches(server: Server) -> None:
    embedder = OpenAIEmbedder(server.url, batch_size=2)
    check_embedder(embedder)
    server.asked.clear()
    rows = embedder.embed(["a" * 12, "", "abc"])
    assert np.allclose(rows, [[3 / 13, 4 / 13, 12 / 13], np.array([3, 4, 1]) / 26**0.5, np.array([3, 4, 3]) / 34**0.5])
    assert [(asked["model"], asked["input"]) for asked in server.asked] == [("lengths", ["a" * 12, "."]), ("lengths", ["abc"])]


def test_a_preset_takes_an_address(server: Server) -> None:
    shaped = shape("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain."], preset="balanced", embedder=f"{server.url}#m")
    assert shaped.documents and {asked["model"] for asked in server.asked} == {"m"}


def test_the_key_is_sent_and_never_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    embedder = OpenAIEmbedder(server.url, api_key="secret")
    embedder.embed(["a"])
    OpenAIEmbedder(server.url).embed(["a"])
    monkeypatch.delenv("OPENAI_API_KEY")
    OpenAIEmbedder(server.url).embed(["a"])
    assert server.keys[:2] == ["Bearer secret", "Bearer from-environment"] and server.keys[2] is None
    assert b"secret" not in pickle.dumps(embedder) and "secret" not in f"{embedder!r} {embedder.parameters()}"


def test_one_of_several_models_has_to_be_named(server: Server) -> None:
    server.models = ["one", "two"]
    with pytest.raises(ModelError, match=r"2 models: 'one', 'two'.*model="):
        OpenAIEmbedder(server.url).embed(["a"])
    assert OpenAIEmbedder(server.url, model="two").embed(["a"]).shape == (1, 3)


def test_what_goes_wrong_is_named(server: Server) -> None:
    embedder = OpenAIEmbedder(server.url, model="m", retries=0)
    server.status = 400
    with pytest.raises(ModelError, match=f"{server.url}/embeddings answered 400.*too hot"):
        embedder.embed(["a"])
    server.status, server.row = 200, [float("nan"), 1.0]
    with pytest.raises(ModelError, match="finite"):
        embedder.embed(["a"])
    server.page = b"<html>"
    with pytest.raises(ModelError, match="no JSON.*<html>"):
        embedder.embed(["a"])
    with pytest.raises(ConfigError, match="key"):
        OpenAIEmbedder(server.url, api_key="schlüssel")
    with pytest.raises(ModelError, match="no server answers at http://127.0.0.1:9/v1"):
        OpenAIEmbedder("http://127.0.0.1:9", model="m", retries=0).embed(["a"])


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "ftp://a", "http://", "http://u:p@a/v1", "http://a/v1?x=1", "http://a/#m"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ConfigError, match="base_url"):
        OpenAIEmbedder(url)


@pytest.mark.parametrize("status", [200, 401, 404, 500])
@pytest.mark.parametrize("page", [b'{"error": {"message": "bad key KEY"}}', b"no JSON: KEY", b'{"data": "KEY"}', b'["KEY"]'])
def test_no_error_shows_a_key_that_the_server_repeats(server: Server, status: int, page: bytes) -> None:
    key = "k3y-7f0c2a9e51d84b66"
    server.status, server.page = status, page.replace(b"KEY", key.encode())
    with pytest.raises(ModelError) as caught:
        OpenAIEmbedder(server.url, model="m", api_key=key, retries=0).embed(["a"])
    error: BaseException | None = caught.value
    shown = str(error)
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
        shown += str(error)
    assert not any(key[at : at + 8] in shown for at in range(len(key) - 7)), shown

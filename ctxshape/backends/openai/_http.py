"""HTTP to a model server: requests that are tried again, answers as they arrive, and each failure in one line."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ctxshape.backends.openai._events import Decoder, Event
from ctxshape.backends.openai._retrying import LONGEST_WAIT, backoff, is_too_long, may_retry, refusal, retry_after, words_of
from ctxshape.backends.openai._sending import without_logprobs
from ctxshape.errors import CtxshapeError, MissingExtra, ModelError

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def library() -> ModuleType:
    """The module httpx. Raises MissingExtra where it is not installed."""
    try:
        import httpx
    except ImportError:
        raise MissingExtra.of("OpenAICompatible", "httpx", "http") from None
    return httpx


class Tries:
    """Decides after each failure of one request: how long to wait before the next try, or that there is none."""

    def __init__(self, url: str, retries: int, seed: int, key: str) -> None:
        self.url, self._left, self._seed, self._key, self._count = url, retries, seed, key, 0

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> float:
        """Seconds to wait after a status; raises what it means where another try is no use."""
        # Some servers repeat the key that they refuse.
        said = words_of(body).replace(self._key, "***") if self._key else words_of(body)
        asked = retry_after(headers.get("retry-after"), datetime.now(UTC))
        if not may_retry(status) or is_too_long(said):
            raise refusal(status, said, self.url)
        if asked is not None and asked > LONGEST_WAIT:
            raise ModelError(f"{self.url} answered {status} and asks to wait {asked:.0f} s, over {LONGEST_WAIT:.0f}: {said}")
        return self._next(refusal(status, f"{said} (tries: {self._count + 1})", self.url), asked)

    def failed(self, error: Exception, *, begun: bool) -> float:
        """Seconds to wait after a connection failed; raises for an answer that had begun, and for one that was too slow."""
        httpx, why = library(), str(error) or type(error).__name__
        if begun:
            raise ModelError(f"{self.url} broke off in the middle of its answer ({why}); ask again")
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            raise ModelError(
                f"{self.url} said nothing in time ({type(error).__name__}); give a longer timeout=… or fewer tokens"
            )
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return self._next(
                ModelError(
                    f"no server answers at {self.url} ({why}); start one, for example with: "
                    "llama-server -m model.gguf --port 8080, or give its base_url"
                )
            )
        return self._next(ModelError(f"{self.url} closed the connection ({why}); check the server's log"))

    def _next(self, error: CtxshapeError, asked: float | None = None) -> float:
        if self._left == 0:
            raise error
        self._left -= 1
        self._count += 1
        return backoff(self._count - 1, self._seed, asked)


class Http:
    """The address of a server, a key that is sent and never shown, and how long and how often to try."""

    def __init__(self, base: str, key: str, *, timeout: float, retries: int) -> None:
        library()
        self.base, self.root = base, base.removesuffix("/v1")
        self._key, self._timeout, self._retries = key, timeout, retries
        self._making = threading.Lock()
        self._client: httpx.Client | None = None
        self._logprobs = True

    def ask(self, url: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  JSON
        """The JSON that a POST of `body`, or a GET, gives; None where the server has no such thing."""
        tries = Tries(url, self._retries, 0, self._key)
        while True:
            try:
                response = self._open().request("GET" if body is None else "POST", url, json=body)
            except library().TransportError as error:
                wait = tries.failed(error, begun=False)
            else:
                if response.status_code < 400 or not may_retry(response.status_code):
                    return _json(response)
                wait = tries.refused(response.status_code, response.headers, response.content)
            time.sleep(wait)

    def events(self, url: str, body: Mapping[str, object], seed: int) -> Generator[Event]:
        """What the server sends, as it comes; closing the iterator closes the connection."""
        tries, begun = Tries(url, self._retries, seed, self._key), False
        while True:
            try:
                with self._open().stream("POST", url, json=self._sent(body)) as response:
                    if response.status_code == 200:
                        decoder = Decoder(response.headers.get("content-type", ""), url)
                        for data in response.iter_bytes():
                            begun = True
                            yield from decoder.feed(data)
                        yield from decoder.end()
                        return
                    wait = self._wait(tries, response.status_code, response.headers, response.read())
            except library().TransportError as error:
                wait = tries.failed(error, begun=begun)
            time.sleep(wait)

    async def aevents(
        self, client: httpx.AsyncClient, url: str, body: Mapping[str, object], seed: int
    ) -> AsyncGenerator[Event]:
        """`events` for an event loop, over a connection of `client`."""
        tries, begun = Tries(url, self._retries, seed, self._key), False
        while True:
            try:
                async with client.stream("POST", url, json=self._sent(body)) as response:
                    if response.status_code == 200:
                        decoder = Decoder(response.headers.get("content-type", ""), url)
                        async for data in response.aiter_bytes():
                            begun = True
                            for event in decoder.feed(data):
                                yield event
                        for event in decoder.end():
                            yield event
                        return
                    wait = self._wait(tries, response.status_code, response.headers, await response.aread())
            except library().TransportError as error:
                wait = tries.failed(error, begun=begun)
            await asyncio.sleep(wait)

    def aclient(self) -> httpx.AsyncClient:
        """Connections for one event loop; to be closed by who asked."""
        made: httpx.AsyncClient = library().AsyncClient(**self._settings)
        return made

    def close(self) -> None:
        """Close the connections that are kept; the next request opens new ones."""
        with self._making:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _sent(self, body: Mapping[str, object]) -> Mapping[str, object]:
        return body if self._logprobs else without_logprobs(body)

    def _wait(self, tries: Tries, status: int, headers: Mapping[str, str], body: bytes) -> float:
        """Seconds until the next try; at once where the server only refuses to give log-probabilities."""
        if self._logprobs and "logprobs" in words_of(body):
            self._logprobs = False
            return 0.0
        return tries.refused(status, headers, body)

    def _open(self) -> httpx.Client:
        with self._making:
            if self._client is None:
                self._client = library().Client(**self._settings)
                weakref.finalize(self, self._client.close)
            return self._client

    @cached_property
    def _settings(self) -> dict[str, Any]:
        httpx, address = library(), urlsplit(self.base)
        return {
            "headers": {"Authorization": f"Bearer {self._key}"} if self._key else {},
            "timeout": httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT_SECONDS)),
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=20),
            # Reading the certificates takes tens of milliseconds: once for all clients, and not at all without TLS.
            "verify": ssl.create_default_context() if address.scheme == "https" else False,
            # A proxy from the environment cannot reach this machine's own servers.
            "trust_env": address.hostname not in LOOPBACK,
        }


def _json(response: httpx.Response) -> Any:  # noqa: ANN401
    if response.status_code != 200:
        return None
    try:
        return response.json()
    except ValueError:  # a page for people, as some servers give for any path
        return None

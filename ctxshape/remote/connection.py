"""Connections to a server: the `openai` client in an event loop of its own, with bounds on time and size."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar
from urllib.parse import urlsplit

from ctxshape.core.addresses import LOOPBACK, checked_key, excerpt
from ctxshape.errors import BackendError, MissingExtra
from ctxshape.remote.bounds import LOGGERS, Masking, bound_error, close, content_of, sized
from ctxshape.remote.decoding import EventParser, Malformed, parsed
from ctxshape.remote.event_loop import BackgroundLoop
from ctxshape.remote.failures import UnusableReply, failure_of, pause_before, words_in

if TYPE_CHECKING:
    import openai

Taken = TypeVar("Taken")

CONNECT_SECONDS = 10.0
REPLY_BYTES = 4 * 2**20  # the bound for a reply whose size depends on nothing that was asked
GRACE_SECONDS = 5.0  # after the last token, for the counts that follow it


class Receiver(Protocol):
    """Takes the events of an answer."""

    @property
    def enough(self) -> bool:
        """True once nothing more is wanted."""

    @property
    def finished(self) -> bool:
        """True once nothing but counts can be missing."""

    def push(self, event: Any, /) -> None:  # noqa: ANN401  JSON
        """Raises Malformed for an event of another form."""


def openai_package(component: str) -> ModuleType:
    """Returns the module `openai`. Raises MissingExtra, which names the component, if it is not installed."""
    try:
        import openai
    except ImportError:
        raise MissingExtra.of(component, "openai", "openai") from None
    return openai


class Connection:
    """Asks a server for replies and answers, all in one event loop, for callers in any thread and any other loop.

    Nothing that the server sends is trusted. Each exchange has a bound on its bytes and on its seconds, repeated tries
    included. Compressed replies are refused, redirects are not followed, cookies are not kept. Every failure is a
    BackendError or ContextTooLong without the key, also in the records of the HTTP library's loggers.

    `base` is the address with its /v1, `root` the address without. `timeout` is the longest silence, and the bound of
    a reply; `total_timeout` is the bound of an answer.
    """

    def __init__(self, base: str, key: str, *, timeout: float, total_timeout: float, retries: int) -> None:
        self._openai = package = openai_package("Connection")
        self.base, self.root, self._key = base, base.removesuffix("/v1"), checked_key(key, base)
        self._reply_seconds, self._answer_seconds = min(timeout, total_timeout), total_timeout
        self._retries, self._refuses_logprobs = retries, False
        self._options: openai.RequestOptions = {} if key else {"headers": {"Authorization": package.Omit()}}
        address, limits = urlsplit(base), package.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        http = package.DefaultAsyncHttpxClient(
            trust_env=address.hostname not in LOOPBACK,  # a proxy cannot reach this machine's own servers
            verify=address.scheme == "https",  # reading the certificates takes a tenth of a second
            follow_redirects=False,  # the key is for this address
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # they would accumulate
            event_hooks={"response": [bound_error]},
        )
        client: openai.AsyncOpenAI = package.AsyncOpenAI(
            base_url=base,
            api_key=key or "none",
            timeout=limits,
            max_retries=0,  # done here, within the time of an exchange
            default_headers={"Accept-Encoding": "identity"},
            http_client=http,
        )
        self._client = client
        filters: list[logging.Filter] = [Masking(self._key)] if self._key else []
        for name in LOGGERS:
            for masking in filters:
                logging.getLogger(name).addFilter(masking)
        self.loop = BackgroundLoop(at_end=partial(_close, client, filters))

    def ask(
        self, url: str, body: Mapping[str, object] | None = None, *, limit: int = REPLY_BYTES, seconds: float | None = None
    ) -> Any:  # noqa: ANN401  JSON
        """Returns the JSON in the reply to a GET, or to a POST of `body`, of at most `limit` bytes."""

        async def take(response: Any, _: asyncio.Timeout) -> Any:  # noqa: ANN401
            return self._event(await content_of(response, url, limit), url, response.status_code)

        return self.loop.run(lambda: self._exchange(url, body, seconds or self._reply_seconds, take))

    async def answer(self, url: str, body: Mapping[str, object], receiver: Receiver, *, limit: int) -> None:
        """Pushes the events of an answer of at most `limit` bytes as they arrive, until the receiver has enough."""

        async def take(response: Any, deadline: asyncio.Timeout) -> None:  # noqa: ANN401
            if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
                event = self._event(await content_of(response, url, limit), url, response.status_code)
                return self._push(receiver, event, url, response.status_code)
            parser, size = EventParser(), 0
            async for piece in response.aiter_raw():
                size = sized(size + len(piece), response, url, limit)
                for name, data in parser.feed(piece):
                    if data.strip() == b"[DONE]":
                        return None
                    self._push(receiver, self._event(data, url, response.status_code, name), url, response.status_code)
                    if receiver.enough:
                        return None
                if receiver.finished:
                    latest = asyncio.get_running_loop().time() + GRACE_SECONDS
                    deadline.reschedule(min(deadline.when() or latest, latest))

        try:
            await self._exchange(url, body, self._answer_seconds, take)
        except BackendError:
            if not receiver.finished:  # nothing but counts is missing otherwise
                raise

    async def _exchange(
        self,
        url: str,
        body: Mapping[str, object] | None,
        seconds: float,
        take: Callable[[Any, asyncio.Timeout], Awaitable[Taken]],
    ) -> Taken:
        response: Any = None
        try:
            async with asyncio.timeout(seconds) as deadline:
                response = (await self._tried(url, body, deadline)).response
                return await take(response, deadline)
        except Exception as error:  # the client passes on whatever its HTTP library raises
            status = None if response is None else response.status_code
            failure = failure_of(error, url, self._key, seconds=seconds, status=status)
        finally:
            if response is not None:
                await close(response)
        raise failure  # outside of the block, or its context would be the original error, which may hold the key

    async def _tried(
        self, url: str, body: Mapping[str, object] | None, deadline: asyncio.Timeout
    ) -> openai.AsyncStream[object]:
        """Returns an open response, after further tries if need be. No pause begins that the deadline would end."""
        for attempt in range(self._retries):
            try:
                return await self._opened(url, body)
            except (self._openai.APIConnectionError, self._openai.APIStatusError) as error:
                pause, now = pause_before(attempt, error), asyncio.get_running_loop().time()
                if pause is None or now + pause >= (deadline.when() or now):
                    raise
            await asyncio.sleep(pause)
        return await self._opened(url, body)

    async def _opened(self, url: str, body: Mapping[str, object] | None) -> openai.AsyncStream[object]:
        """Returns an open response, without log-probabilities if the server refuses to give them."""
        kind, options = self._openai.AsyncStream[object], self._options
        if body is None:
            return await self._client.get(url, cast_to=object, options=options, stream=True, stream_cls=kind)
        sent = {name: body[name] for name in body if not (self._refuses_logprobs and name in ("logprobs", "top_logprobs"))}
        try:
            return await self._client.post(url, cast_to=object, options=options, body=sent, stream=True, stream_cls=kind)
        except self._openai.APIStatusError as error:
            if "logprobs" not in sent or "logprobs" not in excerpt(words_in(error.body), ""):
                raise
        self._refuses_logprobs = True
        return await self._opened(url, body)

    def _event(self, data: bytes, url: str, status: int, name: str = "") -> Any:  # noqa: ANN401  JSON
        """Returns the JSON in the data of an event or reply. Raises BackendError if it is none, or an error."""
        try:
            event = parsed(data)
        except Malformed as error:
            why = f"{url} sent {error}"
        else:
            is_error = name == "error" or (isinstance(event, dict) and (event.get("error") or event.get("object") == "error"))
            if not is_error:
                return event
            words = excerpt(words_in(event), self._key)
            raise UnusableReply(f"{url} failed while it answered: {words}; check its log", status=status)
        words = excerpt(data[:1000].decode("utf-8", "replace"), self._key, 80)
        raise UnusableReply(f"{why}: {words!r}; is it the right base_url?", status=status)

    def _push(self, receiver: Receiver, event: Any, url: str, status: int) -> None:  # noqa: ANN401
        try:
            return receiver.push(event)
        except Malformed as error:
            why = str(error)
        self.refuse(url, why, event, status)

    def refuse(self, url: str, why: str, reply: object, status: int = 200) -> NoReturn:
        """Raises the BackendError for a reply that is JSON, but not of OpenAI's form."""
        words = excerpt(reply, self._key, 200)
        raise BackendError(f"{url} sent a malformed reply ({why}): {words}; is it an OpenAI-compatible server?", status=status)

    def shown(self, words: object, limit: int = 300) -> str:
        """Returns words of the server for an error message."""
        return excerpt(words, self._key, limit)


async def _close(client: openai.AsyncOpenAI, filters: list[logging.Filter]) -> None:
    await client.close()
    for name in LOGGERS:
        for masking in filters:
            logging.getLogger(name).removeFilter(masking)

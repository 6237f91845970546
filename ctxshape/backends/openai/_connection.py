"""The connections to a server: the `openai` client in an event loop of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ctxshape.backends.openai._failures import as_ctxshape_error, is_final, words_of
from ctxshape.backends.openai._loop import BackgroundLoop
from ctxshape.core.addresses import LOOPBACK
from ctxshape.errors import MissingExtra

if TYPE_CHECKING:
    import openai

CONNECT_SECONDS = 10.0


def openai_package() -> ModuleType:
    """Returns the module `openai`. Raises MissingExtra if it is not installed."""
    try:
        import openai
    except ImportError:
        raise MissingExtra.of("OpenAICompatible", "openai", "openai") from None
    return openai


class Connection:
    """A blocking client for questions about a server, and for its answers one in an event loop that all callers share.

    `base` is the address with its /v1, `root` the address without.
    """

    def __init__(self, base: str, key: str, *, timeout: float, retries: int) -> None:
        self._openai = package = openai_package()
        self.base, self.root, self._key = base, base.removesuffix("/v1"), key
        self._refuses_logprobs = False
        self._options: openai.RequestOptions = {} if key else {"headers": {"Authorization": package.Omit()}}
        address, limits = urlsplit(base), package.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        client = {"base_url": base, "api_key": key or "none", "timeout": limits, "max_retries": retries}
        transport = {
            "trust_env": address.hostname not in LOOPBACK,  # a proxy cannot reach this machine's own servers
            "verify": address.scheme == "https",  # reading the certificates takes a tenth of a second
            "follow_redirects": False,
        }
        http = package.DefaultHttpxClient(**transport, event_hooks={"response": [_forbid_vain_retries]})
        async_http = package.DefaultAsyncHttpxClient(**transport, event_hooks={"response": [_aforbid_vain_retries]})
        self._client: openai.OpenAI = package.OpenAI(**client, http_client=http)
        self._async_client: openai.AsyncOpenAI = package.AsyncOpenAI(**client, http_client=async_http)
        self.loop = BackgroundLoop(at_end=partial(_close, self._client, self._async_client))

    def ask(self, url: str, body: Mapping[str, object] | None = None) -> str:
        """Returns the reply to a GET, or to a POST of `body`, as it stands; "" if the server has no such path."""
        try:
            if body is None:
                return self._client.get(url, cast_to=str, options=self._options)
            return self._client.post(url, cast_to=str, options=self._options, body=body)
        except self._openai.OpenAIError as error:
            status = getattr(error, "status_code", 0)
            if status == 501 or (400 <= status < 500 and status not in (408, 409, 429)):
                return ""
            raise as_ctxshape_error(error, url, self._key, begun=False) from None  # the original may hold the key

    async def events(self, url: str, body: Mapping[str, object]) -> AsyncGenerator[Any]:
        """Yields the JSON of each event of an answer as it arrives; closing the iterator closes the connection."""
        begun = False
        try:
            async with await self._opened(url, body) as stream:
                begun = True
                if stream.response.headers.get("content-type", "").startswith("text/event-stream"):
                    async for event in stream:
                        yield event
                else:
                    yield json.loads(await stream.response.aread())
        except Exception as error:  # the client passes on whatever its HTTP library and its JSON parser raise
            raise as_ctxshape_error(error, url, self._key, begun=begun) from None

    async def _opened(self, url: str, body: Mapping[str, object]) -> openai.AsyncStream[object]:
        """Returns an open answer, without log-probabilities if the server refuses to give them."""
        sent = {name: body[name] for name in body if not (self._refuses_logprobs and name in ("logprobs", "top_logprobs"))}
        try:
            kind, options = self._openai.AsyncStream[object], self._options
            return await self._async_client.post(url, cast_to=object, options=options, body=sent, stream=True, stream_cls=kind)
        except self._openai.APIStatusError as error:
            if "logprobs" not in sent or "logprobs" not in words_of(error):
                raise
        self._refuses_logprobs = True
        return await self._opened(url, body)


async def _close(client: openai.OpenAI, async_client: openai.AsyncOpenAI) -> None:
    client.close()
    await async_client.close()


# Hooks of the HTTP library that the client uses; `x-should-retry` is a header that the client obeys.


def _forbid_vain_retries(response: Any) -> None:  # noqa: ANN401
    if response.status_code >= 500 and is_final(response.status_code, response.read().decode(errors="replace")):
        response.headers["x-should-retry"] = "false"


async def _aforbid_vain_retries(response: Any) -> None:  # noqa: ANN401
    if response.status_code >= 500:
        await response.aread()
        _forbid_vain_retries(response)

"""Any OpenAI-compatible server as a backend: llama-server, llama_cpp.server, vLLM, Ollama."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, PrivateAttr, SecretStr

from ctxshape.backends.openai._endpoint import Endpoint, Request
from ctxshape.backends.openai._http import Http, library
from ctxshape.backends.openai._sending import checked_key, checked_url
from ctxshape.backends.openai._turns import Turns
from ctxshape.core.cancellation import current_cancellation
from ctxshape.core.component import Stateful
from ctxshape.core.messages import Completion, Generation, Prompt

if TYPE_CHECKING:
    import httpx

KEY_VARIABLE = "OPENAI_API_KEY"


class _State:
    """What is not configuration: connections, what is known of the server, and who may ask."""

    def __init__(self, concurrency: int) -> None:
        self.making = threading.Lock()
        self.endpoint: Endpoint | None = None
        self.blocking = threading.Semaphore(concurrency)  # not one with the tasks: who blocks their loop would wait forever
        self.turns = Turns(concurrency)


class OpenAICompatible(Stateful):
    """A model behind an OpenAI-compatible HTTP server: llama-server, llama_cpp.server, vLLM, Ollama and the like.

    The server is asked at the first use what it is. Its own tokenizer counts tokens where it has one, else tiktoken;
    `counter_name()` says which. Answers come as streams, so a stop string, a closed iterator or a cancelled task closes
    the connection, and llama-server, vLLM and Ollama then stop computing; `generate` in a thread of
    `ctxshape.core.cancellation.in_thread` ends with the task that waits for it, too. llama_cpp.server computes one request at a
    time and finishes an answer that nobody waits for. Stop strings mean what they mean for `LlamaCpp`. Greedy answers may
    differ in a near tie from run to run, since servers batch what comes together.

    `base_url` ends in /v1. `model` may be left out where the server has one. `chat=False` sends the bare text to
    /completions, for base models, and takes one line. `n_ctx` is a limit below the server's own, and the only one known
    where the server tells none (4,096 if not given; Ollama cuts longer prompts silently). `timeout` is the longest
    silence, in seconds. `retries` follow failed connections, 408, 409, 429 and 5xx, with growing pauses and as
    Retry-After says, never once an answer has begun. `concurrency` bounds the requests that batches have under way.

    `api_key` is by default what OPENAI_API_KEY holds at the first use. It is no field: neither repr, trace,
    configuration nor pickle has it, so a copy in another process takes it from its own environment.

    All text goes into one user message, none into the system role. Servers read control tokens in messages: a string in
    untrusted text that the server's tokenizer would make one gets a blank inside. Ollama and OpenAI show no tokenizer;
    there only the common forms (<|…|>, </s>, [INST], …) are split, and others may get through. `LlamaCpp` has no such gap.

    Raises MissingExtra without httpx, ModelError for a server that is not there, refuses or breaks off, and
    ContextTooLong, before anything is sent, for a prompt that leaves no room for `max_tokens`.

    >>> OpenAICompatible("http://127.0.0.1:8080", api_key="secret")
    OpenAICompatible(base_url='http://127.0.0.1:8080/v1', model=None, chat=True, n_ctx=None, timeout=600.0, retries=3,
    concurrency=8)
    """

    base_url: str = "http://127.0.0.1:8080/v1"
    model: str | None = None
    chat: bool = True
    n_ctx: Annotated[int, Field(ge=16)] | None = None
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 600.0
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    concurrency: Annotated[int, Field(ge=1)] = 8
    _key: SecretStr | None = PrivateAttr(default=None)
    _state: _State = PrivateAttr()

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8080/v1",
        *,
        api_key: str | SecretStr | None = None,
        model: str | None = None,
        chat: bool = True,
        n_ctx: int | None = None,
        timeout: float = 600.0,
        retries: int = 3,
        concurrency: int = 8,
    ) -> None:
        library()  # without httpx, say so before anything is shaped
        super().__init__(
            base_url=checked_url(base_url),
            model=model,
            chat=chat,
            n_ctx=n_ctx,
            timeout=timeout,
            retries=retries,
            concurrency=concurrency,
        )
        self._key = SecretStr(checked_key(api_key)) if isinstance(api_key, str) else api_key
        self._state = _State(self.concurrency)

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completion of each prompt, in their order; up to `concurrency` of them are asked for at a time."""
        if not prompts:
            return []
        endpoint, stopped = self._endpoint(), threading.Event()
        requests = endpoint.requests(prompts, options)
        if (cancellation := current_cancellation()) is not None:  # the caller may be cancelled while no byte comes
            return cancellation.run(lambda: self._answers(endpoint, requests, options))

        def answer(request: Request) -> Completion:
            with self._state.blocking, closing(endpoint.pieces(request, received := endpoint.received(options))) as pieces:
                for _ in pieces:
                    if stopped.is_set():
                        break
                return received.completion(request.tokens)

        if len(requests) == 1:
            return [answer(requests[0])]
        with ThreadPoolExecutor(min(self.concurrency, len(requests)), "ctxshape-http") as pool:
            try:
                return list(pool.map(answer, requests))
            finally:
                stopped.set()  # one failed, or the caller was interrupted: the others end with their next piece
                pool.shutdown(wait=False, cancel_futures=True)

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The same text as `generate` gives, in pieces; closing the iterator ends the request."""
        endpoint = self._endpoint()
        request = endpoint.requests([prompt], options, stream=True)[0]
        with closing(endpoint.pieces(request, endpoint.received(options))) as pieces:
            yield from (piece for piece in pieces if piece)

    async def agenerate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """`generate` for an event loop. Cancelling it closes its connections."""
        if not prompts:
            return []
        endpoint = await asyncio.to_thread(self._endpoint)
        requests = await asyncio.to_thread(endpoint.requests, prompts, options)
        return await self._answers(endpoint, requests, options)

    async def _answers(self, endpoint: Endpoint, requests: Sequence[Request], options: Generation) -> list[Completion]:
        turns = self._state.turns

        async def answer(client: httpx.AsyncClient, request: Request) -> Completion:
            async with (
                turns.turn(),
                aclosing(endpoint.apieces(client, request, received := endpoint.received(options))) as pieces,
            ):
                async for _ in pieces:
                    pass
                return received.completion(request.tokens)

        async with endpoint.http.aclient() as client:
            tasks = [asyncio.create_task(answer(client, request)) for request in requests]
            try:
                return await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def astream(self, prompt: Prompt, /, options: Generation = Generation()) -> AsyncIterator[str]:  # noqa: B008
        """`stream` for an event loop; `aclose()` or a cancellation ends the request."""
        endpoint = await asyncio.to_thread(self._endpoint)
        request = (await asyncio.to_thread(endpoint.requests, [prompt], options, stream=True))[0]
        received = endpoint.received(options)
        async with endpoint.http.aclient() as client, aclosing(endpoint.apieces(client, request, received)) as pieces:
            async for piece in pieces:
                if piece:
                    yield piece

    def count_tokens(self, text: str, /) -> int:
        """Tokens of `text` as untrusted text."""
        return self._endpoint().count_tokens(text)

    def counter_name(self) -> str:
        """What counts the tokens: the server's tokenizer, or the default counter."""
        return self._endpoint().server.counted_by

    def context_length(self) -> int:
        """The most tokens that a prompt and its answer may have together."""
        return self._endpoint().context_length

    def close(self) -> None:
        """Close the connections that are kept. The next call opens new ones, and asks again what the server is."""
        with self._state.making:
            endpoint, self._state.endpoint = self._state.endpoint, None
        if endpoint is not None:
            endpoint.http.close()

    def _endpoint(self) -> Endpoint:
        with self._state.making:
            if self._state.endpoint is None:
                key = os.environ.get(KEY_VARIABLE, "") if self._key is None else self._key.get_secret_value()
                http = Http(self.base_url, checked_key(key), timeout=self.timeout, retries=self.retries)
                self._state.endpoint = Endpoint(http, model=self.model, chat=self.chat, n_ctx=self.n_ctx)
            return self._state.endpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # A copy in this process keeps the key, a pickle does not.

    def __copy__(self) -> Self:
        return type(self)(api_key=self._key, **self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

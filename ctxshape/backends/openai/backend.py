"""Any OpenAI-compatible server as a backend: llama-server, llama_cpp.server, vLLM, Ollama."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, PrivateAttr, SecretStr

from ctxshape.backends.openai._session import Session
from ctxshape.core.addresses import checked_key, checked_url
from ctxshape.core.component import Stateful
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.reach import Reach
from ctxshape.core.validation import WholeNumber
from ctxshape.remote.connection import Connection, openai_package

KEY_VARIABLE = "OPENAI_API_KEY"


class OpenAICompatible(Stateful):
    """A model behind an OpenAI-compatible HTTP server: llama-server, llama_cpp.server, vLLM, Ollama and the like.

    The first use identifies the server. Its own tokenizer counts tokens if it has one, else tiktoken does;
    `counter_name()` says which. Counts are remembered, so that no text is asked for twice.

    Answers arrive as streams. A stop string, a closed iterator or a cancelled task closes the connection, and llama-server,
    vLLM and Ollama then stop computing; the same holds for `generate` in `ctxshape.core.cancellation.in_thread`.
    llama_cpp.server computes one request at a time, always to its end. Stop strings mean the same as for `LlamaCpp`. Greedy
    answers may differ from run to run in a near tie, since servers batch requests that arrive together.

    `base_url` ends in /v1. `model` may be omitted if the server has only one. `chat=False` sends the bare text to
    /completions, for base models, and takes one line. `n_ctx` is a limit below the server's own, and the only limit if the
    server reports none (then 4,096 by default; Ollama truncates longer prompts silently). `timeout` is the longest
    silence in seconds, and the longest time for a reply of the tokenizer. `total_timeout` is the longest time for one
    answer, with all its tries. The `openai` client repeats a request up to `retries` times after a failed connection, a
    timeout, 408, 409, 429 and 5xx, with growing pauses, but never once an answer has begun. `concurrency` bounds the
    answers that are under way at a time, in all threads and event loops together.

    The server is not trusted. An answer may have 64 KiB, 4 KiB for each of `max_tokens` and twice the prompt, and is cut
    where it exceeds `max_tokens` by its log-probabilities, or 32 characters for each and 128 more. Other replies have
    4 MiB, and 12 bytes more for each byte of a text whose tokens are counted. Compressed replies are refused, redirects
    are not followed, and the key is masked in the server's words.

    `api_key` defaults to OPENAI_API_KEY at the first use. It is not a field: repr, trace, configuration and pickle omit it,
    so a copy in another process takes the key from its own environment.

    All text goes into one user message. Servers read control tokens in messages, so a string in untrusted text that the
    server's tokenizer would make a control token gets a blank inside. Ollama and OpenAI expose no tokenizer: for them only
    the common forms (<|…|>, </s>, [INST], …) are split, and others may get through. `LlamaCpp` has no such gap.

    Raises MissingExtra without the package openai. Raises BackendError, a ModelError, if the server does not answer,
    refuses, breaks off, exceeds a bound or sends a malformed reply, and ContextTooLong, before anything is sent, if a
    prompt leaves no room for `max_tokens`.

    >>> OpenAICompatible("http://127.0.0.1:8080", api_key="secret")
    OpenAICompatible(base_url='http://127.0.0.1:8080/v1', model=None, chat=True, n_ctx=None, timeout=600.0,
    total_timeout=1800.0, retries=3, concurrency=8)
    """

    reaches: ClassVar[tuple[Reach, ...]] = ("network",)

    base_url: str = "http://127.0.0.1:8080/v1"
    model: str | None = None
    chat: bool = True
    n_ctx: Annotated[WholeNumber, Field(ge=16)] | None = None
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 600.0
    total_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1800.0
    retries: Annotated[WholeNumber, Field(ge=0, le=20)] = 3
    concurrency: Annotated[WholeNumber, Field(ge=1, le=1000)] = 8  # the client keeps at most 1,000 connections
    _key: SecretStr | None = PrivateAttr(default=None)
    _opening: Any = PrivateAttr(default_factory=threading.Lock)
    _opened: Session | None = PrivateAttr(default=None)

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8080/v1",
        *,
        api_key: str | SecretStr | None = None,
        model: str | None = None,
        chat: bool = True,
        n_ctx: int | None = None,
        timeout: float = 600.0,
        total_timeout: float = 1800.0,
        retries: int = 3,
        concurrency: int = 8,
    ) -> None:
        openai_package("OpenAICompatible")  # a missing package is an error before anything is shaped
        super().__init__(
            base_url=checked_url(base_url),
            model=model,
            chat=chat,
            n_ctx=n_ctx,
            timeout=timeout,
            total_timeout=total_timeout,
            retries=retries,
            concurrency=concurrency,
        )
        self._key = SecretStr(checked_key(api_key, self.base_url)) if isinstance(api_key, str) else api_key

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """Returns the completion of each prompt, in their order; up to `concurrency` of them are computed at a time."""
        if not prompts:
            return []
        session = self._session()
        requests = session.requests(prompts, options)
        return session.connection.loop.run(lambda: session.answers(requests, options))

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """Yields the text that `generate` returns, in pieces; closing the iterator ends the request."""
        session, pieces = self._session(), SimpleQueue[str | None]()
        answer = session.start(session.requests([prompt], options, stream=True)[0], options, pieces.put)
        try:
            yield from iter(pieces.get, None)
            answer.result()  # raises if the answer failed
        finally:
            answer.cancel()

    async def agenerate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """`generate` for an event loop. Cancelling it closes its connections."""
        if not prompts:
            return []
        session = await asyncio.to_thread(self._session)
        requests = await asyncio.to_thread(session.requests, prompts, options)
        return await session.connection.loop.awaited(lambda: session.answers(requests, options))

    async def astream(self, prompt: Prompt, /, options: Generation = Generation()) -> AsyncIterator[str]:  # noqa: B008
        """`stream` for an event loop; `aclose()` or a cancellation ends the request."""
        session = await asyncio.to_thread(self._session)
        request = (await asyncio.to_thread(session.requests, [prompt], options, stream=True))[0]
        pieces, loop = asyncio.Queue[str | None](), asyncio.get_running_loop()
        answer = session.start(request, options, lambda piece: loop.call_soon_threadsafe(pieces.put_nowait, piece))
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            answer.result()
        finally:
            answer.cancel()

    def count_tokens(self, text: str, /) -> int:
        """Returns the number of tokens of `text` as untrusted text."""
        return self._session().count_tokens(text)

    def counter_name(self) -> str:
        """Returns the name of the token counter: the server's tokenizer, or the default counter."""
        return self._session().server.counter

    def context_length(self) -> int:
        """Returns the most tokens that a prompt and its answer may have together."""
        return self._session().context_length

    def close(self) -> None:
        """Closes the connections. The next call opens new ones and identifies the server again."""
        with self._opening:
            session, self._opened = self._opened, None
        if session is not None:
            session.connection.loop.stop()

    def _session(self) -> Session:
        with self._opening:
            if self._opened is None or not self._opened.connection.loop.is_alive:
                key = os.environ.get(KEY_VARIABLE, "") if self._key is None else self._key.get_secret_value()
                times = {"timeout": self.timeout, "total_timeout": self.total_timeout}
                connection = Connection(self.base_url, key, **times, retries=self.retries)
                self._opened = Session(connection, self.model, self.n_ctx, chat=self.chat, concurrency=self.concurrency)
            return self._opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # A copy in this process keeps the key, a pickle does not.

    def __copy__(self) -> Self:
        return type(self)(api_key=self._key, **self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

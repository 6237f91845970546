"""A server in use: prompts become requests, all checked before one is sent, and events become completions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import groupby
from typing import NamedTuple

import numpy as np

from ctxshape.backends.openai._answer import IncomingAnswer
from ctxshape.backends.openai._server import Server
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.passages import check_encodable
from ctxshape.errors import ContextTooLong, InvalidInput
from ctxshape.remote.connection import Connection

ASSUMED_CONTEXT = 4096  # if neither the server nor the caller gives one
# The bound for the bytes of an answer. An event of one token with its log-probability and its timings takes about 700.
ANSWER_BYTES, TOKEN_BYTES = 2**16, 2**12


class Request(NamedTuple):
    """The JSON for one prompt; `tokens` is the length of its text, or 0 if it was not counted.

    `limit` is the most bytes that the answer may have.
    """

    body: dict[str, object]
    tokens: int
    limit: int


class Session:
    """One path of a server: `/chat/completions`, or `/completions` for `chat=False`.

    At most `concurrency` answers are under way at a time, first come, first served, for callers in any thread and loop.
    """

    def __init__(self, connection: Connection, model: str | None, n_ctx: int | None, *, chat: bool, concurrency: int) -> None:
        self.connection, self._chat = connection, chat
        self.server = Server(connection, model, chat=chat)
        self._url = connection.base + ("/chat/completions" if chat else "/completions")
        self._turns = asyncio.Semaphore(concurrency)
        self.context_length = min((n for n in (n_ctx, self.server.n_ctx) if n is not None), default=ASSUMED_CONTEXT)

    def count_tokens(self, text: str) -> int:
        """Returns the number of tokens of an untrusted text as it would be sent."""
        check_encodable(text, "the text")
        return self.server.count(self.server.defused(text))

    def requests(self, prompts: Sequence[Prompt], options: Generation, *, stream: bool = False) -> list[Request]:
        """Returns a request for each prompt. Raises ContextTooLong if one does not fit.

        `stream` is for a caller who reads the pieces: always streamed, and without log-probabilities, with which
        llama_cpp.server loses every character of several tokens.
        """
        return [self._request(prompt, number, options, stream) for number, prompt in enumerate(prompts)]

    async def answers(self, requests: Sequence[Request], options: Generation) -> list[Completion]:
        """Returns the completions in the order of the requests; the first failure cancels the others."""
        tasks = [asyncio.create_task(self._answer(request, options)) for request in requests]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, request: Request, options: Generation, put: Callable[[str | None], object]) -> Future[Completion]:
        """Returns the future completion; `put` is called with each piece of it as soon as it is certain, and with None last."""
        answer = self.connection.loop.start(self._answer(request, options, lambda piece: put(piece) if piece else None))
        answer.add_done_callback(lambda _: put(None))
        return answer

    async def _answer(
        self, request: Request, options: Generation, put: Callable[[str], object] = lambda piece: None
    ) -> Completion:
        async with self._turns:
            incoming = IncomingAnswer(self._url, options, one_line=not self._chat, put=put)
            await self.connection.answer(self._url, request.body, incoming, limit=request.limit)
            incoming.end()
            return incoming.completion(request.tokens)

    def _request(self, prompt: Prompt, number: int, options: Generation, stream: bool) -> Request:
        text, server, seed = self._text(prompt), self.server, options.seed % 2**31
        tokens = self._checked(text, number + 1, options)
        if number:  # equal prompts of a batch draw differently
            seed = int(np.random.SeedSequence((options.seed, number)).generate_state(1)[0] >> 1)
        body: dict[str, object] = {"model": server.model, "max_tokens": options.max_tokens, "seed": seed}
        body |= {"temperature": options.temperature, "top_p": options.top_p, **server.extras(options)}
        body |= {"messages": [{"role": "user", "content": text}]} if self._chat else {"prompt": text}
        if not stream:  # with one alternative: llama_cpp.server gives no log-probabilities otherwise
            body |= {"logprobs": True, "top_logprobs": 1} if self._chat else {"logprobs": 1}
        streamed = stream or server.streams
        body |= {"stream": streamed, **({"stream_options": {"include_usage": True}} if streamed else {})}
        limit = ANSWER_BYTES + TOKEN_BYTES * options.max_tokens + 2 * len(text.encode())  # some servers repeat the prompt
        return Request(body, tokens, limit)

    def _text(self, prompt: Prompt) -> str:
        """Returns the text of a prompt; untrusted segments are defused together, since joined they could spell a marker."""
        runs = groupby(prompt.segments, key=lambda segment: segment.trusted)
        texts = ((trusted, "".join(segment.text for segment in run)) for trusted, run in runs)
        return "".join(text if trusted else self.server.defused(text) for trusted, text in texts)

    def _checked(self, text: str, number: int, options: Generation) -> int:
        """Returns the number of tokens of a prompt's text, or 0 for one that is too short to need counting."""
        check_encodable(text, f"prompt {number}")
        if not text and not self._chat:
            raise InvalidInput(f"prompt {number} is empty, and nothing is put around it; give it some text")
        server, limit = self.server, self.context_length
        # No token is shorter than a byte. (llama_cpp.server does not report the length of a prompt in a stream: it is counted.)
        if server.streams and len(text.encode()) + server.frame + options.max_tokens <= limit:
            return 0
        tokens = server.count(text) + server.frame
        if tokens + options.max_tokens > limit:
            raise ContextTooLong(
                f"prompt {number} has {tokens} tokens by {server.counter} and needs {options.max_tokens} for the answer, "
                f"but the context has {limit}; shape with a smaller budget, ask for fewer max_tokens, or give the server more "
                "context (and n_ctx=…, if the server does not report its own)"
            )
        return tokens

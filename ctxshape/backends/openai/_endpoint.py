"""A server in use: prompts to requests, checked before one is sent, and the pieces of each answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, NamedTuple

from ctxshape.backends.openai._events import Received
from ctxshape.backends.openai._http import Http
from ctxshape.backends.openai._sending import message_text, request_body, seed_of
from ctxshape.backends.openai._server import DEFAULT_CONTEXT, Server
from ctxshape.core.messages import Generation, Prompt
from ctxshape.core.passages import check_encodable
from ctxshape.errors import ContextTooLong, InvalidInput

if TYPE_CHECKING:
    import httpx


class Request(NamedTuple):
    """What is sent for one prompt; `tokens` is the length of its text, or 0 where it was not counted."""

    body: dict[str, object]
    tokens: int
    seed: int


class Endpoint:
    """One path of a server that completes: `/chat/completions`, or `/completions` for `chat=False`."""

    def __init__(self, http: Http, *, model: str | None, chat: bool, n_ctx: int | None) -> None:
        self.http, self._chat = http, chat
        self.server = Server(http, model, chat=chat)
        self._url = http.base + ("/chat/completions" if chat else "/completions")
        self.context_length = min((n for n in (n_ctx, self.server.n_ctx) if n is not None), default=DEFAULT_CONTEXT)

    def count_tokens(self, text: str) -> int:
        """Tokens of an untrusted text as it would be sent."""
        check_encodable(text, "the text")
        return self.server.count(self.server.defused(text))

    def requests(self, prompts: Sequence[Prompt], options: Generation, *, stream: bool = False) -> list[Request]:
        """What to send for each prompt. Raises ContextTooLong for any of them before one is sent.

        `stream` is for one who reads the pieces: always streamed, and without log-probabilities, which nobody sees then
        (and with which llama_cpp.server loses every character of several tokens).
        """
        server, made = self.server, []
        for number, prompt in enumerate(prompts):
            text, seed = message_text(prompt, server.defused), seed_of(options.seed, number)
            tokens = self._checked(text, number + 1, options)
            extras = {"model": server.model, "seed": seed, **server.extras(options)}
            streamed = stream or server.streams
            body = request_body(text, options, chat=self._chat, stream=streamed, logprobs=not stream, extras=extras)
            made.append(Request(body, tokens, seed))
        return made

    def received(self, options: Generation) -> Received:
        """An empty answer, whose time begins now."""
        return Received(options, self._url, one_line=not self._chat)

    def pieces(self, request: Request, received: Received) -> Generator[str]:
        """The pieces of an answer as they become certain, some of them empty; closing it closes the connection."""
        with closing(self.http.events(self._url, request.body, request.seed)) as events:
            for event in events:
                received.push(event)
                yield received.generated.take()
                if received.over:
                    break
        received.end()
        yield received.generated.take()

    async def apieces(self, client: httpx.AsyncClient, request: Request, received: Received) -> AsyncGenerator[str]:
        """`pieces` for an event loop."""
        async with aclosing(self.http.aevents(client, self._url, request.body, request.seed)) as events:
            async for event in events:
                received.push(event)
                yield received.generated.take()
                if received.over:
                    break
        received.end()
        yield received.generated.take()

    def _checked(self, text: str, number: int, options: Generation) -> int:
        """Tokens of a prompt's text, or 0 where it is short enough not to be counted."""
        check_encodable(text, f"prompt {number}")
        if not text and not self._chat:
            raise InvalidInput(f"prompt {number} is empty, and nothing is put around it; give it some text")
        server, limit = self.server, self.context_length
        # No token is shorter than a byte. (llama_cpp.server does not tell the prompt's tokens in a stream: it is counted.)
        if server.streams and len(text.encode()) + server.frame + options.max_tokens <= limit:
            return 0
        tokens = server.count(text) + server.frame
        if tokens + options.max_tokens > limit:
            raise ContextTooLong(
                f"prompt {number} has {tokens} tokens by {server.counted_by} and needs {options.max_tokens} for the answer, "
                f"but the context has {limit}; shape with a smaller budget, ask for fewer max_tokens, or give the server more "
                "context (and n_ctx=…, where the server does not tell its own)"
            )
        return tokens

"""What an OpenAI-compatible server sends: bytes to events, and events to one completion."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.core.messages import Completion, Generation
from ctxshape.errors import ModelError

Event = Mapping[str, Any]


class Decoder:
    r"""Bytes of a response to events: server-sent events (WHATWG HTML, 9.2), or one JSON body.

    Lines end at a line feed alone: a JSON text may hold other characters that Python takes for line ends.

    >>> decoder = Decoder("text/event-stream")
    >>> list(decoder.feed(b': ping\n\ndata: {"a"')), list(decoder.feed(b': 1}\r\n\r\ndata: [DONE]\n\n'))
    ([], [{'a': 1}])
    """

    def __init__(self, content_type: str, url: str = "the server") -> None:
        self._streamed = content_type.startswith("text/event-stream")
        self._url = url
        self._rest = bytearray()
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are complete now; those before a faulty one are given before the error is raised."""
        self._rest += data
        if self._streamed:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                yield from self._take(bytes(line).removesuffix(b"\r"))

    def end(self) -> Iterator[Event]:
        """The last event, when nothing more comes."""
        if self._streamed:
            yield from self._take(bytes(self._rest))
            yield from self._take(b"")
        else:
            yield self._parse(bytes(self._rest))

    def _take(self, line: bytes) -> Iterator[Event]:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        if not line and self._data:
            data, self._data = b"\n".join(self._data), []
            if data.strip() != b"[DONE]":
                yield self._parse(data)

    def _parse(self, data: bytes) -> Event:
        try:
            event = json.loads(data)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise ModelError(f"{self._url} sent what is no JSON object: {data[:80]!r}; is it an OpenAI-compatible server?")
        if event.get("error"):
            raise ModelError(f"{self._url} failed while it answered: {str(event['error'])[:300]!r}; check the server's log")
        return event


class Received:
    """A completion as it comes in. Stop strings are found here, as for a local model, and not by the server."""

    def __init__(self, options: Generation, url: str, *, one_line: bool) -> None:
        self.generated = GeneratedText(options, one_line=one_line)
        self._url, self._max_tokens = url, options.max_tokens
        self._started, self._first = perf_counter(), 0.0
        self._finish = ""
        self._logprobs: list[float] = []
        self._starts: list[int] = []
        self._usage: Mapping[str, Any] = {}
        self._timings: Mapping[str, Any] = {}

    @property
    def over(self) -> bool:
        """Whether the answer has ended, whatever else comes."""
        return self.generated.stopped or self.generated.line_ended

    def push(self, event: Event) -> None:
        """Add an event: a piece of the text, its log-probabilities, or the final figures."""
        self._usage = event.get("usage") or self._usage
        self._timings = event.get("timings") or self._timings
        for choice in event.get("choices") or ():
            text = (choice.get("delta") or choice.get("message") or {}).get("content") or choice.get("text") or ""
            self._finish = choice.get("finish_reason") or self._finish
            tokens = _tokens(choice.get("logprobs") or {})
            if (text or tokens) and not self._first:
                self._first = perf_counter()
            start = self.generated.length
            for token, logprob in tokens:
                self._starts.append(start)
                self._logprobs.append(min(logprob, 0.0))
                start += len(token)
            # A lone surrogate, which JSON can hold, is no text.
            self.generated.push(text.encode("utf-8", "replace"))

    def end(self) -> None:
        """Nothing more comes. Raises ModelError where the server did not finish."""
        if not self.over and not self._finish:
            raise ModelError(
                f"{self._url} ended its answer after {self.generated.length} characters without a finish reason; ask again "
                "(llama_cpp.server breaks off a stream when another request comes, unless --interrupt_requests false)"
            )
        self.generated.finish()

    def completion(self, counted: int) -> Completion:
        """The whole; `counted` are the prompt's tokens for a server that does not tell them."""
        text, ended = self.generated.text, perf_counter()
        # A server may exceed max_tokens to finish a character of several tokens.
        kept = min(sum(start < len(text) or not self.over for start in self._starts), self._max_tokens)
        timings, usage = self._timings, self._usage
        prompt = int(usage.get("prompt_tokens") or timings.get("cache_n", 0) + timings.get("prompt_n", 0) or counted)
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        first = self._first or ended
        return Completion(
            text=text,
            finish="stop" if self.generated.stopped else "length" if self._finish == "length" and not self.over else "end",
            logprobs=tuple(self._logprobs[:kept]),
            prompt_tokens=prompt,
            computed_tokens=float(timings.get("prompt_n", prompt - cached)),
            prefill_seconds=timings["prompt_ms"] / 1000 if timings else first - self._started,
            decode_seconds=timings["predicted_ms"] / 1000 if timings else ended - first,
        )


def _tokens(logprobs: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Tokens with their log-probabilities, from the two forms there are.

    >>> _tokens({"content": [{"token": "a", "logprob": -0.5}]}), _tokens({"tokens": ["a"], "token_logprobs": [-0.5]})
    ([('a', -0.5)], [('a', -0.5)])
    """
    if logprobs.get("content"):
        return [(str(item["token"]), float(item["logprob"])) for item in logprobs["content"]]
    pairs = zip(logprobs.get("tokens") or (), logprobs.get("token_logprobs") or (), strict=False)
    return [(str(token), float(logprob)) for token, logprob in pairs if logprob is not None]

"""A completion from the events of a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Any

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.core.messages import Completion, Generation
from ctxshape.errors import BackendError
from ctxshape.remote.decoding import Malformed, count_of, list_of, logprob_of, object_of, text_of

# The most text that a server may send for max_tokens. No vocabulary has longer tokens on average: 4 to 5 in prose.
SPARE_CHARACTERS, TOKEN_CHARACTERS = 128, 32
SPARE_TOKENS = 3  # a server may exceed max_tokens to finish a character of several tokens


class IncomingAnswer:
    """An answer as it arrives. Stop strings are found here, as for a local model, and not by the server.

    `generated` is the text so far; `put` receives each piece as soon as it is certain. A server that sends more than
    `max_tokens` is cut off, and the answer then ends by its length.
    """

    def __init__(
        self, url: str, options: Generation, *, one_line: bool, put: Callable[[str], object] = lambda piece: None
    ) -> None:
        self.generated = GeneratedText(options, one_line=one_line)
        self._url, self._max_tokens, self._put = url, options.max_tokens, put
        self._started, self._first, self._finish = perf_counter(), 0.0, ""
        self._full = False
        self._tokens: list[tuple[int, float]] = []  # where each begins in the text, and its log-probability
        self._begins: list[int] = []  # the same, of those that have a text
        self._measured: dict[str, float] = {}

    @property
    def finished(self) -> bool:
        """True once the server has given a finish reason."""
        return bool(self._finish)

    @property
    def enough(self) -> bool:
        """True once nothing more of the answer is wanted."""
        return self.generated.ended or self._full

    def push(self, event: Any, /) -> None:  # noqa: ANN401  JSON
        """Adds an event. Raises Malformed for one that has another form than OpenAI's."""
        if not isinstance(event, dict):
            raise Malformed("the event is no object")
        self._measured |= _measurements(event)
        for place, choice in enumerate(list_of(event.get("choices"), "choices")):
            choice = object_of(choice, "choice")
            if count_of(choice.get("index", place), "index") == 0 and not self.enough:  # one answer was asked for
                self._push(choice)

    def _push(self, choice: Mapping[str, Any]) -> None:
        said = next((object_of(choice[name], name) for name in ("delta", "message") if choice.get(name)), choice)
        text = text_of(said.get("content"), "content") or text_of(choice.get("text"), "text")
        text = text or text_of(said.get("refusal"), "refusal")
        self._finish = text_of(choice.get("finish_reason"), "finish_reason") or self._finish
        start = self.generated.length
        for token, logprob in _logprobs(object_of(choice.get("logprobs"), "logprobs")):
            self._tokens.append((start, logprob))
            self._begins += [start] if token else []
            start += len(token)
        if not self._first and (text or self._tokens):
            self._first = perf_counter()
        room = SPARE_CHARACTERS + TOKEN_CHARACTERS * self._max_tokens
        if len(self._begins) > self._max_tokens + SPARE_TOKENS:
            room = min(room, self._begins[self._max_tokens])
        room = max(0, room - self.generated.length)
        if text:  # JSON can hold a lone surrogate, which is no text
            self.generated.push(text[:room].encode("utf-8", "replace"))
        if len(text) > room:
            self._full, self._finish = True, "length"
            self.generated.finish()
        self._put(self.generated.take())

    def end(self) -> None:
        """Marks the end of the events. Raises BackendError if the server did not finish."""
        if not self.generated.ended and not self._finish:
            raise BackendError(
                f"{self._url} ended its answer after {self.generated.length} characters without a finish reason; ask again "
                "(llama_cpp.server breaks off a stream for the next request, unless --interrupt_requests false)",
                status=200,
            )
        if self._finish in ("tool_calls", "function_call") and not self.generated.length:
            said = f"{self._url} answered with a call of a tool, although none was offered; give another model=…"
            raise BackendError(said, status=200)
        self.generated.finish()
        self._put(self.generated.take())

    def completion(self, counted: int) -> Completion:
        """Returns the whole answer; `counted` is the length of the prompt, for a server that does not report it."""
        generated, measured, ended = self.generated, self._measured, perf_counter()
        first, prompt = self._first or ended, int(measured.get("prompt_tokens") or counted)
        logprobs = [logprob for start, logprob in self._tokens if start < len(generated.text) or not generated.ended]
        return Completion(
            text=generated.text,
            finish="stop" if generated.stopped else "length" if self._finish == "length" and not generated.ended else "end",
            logprobs=tuple(logprobs[: self._max_tokens]),  # a server may exceed it to finish a character of several tokens
            prompt_tokens=prompt,
            computed_tokens=measured.get("computed", max(0.0, prompt - measured.get("cached", 0.0))),
            prefill_seconds=measured.get("prefill", first - self._started),
            decode_seconds=measured.get("decode", ended - first),
        )


def _measurements(event: Mapping[str, Any]) -> dict[str, float]:
    """Returns the numbers of an event: OpenAI's `usage`, and the `timings` that llama-server adds.

    >>> _measurements({"usage": {"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 12}}})
    {'prompt_tokens': 30.0, 'cached': 12.0}
    """
    usage, timings = object_of(event.get("usage"), "usage"), object_of(event.get("timings"), "timings")
    found: dict[str, float] = {}
    if timings:
        computed = _required(timings, "prompt_n")
        found = {"prompt_tokens": count_of(timings.get("cache_n"), "cache_n") + computed, "computed": computed}
        found["prefill"] = _required(timings, "prompt_ms") / 1000
        found["decode"] = _required(timings, "predicted_ms") / 1000
    if prompt := count_of(usage.get("prompt_tokens"), "prompt_tokens"):
        details = object_of(usage.get("prompt_tokens_details"), "prompt_tokens_details")
        found |= {"prompt_tokens": prompt, "cached": count_of(details.get("cached_tokens"), "cached_tokens")}
    return found


def _required(timings: Mapping[str, Any], name: str) -> float:
    if timings.get(name) is None:
        raise Malformed(f"'timings' lacks {name!r}")
    return count_of(timings[name], name)


def _logprobs(logprobs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yields tokens with their log-probabilities, from the form of /chat/completions or of /completions.

    >>> [*_logprobs({"content": [{"token": "a", "logprob": -0.5}]}), *_logprobs({"tokens": ["a"], "token_logprobs": [-0.5]})]
    [('a', -0.5), ('a', -0.5)]
    """
    chat = [object_of(item, "content") for item in list_of(logprobs.get("content"), "content")]
    for item in chat:
        yield text_of(item.get("token"), "token"), logprob_of(item.get("logprob"))
    tokens, values = (() if chat else list_of(logprobs.get(name), name) for name in ("tokens", "token_logprobs"))
    for token, value in zip(tokens, values, strict=False):
        if value is not None:
            yield text_of(token, "token"), logprob_of(value)

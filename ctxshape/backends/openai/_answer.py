"""A completion from the events of a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.core.messages import Completion, Generation
from ctxshape.errors import ModelError


class IncomingAnswer:
    """An answer as it arrives. Stop strings are found here, as for a local model, and not by the server.

    `generated` is the text so far.
    """

    def __init__(self, url: str, options: Generation, *, one_line: bool) -> None:
        self.generated = GeneratedText(options, one_line=one_line)
        self._url, self._max_tokens = url, options.max_tokens
        self._started, self._first, self._finish = perf_counter(), 0.0, ""
        self._tokens: list[tuple[int, float]] = []  # where each begins in the text, and its log-probability
        self._measured: dict[str, float] = {}

    def push(self, event: Any) -> None:  # noqa: ANN401  JSON
        """Adds an event. Raises ModelError for one that has another form than OpenAI's."""
        try:
            self._measured |= _measurements(event)
            for choice in event.get("choices") or ():
                self._push(choice)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{self._url} sent a malformed event ({type(error).__name__}: {error}): {str(event)[:200]}; "
                "is it an OpenAI-compatible server?"
            ) from None

    def _push(self, choice: Mapping[str, Any]) -> None:
        text = (choice.get("delta") or choice.get("message") or choice).get("content") or choice.get("text") or ""
        self._finish = choice.get("finish_reason") or self._finish
        start = self.generated.length
        for token, logprob in _logprobs(choice.get("logprobs") or {}):
            self._tokens.append((start, min(float(logprob), 0.0)))
            start += len(token)
        if not self._first and (text or self._tokens):
            self._first = perf_counter()
        self.generated.push(text.encode("utf-8", "replace"))  # JSON can hold a lone surrogate, which is no text

    def end(self) -> None:
        """Marks the end of the events. Raises ModelError if the server did not finish."""
        if not self.generated.ended and not self._finish:
            raise ModelError(
                f"{self._url} ended its answer after {self.generated.length} characters without a finish reason; ask again "
                "(llama_cpp.server breaks off a stream for the next request, unless --interrupt_requests false)"
            )
        self.generated.finish()

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
            computed_tokens=measured.get("computed", prompt - measured.get("cached", 0.0)),
            prefill_seconds=measured.get("prefill", first - self._started),
            decode_seconds=measured.get("decode", ended - first),
        )


def _measurements(event: Mapping[str, Any]) -> dict[str, float]:
    """Returns the numbers of an event: OpenAI's `usage`, and the `timings` that llama-server adds.

    >>> _measurements({"usage": {"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 12}}})
    {'prompt_tokens': 30.0, 'cached': 12.0}
    """
    usage, timings, found = event.get("usage") or {}, event.get("timings") or {}, {}
    if timings:
        found = {"prompt_tokens": timings.get("cache_n", 0) + timings["prompt_n"], "computed": timings["prompt_n"]}
        found |= {"prefill": timings["prompt_ms"] / 1000, "decode": timings["predicted_ms"] / 1000}
    if usage.get("prompt_tokens"):
        found["prompt_tokens"] = usage["prompt_tokens"]
        found["cached"] = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return {name: float(value) for name, value in found.items()}


def _logprobs(logprobs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yields tokens with their log-probabilities, from the form of /chat/completions or of /completions.

    >>> [*_logprobs({"content": [{"token": "a", "logprob": -0.5}]}), *_logprobs({"tokens": ["a"], "token_logprobs": [-0.5]})]
    [('a', -0.5), ('a', -0.5)]
    """
    chat = [(item["token"], item["logprob"]) for item in logprobs.get("content") or ()]
    for token, logprob in chat or zip(logprobs.get("tokens") or (), logprobs.get("token_logprobs") or (), strict=False):
        if logprob is not None:
            yield token, logprob

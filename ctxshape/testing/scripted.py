"""A backend without a model, for tests: it answers by a rule, and keeps the limits a real one has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from ctxshape.component import Component
from ctxshape.errors import ContextTooLong
from ctxshape.exchange import Completion, Generation, Prompt
from ctxshape.tokens import EstimateCounter


class ScriptedBackend(Component):
    """Replies with a fixed text, or with what a function makes of the prompt's text.

    It counts as EstimateCounter does, cuts at stop strings and `max_tokens`, raises ContextTooLong as a real backend
    does, and gives every token the log-probability `logprob`.

    >>> from ctxshape.exchange import Segment
    >>> prompt = Prompt(lead=(), documents=(Segment(text="Paris is in France."),), tail=())
    >>> ScriptedBackend(reply=lambda text: "In France" if "Paris" in text else "?").generate([prompt])[0].text
    'In France'
    """

    reply: str | Callable[[str], str] = "answer"
    n_ctx: Annotated[int, Field(ge=1)] = 4096
    logprob: Annotated[float, Field(le=0)] = -0.1

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completion of each prompt."""
        for number, prompt in enumerate(prompts, 1):
            self._check(prompt, options, number)
        return [self._complete(prompt, options) for prompt in prompts]

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The completion, word by word."""
        yield from re.findall(r"\S+\s*", self.generate([prompt], options)[0].text)

    def count_tokens(self, text: str, /) -> int:
        """Estimated tokens of `text`."""
        return EstimateCounter().count_tokens(text)

    def context_length(self) -> int:
        """`n_ctx`."""
        return self.n_ctx

    def _check(self, prompt: Prompt, options: Generation, number: int) -> None:
        tokens = self.count_tokens(prompt.text)
        if tokens + options.max_tokens > self.n_ctx:
            raise ContextTooLong(
                f"prompt {number} has {tokens} tokens and needs {options.max_tokens} for the answer, but n_ctx is "
                f"{self.n_ctx}; shape with a smaller budget or raise n_ctx"
            )

    def _complete(self, prompt: Prompt, options: Generation) -> Completion:
        text = self.reply if isinstance(self.reply, str) else self.reply(prompt.text)
        found = (text.find(stop, options.begin(text) if stop.isspace() else 0) for stop in options.stop)
        ends = [place for place in found if place >= 0]
        pieces = re.findall(r"\S+\s*", text[: min(ends)] if ends else text)
        prompt_tokens = self.count_tokens(prompt.text)
        return Completion(
            text="".join(pieces[: options.max_tokens]),
            finish="length" if len(pieces) > options.max_tokens else "stop" if ends else "end",
            logprobs=(self.logprob,) * min(len(pieces), options.max_tokens),
            prompt_tokens=prompt_tokens,
            computed_tokens=float(prompt_tokens),
        )

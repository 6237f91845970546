"""A backend without a model, for tests: it answers by a rule, and keeps the limits a real one has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import Scores
from ctxshape.core.tokens import EstimateCounter
from ctxshape.errors import ContextTooLong


class ScriptedBackend(Component):
    """Replies with a fixed text, or with what a function makes of the prompt's text.

    It counts as EstimateCounter does, cuts at stop strings and `max_tokens`, raises ContextTooLong as a real backend
    does, and gives every token the log-probability `logprob`. `likelihood`, a function of a prompt's text and its
    continuation, gives the log-probabilities of the continuation's tokens in place of `logprob` for each of its words.

    >>> from ctxshape.core.messages import Segment
    >>> prompt = Prompt(lead=(), documents=(Segment(text="Paris is in France."),), tail=())
    >>> ScriptedBackend(reply=lambda text: "In France" if "Paris" in text else "?").generate([prompt])[0].text
    'In France'
    """

    reply: str | Callable[[str], str] = "answer"
    n_ctx: Annotated[int, Field(ge=1)] = 4096
    logprob: Annotated[float, Field(le=0)] = -0.1
    likelihood: Callable[[str, str], Sequence[float]] | None = None

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completion of each prompt."""
        for number, prompt in enumerate(prompts, 1):
            self._check(prompt, number, options.max_tokens, "answer")
        return [self._complete(prompt, options) for prompt in prompts]

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The completion, word by word."""
        yield from re.findall(r"\S+\s*", self.generate([prompt], options)[0].text)

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]:
        """The log-probabilities of each continuation's tokens."""
        pairs = list(zip(prompts, continuations, strict=True))
        for number, (prompt, text) in enumerate(pairs, 1):
            self._check(prompt, number, self.count_tokens(text), "continuation")
        likelihood = self.likelihood or (lambda _, text: [self.logprob] * len(re.findall(r"\S+\s*", text)))
        return [np.array(likelihood(prompt.text, text), np.float64) for prompt, text in pairs]

    def count_tokens(self, text: str, /) -> int:
        """Estimated tokens of `text`."""
        return EstimateCounter().count_tokens(text)

    def context_length(self) -> int:
        """`n_ctx`."""
        return self.n_ctx

    def _check(self, prompt: Prompt, number: int, more: int, what: str) -> None:
        tokens = self.count_tokens(prompt.text)
        if tokens + more > self.n_ctx:
            raise ContextTooLong(
                f"prompt {number} has {tokens} tokens and needs {more} for the {what}, but n_ctx is "
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


class ScriptedSegments(ScriptedBackend):
    """A scripted backend that reads documents in any order, or side by side, as one that keeps their states does.

    A prompt whose documents are moved is shown with them in that order, as they stand; side by side they are shown as
    they are given.

    >>> from ctxshape.core.messages import Segment
    >>> prompt = Prompt(lead=(), documents=(Segment(text="A "), Segment(text="B ")), tail=(Segment(text="?"),))
    >>> [reply.text for reply in ScriptedSegments(reply=lambda text: text).generate_orders(prompt, [[0, 1], [1, 0]])]
    ['A B ?', 'B A ?']
    >>> ScriptedSegments(reply=lambda text: text).generate_windows(prompt).text
    'A B ?'
    """

    def generate_orders(
        self,
        prompt: Prompt,
        orders: Sequence[Sequence[int]],
        /,
        options: Generation = Generation(),  # noqa: B008
    ) -> list[Completion]:
        """The completion for each order of the prompt's documents."""
        moved = [tuple(prompt.documents[number] for number in order) for order in orders]
        return self.generate([prompt.model_copy(update={"documents": documents}) for documents in moved], options)

    def generate_windows(self, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        """The completion over the documents."""
        return self.generate([prompt], options)[0]

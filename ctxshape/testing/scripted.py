"""Backends and an attention probe without a model, for tests: they follow a rule and the limits of real ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from ctxshape.core.attention import AttentionMap, DocumentCells
from ctxshape.core.component import Component
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import Scores
from ctxshape.core.reach import Reach
from ctxshape.core.tokens import EstimateCounter
from ctxshape.errors import ContextTooLong
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK, FUNCTION_WORDS, tokens

_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+|[^\w\s]")


class ScriptedBackend(Component):
    """Replies with a fixed text, or with the result of a function of the prompt's text.

    It counts tokens like EstimateCounter, cuts at stop strings and `max_tokens`, and raises ContextTooLong like a real backend.
    Every token has the log-probability `logprob`. `likelihood`, a function of the prompt's text and the continuation, returns
    the log-probabilities of the continuation's tokens instead of `logprob` for each of its words.

    >>> from ctxshape.core.messages import Segment
    >>> prompt = Prompt(lead=(), documents=(Segment(text="Paris is in France."),), tail=())
    >>> ScriptedBackend(reply=lambda text: "In France" if "Paris" in text else "?").generate([prompt])[0].text
    'In France'
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    reply: str | Callable[[str], str] = "answer"
    n_ctx: Annotated[int, Field(ge=1)] = 4096
    logprob: Annotated[float, Field(le=0)] = -0.1
    likelihood: Callable[[str, str], Sequence[float]] | None = None

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """Returns the completion of each prompt."""
        for number, prompt in enumerate(prompts, 1):
            self._check(prompt, number, options.max_tokens, "answer")
        return [self._complete(prompt, options) for prompt in prompts]

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """Yields the completion, word by word."""
        yield from re.findall(r"\S+\s*", self.generate([prompt], options)[0].text)

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]:
        """Returns the log-probabilities of each continuation's tokens."""
        pairs = list(zip(prompts, continuations, strict=True))
        for number, (prompt, text) in enumerate(pairs, 1):
            self._check(prompt, number, self.count_tokens(text), "continuation")
        likelihood = self.likelihood or (lambda _, text: [self.logprob] * len(re.findall(r"\S+\s*", text)))
        return [np.array(likelihood(prompt.text, text), np.float64) for prompt, text in pairs]

    def count_tokens(self, text: str, /) -> int:
        """Returns the estimated number of tokens of `text`."""
        return EstimateCounter().count_tokens(text)

    def context_length(self) -> int:
        """Returns `n_ctx`."""
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
    """A scripted backend that reads documents in any order, or side by side, like one that reuses documents.

    For `generate_orders` it sees the prompt with its documents in that order, for `generate_windows` the prompt as given.

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
        """Returns the completion for each order of the prompt's documents."""
        moved = [tuple(prompt.documents[number] for number in order) for order in orders]
        return self.generate([prompt.model_copy(update={"documents": documents}) for documents in moved], options)

    def generate_windows(self, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        """Returns the completion over the documents."""
        return self.generate([prompt], options)[0]


class ScriptedProbe(Component):
    """Gives every word 1 part of attention, words of the question `match` parts, and the lead half of all attention.

    It has two layers of two heads. All heads are alike except the last, which attends to every word equally.

    >>> question = (Segment(text="Where is Paris?"),)
    >>> prompt = Prompt(lead=(), documents=(Segment(text="Rome"), Segment(text="Paris")), tail=question)
    >>> ScriptedProbe(match=3).attend(prompt).by_document([(0, 0)]).round(3).tolist()
    [0.125, 0.375]
    """

    match: Annotated[float, Field(ge=1)] = 4.0

    def attend(self, prompt: Prompt, /) -> AttentionMap:
        """Returns the map, in which the lead is one cell and so is the question."""
        questions = [segment.text for segment in prompt.tail if not segment.trusted]
        wanted = set(tokens(questions[-1] if questions else "")) - FUNCTION_WORDS
        documents: list[DocumentCells] = []
        parts: list[float] = []
        for segment in prompt.documents:
            found = list(_WORD.finditer(segment.text))
            documents.append(_part(segment, [match.start() for match in found], 1 + len(parts)))
            parts += [self.match if set(tokens(match[0])) & wanted else 1.0 for match in found]
        rows = [_row(parts)] * 3 + [_row([1.0] * len(parts))]
        weights = np.array(rows, np.float32).reshape(2, 2, len(parts) + 2)
        return AttentionMap(weights=weights, layers=(0, 1), heads=(2, 2), documents=tuple(documents), asking=1)


def _part(segment: Segment, offsets: list[int], start: int) -> DocumentCells:
    return DocumentCells(
        document=segment.document,
        text=segment.text,
        start=start,
        stop=start + len(offsets),
        offsets=tuple(offsets),
        sentences=tuple(sentences(segment.text)),
    )


def _row(parts: list[float]) -> list[float]:
    rest = 0.5 if parts else 1.0
    return [rest, *(part / sum(parts) * 0.5 for part in parts), 0.0]

"""What goes to a model and what comes back: segments, prompts, options, completions, answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ctxshape.core.types import Frozen, Span, Trace


class Segment(Frozen):
    """A piece of a prompt that is tokenized by itself.

    Control tokens are recognised only where `trusted`; text that was retrieved or typed by a user never is.
    `document` is the id of the one document it shows.
    """

    text: str
    trusted: bool = False
    document: str | None = None


class Prompt(Frozen):
    """One user message in three parts; the backend adds its model's chat template around it."""

    lead: tuple[Segment, ...]
    documents: tuple[Segment, ...]
    tail: tuple[Segment, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All segments in reading order."""
        return self.lead + self.documents + self.tail

    @property
    def text(self) -> str:
        """The message as one string."""
        return "".join(segment.text for segment in self.segments)


class Generation(Frozen):
    """How to generate: greedy at temperature 0, else sampled with `seed` from the `top_k` / `top_p` nucleus.

    `top_k` 0 and `top_p` 1 switch those filters off. A stop string ends the answer and is not part of it; one of white
    space alone counts only from where the answer begins (see `begin`), since chat models often open with a newline.
    `opening` are words, such as "Answer:", that a model may repeat before it answers.
    """

    max_tokens: Annotated[int, Field(ge=1)] = 64
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    top_k: Annotated[int, Field(ge=0)] = 40
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    seed: Annotated[int, Field(ge=0)] = 0
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    opening: str = ""

    def begin(self, text: str) -> int:
        r"""Where in `text` the answer begins: behind white space and the opening; its end as long as there is no more.

        >>> options = Generation(opening="Answer:")
        >>> options.begin("\n Answer:\nParis"), options.begin("\nAns"), options.begin(" Paris")
        (10, 4, 1)
        """
        start = len(text) - len(text.lstrip())
        rest = text[start:]
        if self.opening.startswith(rest):
            return len(text)
        if not self.opening or not rest.startswith(self.opening):
            return start
        return len(text) - len(rest[len(self.opening) :].lstrip())


class Completion(Frozen):
    """One generated text.

    `logprobs` are natural logarithms, one per generated token, of the untempered distribution. `prompt_tokens`
    is the length of the prompt and `computed_tokens` the part of it that this call had to compute: of a prefix
    that several prompts share, each carries its part. Seconds are this completion's part of the batch.
    """

    text: str
    finish: Literal["stop", "length", "end"] = "end"
    logprobs: tuple[float, ...] = ()
    prompt_tokens: int = 0
    computed_tokens: float = 0.0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0

    @property
    def mean_logprob(self) -> float:
        """Mean log-probability of the generated tokens; minus infinity for an empty text."""
        return sum(self.logprobs) / len(self.logprobs) if self.logprobs else float("-inf")


class Usage(Frozen):
    """What an answer cost: tokens of its prompts, tokens computed and generated, and seconds by stage."""

    prompt_tokens: int = 0
    computed_tokens: float = 0.0
    completion_tokens: int = 0
    shape_seconds: float = 0.0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0

    @classmethod
    def of(cls, completions: list[Completion]) -> Usage:
        """The sum over completions.

        >>> usage = Usage.of([Completion(text="a", logprobs=(-1.0,), prompt_tokens=9), Completion(text="b", prompt_tokens=7)])
        >>> usage.prompt_tokens, usage.completion_tokens
        (16, 1)
        """
        return cls(
            prompt_tokens=sum(c.prompt_tokens for c in completions),
            computed_tokens=sum(c.computed_tokens for c in completions),
            completion_tokens=sum(len(c.logprobs) for c in completions),
            prefill_seconds=sum(c.prefill_seconds for c in completions),
            decode_seconds=sum(c.decode_seconds for c in completions),
        )


class Vote(Frozen):
    """One reading of the documents in one order, and the normalised answer it counts for."""

    text: str
    normalized: str
    order: tuple[str, ...]
    mean_logprob: float


class Answer(Frozen):
    """An answer with its evidence.

    `citations` are spans of original documents that hold the answer's words. `agreement` is the share of votes
    that the answer won (1.0 without a vote). `abstained` says that the model, or an empty list, gave no answer.
    """

    text: str
    citations: tuple[Span, ...] = ()
    votes: tuple[Vote, ...] = ()
    agreement: float = 1.0
    abstained: bool = False
    usage: Usage = Usage()
    trace: Trace = Trace()

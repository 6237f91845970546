"""The messages to and from a model: segments, prompts, options, completions, answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ctxshape.core.types import Frozen, Span, Trace
from ctxshape.core.validation import WholeNumber


class Segment(Frozen):
    """A piece of a prompt that is tokenized by itself.

    Control tokens are recognized only if `trusted`. Text that was retrieved or typed by a user is never trusted.
    `document` is the id of the document that the segment shows.
    """

    text: str
    trusted: bool = False
    document: str | None = None


class Prompt(Frozen):
    """One user message in three parts. The backend wraps it in the chat template of its model."""

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
    """The options of generation: greedy at `temperature` 0, otherwise sampled with `seed`.

    - `max_tokens`: the limit of generated tokens.
    - `top_k`, `top_p`: sampling is restricted to the most probable tokens. 0 and 1 switch these filters off.
    - `stop`: a stop string ends the answer and is not part of it. A stop string of white space alone counts only from
      the beginning of the answer (see `begin`), since chat models often open with a newline.
    - `opening`: words such as "Answer:" that a model may repeat before it answers.
    """

    max_tokens: Annotated[WholeNumber, Field(ge=1)] = 64
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    top_k: Annotated[WholeNumber, Field(ge=0)] = 40
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    seed: Annotated[WholeNumber, Field(ge=0)] = 0
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    opening: str = ""

    def begin(self, text: str) -> int:
        r"""Returns the index at which the answer begins in `text`, behind white space and the opening.

        It is the length of `text` as long as the answer has not begun.

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

    - `finish`: a stop string, the token limit, or the model's own end.
    - `logprobs`: the natural log-probability of each generated token, at temperature 1.
    - `prompt_tokens`: the length of the prompt. `computed_tokens`: the part of it that this call had to compute; the cost
      of a shared prefix is divided among its prompts.
    - `prefill_seconds`, `decode_seconds`: this completion's share of the batch.
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
        """The mean log-probability of the generated tokens; minus infinity without log-probabilities."""
        return sum(self.logprobs) / len(self.logprobs) if self.logprobs else float("-inf")


class Usage(Frozen):
    """The cost of an answer: prompt tokens, computed and generated tokens, and the seconds of each stage."""

    prompt_tokens: int = 0
    computed_tokens: float = 0.0
    completion_tokens: int = 0
    shape_seconds: float = 0.0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0

    @classmethod
    def of(cls, completions: list[Completion]) -> Usage:
        """Returns the total cost of the completions.

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
    """The answer of one reading, the order of the documents it read, and the normalized answer it votes for."""

    text: str
    normalized: str
    order: tuple[str, ...]
    mean_logprob: float


class Answer(Frozen):
    """An answer with its evidence.

    `citations` are spans of original documents that support the answer. `agreement` is the share of votes that the answer
    won (1.0 without a vote). `abstained` is true if the model gave no answer or there was no text to read.
    """

    text: str
    citations: tuple[Span, ...] = ()
    votes: tuple[Vote, ...] = ()
    agreement: float = 1.0
    abstained: bool = False
    usage: Usage = Usage()
    trace: Trace = Trace()

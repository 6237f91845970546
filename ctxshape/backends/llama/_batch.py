"""Answers to several prompts at once: shared beginnings computed once, then one step for all at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.backends.llama._prefixes import Tokens, computed, prefix_levels
from ctxshape.backends.llama._sampling import Row, next_token
from ctxshape.backends.llama._sequences import Run, Sequences
from ctxshape.backends.llama._vocabulary import Vocabulary
from ctxshape.core.messages import Completion, Generation


class Reply:
    """The answer to one prompt as it grows. `number` is its place among the prompts and, with the seed, its chance."""

    def __init__(self, tokens: Tokens, number: int, options: Generation, vocabulary: Vocabulary, *, one_line: bool) -> None:
        self.tokens = tokens
        self.number = number
        self.options = options
        self.generated = GeneratedText(options, one_line=one_line)
        self.finish: str | None = None
        self.written: list[int] = []
        self.end = len(tokens)  # the position behind the prompt
        self.prefill_seconds = self.decode_seconds = self.computed = 0.0
        self._logprobs: list[float] = []
        self._starts: list[int] = []
        self._vocabulary = vocabulary
        self._rng = np.random.default_rng((options.seed, number))

    def take(self, logits: Row) -> None:
        """Choose the next token, and see whether the answer ends with it."""
        token, logprob = self._next(logits)
        if self._vocabulary.ends(token):
            self._end("end")
            return
        self._starts.append(self.generated.length)
        self._logprobs.append(logprob)
        self.written.append(token)
        self.generated.push(self._vocabulary.piece(token))
        if self.generated.stopped:
            self._end("stop")
        elif self.generated.line_ended:
            self._end("end")
        elif len(self.written) == self.options.max_tokens:
            self._end("length")

    def run(self, sequence: int) -> Run:
        """The last token, to be computed next."""
        position = self.end + len(self.written) - 1
        return Run(np.array(self.written[-1:], np.int32), position, sequence, wanted=(position,))

    def completion(self, share: int = 1) -> Completion:
        """The finished answer; one of `share` same ones carries its part of the cost."""
        text = self.generated.text
        # A token wholly behind the cut belongs to the stop string, not to the answer.
        kept = sum(start < len(text) or not self.generated.ended for start in self._starts)
        return Completion.model_validate(
            {
                "text": text,
                "finish": self.finish,
                "logprobs": tuple(self._logprobs[:kept]),
                "prompt_tokens": len(self.tokens),
                "computed_tokens": self.computed / share,
                "prefill_seconds": self.prefill_seconds / share,
                "decode_seconds": self.decode_seconds / share,
            }
        )

    def _next(self, logits: Row) -> tuple[int, float]:
        """The next token; the line of an answer in one line is not left before it has begun.

        A base model may break the line after "Answer:" and go on with lines of nothing but "Answer:".
        """
        token, logprob = next_token(logits, self.options, self._rng)
        while self.generated.awaits_words and self._vocabulary.breaks(token):
            logits = np.where(np.arange(len(logits)) == token, np.float32(-np.inf), logits)
            token, logprob = next_token(logits, self.options, self._rng)
        return token, logprob

    def _end(self, finish: str) -> None:
        self.finish = finish
        self.generated.finish()


def answer(sequences: Sequences, replies: Sequence[Reply]) -> Iterator[None]:
    """Write all replies, each in a sequence of its own; yields after every step, when their texts have grown.

    The sequences must be prepared for `len(replies)`, and are empty again at the end, however it comes.
    """
    try:
        _read(sequences, replies)
        yield
        yield from go_on(sequences, replies)
    finally:
        sequences.clear()


def go_on(sequences: Sequences, replies: Sequence[Reply], first: int = 0) -> Iterator[None]:
    """Write replies whose first token is known to their ends; their sequences, side by side, begin with `first`."""
    places = {reply.number: place for place, reply in enumerate(replies, first)}
    live = list(replies)
    while live := _compact(sequences, live, places, first):
        started = perf_counter()
        for index, _, logits in sequences.compute([reply.run(places[reply.number]) for reply in live]):
            live[index].take(logits)
        seconds = (perf_counter() - started) / len(live)
        for reply in live:
            reply.decode_seconds += seconds
        yield


def _read(sequences: Sequences, replies: Sequence[Reply]) -> None:
    """Compute the prompts and the first token of each reply."""
    started = perf_counter()
    levels = prefix_levels([reply.tokens for reply in replies])
    for level in levels:
        runs = [
            Run(
                replies[branch.members[0]].tokens[branch.start : branch.stop],
                branch.start,
                branch.members[0],
                wanted=(branch.stop - 1,) if branch.ends else (),
            )
            for branch in sorted(level, key=lambda branch: branch.members[0])
        ]
        ends = {branch.members[0]: branch.ends for branch in level}
        for index, _, logits in sequences.compute(runs):
            for end in ends[runs[index].sequence]:
                replies[end].take(logits)
        for branch in level:
            for target in {*branch.children, *branch.ends} - {branch.members[0]}:
                sequences.copy(branch.members[0], target)
    seconds = perf_counter() - started
    shares = computed(levels, len(replies))
    for reply, share in zip(replies, shares, strict=True):
        reply.computed = share
        reply.prefill_seconds += seconds * share / sum(shares)


def _compact(sequences: Sequences, live: list[Reply], places: dict[int, int], first: int) -> list[Reply]:
    """The unfinished replies, moved into the places of finished ones so that their sequences stay side by side.

    llama.cpp computes only neighbouring sequences in one batch; a gap would cost a pass over the weights each step.
    """
    unfinished = [reply for reply in live if reply.finish is None]
    taken = {places[reply.number] for reply in unfinished}
    for reply in unfinished:
        gap = next((place for place in range(first, places[reply.number]) if place not in taken), None)
        if gap is not None and places[reply.number] >= first + len(unfinished):
            sequences.copy(places[reply.number], gap)
            taken = taken - {places[reply.number]} | {gap}
            places[reply.number] = gap
    return sorted(unfinished, key=lambda reply: places[reply.number])

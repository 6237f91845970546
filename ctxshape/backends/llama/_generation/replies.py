"""Writes the answers to several prompts at once: shared beginnings first, then one token of every answer per step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.backends.llama._generation.logits import next_token
from ctxshape.backends.llama._generation.scheduling import computed_shares, prefix_levels
from ctxshape.backends.llama._native.kv_cache import KvCache, Logits, Run, Tokens
from ctxshape.backends.llama._native.tokenizer import Tokenizer
from ctxshape.core.messages import Completion, Generation


class Reply:
    """The answer to one prompt as it grows. `number` is the prompt's place and, with the seed, decides random draws."""

    def __init__(self, tokens: Tokens, number: int, options: Generation, tokenizer: Tokenizer, *, one_line: bool) -> None:
        self.tokens = tokens
        self.number = number
        self.options = options
        self.generated = GeneratedText(options, one_line=one_line)
        self.finish: str | None = None
        self.written: list[int] = []
        self.end = len(tokens)  # the first position after the prompt
        self.prefill_seconds = self.decode_seconds = self.computed = 0.0
        self._logprobs: list[float] = []
        self._starts: list[int] = []
        self._tokenizer = tokenizer
        self._rng = np.random.default_rng((options.seed, number))

    def advance(self, logits: Logits) -> None:
        """Chooses the next token and checks whether it ends the answer."""
        token, logprob = self._next(logits)
        if self._tokenizer.is_end(token):
            self._end("end")
            return
        self._starts.append(self.generated.length)
        self._logprobs.append(logprob)
        self.written.append(token)
        self.generated.push(self._tokenizer.piece(token))
        if self.generated.stopped:
            self._end("stop")
        elif self.generated.line_ended:
            self._end("end")
        elif len(self.written) == self.options.max_tokens:
            self._end("length")

    def next_run(self, sequence: int) -> Run:
        """Returns the last token, which is computed next."""
        position = self.end + len(self.written) - 1
        return Run(np.array(self.written[-1:], np.int32), position, sequence, wanted=(position,))

    def completion(self, share: int = 1) -> Completion:
        """Returns the finished answer. Each of `share` equal answers carries its part of the cost."""
        text = self.generated.text
        # A token that lies entirely after the cut belongs to the stop string, not to the answer.
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

    def _next(self, logits: Logits) -> tuple[int, float]:
        """Returns the next token. A one-line answer that has no words yet skips line breaks.

        A base model may break the line after "Answer:" and continue with lines that contain only "Answer:".
        """
        token, logprob = next_token(logits, self.options, self._rng)
        while self.generated.awaits_words and self._tokenizer.is_line_break(token):
            logits = np.where(np.arange(len(logits)) == token, np.float32(-np.inf), logits)
            token, logprob = next_token(logits, self.options, self._rng)
        return token, logprob

    def _end(self, finish: str) -> None:
        self.finish = finish
        self.generated.finish()


def write_replies(cache: KvCache, replies: Sequence[Reply]) -> Iterator[None]:
    """Writes all replies, each in its own sequence. Yields after every step, when the texts have grown.

    The cache must be prepared for `len(replies)` sequences. All of them are empty at the end, also after an error.
    """
    try:
        read_prompts(cache, replies)
        yield
        yield from continue_replies(cache, replies)
    finally:
        cache.clear()


def continue_replies(cache: KvCache, replies: Sequence[Reply], first: int = 0) -> Iterator[None]:
    """Writes replies that have their first token to their ends, in adjacent sequences that begin with `first`."""
    places = {reply.number: place for place, reply in enumerate(replies, first)}
    live = list(replies)
    while live := _compact(cache, live, places, first):
        started = perf_counter()
        for index, _, logits in cache.compute([reply.next_run(places[reply.number]) for reply in live]):
            live[index].advance(logits)
        seconds = (perf_counter() - started) / len(live)
        for reply in live:
            reply.decode_seconds += seconds
        yield


def read_prompts(cache: KvCache, replies: Sequence[Reply]) -> None:
    """Computes the prompts and the first token of each reply."""
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
        for index, _, logits in cache.compute(runs):
            for end in ends[runs[index].sequence]:
                replies[end].advance(logits)
        for branch in level:
            for target in {*branch.children, *branch.ends} - {branch.members[0]}:
                cache.copy(branch.members[0], target)
    seconds = perf_counter() - started
    shares = computed_shares(levels, len(replies))
    for reply, share in zip(replies, shares, strict=True):
        reply.computed = share
        reply.prefill_seconds += seconds * share / sum(shares)


def _compact(cache: KvCache, live: list[Reply], places: dict[int, int], first: int) -> list[Reply]:
    """Returns the unfinished replies, moved into the places of finished ones so that their sequences stay adjacent.

    llama.cpp computes only adjacent sequences in one batch. A gap would cost another pass over the weights in each step.
    """
    unfinished = [reply for reply in live if reply.finish is None]
    taken = {places[reply.number] for reply in unfinished}
    for reply in unfinished:
        gap = next((place for place in range(first, places[reply.number]) if place not in taken), None)
        if gap is not None and places[reply.number] >= first + len(unfinished):
            cache.copy(places[reply.number], gap)
            taken = taken - {places[reply.number]} | {gap}
            places[reply.number] = gap
    return sorted(unfinished, key=lambda reply: places[reply.number])

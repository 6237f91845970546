"""A loaded model: its vocabulary, its chat frame and its sequences, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from ctxshape.backends.batch import Reply, answer
from ctxshape.backends.chat import chat_frame
from ctxshape.backends.gguf import Weights
from ctxshape.backends.prefixes import Tokens, padded, waves
from ctxshape.backends.sequences import ContextSettings, Sequences
from ctxshape.backends.vocabulary import Vocabulary
from ctxshape.errors import ContextTooLong, InvalidInput
from ctxshape.exchange import Completion, Generation, Prompt, Segment

MOST_SEQUENCES = 64
DEFAULT_CELLS = 8192


class Engine:
    """What answers prompts. Not thread-safe: whoever calls `complete` or reads `write` holds the lock."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401
        *,
        n_ctx: int | None,
        n_gpu_layers: int,
        n_threads: int,
        flash_attention: bool | None,
        kv_type: str,
        chat_template: str | None,
    ) -> None:
        self.weights = Weights(model, n_gpu_layers)
        template = self.weights.chat_template() if chat_template is None else chat_template
        self.vocabulary = Vocabulary(self.weights, template or "")
        self._frame = chat_frame(template, *map(self._control_text, (self.vocabulary.bos(), self.vocabulary.eos())))
        self._before = self.vocabulary.begin(self.vocabulary.trusted(self._frame.before, first=True))
        self._after = self.vocabulary.trusted(self._frame.after)
        trained = self.weights.trained_context()
        self._cells = n_ctx or min(trained, DEFAULT_CELLS)
        self.context_length = min(self._cells, trained)
        settings = ContextSettings(
            cells=padded(self._cells), n_threads=n_threads, flash_attention=flash_attention, kv_type=kv_type
        )
        self._sequences = Sequences(self.weights, settings)
        self._most = 1 if self.weights.has_state() else MOST_SEQUENCES

    def tokenize(self, segment: Segment) -> list[int]:
        """The tokens of one segment."""
        return self.vocabulary.trusted(segment.text) if segment.trusted else self.vocabulary.untrusted(segment.text)

    def encode(self, prompt: Prompt, known: dict[Segment, list[int]] | None = None) -> Tokens:
        """The tokens of a prompt; `known` remembers the segments of other prompts."""
        known = {} if known is None else known
        tokens = list(self._before)
        for segment in prompt.segments:
            key = Segment(text=segment.text, trusted=segment.trusted)
            if key not in known:
                known[key] = self.tokenize(segment)
            tokens += known[key]
        return np.array(tokens + self._after, np.int32)

    def complete(self, prompts: Sequence[Prompt], options: Generation) -> list[Completion]:
        """The completions, in the order of the prompts."""
        groups = self._replies(prompts, options)
        for _ in self._run([group[0] for group in groups.values()], options):
            pass
        made = {
            number: group[0].completion(len(group)) for group in groups.values() for number in (reply.number for reply in group)
        }
        return [made[number] for number in range(len(prompts))]

    def write(self, prompt: Prompt, options: Generation) -> Iterator[str]:
        """The text of one completion as it grows."""
        replies = [group[0] for group in self._replies([prompt], options).values()]
        for _ in self._run(replies, options):
            piece = replies[0].writer.take()
            if piece:
                yield piece

    def close(self) -> None:
        """Free the context now, and the weights once nobody counts tokens with them."""
        self._sequences.close()

    def _run(self, replies: list[Reply], options: Generation) -> Iterator[None]:
        for wave in waves([reply.tokens for reply in replies], options.max_tokens, padded(self._cells), self._most):
            chosen = [replies[number] for number in wave]
            started = perf_counter()
            self._sequences.prepare(len(chosen), max(len(reply.tokens) for reply in chosen) + options.max_tokens)
            seconds = (perf_counter() - started) / len(chosen)
            for reply in chosen:
                reply.prefill_seconds += seconds
            yield from answer(self._sequences, chosen)

    def _replies(self, prompts: Sequence[Prompt], options: Generation) -> dict[object, list[Reply]]:
        """A reply for each prompt, those together that are bound to be the same. Raises ContextTooLong."""
        started = perf_counter()
        known: dict[Segment, list[int]] = {}
        encoded = [self.encode(prompt, known) for prompt in prompts]
        for number, tokens in enumerate(encoded, 1):
            self._check(tokens, number, options)
        groups: dict[object, list[Reply]] = {}
        for number, tokens in enumerate(encoded):
            reply = Reply(tokens, number, options, self.vocabulary, one_line=not self._frame.chat)
            groups.setdefault(tokens.tobytes() if options.temperature == 0 else number, []).append(reply)
        seconds = (perf_counter() - started) / len(groups)
        for group in groups.values():
            group[0].prefill_seconds += seconds
        return groups

    def _check(self, tokens: Tokens, number: int, options: Generation) -> None:
        if not len(tokens):
            raise InvalidInput(f"prompt {number} is empty, and this model has no chat template around it; give it some text")
        if len(tokens) + options.max_tokens > self.context_length:
            raise ContextTooLong(
                f"prompt {number} has {len(tokens)} tokens and needs {options.max_tokens} for the answer, but the context has "
                f"{self.context_length}; shape with a smaller budget, ask for fewer max_tokens, or raise n_ctx "
                f"(trained: {self.weights.trained_context()})"
            )

    def _control_text(self, token: int | None) -> str:
        return "" if token is None else self.vocabulary.piece(token, special=True).decode("utf-8", "replace")

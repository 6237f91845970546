"""A loaded model: its vocabulary, its chat frame and its sequences, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from ctxshape.backends.llama._batch import Reply, answer
from ctxshape.backends.llama._chat import chat_frame
from ctxshape.backends.llama._gguf import Weights
from ctxshape.backends.llama._likelihood import Pair, read, strands
from ctxshape.backends.llama._prefixes import Tokens, padded, waves
from ctxshape.backends.llama._segments import Parts
from ctxshape.backends.llama._sequences import ContextSettings, Sequences
from ctxshape.backends.llama._vocabulary import Vocabulary
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import Scores
from ctxshape.errors import ContextTooLong, InvalidInput

MOST_SEQUENCES = 64
DEFAULT_CELLS = 8192


class Engine:
    """What answers prompts. Not thread-safe: whoever calls `complete` or `logprobs` or reads `write` holds the lock."""

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
        self.cells = n_ctx or min(trained, DEFAULT_CELLS)
        self.context_length = min(self.cells, trained)
        self.settings = ContextSettings(
            cells=padded(self.cells), n_threads=n_threads, flash_attention=flash_attention, kv_type=kv_type
        )
        self._sequences = Sequences(self.weights, self.settings)
        self.most = 1 if self.weights.has_state() else MOST_SEQUENCES

    @property
    def sequences(self) -> Sequences:
        """The cache that prompts are computed in."""
        return self._sequences

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
        groups = self.replies(prompts, options)
        for _ in self._run([group[0] for group in groups.values()], options):
            pass
        return self.completions(groups)

    def write(self, prompt: Prompt, options: Generation) -> Iterator[str]:
        """The text of one completion as it grows."""
        replies = [group[0] for group in self.replies([prompt], options).values()]
        for _ in self._run(replies, options):
            piece = replies[0].generated.take()
            if piece:
                yield piece

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str]) -> list[Scores]:
        """The log-probabilities of each continuation's tokens, in the order of the prompts."""
        pairs = self._pairs(prompts, continuations)
        results = [np.zeros(len(pair.tokens) - pair.start) for pair in pairs]
        lines = strands(pairs)
        for wave in waves([line.tokens for line in lines], 0, padded(self.cells), self.most):
            chosen = [lines[number] for number in wave]
            self._sequences.prepare(len(chosen), max(len(line.tokens) for line in chosen))
            read(self._sequences, chosen, results)
        return results

    def parts(self, prompt: Prompt) -> Parts:
        """The tokens of a prompt: what stands before its documents, each of them, and what stands behind."""
        lead, tail = ([token for segment in some for token in self.tokenize(segment)] for some in (prompt.lead, prompt.tail))
        documents = (np.array(self.tokenize(segment), np.int32) for segment in prompt.documents)
        return Parts(np.array(self._before + lead, np.int32), tuple(documents), np.array(tail + self._after, np.int32))

    def close(self) -> None:
        """Free the context now, and the weights once nobody counts tokens with them."""
        self._sequences.close()

    def _run(self, replies: list[Reply], options: Generation) -> Iterator[None]:
        for wave in waves([reply.tokens for reply in replies], options.max_tokens, padded(self.cells), self.most):
            chosen = [replies[number] for number in wave]
            started = perf_counter()
            self._sequences.prepare(len(chosen), max(len(reply.tokens) for reply in chosen) + options.max_tokens)
            seconds = (perf_counter() - started) / len(chosen)
            for reply in chosen:
                reply.prefill_seconds += seconds
            yield from answer(self._sequences, chosen)

    def replies(self, prompts: Sequence[Prompt], options: Generation) -> dict[object, list[Reply]]:
        """A reply for each prompt, those together that are bound to be the same. Raises ContextTooLong."""
        started = perf_counter()
        known: dict[Segment, list[int]] = {}
        encoded = [self.encode(prompt, known) for prompt in prompts]
        for number, tokens in enumerate(encoded, 1):
            self.check(tokens, number, options.max_tokens, "answer", "ask for fewer max_tokens, ")
        groups: dict[object, list[Reply]] = {}
        for number, tokens in enumerate(encoded):
            reply = self.reply(tokens, number, options)
            groups.setdefault(tokens.tobytes() if options.temperature == 0 else number, []).append(reply)
        seconds = (perf_counter() - started) / len(groups)
        for group in groups.values():
            group[0].prefill_seconds += seconds
        return groups

    def reply(self, tokens: Tokens, number: int, options: Generation) -> Reply:
        """A reply that is still to be written."""
        return Reply(tokens, number, options, self.vocabulary, one_line=not self._frame.chat)

    def completions(self, groups: dict[object, list[Reply]]) -> list[Completion]:
        """The completions of finished replies, in the order of their prompts."""
        made = {reply.number: group[0].completion(len(group)) for group in groups.values() for reply in group}
        return [made[number] for number in range(len(made))]

    def _pairs(self, prompts: Sequence[Prompt], continuations: Sequence[str]) -> list[Pair]:
        """Prompts and continuations as tokens. Raises ContextTooLong."""
        known: dict[Segment, list[int]] = {}
        pairs: list[Pair] = []
        for number, (prompt, text) in enumerate(zip(prompts, continuations, strict=True), 1):
            tokens = self.encode(prompt, known)
            key = Segment(text=text)
            if key not in known:
                known[key] = self.tokenize(key)
            self.check(tokens, number, len(known[key]), "continuation")
            pairs.append(Pair(np.concatenate([tokens, np.array(known[key], np.int32)]), len(tokens)))
        return pairs

    def check(self, tokens: Tokens, number: int, more: int, what: str, remedy: str = "") -> None:
        """Raise InvalidInput for a prompt without a token, ContextTooLong where `more` tokens have no room behind it."""
        if not len(tokens):
            raise InvalidInput(f"prompt {number} is empty, and this model has no chat template around it; give it some text")
        if len(tokens) + more > self.context_length:
            raise ContextTooLong(
                f"prompt {number} has {len(tokens)} tokens and needs {more} for the {what}, but the context has "
                f"{self.context_length}; shape with a smaller budget, {remedy}or raise n_ctx "
                f"(trained: {self.weights.trained_context()})"
            )

    def _control_text(self, token: int | None) -> str:
        return "" if token is None else self.vocabulary.piece(token, special=True).decode("utf-8", "replace")

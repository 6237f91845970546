"""A loaded model with its tokenizer, chat frame and KV cache, which together answer and score prompts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from ctxshape.backends.llama._generation.chat_template import LONGEST_TEMPLATE, chat_frame, model_frame
from ctxshape.backends.llama._generation.likelihood import Pair, score_strands, strands
from ctxshape.backends.llama._generation.replies import Reply, write_replies
from ctxshape.backends.llama._generation.scheduling import passes
from ctxshape.backends.llama._generation.streaming import SavedSequences, StreamedReply
from ctxshape.backends.llama._native.kv_cache import ContextSettings, KvCache, Tokens, padded_cells
from ctxshape.backends.llama._native.tokenizer import Tokenizer
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.backends.llama.documents._blocks import PromptParts
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import Scores
from ctxshape.core.telemetry import LOGGER
from ctxshape.errors import ContextTooLong, InvalidInput
from ctxshape.inspection import DEFAULT_N_CTX

MOST_SEQUENCES = 64


class Engine:
    """Answers and scores prompts. Not thread-safe: callers of `complete`, `stream` and `logprobs` hold the backend's lock."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401
        *,
        n_ctx: int | None,
        n_gpu_layers: int,
        n_threads: int | None,
        flash_attention: bool | None,
        kv_type: str,
        chat_template: str | None,
    ) -> None:
        self.weights = Weights(model, n_gpu_layers)
        template = self.weights.chat_template() if chat_template is None else chat_template
        self.tokenizer = Tokenizer(self.weights, (template or "")[:LONGEST_TEMPLATE])
        bos, eos = map(self._control_text, (self.tokenizer.bos(), self.tokenizer.eos()))
        if chat_template is None:  # an unusable template of the file is no error of the caller
            self._frame = model_frame(template, bos, eos, self.weights.name)
        else:
            self._frame = chat_frame(chat_template, bos, eos)
        self._before = self.tokenizer.with_bos(self.tokenizer.trusted(self._frame.before, first=True))
        self._after = self.tokenizer.trusted(self._frame.after)
        trained = self.weights.trained_context()
        self.cells = n_ctx or min(trained, DEFAULT_N_CTX)
        self.context_length = min(self.cells, trained)
        if self.cells > trained:
            LOGGER.warning(
                "n_ctx is %d, but the model was trained for %d tokens; prompts may take no more", self.cells, trained
            )
        self.settings = ContextSettings(
            cells=padded_cells(self.cells),
            n_threads=n_threads or usable_threads(),
            flash_attention=flash_attention,
            kv_type=kv_type,
        )
        self.cache = KvCache(self.weights, self.settings)
        self._saved = SavedSequences(padded_cells(self.cells))
        self.most = 1 if self.weights.has_state() else MOST_SEQUENCES

    @property
    def lead_tokens(self) -> int:
        """The number of tokens that the chat template puts before the first segment."""
        return len(self._before)

    def tokenize(self, segment: Segment) -> list[int]:
        """Returns the tokens of one segment."""
        return self.tokenizer.trusted(segment.text) if segment.trusted else self.tokenizer.untrusted(segment.text)

    def encode(self, prompt: Prompt, known: dict[Segment, list[int]] | None = None) -> Tokens:
        """Returns the tokens of a prompt. `known` caches the segments' tokens across prompts."""
        known = {} if known is None else known
        tokens = list(self._before)
        for segment in prompt.segments:
            key = Segment(text=segment.text, trusted=segment.trusted)
            if key not in known:
                known[key] = self.tokenize(segment)
            tokens += known[key]
        return np.array(tokens + self._after, np.int32)

    def parts(self, prompt: Prompt) -> PromptParts:
        """Returns the tokens of a prompt: those before its documents, those of each document, and those after them."""
        lead, tail = ([token for segment in some for token in self.tokenize(segment)] for some in (prompt.lead, prompt.tail))
        documents = (np.array(self.tokenize(segment), np.int32) for segment in prompt.documents)
        return PromptParts(np.array(self._before + lead, np.int32), tuple(documents), np.array(tail + self._after, np.int32))

    def complete(self, prompts: Sequence[Prompt], options: Generation) -> list[Completion]:
        """Returns the completions, in the order of the prompts."""
        groups = self.replies(prompts, options)
        for _ in self._run([group[0] for group in groups.values()], options):
            pass
        return self.completions(groups)

    def stream(self, prompt: Prompt, options: Generation) -> StreamedReply:
        """Returns one completion that is written step by step. Nothing is computed yet."""
        (group,) = self.replies([prompt], options).values()
        return StreamedReply(self.cache, group[0], self._saved)

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str]) -> list[Scores]:
        """Returns the log-probabilities of each continuation's tokens, in the order of the prompts."""
        pairs = self._pairs(prompts, continuations)
        results = [np.zeros(len(pair.tokens) - pair.start) for pair in pairs]
        lines = strands(pairs)
        for group in passes([line.tokens for line in lines], 0, padded_cells(self.cells), self.most):
            chosen = [lines[number] for number in group]
            self.cache.prepare(len(chosen), max(len(line.tokens) for line in chosen))
            score_strands(self.cache, chosen, results)
        return results

    def replies(self, prompts: Sequence[Prompt], options: Generation) -> dict[object, list[Reply]]:
        """Returns a reply for each prompt, grouped where they must be equal. Raises ContextTooLong."""
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
        """Returns an empty reply to a prompt."""
        return Reply(tokens, number, options, self.tokenizer, one_line=not self._frame.chat)

    def completions(self, groups: dict[object, list[Reply]]) -> list[Completion]:
        """Returns the completions of finished replies, in the order of their prompts."""
        made = {reply.number: group[0].completion(len(group)) for group in groups.values() for reply in group}
        return [made[number] for number in range(len(made))]

    def check(self, tokens: Tokens, number: int, more: int, what: str, remedy: str = "") -> None:
        """Raises InvalidInput for a prompt without tokens, and ContextTooLong if `more` tokens do not fit after it."""
        if not len(tokens):
            raise InvalidInput(f"prompt {number} is empty, and this model has no chat template around it; give it some text")
        if len(tokens) + more > self.context_length:
            raise ContextTooLong(
                f"prompt {number} has {len(tokens)} tokens and needs {more} for the {what}, but the context has "
                f"{self.context_length}; shape with a smaller budget, {remedy}or raise n_ctx "
                f"(trained: {self.weights.trained_context()})"
            )

    def close(self) -> None:
        """Frees the context now, and the weights when the last user of the tokenizer is gone."""
        self.cache.close()

    def _run(self, replies: list[Reply], options: Generation) -> Iterator[None]:
        for group in passes([reply.tokens for reply in replies], options.max_tokens, padded_cells(self.cells), self.most):
            chosen = [replies[number] for number in group]
            started = perf_counter()
            self.cache.prepare(len(chosen), max(len(reply.tokens) for reply in chosen) + options.max_tokens)
            seconds = (perf_counter() - started) / len(chosen)
            for reply in chosen:
                reply.prefill_seconds += seconds
            yield from write_replies(self.cache, chosen)

    def _pairs(self, prompts: Sequence[Prompt], continuations: Sequence[str]) -> list[Pair]:
        """Tokenizes prompts and continuations. Raises ContextTooLong."""
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

    def _control_text(self, token: int | None) -> str:
        return "" if token is None else self.tokenizer.piece(token, special=True).decode("utf-8", "replace")


def usable_threads() -> int:
    """Returns the number of threads that help: all cores up to four, else half, since the rest are mostly hyper-threads."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable if usable <= 4 else usable // 2

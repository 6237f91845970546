"""Reading with reused documents: for each order, or side by side; exactly, with a warning, where a model cannot."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ctxshape.backends.llama._batch import Reply
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._library import library
from ctxshape.backends.llama._prefixes import Tokens, padded
from ctxshape.backends.llama._segments import Layout, Parts, Segments, in_a_row, side_by_side
from ctxshape.backends.llama._sequences import ContextSettings, Sequences, needs_flash_attention
from ctxshape.backends.llama.document_cache import DocumentCache, DocumentStore
from ctxshape.core.digests import file_digest
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.errors import ContextTooLong, InvalidInput, ModelError
from ctxshape.inspection import abilities, inspect

Way = Literal["blocks", "windows"]


class ExactFallback(UserWarning):
    """Documents were read with full attention, one prompt for each order, because the model cannot do what was asked."""


class Reuse:
    """Answers by an engine over documents that are computed once. Not thread-safe, like the engine."""

    def __init__(self, engine: Engine, path: str, n_gpu_layers: int, cache: DocumentCache) -> None:
        self._engine, self._path = engine, path
        self._reasons: dict[Way, str] = {}
        settings = settings_for(engine.settings, n_gpu_layers)
        self.store = DocumentStore(cache, lambda: identity(path, settings, n_gpu_layers))
        bench = Sequences(engine.weights, settings.model_copy(update={"unified": True}))
        # A state fits only where attention is computed alike.
        self._sequences = engine.sequences if settings == engine.settings else Sequences(engine.weights, settings)
        self._segments = Segments(bench, self.store)

    def orders(self, prompt: Prompt, orders: Sequence[Sequence[int]], options: Generation) -> list[Completion]:
        """The completion for each order of the documents, each of which is computed once and moved."""
        prompts = [_reordered(prompt, order) for order in orders]
        parts = self._engine.parts(prompt)
        if not self._serves("blocks", parts):
            return self._engine.complete(prompts, options)
        groups = self._engine.replies(prompts, options)
        replies = [group[0] for group in groups.values()]
        self._read(parts, [in_a_row(parts, orders[reply.number]) for reply in replies], replies)
        return self._engine.completions(groups)

    def windows(self, prompt: Prompt, options: Generation) -> Completion:
        """The completion over documents at the same position, whatever order they come in."""
        # Sums are rounded in the order of their terms, which is that of the cells: so it must not be the caller's.
        documents = sorted(prompt.documents, key=lambda segment: (segment.text, segment.trusted))
        prompt = prompt.model_copy(update={"documents": tuple(documents)})
        parts = self._engine.parts(prompt)
        if not self._serves("windows", parts):
            return self._engine.complete([prompt], options)[0]
        layout, tokens = side_by_side(parts), self._engine.encode(prompt)
        self._check(tokens, layout.end + len(parts.tail), options.max_tokens)
        reply = self._engine.reply(tokens, 0, options)
        self._read(parts, [layout], [reply])
        return reply.completion()

    def close(self) -> None:
        """Free the context, and forget the documents in memory."""
        self._segments.close()
        self._sequences.close()

    def _read(self, parts: Parts, layouts: Sequence[Layout], replies: Sequence[Reply]) -> None:
        engine = self._engine
        for reply, layout in zip(replies, layouts, strict=True):
            reply.end = layout.end + len(parts.tail)
        for _ in self._segments.answer(parts, layouts, replies, self._sequences, padded(engine.cells), engine.most):
            pass

    def _serves(self, way: Way, parts: Parts) -> bool:
        """Whether documents can be read so; warns where not."""
        if way not in self._reasons:
            reason = why_not(self._path, way)
            if not reason and way == "blocks" and not self._segments.can_move():
                reason = "llama.cpp cannot shift its cache"
            self._reasons[way] = reason
        reason = self._reasons[way] or ("" if len(parts.tail) else "the prompt has nothing behind its documents")
        if reason:
            warnings.warn(
                f"{self._engine.weights.name} cannot read documents as {way}: {reason}; they are read exactly, at the cost of "
                "full prompts",
                ExactFallback,
                stacklevel=5,
            )
        return not reason

    def _check(self, tokens: Tokens, end: int, more: int) -> None:
        """Raise ContextTooLong. Side by side, documents may together be longer than what the model was trained to see."""
        trained, cells = self._engine.weights.trained_context(), self._engine.cells
        if end + more > trained or len(tokens) + more > cells:
            raise ContextTooLong(
                f"the prompt has {len(tokens)} tokens, {end} in a row with the documents side by side, and needs {more} for "
                f"the answer, but n_ctx has {cells} cells and the model was trained for {trained}; shape with a smaller "
                "budget, ask for fewer max_tokens, or raise n_ctx"
            )


def settings_for(settings: ContextSettings, n_gpu_layers: int) -> ContextSettings:
    """How to compute documents and what is read of them: where that is left to llama.cpp, on a CPU without flash attention.

    There it is slower for few tokens over many, as all of a vote is but its documents: 16 votes over ten passages took
    1.1 to 1.3 times as long with it (Qwen2.5-0.5B, SmolLM2-135M). A quantised cache cannot do without.
    """
    if settings.flash_attention is None and n_gpu_layers == 0 and not needs_flash_attention(settings.kv_type):
        return settings.model_copy(update={"flash_attention": False})
    return settings


def why_not(path: str, way: Way) -> str:
    """Why a model's documents cannot be read as blocks or windows, from its file; empty where they can."""
    try:
        able = abilities(inspect(path))
    except ModelError as error:
        return f"its file does not tell what it can do ({error})"
    ability = able.blocks if way == "blocks" else able.windows
    return "" if ability else ability.reason


def identity(path: str, settings: ContextSettings, n_gpu_layers: int) -> str:
    """What a state on disk hangs on beside its tokens: the bytes of the model, all parts, and how they are computed."""
    split = inspect(path).split
    count = 1 if split is None else split.count
    hashes = []
    for number in range(1, count + 1):
        name = Path(path).name.replace(f"-00001-of-{count:05}", f"-{number:05}-of-{count:05}")
        hashes.append(file_digest(Path(path).with_name(name)))
    computed = settings.model_dump(include={"flash_attention", "kv_type"})
    return json.dumps([hashes, computed, n_gpu_layers, library().__version__], sort_keys=True)


def check_orders(orders: Sequence[Sequence[int]], count: int) -> None:
    """Raise InvalidInput for an order that names a document twice or one that there is not.

    >>> check_orders([[0, 1], [1, 2]], 2)
    Traceback (most recent call last):
        ...
    ctxshape.errors.InvalidInput: order 2 is [1, 2]; give numbers of the 2 documents, from 0, none twice
    """
    for place, order in enumerate(orders, 1):
        if len(set(order)) < len(order) or not set(order) <= set(range(count)):
            raise InvalidInput(f"order {place} is {list(order)}; give numbers of the {count} documents, from 0, none twice")


def _reordered(prompt: Prompt, order: Sequence[int]) -> Prompt:
    return prompt.model_copy(update={"documents": tuple(prompt.documents[number] for number in order)})

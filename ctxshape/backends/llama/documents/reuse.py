"""Answers over reused documents, in several orders or side by side. Falls back to full prompts, with a warning."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._generation.replies import Reply
from ctxshape.backends.llama._native.bindings import bindings
from ctxshape.backends.llama._native.kv_cache import ContextSettings, KvCache, Tokens, needs_flash_attention, padded_cells
from ctxshape.backends.llama.documents._blocks import DocumentBlocks, Placement, PromptParts, in_a_row, side_by_side
from ctxshape.backends.llama.documents._store import DocumentStore
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.core.digests import file_digest
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.errors import ContextTooLong, InvalidInput, ModelError
from ctxshape.inspection import abilities, read_model_facts

ReuseMethod = Literal["blocks", "windows"]


class ExactFallback(UserWarning):
    """Warns that documents were read with full attention, one prompt per order, because the model cannot reuse them."""


class DocumentReuse:
    """Answers with an engine over documents that are computed once. Not thread-safe, like the engine."""

    def __init__(self, engine: Engine, path: str, n_gpu_layers: int, limits: DocumentCache) -> None:
        self._engine, self._path = engine, path
        self._reasons: dict[ReuseMethod, str] = {}
        settings = reuse_settings(engine.settings, n_gpu_layers)
        store = DocumentStore(limits, lambda: _store_identity(path, settings, n_gpu_layers))
        workbench = KvCache(engine.weights, settings.model_copy(update={"unified": True}))
        # A saved state fits only a cache with the same attention.
        self._cache = engine.cache if settings == engine.settings else KvCache(engine.weights, settings)
        self._blocks = DocumentBlocks(workbench, store)

    def orders(self, prompt: Prompt, orders: Sequence[Sequence[int]], options: Generation) -> list[Completion]:
        """Returns the completion for each order of the documents. Each document is computed once and moved."""
        prompts = [_reordered(prompt, order) for order in orders]
        parts = self._engine.parts(prompt)
        if not self._supports("blocks", parts):
            return self._engine.complete(prompts, options)
        groups = self._engine.replies(prompts, options)
        replies = [group[0] for group in groups.values()]
        self._read(parts, [in_a_row(parts, orders[reply.number]) for reply in replies], replies)
        return self._engine.completions(groups)

    def windows(self, prompt: Prompt, options: Generation) -> Completion:
        """Returns the completion over documents at the same position. It does not depend on their order."""
        # Sums are rounded in the order of their terms, which is the order of the cells. So it must not be the caller's.
        documents = sorted(prompt.documents, key=lambda segment: (segment.text, segment.trusted))
        prompt = prompt.model_copy(update={"documents": tuple(documents)})
        parts = self._engine.parts(prompt)
        if not self._supports("windows", parts):
            return self._engine.complete([prompt], options)[0]
        placement, tokens = side_by_side(parts), self._engine.encode(prompt)
        self._check(tokens, placement.end + len(parts.tail), options.max_tokens)
        reply = self._engine.reply(tokens, 0, options)
        self._read(parts, [placement], [reply])
        return reply.completion()

    def close(self) -> None:
        """Frees the contexts and drops the documents in memory."""
        self._blocks.close()
        self._cache.close()

    def _read(self, parts: PromptParts, placements: Sequence[Placement], replies: Sequence[Reply]) -> None:
        engine = self._engine
        for reply, placement in zip(replies, placements, strict=True):
            reply.end = placement.end + len(parts.tail)
        for _ in self._blocks.answer(parts, placements, replies, self._cache, padded_cells(engine.cells), engine.most):
            pass

    def _supports(self, method: ReuseMethod, parts: PromptParts) -> bool:
        """Returns whether the model can reuse documents this way. Warns if it cannot."""
        if method not in self._reasons:
            reason = reason_against(self._path, method)
            if not reason and method == "blocks" and not self._blocks.can_move():
                reason = "llama.cpp cannot shift its cache"
            self._reasons[method] = reason
        reason = self._reasons[method] or ("" if len(parts.tail) else "the prompt has nothing after its documents")
        if reason:
            warnings.warn(
                f"{self._engine.weights.name} cannot read documents as {method}: {reason}; they are read exactly, at the cost "
                "of full prompts",
                ExactFallback,
                stacklevel=5,
            )
        return not reason

    def _check(self, tokens: Tokens, end: int, more: int) -> None:
        """Raises ContextTooLong. Side by side, the documents' sum may exceed the length that the model was trained with."""
        trained, cells = self._engine.weights.trained_context(), self._engine.cells
        if end + more > trained or len(tokens) + more > cells:
            raise ContextTooLong(
                f"the prompt has {len(tokens)} tokens, {end} in a row with the documents side by side, and needs {more} for "
                f"the answer, but n_ctx has {cells} cells and the model was trained for {trained}; shape with a smaller "
                "budget, ask for fewer max_tokens, or raise n_ctx"
            )


def reuse_settings(settings: ContextSettings, n_gpu_layers: int) -> ContextSettings:
    """Returns the settings for reused documents: without flash attention on a CPU if the choice is left to llama.cpp.

    On a CPU, flash attention is slower for few tokens that attend to many, which is all of a vote but its documents: 16
    votes over ten passages took 1.1 to 1.3 times as long with it (Qwen2.5-0.5B, SmolLM2-135M). A quantized cache needs it.
    """
    if settings.flash_attention is None and n_gpu_layers == 0 and not needs_flash_attention(settings.kv_type):
        return settings.model_copy(update={"flash_attention": False})
    return settings


def reason_against(path: str, method: ReuseMethod) -> str:
    """Returns the reason why a model cannot reuse documents this way, from its file; empty if it can."""
    try:
        able = abilities(read_model_facts(path))
    except ModelError as error:
        return f"its file does not tell what it can do ({error})"
    ability = able.blocks if method == "blocks" else able.windows
    return "" if ability else ability.reason


def check_orders(orders: Sequence[Sequence[int]], count: int) -> None:
    """Raises InvalidInput for an order that names a document twice or a number without a document.

    >>> check_orders([[0, 1], [1, 2]], 2)
    Traceback (most recent call last):
        ...
    ctxshape.errors.InvalidInput: order 2 is [1, 2]; give numbers of the 2 documents, from 0, each at most once
    """
    for place, order in enumerate(orders, 1):
        if len(set(order)) < len(order) or not set(order) <= set(range(count)):
            raise InvalidInput(
                f"order {place} is {list(order)}; give numbers of the {count} documents, from 0, each at most once"
            )


def _store_identity(path: str, settings: ContextSettings, n_gpu_layers: int) -> str:
    """Describes everything besides its tokens that a state on disk depends on: all files of the model, and the settings."""
    split = read_model_facts(path).split
    count = 1 if split is None else split.count
    hashes = []
    for number in range(1, count + 1):
        name = Path(path).name.replace(f"-00001-of-{count:05}", f"-{number:05}-of-{count:05}")
        hashes.append(file_digest(Path(path).with_name(name)))
    computed = settings.model_dump(include={"flash_attention", "kv_type"})
    return json.dumps([hashes, computed, n_gpu_layers, bindings().__version__], sort_keys=True)


def _reordered(prompt: Prompt, order: Sequence[int]) -> Prompt:
    return prompt.model_copy(update={"documents": tuple(prompt.documents[number] for number in order)})

"""Where a model looks while it reads a question or begins its answer: a llama context of its own without flash attention."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._capture import Capture
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._library import library, listening
from ctxshape.backends.llama._placing import Placed
from ctxshape.backends.llama._prefixes import Tokens, padded
from ctxshape.backends.llama._sequences import decode, free_context
from ctxshape.core.attention import AttentionMap
from ctxshape.core.messages import Prompt
from ctxshape.errors import InvalidInput, ModelError
from ctxshape.inspection import abilities
from ctxshape.inspection import inspect as facts_of

BODY = 512  # tokens of the documents computed at once
ASKING = 64  # asking tokens computed at once: a layer's weights are heads x tokens x cells floats
ANSWER_TOKENS = 4

Asker = Literal["question", "answer"]


def check_model(model: object) -> None:
    """Raise ModelError, before a model is loaded, for a file whose attention cannot be read; the message says why."""
    if isinstance(model, str):
        able = abilities(facts_of(model)).attention
        if not able:
            raise ModelError(f"the attention of {model!r} cannot be read: {able.reason}")


class Probe:
    """Computes prompts and takes their attention. Not thread-safe: whoever calls `attend` holds the backend's lock.

    The context has the engine's weights, one sequence, and no flash attention, which never forms the weights. What comes
    before the question is kept: the next prompt that begins with the very same tokens pays for its question alone.
    """

    def __init__(self, engine: Engine, n_threads: int) -> None:
        self._engine, self._threads = engine, n_threads
        self._capture = Capture()
        self._context: Any = None
        self._free: Any = None
        self._cells = 0
        self._body = b""

    def attend(self, prompt: Prompt, of: Asker, layers: Collection[int] | None, answer_tokens: int) -> AttentionMap:
        """The attention of the question's tokens, or of those that write the answer's first ones, to the prompt."""
        if answer_tokens < 1:
            raise InvalidInput(f"answer_tokens is {answer_tokens}; give at least 1")
        placed = Placed(self._engine, prompt)
        more = answer_tokens if of == "answer" else 0
        self._engine.check(placed.tokens, 1, more, "answer")
        try:
            self._prepare(placed.tokens[: placed.body], len(placed.tokens) + more)
            self._capture.begin(layers)
            if of == "question":
                asking = self._question(placed)
            else:
                asking = self._answer(placed, answer_tokens)
            found = self._capture.result(len(placed.tokens) + more, asking)
            self._forget_question(placed.body)
        except BaseException:
            self._clear()
            raise
        return self._map(placed, found, of, asking)

    def close(self) -> None:
        """Free the context; the next call makes a new one."""
        if self._context is not None:
            self._context, self._body, self._cells = None, b"", 0
            self._free()

    def _map(self, placed: Placed, found: tuple[Any, Any, Any], of: Asker, asking: int) -> AttentionMap:
        layers, heads, weights = found
        if not layers:
            state = "it keeps a running state" if self._engine.weights.has_state() else "it computes none of those asked for"
            raise ModelError(f"{self._engine.weights.name} has no attention weights to read: {state}")
        return AttentionMap(weights=weights, layers=layers, heads=heads, documents=placed.documents, of=of, asking=asking)

    def _question(self, placed: Placed) -> int:
        """Compute what follows the documents, and take the rows of the question; what stands behind it asks nothing."""
        start, stop = placed.asking
        self._compute(placed.tokens[placed.body : start], placed.body)
        for at in range(start, stop, ASKING):
            part = placed.tokens[at : min(at + ASKING, stop)]
            self._compute(part, at, rows=np.ones(len(part), np.bool_))
        return stop - start

    def _answer(self, placed: Placed, most: int) -> int:
        """Write greedily, and take the row of each token that writes one."""
        at = len(placed.tokens) - 1
        self._compute(placed.tokens[placed.body : at], placed.body)
        token, asked = int(placed.tokens[at]), 0
        while asked < most:
            self._compute(np.array([token], np.int32), at + asked, rows=np.ones(1, np.bool_))
            asked += 1
            token = int(np.argmax(self._logits()))
            if self._engine.vocabulary.ends(token):
                break
        return asked

    def _compute(self, tokens: Tokens, position: int, rows: NDArray[np.bool_] | None = None) -> None:
        """Compute tokens in batches; of one with `rows` the capture takes those."""
        for start in range(0, len(tokens), BODY):
            part = np.ascontiguousarray(tokens[start : start + BODY], np.int32)
            positions = np.arange(position + start, position + start + len(part), dtype=np.int32)
            last = np.zeros(len(part), np.int8)
            last[-1] = 1
            self._capture.rows(rows)
            try:
                decode(self._context, part, positions, np.zeros(len(part), np.int32), last)
            finally:
                self._capture.rows(None)

    def _logits(self) -> NDArray[np.float32]:
        pointer = library().llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._engine.vocabulary.size,))

    def _prepare(self, body: Tokens, cells: int) -> None:
        """Have the body's tokens computed, and room for all cells."""
        if self._context is None or cells > self._cells:
            self.close()
            self._open(padded(cells))
        # All or nothing: of a part of it, the rest would be computed in other batches, and so with other roundings.
        if not self._body or self._body != body.tobytes():
            self._clear()
            self._compute(body, 0)
            self._body = body.tobytes()

    def _forget_question(self, body: int) -> None:
        llama = library()
        state = self._engine.weights.has_state()  # of which no part can be taken back
        if state or not llama.llama_memory_seq_rm(llama.llama_get_memory(self._context), 0, body, -1):
            self._clear()

    def _clear(self) -> None:
        self._body = b""
        if self._context is not None:
            library().llama_memory_clear(library().llama_get_memory(self._context), False)

    def _open(self, cells: int) -> None:
        llama = library()
        with listening() as errors:
            parameters = llama.llama_context_default_params()
            parameters.n_ctx, parameters.n_seq_max = cells, 1
            parameters.n_batch = parameters.n_ubatch = BODY
            parameters.n_threads = parameters.n_threads_batch = self._threads
            parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
            parameters.swa_full = True  # else a window forgets the documents that the next question needs
            parameters.cb_eval = self._capture.callback
            pointer = llama.llama_init_from_model(self._engine.weights.pointer, parameters)
        if not pointer or not llama.llama_get_memory(pointer):
            if pointer:
                llama.llama_free(pointer)
            raise ModelError(
                f"{self._engine.weights.name} gives no context of {cells} tokens without flash attention: "
                f"{'; '.join(errors) or 'it gives no reason'}; try a smaller budget"
            )
        self._free = weakref.finalize(self, free_context, pointer)
        self._context, self._cells = pointer, cells

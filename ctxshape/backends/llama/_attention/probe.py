"""The attention that a question pays to its prompt, computed in a separate llama context without flash attention."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._attention.capture import AttentionCapture
from ctxshape.backends.llama._attention.prompt_map import PromptMap
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._native.bindings import bindings, captured_errors
from ctxshape.backends.llama._native.kv_cache import Tokens, decode_batch, free_context, padded_cells
from ctxshape.core.attention import AttentionMap
from ctxshape.core.messages import Prompt
from ctxshape.errors import ModelError
from ctxshape.inspection import abilities, read_model_facts

BODY = 512  # tokens of the documents in one batch
ASKING = 64  # asking tokens in one batch: a layer's weights are heads x tokens x cells floats


def check_attention(model: object) -> None:
    """Raises ModelError, before a model is loaded, for a file whose attention cannot be read. The message gives the reason."""
    if isinstance(model, str):
        able = abilities(read_model_facts(model)).attention
        if not able:
            raise ModelError(f"the attention of {model!r} cannot be read: {able.reason}")


class LlamaProbe:
    """Computes prompts and reads their attention. Not thread-safe: the caller of `attend` holds the backend's lock.

    The context shares the engine's weights and has one sequence. Flash attention is off, since it never forms the weights.
    The documents' part is kept: the next prompt that begins with exactly the same tokens computes only its question.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._capture = AttentionCapture()
        self._context: Any = None
        self._free: Any = None
        self._cells = 0
        self._body = b""

    def attend(self, prompt: Prompt) -> AttentionMap:
        """Returns the attention of the question's tokens to the prompt, the mean over these tokens."""
        positions = PromptMap(self._engine, prompt)
        self._engine.check(positions.tokens, 1, 0, "answer")
        try:
            self._prepare(positions.tokens[: positions.body], len(positions.tokens))
            self._capture.begin()
            asking = self._compute_question(positions)
            layers, heads, weights = self._capture.result(len(positions.tokens), asking)
            self._forget_question(positions.body)
        except BaseException:
            self._clear()
            raise
        if not layers:
            state = "it keeps a running state" if self._engine.weights.has_state() else "llama.cpp computed none"
            raise ModelError(f"{self._engine.weights.name} has no attention weights to read: {state}")
        return AttentionMap(weights=weights, layers=layers, heads=heads, documents=positions.documents, asking=asking)

    def close(self) -> None:
        """Frees the context; the next call creates a new one."""
        if self._context is not None:
            self._context, self._body, self._cells = None, b"", 0
            self._free()

    def _compute_question(self, positions: PromptMap) -> int:
        """Computes the tokens after the documents and captures the question's rows. Returns the number of asking tokens."""
        start, stop = positions.asking
        self._compute(positions.tokens[positions.body : start], positions.body)
        for at in range(start, stop, ASKING):
            part = positions.tokens[at : min(at + ASKING, stop)]
            self._compute(part, at, rows=np.ones(len(part), np.bool_))
        return stop - start

    def _compute(self, tokens: Tokens, position: int, rows: NDArray[np.bool_] | None = None) -> None:
        """Computes tokens in batches and captures `rows`, which need a single batch."""
        for start in range(0, len(tokens), BODY):
            part = np.ascontiguousarray(tokens[start : start + BODY], np.int32)
            positions = np.arange(position + start, position + start + len(part), dtype=np.int32)
            last = np.zeros(len(part), np.int8)
            last[-1] = 1
            self._capture.select(rows)
            try:
                decode_batch(self._context, part, positions, np.zeros(len(part), np.int32), last)
            finally:
                self._capture.select(None)

    def _prepare(self, body: Tokens, cells: int) -> None:
        """Provides room for all cells, with the body's tokens computed."""
        if self._context is None or cells > self._cells:
            self.close()
            self._open(padded_cells(cells))
        # All or nothing: if a part were kept, the rest would be computed in other batches, and so rounded differently.
        if not self._body or self._body != body.tobytes():
            self._clear()
            self._compute(body, 0)
            self._body = body.tobytes()

    def _forget_question(self, body: int) -> None:
        llama = bindings()
        state = self._engine.weights.has_state()  # a running state cannot be taken back in parts
        if state or not llama.llama_memory_seq_rm(llama.llama_get_memory(self._context), 0, body, -1):
            self._clear()

    def _clear(self) -> None:
        self._body = b""
        if self._context is not None:
            bindings().llama_memory_clear(bindings().llama_get_memory(self._context), False)

    def _open(self, cells: int) -> None:
        llama = bindings()
        with captured_errors() as errors:
            parameters = llama.llama_context_default_params()
            parameters.n_ctx, parameters.n_seq_max = cells, 1
            parameters.n_batch = parameters.n_ubatch = BODY
            parameters.n_threads = parameters.n_threads_batch = self._engine.settings.n_threads
            parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
            parameters.swa_full = True  # otherwise a sliding window drops the documents that the next question needs
            parameters.cb_eval = self._capture.callback
            pointer = llama.llama_init_from_model(self._engine.weights.pointer, parameters)
        if not pointer or not llama.llama_get_memory(pointer):
            if pointer:
                llama.llama_free(pointer)
            raise ModelError(
                f"llama.cpp cannot create a context of {cells} tokens without flash attention for {self._engine.weights.name}: "
                f"{'; '.join(errors) or 'no reason given'}; try a smaller budget"
            )
        self._free = weakref.finalize(self, free_context, pointer)
        self._context, self._cells = pointer, cells

"""A llama context of our own: a KV cache with several sequences that are computed in one batch."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._native.bindings import bindings, captured_errors
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.core.cancellation import current_cancellation
from ctxshape.core.types import Frozen
from ctxshape.errors import ModelError

Tokens = NDArray[np.int32]
Logits = NDArray[np.float32]  # a row: one number for each token of the vocabulary

BATCH = 2048  # tokens in one call of llama_decode
LOGITS_BYTES = 128 * 2**20  # of one batch: a row has four bytes for each of up to 262,144 tokens of the vocabulary
INT32 = ctypes.POINTER(ctypes.c_int32)


class ContextSettings(Frozen):
    """Settings of a llama context. `flash_attention` None lets llama.cpp decide.

    With `unified`, all sequences share one stream of cells, so that parts of one sequence can be added to another.
    """

    cells: int
    n_threads: int
    flash_attention: bool | None
    kv_type: str
    unified: bool = False


def padded_cells(cells: int) -> int:
    """Rounds up to the multiple of 256 that llama.cpp allocates."""
    return -(-cells // 256) * 256


def needs_flash_attention(kv_type: str) -> bool:
    """Returns whether llama.cpp reads a cache of this type only with flash attention, as it does quantized ones."""
    return kv_type.startswith("q")


class Run(NamedTuple):
    """Consecutive tokens of one sequence from position `start`. Logits are read at the positions in `wanted`."""

    tokens: Tokens
    start: int
    sequence: int
    wanted: tuple[int, ...]


class Guest(Protocol):
    """The owner of a sequence that stays in a cache between two calls."""

    def leave(self) -> None:
        """Saves the sequence, which is removed afterwards."""


class KvCache:
    """Computes tokens and keeps their keys and values, by sequence.

    Each sequence has its own stream (`kv_unified` off) and attends to its own cells only. In one unified cache, 8 prompts of
    1,068 tokens took 1.37 times as long to read and 1.8 times as long to answer (SmolLM2-135M on CPU), because every token
    passes the masked cells of the others. In return, a shared prefix has to be copied.
    The context is created at the first use, and again when it has too few streams or too short ones.
    With `unified` settings, `cells` counts the cells of all sequences together, and parts can be copied and moved.
    """

    def __init__(self, weights: Weights, settings: ContextSettings) -> None:
        self._weights = weights
        self._settings = settings
        self._context: Any = None
        self._memory: Any = None
        self._free: Any = None
        self._size = int(bindings().llama_vocab_n_tokens(bindings().llama_model_get_vocab(weights.pointer)))
        self._shape = (0, 0)
        self._guest: weakref.ref[Guest] | None = None

    def prepare(self, count: int, cells: int) -> None:
        """Provides `count` empty sequences with room for `cells` tokens each. Raises ModelError if memory is short."""
        self._dismiss()
        cells = padded_cells(cells)
        streams, length = self._shape
        if self._context is None or count > streams or cells > length:
            self.close()
            # Keep the earlier size, too, if it fits: calls that alternate must not recreate the context each time.
            length, streams = max(length, cells), max(streams, count)
            if self._cells(streams, length) > max(self._settings.cells, self._cells(count, cells)):
                streams, length = count, cells
            self._open(streams, length)
        self.clear()

    @property
    def context(self) -> Any:  # noqa: ANN401
        """The `llama_context *`, or None before `prepare`."""
        return self._context

    @property
    def streams(self) -> int:
        """The number of streams that hold the cells."""
        return 1 if self._settings.unified else self._shape[0]

    def compute(self, runs: Sequence[Run]) -> Iterator[tuple[int, int, Logits]]:
        """Computes the runs in batches.

        Yields (number of the run, wanted position, its logits). The logits are valid until the next step.
        """
        sizes = [len(run.tokens) for run in runs]
        tokens = np.concatenate([run.tokens for run in runs]).astype(np.int32)
        positions = np.concatenate([np.arange(run.start, run.start + len(run.tokens), dtype=np.int32) for run in runs])
        numbers = np.repeat(np.arange(len(runs)), sizes)
        sequences = np.array([run.sequence for run in runs], np.int32)[numbers]
        starts = np.cumsum(sizes) - sizes
        flags = np.zeros(len(tokens), np.int8)
        flags[[start + at - run.start for start, run in zip(starts, runs, strict=True) for at in run.wanted]] = 1
        cancellation = current_cancellation()
        for part in split_batches(flags, BATCH, max(1, LOGITS_BYTES // (4 * self._size))):
            if cancellation is not None:
                cancellation.check()
            decode_batch(self._context, tokens[part], positions[part], sequences[part], flags[part])
            for at in map(int, np.flatnonzero(flags[part])):
                yield int(numbers[part][at]), int(positions[part][at]), self._logits(at)

    def copy(self, source: int, target: int) -> None:
        """Makes `target` a copy of `source`. In a unified cache, adds `source` to the contents of `target`."""
        bindings().llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int, stop: int = -1) -> None:
        """Removes all positions, or those below `stop`, from a sequence. Other sequences keep them."""
        bindings().llama_memory_seq_rm(self._memory, sequence, -1, stop)

    def move(self, sequence: int, by: int) -> None:
        """Adds `by` to all positions of a sequence. The next computation rotates its keys (K-shift)."""
        bindings().llama_memory_seq_add(self._memory, sequence, -1, -1, by)

    def can_move(self) -> bool:
        """Returns whether llama.cpp can shift this cache, which must be prepared. True also for some models that it spoils."""
        return bool(bindings().llama_memory_can_shift(self._memory))

    def last_position(self, sequence: int) -> int:
        """Returns the highest position in a sequence, or -1 if it is empty."""
        return int(bindings().llama_memory_seq_pos_max(self._memory, sequence))

    def host(self, guest: Guest | None) -> None:
        """Keeps all contents until the cache is next prepared or cleared, and calls `guest.leave()` before that.

        A guest that was garbage-collected is not called. Without a guest, the contents are not kept.
        """
        self._guest = None if guest is None else weakref.ref(guest)

    def clear(self) -> None:
        """Empties all sequences."""
        self._dismiss()
        if self._context is not None:
            bindings().llama_memory_clear(self._memory, False)

    def close(self) -> None:
        """Frees the context; `prepare` creates a new one."""
        self._guest = None
        if self._context is not None:
            self._context = self._memory = None
            self._free()

    def _dismiss(self) -> None:
        reference, self._guest = self._guest, None
        guest = None if reference is None else reference()
        if guest is not None:
            guest.leave()

    def _cells(self, streams: int, length: int) -> int:
        return length if self._settings.unified else streams * length

    def _open(self, streams: int, cells: int) -> None:
        llama, settings = bindings(), self._settings
        with captured_errors() as errors:
            parameters = llama.llama_context_default_params()
            parameters.n_ctx, parameters.n_seq_max = self._cells(streams, cells), streams
            parameters.n_batch, parameters.n_ubatch = BATCH, min(512, BATCH)
            parameters.n_threads = parameters.n_threads_batch = settings.n_threads
            parameters.flash_attn_type = -1 if settings.flash_attention is None else int(settings.flash_attention)
            parameters.type_k = parameters.type_v = getattr(llama, f"GGML_TYPE_{settings.kv_type.upper()}")
            # A sliding window cannot be copied to a sequence that continues elsewhere, so keep all cells.
            parameters.swa_full, parameters.kv_unified = True, settings.unified
            pointer = llama.llama_init_from_model(self._weights.pointer, parameters)
            memory = llama.llama_get_memory(pointer) if pointer else None
        if pointer:
            self._free = weakref.finalize(self, free_context, pointer)
        if not memory:
            if pointer:
                self._free()
            raise ModelError(
                f"llama.cpp cannot create a context of {streams} x {cells} tokens for {self._weights.name}: "
                f"{'; '.join(errors) or 'it has no memory, so it is not a model that generates text'}; try a smaller n_ctx"
            )
        self._context, self._memory, self._shape = pointer, memory, (streams, cells)

    def _logits(self, at: int) -> Logits:
        pointer = bindings().llama_get_logits_ith(self._context, at)
        return np.ctypeslib.as_array(pointer, shape=(self._size,))


def decode_batch(
    context: Any,  # noqa: ANN401
    tokens: Tokens,
    positions: Tokens,
    sequences: Tokens,
    flags: np.ndarray[Any, Any],
) -> None:
    """Computes one batch in a llama context: each token at its position in its sequence, with logits if it is flagged.

    The arrays are int32, `flags` is int8, all of shape (tokens,). Raises ModelError if llama.cpp fails.
    """
    llama = bindings()
    ones = np.ones(len(tokens), np.int32)
    # The batch needs a pointer to each token's sequence id: addresses into one array.
    addresses = sequences.ctypes.data + np.arange(len(tokens), dtype=np.uint64) * np.uint64(sequences.itemsize)
    batch = llama.llama_batch(
        len(tokens),
        tokens.ctypes.data_as(INT32),
        None,
        positions.ctypes.data_as(INT32),
        ones.ctypes.data_as(INT32),
        addresses.ctypes.data_as(ctypes.POINTER(INT32)),
        flags.ctypes.data_as(ctypes.POINTER(ctypes.c_int8)),
    )
    with captured_errors() as errors:
        code = llama.llama_decode(context, batch)
    if code:
        raise ModelError(
            f"llama.cpp could not compute {len(tokens)} tokens (code {code}): {'; '.join(errors) or 'no reason given'}"
        )


def split_batches(flags: np.ndarray[Any, Any], most: int, rows: int) -> Iterator[slice]:
    """Yields slices of at most `most` tokens, at most `rows` of them flagged.

    >>> list(split_batches(np.array([0, 1, 0, 1, 1, 0, 0, 0]), 5, 2))
    [slice(0, 4, None), slice(4, 8, None)]
    """
    begin = 0
    while begin < len(flags):
        flagged = np.flatnonzero(flags[begin : begin + most])
        stop = begin + int(flagged[rows]) if len(flagged) > rows else min(begin + most, len(flags))
        yield slice(begin, stop)
        begin = stop


def free_context(pointer: Any) -> None:  # noqa: ANN401
    """Frees a llama context."""
    with captured_errors():
        bindings().llama_free(pointer)

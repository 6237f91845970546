"""A llama context of our own: several sequences, each in a stream of cells, computed in one batch."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ctxshape.backends.llama._gguf import Weights
from ctxshape.backends.llama._library import library, listening
from ctxshape.backends.llama._prefixes import Tokens, padded
from ctxshape.backends.llama._sampling import Row
from ctxshape.core.cancellation import stop
from ctxshape.core.types import Frozen
from ctxshape.errors import ModelError

BATCH = 2048  # tokens handed over at once
LOGITS = 128 * 2**20  # bytes of logits at once: a row has four for each token of the vocabulary, which may be 262,144
INT32 = ctypes.POINTER(ctypes.c_int32)


class ContextSettings(Frozen):
    """How a llama context is made; `flash_attention` None leaves it to llama.cpp.

    `unified`: all sequences share one stream of cells, so that a part of one can become a part of another.
    """

    cells: int
    n_threads: int
    flash_attention: bool | None
    kv_type: str
    unified: bool = False


def needs_flash_attention(kv_type: str) -> bool:
    """Whether llama.cpp reads a cache of this type with flash attention only: values that are quantized, in blocks."""
    return kv_type.startswith("q")


class Run(NamedTuple):
    """Tokens that go on in one sequence from position `start`; `wanted`: positions of those whose logits are read."""

    tokens: Tokens
    start: int
    sequence: int
    wanted: tuple[int, ...]


class Sequences:
    """The KV cache and what is computed in it.

    Each sequence has its own stream (`kv_unified` off) and pays attention over its own cells only. In one unified
    cache, 8 prompts of 1,068 tokens took 1.37 times as long to read and 1.8 times as long to answer (SmolLM2-135M
    on CPU), because every token passes the masked cells of the others. The price: a shared prefix is copied.
    The context is made when it is first needed, and made anew when its streams are too few or too short.
    With `unified` settings the cells are those of all sequences together, and parts can be copied and moved.
    """

    def __init__(self, weights: Weights, settings: ContextSettings) -> None:
        self._weights = weights
        self._settings = settings
        self._context: Any = None
        self._memory: Any = None
        self._free: Any = None
        self._size = int(library().llama_vocab_n_tokens(library().llama_model_get_vocab(weights.pointer)))
        self._shape = (0, 0)

    def prepare(self, count: int, cells: int) -> None:
        """Have `count` empty sequences with room for `cells` tokens each. Raises ModelError where memory is short."""
        cells = padded(cells)
        streams, length = self._shape
        if self._context is None or count > streams or cells > length:
            self.close()
            # Room for what came before, too, where it fits: alternating calls must not rebuild the context each time.
            length, streams = max(length, cells), max(streams, count)
            if self._cells(streams, length) > max(self._settings.cells, self._cells(count, cells)):
                streams, length = count, cells
            self._open(streams, length)
        self.clear()

    @property
    def context(self) -> Any:  # noqa: ANN401
        """The `llama_context *`, once prepared."""
        return self._context

    @property
    def streams(self) -> int:
        """In how many streams the cells lie."""
        return 1 if self._settings.unified else self._shape[0]

    def compute(self, runs: Sequence[Run]) -> Iterator[tuple[int, int, Row]]:
        """Compute the runs in batches; yields a run's number, a wanted position, and its logits until the next step."""
        sizes = [len(run.tokens) for run in runs]
        tokens = np.concatenate([run.tokens for run in runs]).astype(np.int32)
        positions = np.concatenate([np.arange(run.start, run.start + len(run.tokens), dtype=np.int32) for run in runs])
        numbers = np.repeat(np.arange(len(runs)), sizes)
        sequences = np.array([run.sequence for run in runs], np.int32)[numbers]
        starts = np.cumsum(sizes) - sizes
        flags = np.zeros(len(tokens), np.int8)
        flags[[start + at - run.start for start, run in zip(starts, runs, strict=True) for at in run.wanted]] = 1
        waited_for = stop()
        for part in batches(flags, BATCH, max(1, LOGITS // (4 * self._size))):
            if waited_for is not None:
                waited_for.check()
            decode(self._context, tokens[part], positions[part], sequences[part], flags[part])
            for at in map(int, np.flatnonzero(flags[part])):
                yield int(numbers[part][at]), int(positions[part][at]), self._logits(at)

    def copy(self, source: int, target: int) -> None:
        """Make sequence `target` what `source` is; in a unified cache, add it to what is there."""
        library().llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int, stop: int = -1) -> None:
        """Take positions below `stop`, or all, from a sequence; no other one that holds them loses them."""
        library().llama_memory_seq_rm(self._memory, sequence, -1, stop)

    def move(self, sequence: int, by: int) -> None:
        """Add to all positions of a sequence; the next computation turns its keys (K-shift)."""
        library().llama_memory_seq_add(self._memory, sequence, -1, -1, by)

    def can_move(self) -> bool:
        """Whether llama.cpp can shift this cache, which must be prepared; True also for models that it then spoils."""
        return bool(library().llama_memory_can_shift(self._memory))

    def clear(self) -> None:
        """Empty all sequences."""
        if self._context is not None:
            library().llama_memory_clear(self._memory, False)

    def close(self) -> None:
        """Free the context; `prepare` makes a new one."""
        if self._context is not None:
            self._context = self._memory = None
            self._free()

    def _cells(self, streams: int, length: int) -> int:
        return length if self._settings.unified else streams * length

    def _open(self, streams: int, cells: int) -> None:
        llama, settings = library(), self._settings
        with listening() as errors:
            parameters = llama.llama_context_default_params()
            parameters.n_ctx, parameters.n_seq_max = self._cells(streams, cells), streams
            parameters.n_batch, parameters.n_ubatch = BATCH, min(512, BATCH)
            parameters.n_threads = parameters.n_threads_batch = settings.n_threads
            parameters.flash_attn_type = -1 if settings.flash_attention is None else int(settings.flash_attention)
            parameters.type_k = parameters.type_v = getattr(llama, f"GGML_TYPE_{settings.kv_type.upper()}")
            # A window that slides cannot be copied to a sequence that goes on elsewhere, so keep all cells.
            parameters.swa_full, parameters.kv_unified = True, settings.unified
            pointer = llama.llama_init_from_model(self._weights.pointer, parameters)
            memory = llama.llama_get_memory(pointer) if pointer else None
        if pointer:
            self._free = weakref.finalize(self, free_context, pointer)
        if not memory:
            if pointer:
                self._free()
            raise ModelError(
                f"{self._weights.name} gives no context of {streams} x {cells} tokens: "
                f"{'; '.join(errors) or 'it has no memory, so it is not a model that writes'}; try a smaller n_ctx"
            )
        self._context, self._memory, self._shape = pointer, memory, (streams, cells)

    def _logits(self, at: int) -> Row:
        pointer = library().llama_get_logits_ith(self._context, at)
        return np.ctypeslib.as_array(pointer, shape=(self._size,))


def decode(context: Any, tokens: Tokens, positions: Tokens, sequences: Tokens, flags: np.ndarray[Any, Any]) -> None:  # noqa: ANN401
    """Compute one batch in a llama context: each token at its position in its sequence, with logits where it is flagged.

    The arrays are int32, `flags` int8, all of shape (tokens,). Raises ModelError where llama.cpp fails.
    """
    llama = library()
    ones = np.ones(len(tokens), np.int32)
    # The batch wants a pointer to each token's sequence id: addresses into one array.
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
    with listening() as errors:
        code = llama.llama_decode(context, batch)
    if code:
        raise ModelError(
            f"llama.cpp could not compute {len(tokens)} tokens (code {code}): {'; '.join(errors) or 'no reason given'}"
        )


def batches(flags: np.ndarray[Any, Any], most: int, rows: int) -> Iterator[slice]:
    """Slices of at most `most` tokens, of which at most `rows` are flagged.

    >>> list(batches(np.array([0, 1, 0, 1, 1, 0, 0, 0]), 5, 2))
    [slice(0, 4, None), slice(4, 8, None)]
    """
    begin = 0
    while begin < len(flags):
        flagged = np.flatnonzero(flags[begin : begin + most])
        stop = begin + int(flagged[rows]) if len(flagged) > rows else min(begin + most, len(flags))
        yield slice(begin, stop)
        begin = stop


def free_context(pointer: Any) -> None:  # noqa: ANN401
    """Give a llama context back."""
    with listening():
        library().llama_free(pointer)

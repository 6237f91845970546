"""What llama.cpp keeps of a sequence, as bytes: taken out of one context, put into another."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._library import library, listening
from ctxshape.backends.llama._sequences import Sequences
from ctxshape.errors import ModelError

State = NDArray[np.uint8]

HEADER = 8  # bytes before the first cache: a magic number and the id of the sequence
WORD = 4
_BYTES = ctypes.POINTER(ctypes.c_uint8)


def dump(sequences: Sequences, sequence: int) -> State:
    """Keys, values and positions of a sequence (`llama_state_seq_get_data`); the id it has is not part of it."""
    llama, context = library(), sequences.context
    with listening() as errors:
        state = np.empty(int(llama.llama_state_seq_get_size(context, sequence)), np.uint8)
        written = llama.llama_state_seq_get_data(context, _pointer(state), len(state), sequence)
    if not written or written != len(state):
        raise ModelError(
            f"llama.cpp gave {written} of {len(state)} bytes of a sequence: {'; '.join(errors) or 'no reason given'}"
        )
    state[WORD:HEADER] = 0
    return state


def restore(sequences: Sequences, sequence: int, state: State) -> bool:
    """Make a sequence what was dumped (`llama_state_seq_set_data`); False where llama.cpp refuses."""
    with listening():
        read = library().llama_state_seq_set_data(sequences.context, _pointer(state), len(state), sequence)
    return bool(read) and read == len(state)


def dump_for(sequences: Sequences, sequence: int, streams: int) -> State:
    """A dump of a unified cache's sequence that a context with `streams` streams takes.

    llama.cpp refuses a state of another number of streams, though a sequence lies in one of them. A model with a sliding
    window has two caches, one after the other; a partial state holds the second alone, which tells where it begins.
    """
    llama, context = library(), sequences.context
    state = dump(sequences, sequence)
    second = int(llama.llama_state_seq_get_size_ext(context, sequence, llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY))
    caches = [state[HEADER:]] if second == len(state) else np.split(state[HEADER:], [len(state) - second])
    return np.concatenate([state[:HEADER], *(in_streams(cache, streams) for cache in caches)])


def in_streams(cache: State, streams: int) -> State:
    """The state of a cache in one stream as that of a cache in `streams`, all but the first of them empty.

    llama.cpp writes the number of streams, and then for each its number of cells and, if there are any, the cells.

    >>> one = np.array([1, 5, 77], np.uint32).view(np.uint8)
    >>> in_streams(one, 3).view(np.uint32).tolist()
    [3, 5, 77, 0, 0]
    """
    count, empty = np.array([streams], np.uint32), np.zeros(streams - 1, np.uint32)
    return np.concatenate([count.view(np.uint8), cache[WORD:], empty.view(np.uint8)])


def _pointer(state: State) -> Any:  # noqa: ANN401
    return state.ctypes.data_as(_BYTES)

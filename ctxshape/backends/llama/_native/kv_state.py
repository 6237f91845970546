"""Saved sequences: the keys and values of one sequence as bytes, taken from one KV cache and restored into another."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._native.bindings import bindings, captured_errors
from ctxshape.backends.llama._native.kv_cache import KvCache
from ctxshape.errors import ModelError

KvState = NDArray[np.uint8]

HEADER = 8  # bytes before the first cache: a magic number and the id of the sequence
WORD = 4
_BYTES = ctypes.POINTER(ctypes.c_uint8)


def save_sequence(cache: KvCache, sequence: int) -> KvState:
    """Returns the keys, values and positions of a sequence (`llama_state_seq_get_data`), without the sequence's id."""
    llama, context = bindings(), cache.context
    with captured_errors() as errors:
        state = np.empty(int(llama.llama_state_seq_get_size(context, sequence)), np.uint8)
        written = llama.llama_state_seq_get_data(context, _pointer(state), len(state), sequence)
    if not written or written != len(state):
        raise ModelError(
            f"llama.cpp gave {written} of {len(state)} bytes of a sequence: {'; '.join(errors) or 'no reason given'}"
        )
    state[WORD:HEADER] = 0
    return state


def restore_sequence(cache: KvCache, sequence: int, state: KvState) -> bool:
    """Replaces a sequence by a saved one (`llama_state_seq_set_data`). Returns False if llama.cpp refuses."""
    with captured_errors():
        read = bindings().llama_state_seq_set_data(cache.context, _pointer(state), len(state), sequence)
    return bool(read) and read == len(state)


def save_for_streams(cache: KvCache, sequence: int, streams: int) -> KvState:
    """Saves a sequence of a unified cache in the form that a cache with several streams accepts.

    llama.cpp refuses a state with another number of streams, although a sequence lies in only one of them. A model with a
    sliding window has two caches, one after the other. A partial state holds the second one alone, so its size tells where
    the second one begins.
    """
    llama, context = bindings(), cache.context
    state = save_sequence(cache, sequence)
    second = int(llama.llama_state_seq_get_size_ext(context, sequence, llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY))
    parts = [state[HEADER:]] if second == len(state) else np.split(state[HEADER:], [len(state) - second])
    return np.concatenate([state[:HEADER], *(spread_over_streams(part, streams) for part in parts)])


def spread_over_streams(state: KvState, streams: int) -> KvState:
    """Turns the state of a cache with one stream into that of a cache with `streams` streams, all empty but the first.

    llama.cpp writes the number of streams, and for each stream its number of cells and, if there are any, the cells.

    >>> one = np.array([1, 5, 77], np.uint32).view(np.uint8)
    >>> spread_over_streams(one, 3).view(np.uint32).tolist()
    [3, 5, 77, 0, 0]
    """
    count, empty = np.array([streams], np.uint32), np.zeros(streams - 1, np.uint32)
    return np.concatenate([count.view(np.uint8), state[WORD:], empty.view(np.uint8)])


def _pointer(state: KvState) -> Any:  # noqa: ANN401
    return state.ctypes.data_as(_BYTES)

"""Saved sequences: the keys and values of one sequence as bytes, taken from one KV cache and restored into another."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

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
    state = save_sequence(cache, sequence)
    parts = _caches(state, _second_cache(cache, sequence))
    return np.concatenate([state[:HEADER], *(spread_over_streams(part, streams) for part in parts)])


class FirstSequence(NamedTuple):
    """The saved sequence 0 of a cache: its state, the cache's number of streams, and the size of a second cache's part."""

    state: KvState
    streams: int
    second: int


def save_first(cache: KvCache) -> FirstSequence:
    """Saves sequence 0, which lies in the first stream, so that it can return after the cache got other streams."""
    return FirstSequence(save_sequence(cache, 0), cache.streams, _second_cache(cache, 0))


def restore_first(cache: KvCache, saved: FirstSequence) -> bool:
    """Restores a saved sequence 0 into a cache with any number of streams. Returns False if llama.cpp refuses."""
    state = saved.state
    if saved.streams != cache.streams:
        empty = WORD * (saved.streams - 1)
        parts = (part[: len(part) - empty] for part in _caches(state, saved.second))
        state = np.concatenate([state[:HEADER], *(spread_over_streams(part, cache.streams) for part in parts)])
    return restore_sequence(cache, 0, state)


def spread_over_streams(state: KvState, streams: int) -> KvState:
    """Turns the state of a cache with one stream into that of a cache with `streams` streams, all empty but the first.

    llama.cpp writes the number of streams, and for each stream its number of cells and, if there are any, the cells.

    >>> one = np.array([1, 5, 77], np.uint32).view(np.uint8)
    >>> spread_over_streams(one, 3).view(np.uint32).tolist()
    [3, 5, 77, 0, 0]
    """
    count, empty = np.array([streams], np.uint32), np.zeros(streams - 1, np.uint32)
    return np.concatenate([count.view(np.uint8), state[WORD:], empty.view(np.uint8)])


def _second_cache(cache: KvCache, sequence: int) -> int:
    """Returns the size of a partial state: the second cache alone, or all if there is only one."""
    llama = bindings()
    return int(llama.llama_state_seq_get_size_ext(cache.context, sequence, llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY))


def _caches(state: KvState, second: int) -> list[KvState]:
    """Splits a state, without its header, into the parts of its one or two caches."""
    return [state[HEADER:]] if second == len(state) else np.split(state[HEADER:], [len(state) - second])


def _pointer(state: KvState) -> Any:  # noqa: ANN401
    return state.ctypes.data_as(_BYTES)

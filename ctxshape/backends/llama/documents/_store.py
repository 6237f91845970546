"""The documents' saved sequences, found by the tokens they were computed from, within the cache's limits."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from ctxshape.backends.llama._native.kv_cache import Tokens
from ctxshape.backends.llama._native.kv_state import KvState
from ctxshape.backends.llama.documents._cache_folder import CacheFolder
from ctxshape.backends.llama.documents.cache import DocumentCache

MIB = 2**20


class DocumentStore:
    """Keeps states in memory and, with a folder, on disk. The least recently used is dropped first.

    `identity` describes the model and its settings. It is called once, and only if there is a folder.
    Not thread-safe; several processes may share a folder.
    """

    def __init__(self, limits: DocumentCache, identity: Callable[[], str]) -> None:
        self._limit = limits.memory_mib * MIB
        self._folder = CacheFolder(limits.folder, limits.disk_mib * MIB) if limits.folder else None
        self._identity = identity
        self._known: str | None = None
        self._states: OrderedDict[str, KvState] = OrderedDict()
        self.bytes = 0

    def find(self, lead: Tokens, document: Tokens) -> KvState | None:
        """Returns the state of a document that follows a lead, or None."""
        key = self._key(lead, document)
        state = self._states.get(key)
        if state is not None:
            self._states.move_to_end(key)
            return state
        found = self._folder.read(key) if self._folder else None
        if found is None:
            return None
        state = np.frombuffer(found, np.uint8)
        self._remember(key, state)
        return state

    def keep(self, lead: Tokens, document: Tokens, state: KvState) -> None:
        """Keeps the state of a document that follows a lead, as far as the limits allow."""
        key = self._key(lead, document)
        self._remember(key, state)
        if self._folder:
            self._folder.write(key, state.tobytes())

    def clear(self) -> None:
        """Drops all states in memory."""
        self._states.clear()
        self.bytes = 0

    def _remember(self, key: str, state: KvState) -> None:
        if len(state) > self._limit:
            return
        self.bytes += len(state) - len(self._states.pop(key, ()))
        self._states[key] = state
        while self.bytes > self._limit:
            self.bytes -= len(self._states.popitem(last=False)[1])

    def _key(self, lead: Tokens, document: Tokens) -> str:
        if self._known is None:
            self._known = self._identity() if self._folder else ""
        return state_key(self._known, lead, document)


def state_key(identity: str, lead: Tokens, document: Tokens) -> str:
    """Returns the name of a state: a SHA-256 of the model with its settings, the lead's tokens and the document's.

    >>> one, two = np.array([1, 2], np.int32), np.array([3], np.int32)
    >>> state_key("m", one, two) == state_key("m", np.array([1], np.int32), np.array([2, 3], np.int32))
    False
    """
    hasher = hashlib.sha256()
    for part in (identity.encode(), lead.astype("<i4").tobytes(), document.astype("<i4").tobytes()):
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)
    return hasher.hexdigest()

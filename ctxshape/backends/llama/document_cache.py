"""Documents' keys and values, kept between questions: as many as fit into a bound, found by what they were made from."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from ctxshape.backends.llama._cache_folder import CacheFolder
from ctxshape.backends.llama._prefixes import Tokens
from ctxshape.backends.llama._states import State
from ctxshape.core.types import Frozen

MIB = 2**20


class DocumentCache(Frozen):
    """How much computed KV of documents `LlamaCpp` keeps for later questions, the latest used, in MiB.

    `memory_mib` bounds what stays in memory between calls; a call holds the documents it reads besides. 0 keeps nothing.
    With a `folder`, documents are kept there too, at most `disk_mib`, by content: a later process over the same passages
    and the same model file starts with them. Whoever can read the folder can read the documents; whoever can write to it
    decides what the model believes to have read, so give one that is yours alone (it is made so, mode 0700).

    >>> DocumentCache(memory_mib=64)
    DocumentCache(memory_mib=64, folder=None, disk_mib=1024)
    """

    memory_mib: Annotated[int, Field(ge=0)] = 256
    folder: Path | None = None
    disk_mib: Annotated[int, Field(ge=1)] = 1024


class DocumentStore:
    """What is kept, least recently used first to go. `identity` tells the model and its settings, read once if a folder is.

    Not thread-safe; several processes may share a folder.
    """

    def __init__(self, settings: DocumentCache, identity: Callable[[], str]) -> None:
        self._limit = settings.memory_mib * MIB
        self._folder = CacheFolder(settings.folder, settings.disk_mib * MIB) if settings.folder else None
        self._identity = identity
        self._known: str | None = None
        self._states: OrderedDict[str, State] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._states)

    def find(self, lead: Tokens, document: Tokens) -> State | None:
        """The state of a document behind a lead, or None."""
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

    def keep(self, lead: Tokens, document: Tokens, state: State) -> None:
        """Keep the state of a document behind a lead, as far as the bounds allow."""
        key = self._key(lead, document)
        self._remember(key, state)
        if self._folder:
            self._folder.write(key, state.tobytes())

    def clear(self) -> None:
        """Forget what is in memory."""
        self._states.clear()
        self.bytes = 0

    def _remember(self, key: str, state: State) -> None:
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
    """The name of a state: a SHA-256 of the model with its settings, the lead's tokens and the document's.

    >>> one, two = np.array([1, 2], np.int32), np.array([3], np.int32)
    >>> state_key("m", one, two) == state_key("m", np.array([1], np.int32), np.array([2, 3], np.int32))
    False
    """
    hasher = hashlib.sha256()
    for part in (identity.encode(), lead.astype("<i4").tobytes(), document.astype("<i4").tobytes()):
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)
    return hasher.hexdigest()

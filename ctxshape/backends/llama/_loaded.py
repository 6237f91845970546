"""What a backend has loaded, and who may use it: made at the first use, freed once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from ctxshape.backends.llama._attention import Probe
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._lock import FairLock
from ctxshape.backends.llama.reuse import Reuse
from ctxshape.errors import ModelError


class Loaded:
    """An engine, and what reads attention or reuses documents by it. `turn` is held by whoever computes or closes."""

    def __init__(self) -> None:
        self.turn = FairLock()
        self._loading = threading.Lock()
        self._engine: Engine | None = None
        self._probe: Probe | None = None
        self._reuse: Reuse | None = None
        self._closed = False

    def engine(self, owner: object, make: Callable[[], Engine]) -> Engine:
        """The engine, made by the first thread that asks. Raises ModelError naming the owner after `close`."""
        with self._loading:
            if self._closed:
                raise ModelError(f"{owner!r} was closed; make a new one")
            if self._engine is None:
                self._engine = make()
            return self._engine

    def probe(self, make: Callable[[], Probe]) -> Probe:
        """What reads attention; ask only with the turn."""
        if self._probe is None:
            self._probe = make()
        return self._probe

    def reuse(self, make: Callable[[], Reuse]) -> Reuse:
        """What reuses documents; ask only with the turn."""
        if self._reuse is None:
            self._reuse = make()
        return self._reuse

    def close(self) -> None:
        """Free all of it, after the calls that run."""
        with self.turn:
            self._closed = True
            parts = (self._probe, self._reuse, self._engine)
            self._probe = self._reuse = self._engine = None
            for part in parts:
                if part is not None:
                    part.close()


def usable_threads() -> int:
    """Threads that help: all cores of a small machine; of a larger one half, since the rest are mostly hyper-threads."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable if usable <= 4 else usable // 2

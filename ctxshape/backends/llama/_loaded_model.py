"""The loaded parts of a backend: created at the first use, shared by its threads, freed once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ctxshape.backends.llama._attention.probe import LlamaProbe
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._fair_lock import FairLock
from ctxshape.backends.llama.documents.reuse import DocumentReuse
from ctxshape.errors import ModelError


class LoadedModel:
    """An engine, and the attention probe and document reuse on top of it. A thread holds `turn` to compute or to close."""

    def __init__(self) -> None:
        self.turn = FairLock()
        self._loading = threading.Lock()
        self._engine: Engine | None = None
        self._probe: LlamaProbe | None = None
        self._reuse: DocumentReuse | None = None
        self._closed = False

    def engine(self, owner: object, make: Callable[[], Engine]) -> Engine:
        """Returns the engine, which the first thread creates. After `close`, raises ModelError with the owner's name."""
        with self._loading:
            if self._closed:
                raise ModelError(f"{owner!r} was closed; make a new one")
            if self._engine is None:
                self._engine = make()
            return self._engine

    def probe(self, make: Callable[[], LlamaProbe]) -> LlamaProbe:
        """Returns the attention probe. The caller must hold `turn`."""
        if self._probe is None:
            self._probe = make()
        return self._probe

    def reuse(self, make: Callable[[], DocumentReuse]) -> DocumentReuse:
        """Returns the document reuse. The caller must hold `turn`."""
        if self._reuse is None:
            self._reuse = make()
        return self._reuse

    def close(self) -> None:
        """Frees all parts after the running call. Calls that wait for their turn raise ModelError."""
        with self.turn.last():
            self._closed = True
            parts = (self._probe, self._reuse, self._engine)
            self._probe = self._reuse = self._engine = None
            for part in parts:
                if part is not None:
                    part.close()

"""A reply that is written in turns with other calls. Between two turns, its sequence may have to leave the cache."""

from __future__ import annotations

import weakref
from time import perf_counter

import numpy as np

from ctxshape.backends.llama._fair_lock import FairLock
from ctxshape.backends.llama._generation.replies import Reply, read_prompts
from ctxshape.backends.llama._native.kv_cache import KvCache, Run
from ctxshape.backends.llama._native.kv_state import FirstSequence, restore_first, save_first
from ctxshape.errors import ModelError

TURN = 0.25  # seconds that a stream may compute ahead while only other streams wait
LEAST_SAVED = 256 * 2**20  # bytes of saved sequences that are kept in any case


class SavedSequences:
    """Bounds the memory of streams that had to leave the cache.

    Together they may take as much as a full cache of `cells` tokens, or 256 MiB if that is less. Beyond that, the stream
    that left first loses its sequence, and computes it again if it is ever continued. The last one keeps its sequence.
    """

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._left: list[weakref.ref[StreamedReply]] = []

    def keep(self, stream: StreamedReply) -> None:
        """Counts the sequence of a stream that just left, and drops the oldest ones beyond the limit."""
        held = [one for one in (reference() for reference in self._left) if one is not None and one.saved and one is not stream]
        assert stream.saved is not None
        size = len(stream.saved.state)
        limit = max(LEAST_SAVED, size * self._cells // max(1, stream.positions)) - size
        total = sum(len(one.saved.state) for one in held if one.saved)
        while held and total > limit:
            oldest = held.pop(0)
            total -= len(oldest.saved.state) if oldest.saved else 0
            oldest.saved = None
        self._left = [weakref.ref(one) for one in (*held, stream)]


class StreamedReply:
    """Writes one reply, some tokens a turn. The caller holds the backend's lock during `pieces` and never between.

    Between two turns the sequence stays in the cache. If another call needs the cache, the sequence is saved and restored
    bit by bit, so the text is the same with and without interruption. A stream that is never continued costs nothing but
    the memory of its saved sequence, until it is garbage-collected.
    """

    def __init__(self, cache: KvCache, reply: Reply, saved: SavedSequences) -> None:
        self._cache = cache
        self._reply = reply
        self._room = saved
        self._begun = self._inside = False
        self.saved: FirstSequence | None = None
        self.done = False

    @property
    def positions(self) -> int:
        """The number of computed positions: the prompt and all written tokens but the last."""
        return self._reply.end + len(self._reply.written) - 1

    def pieces(self, turn: FairLock) -> list[str]:
        """Returns the next pieces of text: one, or several if other streams wait, so that they swap places less often.

        Returns after the token in progress if a new call waits, even without a piece.
        """
        made: list[str] = []
        until = 0.0
        while not self.done:
            started = perf_counter()
            returned = self._begun and not self._inside
            self._step()
            if piece := self._reply.generated.take():
                made.append(piece)
            if turn.calls_waiting:
                break
            now = perf_counter()
            if returned or not until:  # the longer it took to return, the longer it may stay
                until = now + max(TURN, 4 * (now - started) if returned else 0)
            if made and (not turn.waiting or now > until):
                break
        return made

    def leave(self) -> None:
        """Saves the sequence, because another call needs the cache."""
        self._inside = False
        try:
            self.saved = save_first(self._cache)
            self._room.keep(self)
        except (ModelError, MemoryError):
            self.saved = None  # computed again if it continues; the other call must not fail for it

    def _step(self) -> None:
        """Computes one token."""
        try:
            if not self._begun:
                self._open()
                read_prompts(self._cache, [self._reply])
                self._begun = True
            else:
                if not self._inside:
                    self._return()
                for _, _, logits in self._cache.compute([self._reply.next_run(0)]):
                    self._reply.advance(logits)
        except BaseException:
            self._finish()
            raise
        self._inside = True
        self._cache.host(self)
        if self._reply.finish is not None:
            self._finish()

    def _open(self) -> None:
        self._cache.prepare(1, self._reply.end + self._reply.options.max_tokens)

    def _return(self) -> None:
        """Restores the sequence. If that fails, computes it again in the same batches, which gives the same bits."""
        self._open()
        saved, self.saved = self.saved, None
        if saved is not None and restore_first(self._cache, saved):
            return
        self._cache.clear()
        tokens, written = self._reply.tokens, self._reply.written
        runs = [Run(tokens, 0, 0, wanted=(len(tokens) - 1,))]
        runs += [Run(np.array([token], np.int32), at, 0, (at,)) for at, token in enumerate(written[:-1], len(tokens))]
        for run in runs:
            for _ in self._cache.compute([run]):
                pass

    def _finish(self) -> None:
        self.done, self.saved = True, None
        self._cache.host(None)
        self._cache.clear()

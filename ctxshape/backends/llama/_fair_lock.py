"""A lock that serves threads in the order of their arrival."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType

from ctxshape.errors import ModelError


class FairLock:
    """A first-come, first-served lock. A thread that would wait for itself gets an error instead of a deadlock.

    Any thread may release it, since an abandoned generator is closed by the thread that collects it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._owner: int | None = None

    @property
    def waiting(self) -> int:
        """The number of threads that wait for the lock."""
        return len(self._queue)

    def acquire(self) -> None:
        """Waits for all earlier threads. Raises ModelError if this thread already holds the lock."""
        turn = threading.Event()
        with self._guard:
            if self._owner == threading.get_ident():
                raise ModelError(
                    "this thread has an open stream of the same backend; read it to its end or close() it before the next call"
                )
            if self._owner is None:
                self._owner = threading.get_ident()
                return
            self._queue.append(turn)
        try:
            turn.wait()
        except BaseException:  # interrupted while waiting: leave the queue, or pass on the turn that just came
            self._leave(turn)
            raise
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Passes the lock to the thread that has waited longest."""
        with self._guard:
            self._owner = None
            if self._queue:
                self._owner = -1  # taken: no other thread may slip in before the next one wakes
                self._queue.popleft().set()

    def _leave(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        self.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

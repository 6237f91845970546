"""A lock that serves its waiters in the order they came."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType

from ctxshape.errors import ModelError


class FairLock:
    """A first-come, first-served lock; a thread that would wait for itself gets an error instead of a deadlock.

    Any thread may release it: an abandoned generator is closed by whichever thread collects it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._owner: int | None = None

    def acquire(self) -> None:
        """Wait for all who came before. Raises ModelError where this very thread holds the lock."""
        turn = threading.Event()
        with self._guard:
            if self._owner == threading.get_ident():
                raise ModelError(
                    "this thread has an open stream of the same backend; read it to its end or close() it before the next call"
                )
            if self._owner is None:
                self._owner = threading.get_ident()
                return
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:  # interrupted while waiting: leave the queue, or pass on the turn that just came
            self._leave(turn)
            raise
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Let the one who waits longest go on."""
        with self._guard:
            self._owner = None
            if self._waiting:
                self._owner = -1  # taken: nobody may slip in before the waiter wakes
                self._waiting.popleft().set()

    def _leave(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

"""A lock that serves threads in the order of their arrival and lets new calls pass streams that continue."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from ctxshape.core.cancellation import Cancellation, current_cancellation
from ctxshape.errors import ModelError


class _Waiter:
    """A thread that waits. `wake` is set when its turn has come, when it gets none, and when its work is cancelled."""

    def __init__(self, *, last: bool = False) -> None:
        self.wake = threading.Event()
        self.last = last
        self.admitted = self.refused = False


class FairLock:
    """A first-come, first-served lock with two queues: new calls, and streams that continue.

    New calls go first, but after each of them one waiting stream gets a turn. A thread that would wait for itself gets an
    error instead of a deadlock. A thread whose work is cancelled leaves the queue at once with CancelledError.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: deque[_Waiter] = deque()
        self._streams: deque[_Waiter] = deque()
        self._owner: int | None = None
        self._last_was_call = False

    @property
    def waiting(self) -> int:
        """The number of threads that wait for the lock."""
        return len(self._calls) + len(self._streams)

    @property
    def calls_waiting(self) -> int:
        """The number of threads that wait with a new call."""
        return len(self._calls)

    def acquire(self, *, continuing: bool = False) -> None:
        """Waits for its turn, among the streams if `continuing`.

        Raises ModelError if this thread already holds the lock, or if `last` was called while it waited.
        """
        cancellation = current_cancellation()
        if cancellation is not None:
            cancellation.check()
        self._wait(_Waiter(), self._streams if continuing else self._calls, cancellation)

    @contextmanager
    def last(self) -> Iterator[None]:
        """Holds the lock after the thread that holds it now. All others that wait get a ModelError instead of a turn."""
        self._wait(_Waiter(last=True), self._calls, None)
        try:
            yield
        finally:
            self.release()

    def _wait(self, waiter: _Waiter, queue: deque[_Waiter], cancellation: Cancellation | None) -> None:
        with self._guard:
            if self._owner == threading.get_ident():
                raise ModelError("this thread is computing with the same backend; call it again when that has ended")
            if self._owner is None:
                self._owner = threading.get_ident()
                self._last_was_call = queue is self._calls
                return
            if waiter.last:
                self._refuse_all()
            queue.append(waiter)
        try:
            if cancellation is None:
                waiter.wake.wait()
            else:
                with cancellation.on_cancel(waiter.wake.set):
                    waiter.wake.wait()
                cancellation.check()
        except BaseException:  # interrupted or cancelled while waiting
            self._leave(waiter)
            raise
        if waiter.refused:
            raise ModelError("the model was closed while this call waited for its turn; make a new one")
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Passes the lock to the next thread."""
        with self._guard:
            self._owner = None
            if not self.waiting:
                return
            call = bool(self._calls) and not (self._last_was_call and self._streams)
            self._owner = -1  # taken: no other thread may slip in before the next one wakes
            self._last_was_call = call
            waiter = (self._calls if call else self._streams).popleft()
            waiter.admitted = True
            waiter.wake.set()

    @contextmanager
    def continuing(self) -> Iterator[None]:
        """Holds the lock for a stream that continues."""
        self.acquire(continuing=True)
        try:
            yield
        finally:
            self.release()

    def _refuse_all(self) -> None:
        """Wakes all waiting threads with an error, except those that close."""
        for queue in (self._calls, self._streams):
            for waiter in [one for one in queue if not one.last]:
                queue.remove(waiter)
                waiter.refused = True
                waiter.wake.set()

    def _leave(self, waiter: _Waiter) -> None:
        """Leaves the queue, or passes on the turn that just came."""
        with self._guard:
            if not waiter.admitted:
                if not waiter.refused:
                    (self._streams if waiter in self._streams else self._calls).remove(waiter)
                return
        self.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

"""How many tasks may ask a server at a time, whatever event loops they are in."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager


class Turns:
    """At most `count` at a time, first come, first served. An asyncio.Semaphore for any number of event loops.

    >>> turns = Turns(2)
    >>> async def peek():
    ...     async with turns.turn():
    ...         return repr(turns)
    >>> asyncio.run(peek()), repr(turns)
    ('Turns(free=1, waiting=0)', 'Turns(free=2, waiting=0)')
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._waiting: deque[Future[None]] = deque()

    def __repr__(self) -> str:
        with self._lock:
            return f"Turns(free={self._free}, waiting={sum(not asked.cancelled() for asked in self._waiting)})"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn until the end of the block; who is cancelled before it begins leaves the queue."""
        asked = self._ask()
        try:
            await asyncio.wrap_future(asked)
        except BaseException:
            if not asked.cancel():  # the turn came in the same moment: it is the next one's
                self._give()
            raise
        try:
            yield
        finally:
            self._give()

    def _ask(self) -> Future[None]:
        asked: Future[None] = Future()
        with self._lock:
            if self._free == 0:
                self._waiting.append(asked)
                return asked
            self._free -= 1
        asked.set_result(None)
        return asked

    def _give(self) -> None:
        with self._lock:
            while self._waiting:
                asked = self._waiting.popleft()
                if asked.set_running_or_notify_cancel():
                    break
            else:
                self._free += 1
                return
        asked.set_result(None)

"""Work in a thread that stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stop:
    """What tells the work of one thread that its result is not wanted any more; to be set once, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._cancels: list[Callable[[], object]] = []

    def set(self) -> None:
        """Cancel what `run` runs now, and whatever it is given later."""
        with self._lock:
            self._is_set = True
            for cancel in self._cancels:
                cancel()

    def check(self) -> None:
        """Raise CancelledError when set: for work that computes in steps, between them.

        >>> given = Stop()
        >>> given.check()
        >>> given.set()
        >>> given.check()
        Traceback (most recent call last):
            ...
        asyncio.exceptions.CancelledError
        """
        with self._lock:
            if self._is_set:
                raise asyncio.CancelledError

    def run(self, made: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the coroutine that `made` gives returns, run to its end in this thread; raises CancelledError when set.

        >>> Stop().run(lambda: asyncio.sleep(0, "done"))
        'done'
        """

        async def cancellable() -> Result:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None
            with self._cancelling(partial(loop.call_soon_threadsafe, task.cancel)):
                return await made()

        return asyncio.run(cancellable())

    @contextmanager
    def _cancelling(self, cancel: Callable[[], object]) -> Iterator[None]:
        with self._lock:
            if self._is_set:
                raise asyncio.CancelledError
            self._cancels.append(cancel)
        try:
            yield
        finally:
            with self._lock:  # a loop that has ended is not called any more
                self._cancels.remove(cancel)


_STOP: ContextVar[Stop | None] = ContextVar("ctxshape_stop", default=None)


async def in_thread(work: Callable[[], Result], executor: Executor | None = None) -> Result:
    """What `work` returns, in a thread of `executor`, by default of the event loop; the loop goes on meanwhile.

    A thread cannot be cancelled, so asyncio.to_thread leaves it to its work, and a model goes on with an answer that
    nobody will read. Here a cancellation also sets the `Stop` that backends find by `stop()`. Work that has not begun
    never begins. Nothing waits for work that does not look.

    >>> asyncio.run(in_thread(lambda: stop() is not None)), stop()
    (True, None)
    """
    given, context = Stop(), copy_context()
    context.run(_STOP.set, given)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, context.run, work)
    except asyncio.CancelledError:
        given.set()
        raise


def stop() -> Stop | None:
    """The Stop of this thread's work; None where nobody can cancel it, or an event loop runs, which can do so itself."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _STOP.get()
    return None

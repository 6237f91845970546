"""Runs work in a thread and stops it when its result is no longer awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar, cast

Result = TypeVar("Result")


class Cancellation:
    """The request to stop the work of one thread, whose result is no longer wanted. Any thread may call `cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._cancels: list[Callable[[], object]] = []

    def cancel(self) -> None:
        """Cancels the coroutine that `run` is running, every one it is given later, and what waits in `on_cancel`."""
        with self._lock:
            self._is_set = True
            for cancel in self._cancels:
                cancel()

    def check(self) -> None:
        """Raises CancelledError after `cancel`. Work that computes in steps calls this between them.

        >>> cancellation = Cancellation()
        >>> cancellation.check()
        >>> cancellation.cancel()
        >>> cancellation.check()
        Traceback (most recent call last):
            ...
        asyncio.exceptions.CancelledError
        """
        with self._lock:
            if self._is_set:
                raise asyncio.CancelledError

    def run(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Runs the coroutine that `make` returns in this thread and returns its result.

        Raises CancelledError after `cancel`.

        >>> Cancellation().run(lambda: asyncio.sleep(0, "done"))
        'done'
        """

        async def cancellable() -> Result:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None
            with self.on_cancel(partial(loop.call_soon_threadsafe, task.cancel)):
                return await make()

        return asyncio.run(cancellable())

    @contextmanager
    def on_cancel(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Calls `cancel` if `Cancellation.cancel` is called inside the block. Raises CancelledError if it was before."""
        with self._lock:
            if self._is_set:
                raise asyncio.CancelledError
            self._cancels.append(cancel)
        try:
            yield
        finally:
            with self._lock:  # a loop that has ended must not be called any more
                self._cancels.remove(cancel)


_CANCELLATION: ContextVar[Cancellation | None] = ContextVar("ctxshape_cancellation", default=None)


async def in_thread(work: Callable[[], Result], executor: Executor | None = None) -> Result:
    """Runs `work` in a thread of `executor` (by default the event loop's) and returns its result.

    A thread cannot be cancelled, so with asyncio.to_thread a model would continue an answer that nobody awaits. Here a
    cancelled task also cancels the `Cancellation` that backends find with `current_cancellation()`. Work that has not
    begun never begins. Work that does not check runs to its end, but nothing waits for it.

    >>> asyncio.run(in_thread(lambda: current_cancellation() is not None)), current_cancellation()
    (True, None)
    """
    cancellation, context = Cancellation(), copy_context()
    context.run(_CANCELLATION.set, cancellation)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, context.run, work)
    except asyncio.CancelledError:
        cancellation.cancel()
        raise


async def iterate_in_thread(iterator: Iterator[Result], executor: Executor | None = None) -> AsyncGenerator[Result, None]:
    """Yields the items of a blocking `iterator`, each computed in a thread by `in_thread`.

    When the task is cancelled, or the generator closed, a step that is running is cancelled, and `iterator` is closed as
    soon as that step has ended. Nothing waits for it.

    >>> async def main() -> list[int]:
    ...     return [number async for number in iterate_in_thread(iter([1, 2]))]
    >>> asyncio.run(main())
    [1, 2]
    """
    end, guard, closed = object(), threading.Lock(), False

    def close() -> None:
        if guard.acquire(blocking=False):  # otherwise a thread is inside, and closes it afterwards
            try:
                getattr(iterator, "close", lambda: None)()
            finally:
                guard.release()

    def step() -> Result | object:
        try:
            with guard:
                return end if closed else next(iterator, end)
        finally:
            if closed:
                close()

    try:
        while (item := await in_thread(step, executor)) is not end:
            yield cast(Result, item)
    finally:
        closed = True
        close()


def current_cancellation() -> Cancellation | None:
    """Returns the Cancellation of this thread's work.

    Returns None if nothing can cancel the work, or in an event loop, which can cancel it itself.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _CANCELLATION.get()
    return None

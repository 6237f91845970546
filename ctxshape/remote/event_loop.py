"""An event loop in a thread of its own, for callers in any thread and any other event loop."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from ctxshape.core.cancellation import current_cancellation
from ctxshape.errors import ModelError

Outcome = TypeVar("Outcome")


class BackgroundLoop:
    """Runs coroutines in one event loop, so that all callers can share connections and a bound on their number.

    `stop`, or dropping the last reference, cancels what still runs, awaits `at_end` and ends the thread.

    >>> async def release() -> None:
    ...     print("released")
    >>> loop = BackgroundLoop(release)
    >>> loop.start(asyncio.sleep(0, "done")).result()
    'done'
    >>> loop.stop()
    released
    """

    def __init__(self, at_end: Callable[[], Awaitable[None]]) -> None:
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(
            target=asyncio.run, args=(_serve(started, at_end),), name="ctxshape-openai", daemon=True
        )
        self._thread.start()
        self._loop, self._stopping = started.result()
        self._submitting = threading.Lock()
        self._stop = weakref.finalize(self, _signal, self._loop, self._stopping)
        self._stop.atexit = False  # a daemon thread ends with the interpreter

    @property
    def is_alive(self) -> bool:
        """False after `stop`, and in a forked child process, which has no copy of the thread."""
        return self._stop.alive and self._thread.is_alive()

    def start(self, work: Coroutine[Any, Any, Outcome]) -> Future[Outcome]:
        """Returns the future result of `work`; cancelling it cancels the work. Raises ModelError after `stop`."""
        with self._submitting:
            if self.is_alive:
                return asyncio.run_coroutine_threadsafe(_guarded(work, self._stopping), self._loop)
        work.close()
        raise _closed()

    def run(self, make: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        """Returns the result of the coroutine that `make` returns. An interrupt or a cancelled caller cancels it."""
        if (cancellation := current_cancellation()) is not None:  # the caller may be cancelled while no byte comes
            return cancellation.run(lambda: self.awaited(make))
        outcome = self.start(make())
        try:
            return outcome.result()
        finally:
            outcome.cancel()  # without effect once it is done

    async def awaited(self, make: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        """`run` for another event loop."""
        return await asyncio.wrap_future(self.start(make()))

    def stop(self) -> None:
        """Ends the thread. Work that is under way fails with ModelError."""
        with self._submitting:
            self._stop()
        self._thread.join()


async def _serve(
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]], at_end: Callable[[], Awaitable[None]]
) -> None:
    stopping = asyncio.Event()
    started.set_result((asyncio.get_running_loop(), stopping))
    await stopping.wait()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await at_end()


def _signal(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stopping.set)


async def _guarded(work: Coroutine[Any, Any, Outcome], stopping: asyncio.Event) -> Outcome:
    try:
        return await work
    except asyncio.CancelledError:
        if stopping.is_set():
            raise _closed() from None
        raise


def _closed() -> ModelError:
    return ModelError("the backend was closed while a request was under way; close it after its last answer")

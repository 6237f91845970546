from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ctxshape.core.cancellation import Cancellation, current_cancellation, in_thread, iterate_in_thread


def test_work_gives_its_result_or_its_error() -> None:
    def fail() -> int:
        raise ValueError("three")

    assert asyncio.run(in_thread(lambda: 2 + 2)) == 4
    with pytest.raises(ValueError, match="three"):
        asyncio.run(in_thread(fail))


def test_a_cancellation_ends_a_coroutine_that_the_thread_waits_for() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.sleep(600)
        finally:
            ended.set()

    def work() -> None:
        cancellation = current_cancellation()
        assert cancellation is not None
        cancellation.run(endless)

    async def cancel() -> None:
        task = asyncio.create_task(in_thread(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 10)

    asyncio.run(cancel())


def test_work_that_has_not_begun_never_begins() -> None:
    begun, going = [], threading.Event()

    async def cancel(executor: ThreadPoolExecutor) -> None:
        first = asyncio.create_task(in_thread(lambda: going.wait(10), executor))
        second = asyncio.create_task(in_thread(lambda: begun.append(2), executor))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.wait([second])
        going.set()
        assert await first

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(cancel(executor))
    assert begun == []


def test_what_is_run_after_a_cancellation_does_not_begin() -> None:
    cancellation, begun = Cancellation(), []

    async def work() -> None:
        begun.append(1)

    cancellation.cancel()
    with pytest.raises(asyncio.CancelledError):
        cancellation.run(work)
    assert begun == []


def test_a_cancellation_after_the_end_harms_nothing() -> None:
    cancellation = Cancellation()
    assert cancellation.run(lambda: asyncio.sleep(0, 7)) == 7
    cancellation.cancel()


def test_each_thread_has_its_own_and_an_event_loop_has_none() -> None:
    async def look() -> Cancellation | None:
        return current_cancellation()

    async def both() -> tuple[Cancellation | None, Cancellation | None, Cancellation | None]:
        one, other = await asyncio.gather(in_thread(current_cancellation), in_thread(current_cancellation))
        return one, other, await in_thread(lambda: asyncio.run(look()))

    one, other, inside = asyncio.run(both())
    assert one is not None and other is not None and one is not other and inside is None
    assert current_cancellation() is None


def test_iteration_ends_with_its_task_and_closes_the_iterator() -> None:
    closed, stopped, waits = threading.Event(), threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        try:
            yield 1
            waits.set()
            while True:
                cancellation = current_cancellation()
                assert cancellation is not None
                try:
                    cancellation.check()
                except asyncio.CancelledError:
                    stopped.set()
                    raise
        finally:
            closed.set()

    async def cancel() -> None:
        read: list[int] = []

        async def iterate() -> None:
            async for item in iterate_in_thread(items()):
                read.append(item)

        task = asyncio.create_task(iterate())
        await asyncio.to_thread(waits.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert read == [1]
        assert await asyncio.to_thread(closed.wait, 10)
        assert stopped.is_set()

    asyncio.run(cancel())


def test_an_iteration_left_early_closes_the_iterator_and_errors_pass_through() -> None:
    closed: list[int] = []

    def items() -> Iterator[int]:
        try:
            yield 1
            yield 2
            raise ValueError("three")
        finally:
            closed.append(1)

    async def leave() -> None:
        pieces = iterate_in_thread(items())
        assert await anext(pieces) == 1
        await pieces.aclose()

    async def fail() -> list[int]:
        return [item async for item in iterate_in_thread(items())]

    asyncio.run(leave())
    assert closed == [1]
    with pytest.raises(ValueError, match="three"):
        asyncio.run(fail())
    assert closed == [1, 1]

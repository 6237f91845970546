from __future__ import annotations

import asyncio
import threading

import pytest

from ctxshape.backends.openai._turns import Turns


def test_tasks_of_one_loop_are_let_in_as_they_came() -> None:
    order: list[int] = []

    async def one(turns: Turns, number: int) -> None:
        async with turns.turn():
            order.append(number)
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        turns = Turns(2)
        await asyncio.gather(*(one(turns, number) for number in range(6)))
        assert repr(turns) == "Turns(free=2, waiting=0)"

    asyncio.run(all_of_them())
    assert order == [0, 1, 2, 3, 4, 5]


def test_loops_in_several_threads_share_them() -> None:
    turns, lock, busy, most = Turns(2), threading.Lock(), 0, 0

    async def one() -> None:
        nonlocal busy, most
        async with turns.turn():
            with lock:
                busy += 1
                most = max(most, busy)
            await asyncio.sleep(0.01)
            with lock:
                busy -= 1

    async def three() -> None:
        await asyncio.gather(one(), one(), one())

    threads = [threading.Thread(target=asyncio.run, args=(three(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (busy, most) == (0, 2)
    assert repr(turns) == "Turns(free=2, waiting=0)"


def test_who_is_cancelled_leaves_the_queue() -> None:
    async def cancel_the_second() -> list[str]:
        turns, seen, going = Turns(1), [], asyncio.Event()

        async def one(name: str) -> None:
            async with turns.turn():
                seen.append(name)
                await going.wait()

        tasks = [asyncio.create_task(one(name)) for name in "abc"]
        await asyncio.sleep(0)
        seen.append(repr(turns))
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        seen.append(repr(turns))
        going.set()
        await asyncio.gather(tasks[0], tasks[2])
        return [*seen, repr(turns)]

    assert asyncio.run(cancel_the_second()) == [
        "Turns(free=0, waiting=2)",
        "a",
        "Turns(free=0, waiting=1)",
        "c",
        "Turns(free=1, waiting=0)",
    ]


def test_a_turn_that_comes_in_the_moment_of_a_cancellation_is_handed_on() -> None:
    async def hand_on() -> str:
        turns = Turns(1)

        async def one() -> None:
            async with turns.turn():
                pytest.fail("it was cancelled")

        async with turns.turn():
            waiting = asyncio.create_task(one())
            await asyncio.sleep(0)
        waiting.cancel()  # its turn was given just now, and it does not know yet
        assert repr(turns) == "Turns(free=0, waiting=0)"
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return repr(turns)

    assert asyncio.run(hand_on()) == "Turns(free=1, waiting=0)"

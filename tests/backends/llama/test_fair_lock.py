from __future__ import annotations

import asyncio
import threading
import time
from contextlib import AbstractContextManager

import pytest

from ctxshape.backends.llama._fair_lock import FairLock
from ctxshape.core.cancellation import in_thread
from ctxshape.errors import ModelError


def wait_until_waiting(lock: FairLock, count: int) -> None:
    while lock.waiting < count:
        time.sleep(0.001)


def test_waiters_are_served_in_the_order_they_came() -> None:
    lock, served = FairLock(), []

    def work(number: int) -> None:
        with lock:
            served.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    with lock:
        for count, thread in enumerate(threads, 1):
            thread.start()
            wait_until_waiting(lock, count)
    for thread in threads:
        thread.join(10)
    assert served == list(range(20))


def test_only_one_holds_it() -> None:
    lock, inside, most = FairLock(), [], []

    def work() -> None:
        for _ in range(50):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1] * 400


def test_a_thread_never_waits_for_itself() -> None:
    lock = FairLock()
    with lock, pytest.raises(ModelError, match="same backend"):
        lock.acquire()
    with lock:
        pass


def test_another_thread_may_release_it() -> None:
    lock = FairLock()
    lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join(10)
    with lock:
        pass


def test_new_calls_pass_streams_that_continue_but_not_two_in_a_row() -> None:
    lock, served = FairLock(), []

    def work(name: str) -> None:
        with _turn(lock, name):
            served.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("s1", "s2", "s3", "c1", "c2")]
    with lock.continuing():
        for count, thread in enumerate(threads, 1):
            thread.start()
            wait_until_waiting(lock, count)
        assert lock.calls_waiting == 2
    for thread in threads:
        thread.join(10)
    assert served == ["c1", "s1", "c2", "s2", "s3"]


def test_the_last_one_waits_only_for_the_holder_and_the_others_are_refused() -> None:
    lock, seen = FairLock(), []

    def work() -> None:
        with pytest.raises(ModelError, match="closed"), lock:
            pass
        seen.append("refused")

    def close() -> None:
        with lock.last():
            seen.append("last")

    threads = [threading.Thread(target=work) for _ in range(3)]
    with lock:
        for count, thread in enumerate(threads, 1):
            thread.start()
            wait_until_waiting(lock, count)
        closers = [threading.Thread(target=close) for _ in range(2)]
        for closer in closers:
            closer.start()
        for thread in threads:
            thread.join(10)
        wait_until_waiting(lock, 2)
        assert seen == ["refused"] * 3
    for closer in closers:
        closer.join(10)
    assert seen[3:] == ["last"] * 2 and lock.waiting == 0


def test_a_cancelled_thread_leaves_the_queue_at_once() -> None:
    lock, left = FairLock(), threading.Event()

    def work() -> None:
        try:
            lock.acquire()
        except asyncio.CancelledError:
            left.set()

    async def cancel() -> None:
        task = asyncio.create_task(in_thread(work))
        while not lock.waiting:
            await asyncio.sleep(0.001)
        task.cancel()
        while not left.is_set():
            await asyncio.sleep(0.001)

    with lock:
        asyncio.run(asyncio.wait_for(cancel(), 10))
        assert lock.waiting == 0
    with lock:
        pass


def _turn(lock: FairLock, name: str) -> AbstractContextManager[None]:
    return lock if name.startswith("c") else lock.continuing()

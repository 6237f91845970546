from __future__ import annotations

import threading
import time

import pytest

from ctxshape.backends.llama._fair_lock import FairLock
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
    with lock, pytest.raises(ModelError, match="open stream"):
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

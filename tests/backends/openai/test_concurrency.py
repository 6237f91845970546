"""Answers that are under way together: their order, their number, and how they end before their time."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ctxshape.core.messages import Generation
from ctxshape.errors import ModelError

if TYPE_CHECKING:
    from tests.backends.openai.conftest import CannedServer


def test_a_batch_keeps_its_order_and_its_bound(canned: CannedServer) -> None:
    canned.pause = 0.05
    canned.answers = [canned.answer(str(number)) for number in range(24)]
    backend, prompts = canned.backend(concurrency=3), [canned.prompt(f"prompt {n}") for n in range(12)]

    def given(asked: list[dict[str, Any]], first: int) -> list[str]:
        """The answers that the server gave to the prompts, in the order of the prompts."""
        texts = {body["messages"][0]["content"]: str(number) for number, body in enumerate(asked, start=first)}
        return [texts[f"prompt {n}"] for n in range(12)]

    assert [c.text for c in backend.generate(prompts)] == given(canned.asked, 0)
    assert canned.most == 3
    assert [c.text for c in asyncio.run(backend.agenerate(prompts))] == given(canned.asked[12:], 12)
    assert canned.most == 3


def test_the_bound_holds_over_threads_and_loops(canned: CannedServer) -> None:
    canned.pause = 0.02
    backend = canned.backend(concurrency=2)

    async def three() -> None:
        await asyncio.gather(*(backend.agenerate([canned.prompt("x")]) for _ in range(3)))

    threads = [threading.Thread(target=asyncio.run, args=(three(),)) for _ in range(3)]
    threads += [threading.Thread(target=backend.generate, args=([canned.prompt("x")] * 3,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(canned.asked), canned.most) == (18, 2)


@pytest.mark.parametrize("awaited", [False, True])
def test_a_failure_in_a_batch_ends_it(awaited: bool, canned: CannedServer) -> None:
    endless = canned.stream(canned.event("a"), b"WAIT")
    canned.answers = [endless, endless, endless, (400, {}, b'{"message": "no"}')]
    backend, prompts = canned.backend(concurrency=4), [canned.prompt(str(n)) for n in range(4)]
    with pytest.raises(ModelError, match="400: no"):
        asyncio.run(backend.agenerate(prompts)) if awaited else backend.generate(prompts)
    assert canned.broken.wait(10)


def test_a_closed_stream_closes_the_connection(canned: CannedServer) -> None:
    canned.answers = [canned.stream(canned.event("a"), canned.event("b"), b"WAIT")]
    backend = canned.backend()
    stream = backend.stream(canned.prompt("x"))
    assert next(stream) == "a"
    stream.close()  # type: ignore[attr-defined]  # a generator
    assert canned.broken.wait(10)

    async def closed() -> None:
        pieces = backend.astream(canned.prompt("x"))
        assert await anext(pieces) == "a"
        await pieces.aclose()  # type: ignore[attr-defined]

    canned.broken.clear()
    asyncio.run(closed())
    assert canned.broken.wait(10)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_cancelled_task_closes_the_connection(streamed: bool, canned: CannedServer) -> None:
    canned.answers = [canned.stream(canned.event("a"), b"WAIT")]
    backend = canned.backend()

    async def read() -> None:
        async for _ in backend.astream(canned.prompt("x")):
            pass

    async def cancelled() -> None:
        task = asyncio.ensure_future(read() if streamed else backend.agenerate([canned.prompt("x")]))
        while not canned.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert canned.broken.wait(10)


def test_a_stop_string_closes_the_connection(canned: CannedServer) -> None:
    pieces = map(canned.event, ("In Paris", ".\nQues", "tion"))
    canned.answers = [canned.stream(*pieces, b"WAIT")]
    done = canned.backend().generate([canned.prompt("x")], Generation(stop=("\nQuestion",)))[0]
    assert (done.text, done.finish) == ("In Paris.", "stop")
    assert canned.broken.wait(10)


def test_closing_ends_the_requests_that_are_under_way(canned: CannedServer) -> None:
    canned.answers = [canned.stream(canned.event("a"), b"WAIT")]
    backend = canned.backend()
    stream = backend.stream(canned.prompt("x"))
    assert next(stream) == "a"
    backend.close()
    with pytest.raises(ModelError, match="closed"):
        next(stream)
    assert canned.broken.wait(10)
    canned.answers = [canned.answer("again")]
    assert backend.generate([canned.prompt("x")])[0].text == "again"


def test_a_dropped_backend_leaves_no_thread(canned: CannedServer) -> None:
    before = set(threading.enumerate())
    backend = canned.backend()
    backend.counter_name()
    started = [thread for thread in threading.enumerate() if thread not in before and thread.name == "ctxshape-openai"]
    assert len(started) == 1
    del backend
    gc.collect()
    started[0].join(10)
    assert not started[0].is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12: this process has threads
def test_a_forked_process_opens_its_own_connections(canned: CannedServer) -> None:
    backend = canned.backend()
    backend.counter_name()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = int(backend.generate([canned.prompt("x")])[0].text != "In Paris.")
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

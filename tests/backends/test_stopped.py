"""Backends in threads whose callers go away; the server keeps silent until it is told to speak."""

from __future__ import annotations

import asyncio
import json
import select
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.cancellation import in_thread
from ctxshape.core.messages import Completion, Generation, Prompt, Segment

CHOICE = {"index": 0, "message": {"content": "yes"}, "finish_reason": "stop"}


class Silent(ThreadingHTTPServer):
    """Answers nothing before `speak` is set, and counts the requests that wait and those that went away."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.speak = threading.Lock(), threading.Event()
        self.waiting = self.most = self.gone = 0
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.speak.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Silent

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.reply(200, {"data": [{"id": "m"}]}) if self.path == "/v1/models" else self.reply(404, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/chat/completions":
            return self.reply(404, {})
        server = self.server
        with server.lock:
            server.waiting += 1
            server.most = max(server.most, server.waiting)
        while not server.speak.wait(0.01):
            if select.select([self.connection], [], [], 0)[0]:  # the other side closed it
                self.close_connection = True
                break
        with server.lock:
            server.waiting -= 1
            server.gone += self.close_connection
        if not self.close_connection:
            self.reply(200, {"choices": [CHOICE]})

    def reply(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def silent() -> Iterator[Silent]:
    made = Silent()
    yield made
    made.close()


def plain(text: str) -> Prompt:
    return Prompt(lead=(), documents=(Segment(text=text),), tail=())


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.01)


def answers(backend: OpenAICompatible, number: int) -> list[Completion]:
    return backend.generate([plain(str(n)) for n in range(number)], Generation(max_tokens=2))


def test_requests_end_with_their_caller_before_a_byte_has_come(silent: Silent) -> None:
    async def cancel(backend: OpenAICompatible) -> None:
        task = asyncio.create_task(in_thread(lambda: answers(backend, 5)))
        await until(lambda: silent.waiting == 3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: silent.gone == 3)

    with OpenAICompatible(silent.url, concurrency=3) as backend:
        asyncio.run(cancel(backend))
        assert (silent.waiting, silent.most) == (0, 3)
        silent.speak.set()
        assert [done.text for done in asyncio.run(in_thread(lambda: answers(backend, 5)))] == ["yes"] * 5


def test_threads_and_loops_together_keep_to_the_concurrency(silent: Silent) -> None:
    async def all_of_them(backend: OpenAICompatible) -> list[list[Completion]]:
        threads = [asyncio.create_task(in_thread(lambda: answers(backend, 2))) for _ in range(3)]
        tasks = [asyncio.create_task(backend.agenerate([plain("x")])) for _ in range(3)]
        await until(lambda: silent.waiting == 2)
        await asyncio.sleep(0.1)
        silent.speak.set()
        return await asyncio.gather(*threads, *tasks)

    with OpenAICompatible(silent.url, concurrency=2) as backend:
        done = asyncio.run(all_of_them(backend))
    assert [[one.text for one in several] for several in done] == [["yes", "yes"]] * 3 + [["yes"]] * 3
    assert silent.most == 2


def test_a_blocking_call_does_not_wait_for_the_tasks_of_the_loop_that_it_blocks(silent: Silent) -> None:
    async def block(backend: OpenAICompatible) -> str:
        task = asyncio.create_task(backend.agenerate([plain("x")]))
        await until(lambda: silent.waiting == 1)
        silent.speak.set()
        text = answers(backend, 1)[0].text
        await task
        return text

    with OpenAICompatible(silent.url, concurrency=1) as backend:
        assert asyncio.run(block(backend)) == "yes"


@pytest.mark.model
def test_a_local_model_stops_before_its_next_token(smollm2_path: str) -> None:
    prompt = Prompt(lead=(Segment(text="Count to a thousand: 1, 2, 3,"),), documents=(), tail=())
    short, long = Generation(max_tokens=4), Generation(max_tokens=2000)
    with LlamaCpp(smollm2_path, n_ctx=4096, chat_template="") as backend:
        before = backend.generate([prompt], short)[0]

        stopped: list[bool] = []

        def work() -> None:
            try:
                backend.generate([prompt], long)
            except asyncio.CancelledError:
                stopped.append(True)

        async def cancel() -> str:
            asked = [asyncio.create_task(in_thread(work)) for _ in range(2)]
            await asyncio.sleep(0.5)  # one is writing, one waits for its turn
            for task in asked:
                task.cancel()
            return (await in_thread(lambda: backend.generate([prompt], short)))[0].text

        assert asyncio.run(cancel()) == before.text
        assert stopped == [True, True]  # turns are first come, first served, so both had ended before

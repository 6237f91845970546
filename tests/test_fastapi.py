"""The FastAPI example as a real server: clients that leave, stop reading or are cut off hold up nobody."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.model

EXAMPLE = Path(__file__).parents[1] / "examples" / "fastapi_stream.py"
QUESTIONS = ["When was the mill built?", "How long is the bridge?", "Where is the market held?", "Who built the mill?"]
STREAMS = ["/stream", "/stream-in-threads"]
CLIENTS = 50


class Server:
    """A server in a process of its own, on a free port."""

    def __init__(self, model: str) -> None:
        pytest.importorskip("fastapi")
        pytest.importorskip("uvicorn")
        command = [sys.executable, str(EXAMPLE), model, "--port", "0", "--max-tokens", "4", "--threads", "1"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        assert self.process.stderr is not None
        log = []
        for line in self.process.stderr:
            log.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found.group(1))
                return
        pytest.fail("".join(log))

    async def open(self, path: str, question: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Sends a request and returns the connection after the head of the response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        target = f"{path}?{urlencode({'question': question})}"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head
        return reader, writer

    async def read(self, path: str, question: str) -> str:
        """Returns the whole body of a response."""
        reader, writer = await self.open(path, question)
        body = await reader.read()
        writer.close()
        if path == "/answer":
            return str(json.loads(body)["answer"])
        pieces = re.findall(rb"([0-9a-f]+)\r\n(.*?)\r\n(?=[0-9a-f]+\r\n)", body, re.DOTALL)
        assert body.endswith(b"0\r\n\r\n")  # the last chunk: it is whole
        return b"".join(piece for _, piece in pieces).decode()

    async def leave(self, path: str, question: str) -> None:
        """Reads one piece and closes the connection at once."""
        reader, writer = await self.open(path, question)
        await reader.readline()
        writer.transport.abort()

    def stop(self) -> float:
        """Sends SIGTERM and returns the seconds until the process has ended."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - started


@pytest.fixture
def server(smollm2_path: str) -> Iterator[Server]:
    made = Server(smollm2_path)
    yield made
    made.process.kill()
    made.process.communicate()


def test_half_of_fifty_clients_leave_and_all_others_get_their_answer(server: Server) -> None:
    async def clients() -> tuple[list[str], list[str]]:
        whole = {question: await server.read("/answer", question) for question in QUESTIONS}
        asked = [(STREAMS[number % 4 // 2], QUESTIONS[number % len(QUESTIONS)]) for number in range(CLIENTS)]
        given = await asyncio.gather(
            *(server.leave(*one) if number % 2 else server.read(*one) for number, one in enumerate(asked))
        )
        after = await server.read("/answer", QUESTIONS[0])
        assert after == whole[QUESTIONS[0]]
        return [text for text in given if text is not None], [whole[question] for _, question in asked[::2]]

    found, expected = asyncio.run(asyncio.wait_for(clients(), 400))
    assert len(found) == CLIENTS // 2 and found == expected
    assert server.stop() < 2


def test_clients_that_never_read_on_do_not_keep_the_server_from_ending(server: Server) -> None:
    async def clients() -> None:
        held = [await server.open(STREAMS[number % 2], QUESTIONS[number % 4]) for number in range(6)]
        assert await server.read("/answer", QUESTIONS[0])
        for _, writer in held[:3]:
            writer.transport.abort()
        assert await server.read("/stream", QUESTIONS[1])
        held += [await server.open(STREAMS[number % 2], QUESTIONS[number % 4]) for number in range(6)]
        assert server.stop() < 3  # one second of it is for the answers that are under way
        for _, writer in held[3:]:
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(clients(), 120))

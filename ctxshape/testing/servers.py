"""Real model servers for tests, each a process that ends with the block that started it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from ctxshape.errors import ModelError

# llama.cpp's own HTTP server, from the package xllamacpp.
_LLAMA_SERVER = """
import sys, time, xllamacpp
settings = xllamacpp.CommonParams()
settings.model.path, settings.port, settings.hostnames = sys.argv[1], int(sys.argv[2]), ["127.0.0.1"]
settings.n_ctx, settings.n_parallel = int(sys.argv[3]), int(sys.argv[4])
settings.endpoint_slots, settings.warmup = True, False
settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(settings)
while True:
    time.sleep(60)
"""


def free_port() -> int:
    """Returns a TCP port of 127.0.0.1 that was free a moment ago.

    >>> 1024 <= free_port() < 65536
    True
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(command: Sequence[str], ready: str, log: Path) -> Iterator[None]:
    """Runs a server process until the end of the block, which begins once the URL `ready` answers.

    The server prints to the file `log`. Raises ModelError with the end of the log if the process ends or does not answer
    within a minute.
    """
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                if process.poll() is not None:
                    raise ModelError(f"the server ended: {_end(log)}")
                if _answers(ready):
                    break
                time.sleep(0.1)
            else:
                raise ModelError(f"no answer at {ready}: {_end(log)}")
            yield
        finally:
            process.kill()


@contextmanager
def llama_server(model: str, log: Path, *, n_ctx: int = 2048, slots: int = 4) -> Iterator[str]:
    """Runs a llama-server of a GGUF file on one thread and yields its URL. Needs the package xllamacpp.

    The slots share `n_ctx` tokens.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-c", _LLAMA_SERVER, model, str(port), str(n_ctx), str(slots)], f"{url}/health", log):
        yield url


def _answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, HTTPException):  # a URLError is an OSError: no server yet, or 503 while the model loads
        return False


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]

"""Bounds on the bytes of a response, and the key masked in the records of the HTTP library's loggers."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from typing import Any

from ctxshape.core.masking import masked
from ctxshape.errors import BackendError

ERROR_BYTES, ERROR_SECONDS = 2**16, 5.0  # what is read of the words of an error, and for how long
CLOSE_SECONDS = 5.0
LOGGERS = (
    "openai",
    "openai._base_client",
    *("httpx", "httpx2"),
    *(f"{core}.{part}" for core in ("httpcore", "httpcore2") for part in ("connection", "http11", "http2", "proxy", "socks")),
)


class Masking(logging.Filter):
    """Masks the key in log records: an HTTP library writes down what a server sends, which may be the key."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def filter(self, record: logging.LogRecord) -> bool:
        """Returns True, after masking the message and the traceback."""
        message = record.getMessage()
        hidden = masked(message, self._key)
        if hidden != message:
            record.msg, record.args = hidden, ()
        if record.exc_info:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info), self._key)
            record.exc_info = None  # handlers would format the error again
        return True


def sized(size: int, response: Any, url: str, limit: int) -> int:  # noqa: ANN401
    """Returns the size. Raises BackendError if it is over the limit, or if the bytes are compressed ones."""
    if response.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise BackendError(
            f"{url} sent a compressed reply, although an uncompressed one was asked for; switch the compression of the "
            "server or of its proxy off",
            status=response.status_code,
        )
    if size > limit:
        raise BackendError(
            f"{url} sent more than {limit:,} bytes, the most that such a reply may have; check the server",
            status=response.status_code,
        )
    return size


async def content_of(response: Any, url: str, limit: int) -> bytes:  # noqa: ANN401
    """Returns the body as it was sent. Raises BackendError if it has more bytes than the limit, or is compressed."""
    content = bytearray()
    async for piece in response.aiter_raw():  # raw: nothing is decompressed
        sized(len(content) + len(piece), response, url, limit)
        content += piece
    return bytes(content)


async def close(stream: Any) -> None:  # noqa: ANN401
    """Closes a response or its stream, to the end even if this task is cancelled meanwhile.

    The HTTP library would count a request whose closing was cut short as one under way, for ever.
    """
    task = asyncio.ensure_future(stream.aclose())
    try:
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
        raise
    finally:
        if task.done() and not task.cancelled():
            task.exception()  # a connection that fails while it is closed is closed


async def bound_error(response: Any) -> None:  # noqa: ANN401
    """Reads a bounded part of an error's words, in place of all of them. A hook of the HTTP library."""
    if 200 <= response.status_code < 300:
        return
    content, original = bytearray(), response.stream
    library = sys.modules[type(response).__module__.partition(".")[0]]  # httpx or httpx2
    with suppress(TimeoutError, library.TransportError):  # the status says enough
        async with asyncio.timeout(ERROR_SECONDS):
            async for piece in original:
                content += piece[: ERROR_BYTES - len(content)]
                if len(content) >= ERROR_BYTES:
                    break
    await close(original)
    compressed = response.headers.pop("content-encoding", "").strip().lower() not in ("", "identity")
    response.stream = library.ByteStream(b"" if compressed else bytes(content))
    response.encoding = "utf-8"  # a charset may name a decompressor

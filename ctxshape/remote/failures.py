"""The errors of ctxshape for the failures of a server and of the client: its words, the status and a remedy."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from ctxshape.core.addresses import excerpt
from ctxshape.errors import BackendError, ContextTooLong, CtxshapeError

# How llama-server, llama_cpp.server, OpenAI and vLLM say that a prompt and its answer do not fit.
_TOO_LONG = re.compile(r"context[ _](?:size|length|window)|max_model_len|exceed_context", re.IGNORECASE)
LONGEST_PAUSE = 120.0
_REMEDIES = {
    401: "the API key is refused; give api_key=… or set OPENAI_API_KEY",
    403: "the API key is refused; give api_key=… or set OPENAI_API_KEY",
    404: "there is no such path or model; check base_url, and model= against its /models",
}


def is_final(status: int, words: str) -> bool:
    """Returns whether a server would refuse the same request again, although its status is one that may pass.

    >>> is_final(503, "busy"), is_final(501, ""), is_final(500, "exceeds the available context size (1024 tokens)")
    (False, True, True)
    """
    return status == 501 or "logprobs" in words or _TOO_LONG.search(words) is not None


class UnusableReply(BackendError):
    """A whole reply that is no JSON or an error, as servers give for paths that they do not have."""


def pause_before(attempt: int, error: Any) -> float | None:  # noqa: ANN401
    """Returns the seconds to wait before another attempt after an exception of the client, or None if it would be vain.

    The pauses double from half a second to 8. A server may ask for another one, of at most two minutes.
    """
    usual = min(0.5 * 2.0 ** min(attempt, 9), 8.0)
    if not (status := getattr(error, "status_code", 0)):
        return usual  # no connection, or nothing in time
    if status not in (408, 409, 429) and (status < 500 or is_final(status, excerpt(words_in(error.body), ""))):
        return None
    asked = _seconds_asked(error.response.headers)
    if asked is None or not asked >= 0:  # NaN and dates in the past, too
        return usual
    return asked if asked <= LONGEST_PAUSE else None


def _seconds_asked(headers: Any) -> float | None:  # noqa: ANN401
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(ValueError):
            return float(headers.get(name, "")) * unit
    try:
        return parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def words_in(said: object) -> object:
    """Returns the message inside the JSON of an error.

    >>> words_in({"error": {"message": "busy", "code": 7}}), words_in({"detail": "gone"}), words_in(None)
    ('busy', 'gone', '')
    """
    for key in ("error", "message", "detail"):
        said = said.get(key, said) if isinstance(said, dict) else said
    return said or ""


def failure_of(error: Any, url: str, key: str, *, seconds: float, status: int | None) -> CtxshapeError:  # noqa: ANN401
    """Returns the error for an exception of the client; `status` if a part of the answer had arrived.

    The text never holds the key, which some servers repeat. `seconds` is the time that the whole exchange had.
    """
    if isinstance(error, CtxshapeError):
        return error
    if isinstance(error, TimeoutError):
        return BackendError(
            f"{url} did not finish within {seconds:g} s, repeated tries included (TimeoutError); give a longer timeout=… or "
            "total_timeout=…, ask for fewer tokens, or check the server",
            status=status,
        )
    if refused := getattr(error, "status_code", 0):
        return _refusal(error, refused, url, key)
    cause = error.__cause__ or error
    kind = type(cause).__name__
    why = excerpt(f"{kind}: {cause}".rstrip(": "), key, 200)
    if "Timeout" in kind:
        return BackendError(f"{url} said nothing in time ({why}); give a longer timeout=… or fewer tokens", status=status)
    if status:
        return BackendError(f"{url} broke off in the middle of its answer ({why}); ask again", status=status)
    if kind == "ConnectError":
        start = "start one, for example with: llama-server -m model.gguf --port 8080, or check base_url"
        return BackendError(f"no server answers at {url} ({why}); {start}")
    return BackendError(f"{url} broke off, or sent no HTTP ({why}); check base_url and the server")


def _refusal(error: Any, status: int, url: str, key: str) -> CtxshapeError:  # noqa: ANN401
    words = excerpt(words_in(getattr(error, "body", None)), key)
    said = f": {words}" if words else ""
    if status in (400, 413, 422, 500) and _TOO_LONG.search(words):
        remedy = "shape with a smaller budget, or start the server with more context"
        return ContextTooLong(f"{url} answered {status}, the text does not fit{said}; {remedy}")
    wait = excerpt(error.response.headers.get("retry-after") or "", key, 60)
    asked = f" (Retry-After: {wait})" if wait else ""
    remedy = "it refers to another address, and the key is not sent there; check base_url" if 300 <= status < 400 else ""
    remedy = remedy or _REMEDIES.get(status, "try later, or check its log")
    return BackendError(f"{url} answered {status}{said}{asked}; {remedy}", status=status)

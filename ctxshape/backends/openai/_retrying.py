"""When a request that failed is tried again, how long to wait before, and what an error of the server means."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ctxshape.errors import ContextTooLong, CtxshapeError, ModelError

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
# What servers say when a prompt and its answer do not fit: llama-server, llama_cpp.server and OpenAI, vLLM.
_TOO_LONG = re.compile(r"context[ _](?:size|length|window)|max_model_len|exceed_context", re.IGNORECASE)


def backoff(attempt: int, seed: int, asked: float | None = None) -> float:
    """Seconds to wait before another try: 0.5, 1, 2, … up to 60, less a random part of up to a half; at least `asked`.

    The random part ("jitter", Brooker 2015, "Exponential Backoff And Jitter") keeps clients from coming back together.

    >>> [round(backoff(attempt, seed=0), 2) for attempt in range(3)], backoff(0, seed=0, asked=7.0)
    ([0.34, 0.88, 1.77], 7.0)
    """
    share = random.Random(f"{seed}/{attempt}").uniform(0.5, 1.0)
    return max(asked or 0.0, min(FIRST_WAIT * 2.0**attempt, LONGEST_WAIT) * share)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3); None for none that is one.

    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> retry_after("1.5", now), retry_after("Thu, 01 Jan 2026 00:00:09 GMT", now), retry_after("soon", now)
    (1.5, 9.0, None)
    """
    try:
        seconds = float(value or "")
    except ValueError:
        try:
            moment = parsedate_to_datetime(value or "")
        except ValueError:
            return None
        # A date in "-0000" comes without a zone, and means UTC.
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def may_retry(status: int) -> bool:
    """Whether the same request may succeed later: timeouts, conflicts, rate limits, faults of the server.

    >>> [status for status in (400, 401, 404, 408, 409, 429, 500, 501, 503) if may_retry(status)]
    [408, 409, 429, 500, 503]
    """
    return status in (408, 409, 429) or (status >= 500 and status != 501)


def refusal(status: int, said: str, url: str) -> CtxshapeError:
    """The error for a status that is not 200, with the server's words and a remedy."""
    told = f": {said}" if said else ""
    if status in (400, 413, 422, 500) and is_too_long(said):
        return ContextTooLong(
            f"the prompt does not fit{told}; shape with a smaller budget, or start the server with more context"
        )
    if status in (401, 403):
        return ModelError(f"{url} refuses the API key ({status}){told}; give api_key=… or set OPENAI_API_KEY")
    if status == 404:
        return ModelError(
            f"{url} is not there, or has no such model (404){told}; check base_url, and model= against its /models"
        )
    return ModelError(f"{url} answered {status}{told}; check the server's log")


def words_of(body: bytes) -> str:
    """What a server says in the body of an error, in one line of at most 300 characters.

    >>> words_of(b'{"error": {"message": "no such model"}}'), words_of(b'{"detail": "Not Found"}')
    ('no such model', 'Not Found')
    """
    text = body.decode("utf-8", "replace")
    try:
        said: object = json.loads(text)
    except ValueError:
        said = text
    for key in ("error", "message", "detail"):
        said = said.get(key, said) if isinstance(said, Mapping) else said
    return " ".join((said if isinstance(said, str) else json.dumps(said)).split())[:300]


def is_too_long(said: str) -> bool:
    """Whether a server's words mean that a prompt does not fit into the model's context.

    >>> is_too_long("request (5031 tokens) exceeds the available context size (1024 tokens), try increasing it")
    True
    """
    return _TOO_LONG.search(said) is not None

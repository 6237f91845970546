"""The errors of ctxshape for the failures of a server and of the client: its words, the status and a remedy."""

from __future__ import annotations

import re
from typing import Any

from ctxshape.errors import ContextTooLong, CtxshapeError, ModelError

# How llama-server, llama_cpp.server, OpenAI and vLLM say that a prompt and its answer do not fit.
_TOO_LONG = re.compile(r"context[ _](?:size|length|window)|max_model_len|exceed_context", re.IGNORECASE)
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


def words_of(error: Any) -> str:  # noqa: ANN401
    """Returns the server's words in an error of the `openai` client, in one line of at most 300 characters."""
    said = getattr(error, "body", None)
    for key in ("error", "message", "detail"):
        said = said.get(key, said) if isinstance(said, dict) else said
    return " ".join(str(said or "").split())[:300]


def as_ctxshape_error(error: Any, url: str, key: str, *, begun: bool) -> CtxshapeError:  # noqa: ANN401
    """Returns the error for an exception of the `openai` client; `begun` if a part of the answer had arrived.

    The text never holds the key, which some servers repeat.
    """
    words, cause = words_of(error), error.__cause__ or error
    said = f": {words.replace(key, '***') if key else words}" if words else ""
    why = f"{type(cause).__name__}: {cause}".rstrip(": ")
    if status := getattr(error, "status_code", 0):
        if status in (400, 413, 422, 500) and _TOO_LONG.search(words):
            remedy = "shape with a smaller budget, or start the server with more context"
            return ContextTooLong(f"{url} answered {status}, the prompt does not fit{said}; {remedy}")
        wait = error.response.headers.get("retry-after")
        asked = f" (Retry-After: {wait})" if wait else ""
        return ModelError(f"{url} answered {status}{said}{asked}; {_REMEDIES.get(status, 'try later, or check its log')}")
    if said:
        return ModelError(f"{url} failed while it answered{said}; check its log")
    if isinstance(error, ValueError):  # of json or of UTF-8
        return ModelError(f"{url} sent no JSON ({why}): {str(getattr(error, 'doc', ''))[:80]!r}; is it the right base_url?")
    if "Timeout" in type(cause).__name__:
        return ModelError(f"{url} said nothing in time ({why}); give a longer timeout=… or fewer tokens")
    if begun:
        return ModelError(f"{url} broke off in the middle of its answer ({why}); ask again")
    start = "start one, for example with: llama-server -m model.gguf --port 8080, or check base_url"
    return ModelError(f"no server answers at {url} ({why}); {start}")

"""What is sent to an OpenAI-compatible server for a prompt: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from urllib.parse import urlsplit

import numpy as np

from ctxshape.core.messages import Generation, Prompt
from ctxshape.errors import ConfigError


def message_text(prompt: Prompt, defuse: Callable[[str], str]) -> str:
    """The text of a prompt, `defuse` applied to what is untrusted: to neighbours together, that could spell a marker.

    >>> from ctxshape.core.messages import Segment
    >>> parts = (Segment(text="<s>", trusted=True), Segment(text="<"), Segment(text="s>"))
    >>> message_text(Prompt(lead=parts, documents=(), tail=()), lambda text: text.replace("<s>", "< s>"))
    '<s>< s>'
    """
    runs = groupby(prompt.segments, key=lambda segment: segment.trusted)
    texts = ((trusted, "".join(segment.text for segment in run)) for trusted, run in runs)
    return "".join(text if trusted else defuse(text) for trusted, text in texts)


def request_body(
    text: str, options: Generation, *, chat: bool, stream: bool, logprobs: bool, extras: Mapping[str, object]
) -> dict[str, object]:
    """The JSON of a request: one user message, or for `chat=False` the bare prompt. Stop strings are not the server's part.

    `extras` are what this server or this prompt adds: the model's name, a seed, settings beyond OpenAI's.

    >>> body = request_body("Hi", Generation(), chat=True, stream=False, logprobs=True, extras={"top_k": 40})
    >>> body["messages"], body["max_tokens"], body["stream"], body["top_k"]
    ([{'role': 'user', 'content': 'Hi'}], 64, False, 40)
    """
    body: dict[str, object] = {"max_tokens": options.max_tokens, "temperature": options.temperature, "top_p": options.top_p}
    body |= {"stream": stream, **({"stream_options": {"include_usage": True}} if stream else {}), **extras}
    if logprobs:
        # One alternative: llama_cpp.server gives no log-probabilities without any.
        body |= {"logprobs": True, "top_logprobs": 1} if chat else {"logprobs": 1}
    return body | ({"messages": [{"role": "user", "content": text}]} if chat else {"prompt": text})


def without_logprobs(body: Mapping[str, object]) -> dict[str, object]:
    """The same request without log-probabilities.

    >>> without_logprobs({"prompt": "Hi", "logprobs": 1})
    {'prompt': 'Hi'}
    """
    return {name: value for name, value in body.items() if name not in ("logprobs", "top_logprobs")}


def seed_of(seed: int, number: int) -> int:
    """The seed for prompt `number` of a batch: like prompts draw differently, and the first draws with `seed` itself.

    >>> seed_of(7, 0), seed_of(7, 1) != seed_of(8, 1), seed_of(7, 1) < 2**31
    (7, True, True)
    """
    return seed % 2**31 if number == 0 else int(np.random.SeedSequence((seed, number)).generate_state(1)[0] >> 1)


def checked_url(url: object) -> str:
    """The address without a slash at its end, and with /v1 where it has no path. Raises ConfigError for what is none.

    >>> checked_url("http://localhost:8080/"), checked_url("https://api.example.org/openai/v1")
    ('http://localhost:8080/v1', 'https://api.example.org/openai/v1')
    """
    try:
        address = urlsplit(url if isinstance(url, str) else "")
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    if address.scheme not in ("http", "https") or not address.hostname or port == 0:
        raise ConfigError(f"base_url is {url!r:.200}; give an address such as 'http://127.0.0.1:8080/v1'")
    if address.username or address.password:
        raise ConfigError("base_url holds a user name or a password, which would be shown; give api_key=… instead")
    if address.query or address.fragment:
        raise ConfigError(f"base_url is {url!r:.200}; leave out what follows '?' or '#'")
    bare = f"{address.scheme}://{address.netloc}{address.path.rstrip('/')}"
    return bare if address.path.strip("/") else f"{bare}/v1"


def checked_key(key: str) -> str:
    """An API key that can stand in a header. Raises ConfigError, which does not show it, for one that cannot.

    >>> checked_key(" sk-1 ")
    'sk-1'
    """
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable()):
        raise ConfigError("the API key has characters that no header can hold; give it as it was issued, ASCII in one line")
    return bare

"""Addresses and API keys of model servers, checked before anything is sent, and a server's words for errors."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from ctxshape.core.masking import masked
from ctxshape.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
READ_AT_MOST = 65_536  # characters of a server's words
SHORTEST_KEY = 12  # a shorter one may be a word of an address by chance


def checked_url(url: object) -> str:
    """Returns the address without a final slash, and with /v1 where it has no path. Raises ConfigError for others.

    >>> checked_url("http://localhost:8080/"), checked_url("https://api.example.org/openai/v1")
    ('http://localhost:8080/v1', 'https://api.example.org/openai/v1')
    """
    try:
        address = urlsplit(url if isinstance(url, str) else "")
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    if address.scheme not in ("http", "https") or not address.hostname or port == 0:
        shown = re.split(r"[?#]", url)[0].rpartition("@")[2] if isinstance(url, str) else url  # the rest may be secret
        raise ConfigError(f"base_url is {shown!r:.200}; give an address such as 'http://127.0.0.1:8080/v1'")
    if address.username or address.password:
        raise ConfigError("base_url holds a user name or a password, which would be shown; give api_key=… instead")
    if address.query or address.fragment:
        bare = f"{address.scheme}://{address.netloc}{address.path}"
        raise ConfigError(f"base_url is {bare!r:.200} and more; leave out the part after '?' or '#', give a key as api_key=…")
    if masked(address.path) != address.path:
        raise ConfigError("the path of base_url holds what looks like a key, which would be shown; give api_key=… instead")
    bare = f"{address.scheme}://{address.netloc}{address.path.rstrip('/')}"
    return bare if address.path.strip("/") else f"{bare}/v1"


def checked_key(key: str, url: str = "") -> str:
    """Returns the key without surrounding blanks.

    Raises ConfigError, which does not show it, if a header cannot hold it or the address `url`, which is shown, contains it.

    >>> checked_key(" sk-1 ")
    'sk-1'
    """
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable()):
        raise ConfigError("the API key has characters that no header can hold; give it as it was issued, ASCII in one line")
    if len(bare) >= SHORTEST_KEY and bare.lower() in unquote(url).lower():
        raise ConfigError("base_url contains the API key, and is shown in errors and traces; leave it out of the address")
    return bare


def excerpt(words: object, key: str, limit: int = 300) -> str:
    r"""Returns the beginning of a server's words in one line, with the key masked and control characters escaped.

    >>> excerpt("no\nkey k-123456 \x1b[2J", "k-123456"), excerpt({"a": "b" * 9}, "", 8)
    ('no key *** \\x1b[2J', "{'a': 'b…")
    """
    try:
        text = str(words)[:READ_AT_MOST]
    except RecursionError:
        return "…"
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(masked(text, key).split())[: 2 * limit])
    return line if len(line) <= limit else line[:limit] + "…"

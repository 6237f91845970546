"""Addresses and API keys of model servers, checked before anything is sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from ctxshape.core.masking import masked
from ctxshape.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
        raise ConfigError(f"base_url is {masked(repr(url)):.200}; give an address such as 'http://127.0.0.1:8080/v1'")
    if address.username or address.password:
        raise ConfigError("base_url holds a user name or a password, which would be shown; give api_key=… instead")
    if address.query or address.fragment:
        raise ConfigError(f"base_url is {masked(repr(url)):.200}; leave out the part after '?' or '#'")
    bare = f"{address.scheme}://{address.netloc}{address.path.rstrip('/')}"
    return bare if address.path.strip("/") else f"{bare}/v1"


def checked_key(key: str) -> str:
    """Returns the key without surrounding blanks. Raises ConfigError, which does not show it, if a header cannot hold it.

    >>> checked_key(" sk-1 ")
    'sk-1'
    """
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable()):
        raise ConfigError("the API key has characters that no header can hold; give it as it was issued, ASCII in one line")
    return bare

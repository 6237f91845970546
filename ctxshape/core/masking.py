"""Masks API keys and passwords in texts that people read: errors, logs, traces."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

MASK = "***"

_WINDOW = 8  # so many consecutive characters of a key are masked, because a server may repeat only a part of it
_LONG = 12  # a shorter key is masked only as a whole: its parts may be ordinary words
_WORDS = "api[_-]?key|apikey|access[_-]?key|token|secret|password|passwd|authorization|credential|signature"
_SECRET_NAME = re.compile(rf"(?:{_WORDS}|^key|_key|^auth)$", re.IGNORECASE)
_USER = re.compile(r"(://)[^\s/?#]+@")
_PARAMETER = re.compile(rf"([?&;#](?:[\w.-]{{0,40}}?(?:{_WORDS})|key|sig|auth|pwd)=)[^\s&#;\"'<>]+", re.IGNORECASE)
_NAMED = re.compile(rf"((?:{_WORDS})[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?)(?:(?:bearer|basic)\s+)?[\w.~+/=-]{{6,}}", re.IGNORECASE)
_SCHEME = re.compile(r"\b(bearer|basic) [\w.~+/=-]{6,}", re.IGNORECASE)
_ISSUED = re.compile(r"\b(?:(?:sk|pk|gsk|xai)[-_][\w-]{12,}|hf_[A-Za-z0-9]{16,})")  # how common keys begin
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}  # str.lower() may change the length


def masked(text: str, *keys: str) -> str:
    """Returns the text without secrets: each is replaced by `***`.

    Masks the given `keys`, also percent-encoded or in base64, and any 8 consecutive characters of a key of at least 12.
    Without being told, masks the user and password of an address, its parameters with names such as `api_key`, what follows
    `Bearer` or `"api_key":`, and words that begin like a common key (`sk-`, `hf_`). Takes time linear in the text.

    >>> masked("https://me:pass@host/v1?api_key=abc&n=1")
    'https://***@host/v1?api_key=***&n=1'
    >>> masked("Incorrect key: 9f86d081884c7d65, given by you", "9f86d081884c7d659a2f")
    'Incorrect key: ***, given by you'
    """
    for key in keys:
        text = _without(text, key)
    text = _USER.sub(rf"\1{MASK}@", text)
    text = _PARAMETER.sub(rf"\1{MASK}", text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    return _ISSUED.sub(MASK, text)


def is_secret_name(name: str) -> bool:
    """Returns whether a field with this name holds a secret.

    >>> is_secret_name("api_key"), is_secret_name("hub_token"), is_secret_name("max_tokens"), is_secret_name("keyword")
    (True, True, False, False)
    """
    return _SECRET_NAME.search(name) is not None


def _without(text: str, key: str) -> str:
    if not key:
        return text
    if len(key) < 4:
        return re.sub(rf"(?<!\w){re.escape(key)}(?!\w)", MASK, text)
    forms = {key, quote(key, safe=""), base64.b64encode(key.encode()).decode().rstrip("=")}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return _without_parts(text, forms) if len(key) >= _LONG else text


def _without_parts(text: str, forms: set[str]) -> str:
    low = text.translate(_LOWER)
    parts = {form[at : at + _WINDOW] for form in (f.translate(_LOWER) for f in forms) for at in range(len(form) - _WINDOW + 1)}
    pieces, end = [], 0
    at = 0
    while at + _WINDOW <= len(low):
        if low[at : at + _WINDOW] not in parts:
            at += 1
            continue
        start = at
        while low[at : at + _WINDOW] in parts:
            at += 1
        at += _WINDOW - 1
        pieces += [text[end:start], MASK]
        end = at
    return "".join(pieces) + text[end:]

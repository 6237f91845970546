from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from ctxshape.core.addresses import checked_url
from ctxshape.core.masking import MASK, is_secret_name, masked
from ctxshape.errors import ConfigError

KEY = "Zx/9+kQ2vB7nM4pL1sD8"


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        f"cut short: {KEY[:11]}",
        f"its end: …{KEY[-9:]}",
        f"another case: {KEY.upper()}",
        f"/v1?next={quote(KEY, safe='')}",
        f"Basic {base64.b64encode(KEY.encode()).decode()}",
        f"{KEY}{KEY} twice, and inside{KEY}inside",
        f"{{'Authorization': 'Bearer {KEY}'}}",
    ],
)
def test_no_eight_characters_of_a_key_remain(text: str) -> None:
    shown = masked(text, KEY).lower()
    forms = (KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode())
    assert MASK in shown
    assert not [form[at : at + 8] for form in forms for at in range(len(form) - 7) if form[at : at + 8].lower() in shown]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:p@ss@host:80/v1", "http://***@host:80/v1"),
        ("http://host/v1?x=1&access_token=abc#y", "http://host/v1?x=1&access_token=***#y"),
        ("http://host/?KEY=abc", "http://host/?KEY=***"),
        ('{"api_key": "abcdef", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("Authorization: Bearer abcdef.ghi", "Authorization: ***"),
        ("the key sk-proj-12345678 is wrong", "the key *** is wrong"),
        ("give api_key=… or set OPENAI_API_KEY", "give api_key=… or set OPENAI_API_KEY"),
        ("token 5 of 7: max_tokens=64", "token 5 of 7: max_tokens=64"),
    ],
)
def test_secrets_are_found_by_their_place(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_short_key_is_masked_as_a_whole() -> None:
    assert masked("ollama said: ollamas ollam", "ollama") == "*** said: ***s ollam"
    assert masked("a bad key: a", "a") == "*** bad key: ***"
    assert masked("text", "") == "text"


@pytest.mark.parametrize("url", ["http://u:hunter22@h/v1?q", "ftp://u:hunter22@h", "http://h/v1?api_key=hunter22"])
def test_an_address_that_is_refused_shows_no_password(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_url(url)
    assert "hunter22" not in str(caught.value)


def test_names_of_secrets() -> None:
    assert [n for n in ("api_key", "password", "hf_token", "key", "monkey", "tokens", "keys") if is_secret_name(n)] == [
        "api_key",
        "password",
        "hf_token",
        "key",
    ]

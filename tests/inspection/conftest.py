"""Writes small GGUF files by the format's description, independently of the reader."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Write = Callable[..., Path]


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _value(value: Any) -> bytes:  # noqa: ANN401  what JSON can hold
    """A type number and the value: bool, u32 (u64 where it does not fit), i32 if negative, f32, text, or an array."""
    if isinstance(value, list):
        items = [_value(item) for item in value]
        kind = items[0][:4] if items else struct.pack("<I", 4)
        return struct.pack("<I", 9) + kind + struct.pack("<Q", len(items)) + b"".join(item[4:] for item in items)
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        wide = struct.pack("<IQ", 10, value) if value >= 1 << 32 else b""
        return wide or (struct.pack("<Ii", 5, value) if value < 0 else struct.pack("<II", 4, value))
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    return struct.pack("<I", 8) + _text(value)


def header(metadata: Mapping[str, Any], tensors: Mapping[str, Sequence[int]]) -> bytes:
    """A version 3 header and zeros for its F32 tensors."""
    made = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    made += b"".join(_text(key) + _value(value) for key, value in metadata.items())
    offset = 0
    for name, shape in tensors.items():
        made += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        elements = 1
        for size in shape:
            elements *= size
        offset += -(-elements * 4 // 32) * 32
    return made + bytes(-len(made) % 32) + bytes(offset)


TOKENS = ["<unk>", "<s>", "</s>", "<|user|>", "<reserved_1>", "a", "中"]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the model of an architecture: keys that begin with a dot are the architecture's."""

    def write(
        architecture: str,
        keys: Mapping[str, Any] | None = None,
        tensors: Mapping[str, Sequence[int]] | None = None,
        vocabulary: bool = True,
        name: str = "model.gguf",
    ) -> Path:
        metadata: dict[str, Any] = {"general.architecture": architecture}
        shape = {".context_length": 4096, ".embedding_length": 64, ".block_count": 4, ".attention.head_count": 4}
        for key, value in {**shape, **(keys or {})}.items():
            metadata[architecture + key if key.startswith(".") else key] = value
        if vocabulary:
            metadata |= {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": TOKENS}
            metadata |= {"tokenizer.ggml.token_type": [2, 3, 3, 3, 3, 1, 1], "tokenizer.ggml.bos_token_id": 1}
        metadata = {key: value for key, value in metadata.items() if value is not None}
        path = tmp_path / name
        path.write_bytes(header(metadata, tensors or {}))
        return path

    return write

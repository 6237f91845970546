"""Writes small GGUF models with random weights, whose tokens are the bytes of a text."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

WIDTH, HEADS, HEAD = 32, 2, 16  # both heads share one KV head
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TOKENS = ["<unk>", "<s>", "</s>", *BYTES, "▁"]
Array = NDArray[np.float32]


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def tensors(layers: int = 1) -> dict[str, Array]:
    """The tensors of a Llama: random, but large enough that its attention is far from even."""
    rng = np.random.default_rng(7)

    def random(*shape: int) -> Array:
        return rng.normal(0, 0.4, shape).astype(np.float32)

    made = {"token_embd.weight": random(len(TOKENS), WIDTH), "output_norm.weight": np.ones(WIDTH, np.float32)}
    for layer in range(layers):
        made |= {
            f"blk.{layer}.attn_norm.weight": 1 + random(WIDTH),
            f"blk.{layer}.attn_q.weight": random(HEADS * HEAD, WIDTH),
            f"blk.{layer}.attn_k.weight": random(HEAD, WIDTH),
            f"blk.{layer}.attn_v.weight": random(HEAD, WIDTH),
            f"blk.{layer}.attn_output.weight": random(WIDTH, HEADS * HEAD),
            f"blk.{layer}.ffn_norm.weight": np.ones(WIDTH, np.float32),
            f"blk.{layer}.ffn_gate.weight": random(WIDTH, WIDTH),
            f"blk.{layer}.ffn_up.weight": random(WIDTH, WIDTH),
            f"blk.{layer}.ffn_down.weight": random(WIDTH, WIDTH),
        }
    return made


def write_model(folder: Path, *, architecture: str = "llama", layers: int = 1, template: str | None = None) -> Path:
    """Writes a model with a context of 512 tokens, by default without a chat template, and returns its path."""
    numbers = {"context_length": 512, "embedding_length": WIDTH, "block_count": layers, "feed_forward_length": WIDTH}
    numbers |= {"attention.head_count": HEADS, "attention.head_count_kv": 1, "rope.dimension_count": HEAD}
    made = [_text(f"{architecture}.{key}") + struct.pack("<II", 4, value) for key, value in numbers.items()]
    made.append(_text(f"{architecture}.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5))
    texts = {"general.architecture": architecture, "tokenizer.ggml.model": "llama"}
    texts |= {} if template is None else {"tokenizer.chat_template": template}
    made += [_text(key) + struct.pack("<I", 8) + _text(value) for key, value in texts.items()]
    size = struct.pack("<Q", len(TOKENS))
    made.append(_text("tokenizer.ggml.tokens") + struct.pack("<II", 9, 8) + size + b"".join(map(_text, TOKENS)))
    made.append(_text("tokenizer.ggml.scores") + struct.pack("<II", 9, 6) + size + bytes(4 * len(TOKENS)))
    kinds = struct.pack(f"<{len(TOKENS)}i", 2, 3, 3, *([6] * 256), 1)
    made.append(_text("tokenizer.ggml.token_type") + struct.pack("<II", 9, 5) + size + kinds)
    made.append(_text("tokenizer.ggml.add_space_prefix") + struct.pack("<I?", 7, False))
    data, heads, offset = b"", b"", 0
    weights = tensors(layers)
    for name, tensor in weights.items():
        shape = tensor.shape[::-1]
        heads += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        data += tensor.tobytes() + bytes(-tensor.nbytes % 32)
        offset = len(data)
    whole = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(made)) + b"".join(made) + heads
    path = folder / f"{architecture}.gguf"
    path.write_bytes(whole + bytes(-len(whole) % 32) + data)
    return path


@pytest.fixture
def tiny_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model of random weights and returns its path: `tiny_model(architecture="llama", layers=1, template=None)`."""
    return partial(write_model, tmp_path)


@pytest.fixture
def tiny_tensors() -> dict[str, Array]:
    """The tensors of the model of one layer that `tiny_model` writes."""
    return tensors()

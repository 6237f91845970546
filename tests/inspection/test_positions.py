"""Positional encodings of hand-made headers; what no key says is llama.cpp's own table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ctxshape.inspection import read_model_facts
from ctxshape.inspection.facts import Position

Write = Callable[..., Path]


@pytest.fixture
def position(write: Write) -> Callable[..., Position]:
    def position(architecture: str, keys: Mapping[str, Any] | None = None, **more: Any) -> Position:  # noqa: ANN401
        return read_model_facts(write(architecture, keys, **more)).position

    return position


Find = Callable[..., Position]


def test_rope(position: Find) -> None:
    found = position("llama", {".rope.freq_base": 500_000.0, ".rope.dimension_count": 16})
    assert (found.encoding, found.source, found.window) == ("rope", "llama.rope.freq_base", None)
    assert found.rope is not None
    assert (found.rope.freq_base, found.rope.dimensions, found.rope.scaling, found.rope.factor) == (500_000, 16, "none", None)


def test_rope_that_no_key_names_has_the_default_base(position: Find) -> None:
    found = position("llama")
    assert found.rope is not None and found.rope.freq_base == 10_000
    assert found.source == "llama.cpp's code for llama"


def test_an_architecture_that_nobody_knows(position: Find) -> None:
    assert position("brand-new").encoding == "unknown"
    assert position("brand-new", {".rope.freq_base": 1e6}).encoding == "rope"


@pytest.mark.parametrize(
    ("keys", "tensors", "scaling", "factor", "original"),
    [
        ({".rope.scaling.type": "linear", ".rope.scaling.factor": 4.0}, {}, "linear", 4, None),
        ({".rope.scale_linear": 2.0}, {}, "linear", 2, None),
        (
            {".rope.scaling.type": "yarn", ".rope.scaling.factor": 4.0, ".rope.scaling.original_context_length": 1024},
            {},
            "yarn",
            4,
            1024,
        ),
        ({".rope.scaling.original_context_length": 2048}, {"rope_factors_long.weight": (8,)}, "longrope", None, 2048),
        ({}, {"rope_freqs.weight": (8,)}, "frequencies", None, None),
        ({".rope.scaling.type": "none"}, {}, "none", None, None),
    ],
)
def test_scaling(
    position: Find, keys: dict[str, Any], tensors: dict[str, Any], scaling: str, factor: float | None, original: int | None
) -> None:
    rope = position("llama", keys, tensors=tensors).rope
    assert rope is not None
    assert (rope.scaling, rope.factor, rope.original_context) == (scaling, factor, original)


@pytest.mark.parametrize(
    ("architecture", "keys", "bias", "source"),
    [
        ("mpt", {".attention.max_alibi_bias": 8.0}, 8, "mpt.attention.max_alibi_bias"),
        ("jais", {".attention.max_alibi_bias": 4.0}, 4, "jais.attention.max_alibi_bias"),
        ("bloom", {}, 8, "llama.cpp's code for bloom"),
        ("refact", {}, 8, "llama.cpp's code for refact"),
        ("baichuan", {".block_count": 40}, 8, "llama.cpp's code for baichuan with 40 layers"),
    ],
)
def test_alibi(position: Find, architecture: str, keys: dict[str, Any], bias: float, source: str) -> None:
    found = position(architecture, keys)
    assert (found.encoding, found.alibi_bias, found.source, found.rope) == ("alibi", bias, source, None)


def test_baichuan_of_32_layers_has_rope(position: Find) -> None:
    assert position("baichuan", {".block_count": 32}).encoding == "rope"


@pytest.mark.parametrize(
    ("architecture", "tensors", "encoding", "source"),
    [
        ("gpt2", {"position_embd.weight": (64, 32)}, "learned", "tensor position_embd.weight"),
        ("gpt2", {}, "learned", "llama.cpp's code for gpt2"),
        ("starcoder", {}, "learned", "llama.cpp's code for starcoder"),
        ("bert", {"position_embd.weight": (64, 32)}, "learned", "tensor position_embd.weight"),
        ("nomic-bert", {}, "rope", "llama.cpp's code for nomic-bert"),
        ("t5", {}, "relative", "llama.cpp's code for t5"),
        ("mamba", {}, "none", "llama.cpp's code for mamba"),
        ("rwkv6", {}, "none", "llama.cpp's code for rwkv6"),
        ("jamba", {}, "none", "llama.cpp's code for jamba"),
        ("mpt", {"position_embd.weight": (64, 32)}, "learned", "tensor position_embd.weight"),
    ],
)
def test_other_encodings(position: Find, architecture: str, tensors: dict[str, Any], encoding: str, source: str) -> None:
    found = position(architecture, tensors=tensors)
    assert (found.encoding, found.source) == (encoding, source)


def test_granite_switches_rope_off_by_a_key(position: Find) -> None:
    assert position("granite").encoding == "rope"
    assert position("granite", {".rope.scaling.finetuned": False}).encoding == "none"


def test_mistral_is_rope_with_a_window_that_llama_cpp_does_not_apply(position: Find) -> None:
    found = position("llama", {".attention.sliding_window": 4096})
    assert found.encoding == "rope" and found.window is not None
    assert (found.window.size, found.window.applied, found.window.layers) == (4096, False, (True,) * 4)


Y, N = True, False


@pytest.mark.parametrize(
    ("architecture", "keys", "size", "kind", "layers"),
    [
        ("gemma2", {}, 4096, "sliding", (Y, N, Y, N)),
        ("gemma3", {".attention.sliding_window": 512, ".block_count": 7}, 512, "sliding", (Y, Y, Y, Y, Y, N, Y)),
        ("gpt-oss", {".attention.sliding_window": 128}, 128, "sliding", (Y, N, Y, N)),
        ("cohere2", {".attention.sliding_window": 99}, 99, "sliding", (Y, Y, Y, N)),
        ("cohere2", {".attention.sliding_window": 99, ".attention.sliding_window_pattern": 2}, 99, "sliding", (Y, N, Y, N)),
        (
            "gemma4",
            {".attention.sliding_window": 9, ".attention.sliding_window_pattern": [N, Y, Y, N]},
            9,
            "sliding",
            (N, Y, Y, N),
        ),
        ("llama4", {}, 8192, "chunked", (Y, Y, Y, N)),
        ("llama4", {".attention.sliding_window": 77}, 8192, "chunked", (Y, Y, Y, N)),
        ("modern-bert", {".attention.sliding_window": 128}, 128, "symmetric", (N, Y, Y, N)),
        ("smallthinker", {".attention.sliding_window": 1}, 4096, "sliding", (N, Y, Y, Y)),
    ],
)
def test_windows(
    position: Find, architecture: str, keys: dict[str, Any], size: int, kind: str, layers: tuple[bool, ...]
) -> None:
    window = position(architecture, keys).window
    assert window is not None and window.applied
    assert (window.size, window.kind, window.layers) == (size, kind, layers)


@pytest.mark.parametrize(
    ("architecture", "keys"),
    [
        ("gemma3", {}),
        ("gemma3", {".attention.sliding_window": 0}),
        ("llama4", {".attention.sliding_window": 0}),
        ("smallthinker", {}),
        ("exaone4", {".attention.sliding_window": None}),
        ("qwen2", {}),
    ],
)
def test_no_window(position: Find, architecture: str, keys: dict[str, Any]) -> None:
    assert position(architecture, keys).window is None


@pytest.mark.parametrize(
    ("architecture", "keys", "without"),
    [
        ("smollm3", {".block_count": 8}, (3, 7)),
        ("llama4", {}, (3,)),
        ("llama4", {".attention.sliding_window": 0}, ()),
        ("smallthinker", {".attention.sliding_window": 1}, (0,)),
        ("smallthinker", {}, ()),
        ("cohere2", {".attention.sliding_window": 99}, (3,)),
        ("cohere2moe", {".attention.sliding_window": 99, ".block_count": 8}, (0, 4)),
        ("cohere2moe", {".attention.sliding_window": 99, ".block_count": 8, ".leading_dense_block_count": 1}, (4,)),
        ("granite_swa", {".attention.rope_pattern": [1, 0, 1, 0]}, (1, 3)),
        ("llama", {}, ()),
    ],
)
def test_layers_without_rope(position: Find, architecture: str, keys: dict[str, Any], without: tuple[int, ...]) -> None:
    rope = position(architecture, keys).rope
    assert rope is not None and rope.without == without
    assert rope.without_listed == (architecture == "granite_swa")


def test_positions_of_pictures(position: Find) -> None:
    rope = position("qwen2vl", {".rope.dimension_sections": [16, 24, 24, 0]}).rope
    assert rope is not None and rope.sections == (16, 24, 24, 0)
    rope = position("glm4", {".rope.dimension_sections": [0, 0, 0, 0]}).rope
    assert rope is not None and rope.sections == ()

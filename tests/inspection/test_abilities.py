from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctxshape.inspection import abilities, read_model_facts

Write = Callable[..., Path]
STATE = {".attention.head_count_kv": [0, 0, 2, 0]}
SECTIONS = {".rope.dimension_sections": [16, 24, 24, 0]}
WINDOW = {".attention.sliding_window": 512}


def served(path: Path) -> str:
    """Returns the first letters of what a model supports: exact, batch, blocks (k), windows, attention."""
    able = abilities(read_model_facts(path))
    found = zip("ebkwa", (able.exact, able.batch, able.blocks, able.windows, able.attention), strict=True)
    return "".join(letter for letter, ability in found if ability)


@pytest.mark.parametrize(
    ("architecture", "keys", "letters"),
    [
        ("llama", {}, "ebkwa"),
        ("gemma3", WINDOW, "ebkwa"),
        ("bloom", {}, "ebkwa"),
        ("mpt", {".attention.max_alibi_bias": 8.0}, "ebkwa"),
        ("deepseek2", {}, "ebkwa"),
        ("granite", {".rope.scaling.finetuned": False}, "ebkwa"),
        ("granite_swa", {**WINDOW, ".attention.rope_pattern": [1, 0, 1, 0]}, "ebkwa"),
        ("gpt2", {}, "ebwa"),
        ("starcoder", {}, "ebwa"),
        ("baichuan", {".block_count": 40}, "ebwa"),
        ("qwen2vl", SECTIONS, "ebwa"),
        ("smollm3", {}, "ebwa"),
        ("cohere2", WINDOW, "ebwa"),
        ("step35", {**WINDOW, ".attention.sliding_window_pattern": [1, 1, 1, 0]}, "ebwa"),
        ("llama4", {}, "eba"),
        ("deepseek32", {}, "eb"),
        ("mamba", {".attention.head_count": 0}, "e"),
        ("rwkv7", {".attention.head_count": 0}, "e"),
        ("jamba", STATE, "ea"),
        ("falcon-h1", {}, "ea"),
        ("brand-new", {}, "e"),
        ("bert", {}, ""),
        ("t5", {}, ""),
        ("dream", {}, ""),
        ("clip", {}, ""),
    ],
)
def test_what_each_kind_of_model_serves(write: Write, architecture: str, keys: dict[str, Any], letters: str) -> None:
    assert served(write(architecture, keys)) == letters


@pytest.mark.parametrize(
    ("architecture", "keys", "way", "said"),
    [
        ("mamba", {".attention.head_count": 0}, "batch", "recurrent model"),
        ("mamba", {".attention.head_count": 0}, "attention", "no attention layers"),
        ("jamba", STATE, "blocks", "hybrid model"),
        ("jamba", STATE, "attention", "only 1 of 4 layers attend"),
        ("gpt2", {}, "blocks", "learned positions"),
        ("qwen2vl", SECTIONS, "blocks", "M-RoPE"),
        ("smollm3", {}, "blocks", "1 of 4 layers have no RoPE"),
        ("baichuan", {".block_count": 40}, "blocks", "every baichuan"),
        ("bloom", {}, "blocks", "keys carry no position"),
        ("gemma3", WINDOW, "blocks", "window of 512"),
        ("gemma3", WINDOW, "attention", "4 of 4 layers attend to the last 512 tokens"),
        ("llama4", {}, "windows", "chunks of 8,192 positions"),
        ("brand-new", {}, "batch", "'brand-new' is not known"),
        ("brand-new", {}, "exact", "0.3.36"),
        ("bert", {}, "exact", "encoder"),
    ],
)
def test_the_reason_is_named(write: Write, architecture: str, keys: dict[str, Any], way: str, said: str) -> None:
    reason = getattr(abilities(read_model_facts(write(architecture, keys))), way).reason
    assert said in reason and "\n" not in reason


def test_sinks_are_named(write: Write) -> None:
    facts = read_model_facts(write("gpt-oss", WINDOW, {"blk.0.attn_sinks.weight": (4,)}))
    assert "sink" in abilities(facts).attention.reason


def test_a_model_without_a_vocabulary_reads_nothing(write: Write) -> None:
    assert abilities(read_model_facts(write("llama", vocabulary=False))).exact.reason == "it has no vocabulary"

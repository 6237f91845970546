from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctxshape.inspection import ModelFacts, advise, read_model_facts
from ctxshape.inspection.facts import Share

Write = Callable[..., Path]
WIDE = {".attention.key_length": 128, ".attention.value_length": 128, ".context_length": 131072, ".block_count": 32}
WINDOW = {".block_count": 6, ".attention.sliding_window": 512}


def said(path: Path, *presets: str) -> str:
    return "\n".join(piece.text for piece in advise(read_model_facts(path), presets))


@pytest.mark.parametrize(
    ("architecture", "keys", "expected"),
    [
        ("llama", {}, "No chat template"),
        ("llama", {"tokenizer.chat_template": "{{ content }}"}, "does not accept a system message"),
        ("llama", {".context_length": 2048}, "trained on 2,048 tokens: shape with --budget 1536"),
        ("llama", {}, "4,096 with 1.0 GiB of memory (its trained context)."),
        # 32 layers x 4 KV heads x 128 x 2 x 2 bytes: 64 KiB a token, so 16,384 tokens are one GiB.
        ("llama", WIDE, "16,384 with 1.0 GiB of memory, 65,536 with 4.0 GiB of memory, 131,072 with 16.0 GiB"),
        ("llama", WIDE, "kv_type='q8_0' saves 240.0 MiB of 512.0 MiB at 8,192 tokens"),
        ("llama", WIDE, "needs flash attention"),
        ("llama", {".attention.key_length": 32, ".attention.value_length": 32}, "Keep kv_type='f16': at 4,096 tokens"),
        ("phi2", {".attention.key_length": 80}, "not a multiple of 32"),
        (
            "llama",
            {".rope.scaling.type": "yarn", ".rope.scaling.original_context_length": 1024},
            "4,096 tokens are 1,024 tokens stretched by yarn",
        ),
        (
            "gemma3",
            WINDOW,
            "Only 1 of 6 layers see text that is more than 512 tokens before the question",
        ),
        # 5 of 6 layers keep 1,024 of 4,096 cells: 5 x 3,072 x 256 bytes.
        ("gemma3", WINDOW, "3.8 MiB more than needed"),
        ("llama", {".attention.sliding_window": 4095}, "a window of 4,095 tokens, which llama.cpp does not apply"),
        ("bloom", {}, "ALiBi"),
        ("gpt2", {".context_length": 1024}, "1,024"),
        ("rwkv6", {".attention.head_count": 0, ".wkv.head_size": 8}, "a running state of 10.0 KiB"),
        ("bert", {}, "embedder"),
        ("t5", {}, "another model"),
        ("brand-new", {}, "newer llama-cpp-python"),
        ("llama", {"split.count": 2}, "model-00002-of-00002.gguf"),
    ],
)
def test_advice(write: Write, architecture: str, keys: dict[str, Any], expected: str) -> None:
    assert expected in said(write(architecture, keys))


def test_no_advice_on_reading_for_what_cannot_read(write: Write) -> None:
    assert len(advise(read_model_facts(write("bert")))) == 1
    assert "n_ctx" not in said(write("llama", vocabulary=False), "light")


def test_weights_that_this_processor_reads_faster(write: Write) -> None:
    facts = read_model_facts(write("llama")).model_copy(update={"parameters": 1 << 20})
    told = "On this CPU (avx512_bf16) the same weights as BF16 (2.0 MiB of memory) read"

    def advised(bf16: str | None, kind: str, **changed: int) -> bool:
        shares = (Share(type=kind, tensors=1, parameters=changed.get("parameters", 1 << 20), bytes=None),)
        made = facts.model_copy(update={"quantization": shares, **changed})
        return any(told in piece.text for piece in advise(made, ("light",), bf16))

    assert advised("avx512_bf16", "Q4_K")
    assert not advised(None, "Q4_K") and not advised("avx512_bf16", "F16") and not advised("avx512_bf16", "BF16")
    assert not advised("avx512_bf16", "Q4_K", parameters=2 * 10**9)  # its answers would be written too slowly


def test_presets_that_are_installed(write: Write) -> None:
    path = write("llama")
    assert "preset" not in said(path)
    assert "the preset light: it needs no embedder." in said(path, "light")
    large = read_model_facts(path).model_copy(update={"parameters": 630_167_424})
    assert "each prompt token costs about 1.3 billion operations" in advise(large, ("light",))[-1].text
    assert "the preset balanced" in said(path, "light", "balanced")
    assert "billion" not in said(write("qwen2moe", {".expert_count": 60, ".expert_used_count": 4}), "light")


@pytest.mark.parametrize("architecture", ["llama", "gemma3", "mamba", "jamba", "bloom", "gpt2", "bert", "brand-new"])
def test_every_piece_names_the_fact_it_comes_from(write: Write, architecture: str) -> None:
    pieces = advise(read_model_facts(write(architecture, WINDOW)), ("light", "balanced"))
    assert pieces and all(piece.because in ModelFacts.model_fields for piece in pieces)

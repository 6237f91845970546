from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctxshape.errors import ModelError
from ctxshape.inspection import ModelFacts, kv_bytes, read_model_facts
from ctxshape.inspection.facts import Token

Write = Callable[..., Path]


def test_plain_facts_and_their_json(write: Write) -> None:
    keys = {"general.name": "Tiny 模型", "general.license": "mit", "general.languages": ["en", "zh"], "general.file_type": 15}
    tensors = {"token_embd.weight": (64, 7), "output_norm.weight": (64,)}
    facts = read_model_facts(write("llama", keys, tensors))
    assert (facts.name, facts.license, facts.languages, facts.file_type) == ("Tiny 模型", "mit", ("en", "zh"), "Q4_K_M")
    assert (facts.parameters, facts.weights_bytes) == (512, 2048)
    assert (facts.trained_context, facts.embedding_length, facts.layers, facts.kind) == (4096, 64, 4, "decoder")
    assert [(share.type, share.tensors, share.parameters) for share in facts.quantization] == [("F32", 2, 512)]
    assert ModelFacts.model_validate(json.loads(facts.model_dump_json())) == facts


def test_what_the_file_does_not_say_is_none(write: Write) -> None:
    facts = read_model_facts(write("llama", {".context_length": None, ".attention.head_count": None}, vocabulary=False))
    assert (facts.name, facts.license, facts.trained_context, facts.attention) == (None, None, None, None)
    assert (facts.vocabulary, facts.chat_template, facts.kv_cache, facts.experts) == (None, None, (), None)


def test_heads_and_groups(write: Write) -> None:
    heads = read_model_facts(write("llama", {".attention.head_count": 8, ".attention.head_count_kv": [4, 4, 2, 2]})).attention
    assert heads is not None
    assert (heads.heads, heads.kv_heads, heads.key_length, heads.value_length) == ((8,) * 4, (4, 4, 2, 2), 8, 8)
    heads = read_model_facts(write("llama", {".attention.key_length": 96, ".attention.value_length": 48})).attention
    assert heads is not None and (heads.kv_heads, heads.key_length, heads.value_length) == ((4,) * 4, 96, 48)


def test_layers_that_guess_ahead_do_not_count(write: Write) -> None:
    assert read_model_facts(write("glm4moe", {".block_count": 5, ".nextn_predict_layers": 1})).layers == 4


def test_the_cache_by_hand(write: Write) -> None:
    # 4 layers, 2 KV heads of 32, keys and values: 4 x 2 x 64 numbers a token.
    facts = read_model_facts(write("llama", {".attention.head_count": 2, ".embedding_length": 64}))
    assert facts.bytes_per_token == {"f16": 1024, "q8_0": 544, "q4_0": 288}
    assert kv_bytes(facts, 2048) == 2048 * 1024
    assert kv_bytes(facts, 2049) == kv_bytes(facts, 2304)  # cells come in 256
    assert [(row.n_ctx, row.type) for row in facts.kv_cache] == [(n, t) for n in (2048, 4096) for t in ("f16", "q8_0", "q4_0")]


def test_a_window_keeps_itself_and_a_batch(write: Write) -> None:
    # 6 layers of which 5 slide: 512 + 512 cells in place of 4,096; 4 heads of 16 x 2 x 2 bytes = 256 bytes a layer.
    facts = read_model_facts(write("gemma3", {".block_count": 6, ".attention.sliding_window": 512}))
    assert kv_bytes(facts, 4096) == 4096 * 6 * 256
    assert kv_bytes(facts, 4096, windowed=True) == (4096 + 5 * 1024) * 256
    assert kv_bytes(facts, 512, windowed=True) == kv_bytes(facts, 512)


def test_a_window_with_heads_of_its_own(write: Write) -> None:
    keys = {".attention.sliding_window": 512, ".attention.sliding_window_pattern": [True, True, True, False]}
    keys |= {".attention.key_length": 32, ".attention.value_length": 32, ".attention.shared_kv_layers": 2}
    keys |= {".attention.key_length_swa": 16, ".attention.value_length_swa": 16}
    facts = read_model_facts(write("gemma4", keys))
    assert facts.attention is not None and facts.attention.kv_layers == (0, 1)  # the others share theirs
    assert kv_bytes(facts, 256) == 256 * 2 * (4 * 16 * 2 * 2)


def test_a_latent_cache_has_one_row(write: Write) -> None:
    keys = {".attention.head_count_kv": 1, ".attention.key_length": 576, ".attention.value_length": 512}
    facts = read_model_facts(write("deepseek2", keys | {".attention.key_length_mla": 192, ".attention.value_length_mla": 128}))
    assert kv_bytes(facts, 256) == 256 * 4 * 576 * 2


def test_heads_that_do_not_divide_are_not_quantised(write: Write) -> None:
    facts = read_model_facts(write("phi2", {".attention.key_length": 80, ".attention.value_length": 80}))
    assert {row.type for row in facts.kv_cache} == {"f16"}


def test_mamba_has_a_state_and_no_cache(write: Write) -> None:
    keys = {".attention.head_count": 0, ".ssm.conv_kernel": 4, ".ssm.inner_size": 128, ".ssm.state_size": 16}
    facts = read_model_facts(write("mamba", keys))
    assert facts.attention is None and facts.kv_cache == () and facts.state is not None
    assert (facts.state.kind, facts.state.layers, facts.state.bytes) == (
        "recurrent",
        (0, 1, 2, 3),
        4 * 4 * (3 * 128 + 16 * 128),
    )


def test_rwkv_has_a_state(write: Write) -> None:
    facts = read_model_facts(write("rwkv6", {".attention.head_count": 0, ".wkv.head_size": 8}))
    assert facts.state is not None and facts.state.bytes == 4 * 4 * (2 * 64 + 64 * 8)


def test_jamba_is_hybrid(write: Write) -> None:
    keys = {".attention.head_count_kv": [0, 0, 2, 0], ".ssm.conv_kernel": 4, ".ssm.inner_size": 128, ".ssm.state_size": 16}
    facts = read_model_facts(write("jamba", keys))
    assert facts.state is not None and (facts.state.kind, facts.state.layers) == ("hybrid", (0, 1, 3))
    assert facts.attention is not None
    assert (facts.attention.heads, facts.attention.kv_heads, facts.attention.kv_layers) == ((0, 0, 4, 0), (0, 0, 2, 0), (2,))
    assert kv_bytes(facts, 256) == 256 * 2 * 16 * 2 * 2


@pytest.mark.parametrize(
    ("architecture", "keys", "states", "attending"),
    [
        ("qwen3next", {}, (0, 1, 2), 1),
        ("qwen35", {".full_attention_interval": 2}, (0, 2), 2),
        ("minimax-01", {".attention.recurrent_layers": [1, 0, 0, 1]}, (0, 3), 2),
        ("falcon-h1", {}, (0, 1, 2, 3), 4),
        ("nemotron_h", {".attention.head_count_kv": [0, 2, 0, 0], ".feed_forward_length": [0, 0, 9, 0]}, (0, 3), 1),
    ],
)
def test_which_layers_keep_a_state(
    write: Write, architecture: str, keys: dict[str, Any], states: tuple[int, ...], attending: int
) -> None:
    facts = read_model_facts(write(architecture, keys))
    assert facts.state is not None and facts.state.layers == states
    assert facts.attention is not None and len(facts.attention.kv_layers) == attending


@pytest.mark.parametrize(
    ("architecture", "keys", "kind", "pooling"),
    [
        ("bert", {".pooling_type": 1}, "encoder", "mean"),
        ("qwen3", {".pooling_type": 3}, "decoder", "last"),
        ("llama", {".attention.causal": False, ".pooling_type": 2}, "encoder", "cls"),
        ("t5", {}, "encoder-decoder", None),
        ("dream", {}, "diffusion", None),
        ("clip", {}, "not text", None),
        ("llama", {"general.type": "adapter"}, "not text", None),
    ],
)
def test_kinds(write: Write, architecture: str, keys: dict[str, Any], kind: str, pooling: str | None) -> None:
    facts = read_model_facts(write(architecture, keys))
    assert (facts.kind, facts.pooling) == (kind, pooling)


def test_experts(write: Write) -> None:
    facts = read_model_facts(write("qwen2moe", {".expert_count": 60, ".expert_used_count": 4, ".expert_shared_count": 2}))
    assert facts.experts is not None
    assert (facts.experts.count, facts.experts.used, facts.experts.shared) == (60, 4, 2)


def test_vocabulary(write: Write) -> None:
    keys = {"tokenizer.ggml.eos_token_id": 2, "tokenizer.ggml.eot_token_id": -1, "tokenizer.ggml.pre": "default"}
    found = read_model_facts(write("llama", keys)).vocabulary
    assert found is not None
    assert (found.type, found.pre, found.size, found.add_bos, found.add_eos) == ("SentencePiece", "default", 7, True, False)
    assert (found.bos, found.eos, found.eot) == (Token(id=1, text="<s>"), Token(id=2, text="</s>"), None)
    assert found.control == (Token(id=1, text="<s>"), Token(id=2, text="</s>"), Token(id=3, text="<|user|>"))
    assert found.reserved == 1


def test_tokens_far_apart_are_found(write: Write) -> None:
    tokens = [f"t{number}" for number in range(5000)]
    keys: dict[str, Any] = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": tokens}
    keys["tokenizer.ggml.token_type"] = [3 if number in (0, 1023, 1024, 4999) else 1 for number in range(5000)]
    found = read_model_facts(write("llama", keys, vocabulary=False)).vocabulary
    assert found is not None and [token.text for token in found.control] == ["t0", "t1023", "t1024", "t4999"]
    assert found.add_bos is None  # of a BPE tokenizer, its kind decides


@pytest.mark.parametrize(
    ("template", "roles", "any_role", "system"),
    [
        ("{% if m['role'] == 'user' %}U{% elif m.role == \"assistant\" %}A{% endif %}", ("user", "assistant"), False, False),
        ("{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] }}{% endif %}", ("system",), False, True),
        ("{{ '<|im_start|>' + message['role'] + '\n' }}", (), True, True),
        ("{{ raise_exception('System role not supported') if m.role == 'system' }}{{ 'user' }}", ("user",), False, False),
        ("[INST] {{ content }}", (), False, False),
    ],
)
def test_chat_templates(write: Write, template: str, roles: tuple[str, ...], any_role: bool, system: bool) -> None:
    found = read_model_facts(write("llama", {"tokenizer.chat_template": template})).chat_template
    assert found is not None
    assert (found.roles, found.any_role, found.system, found.characters) == (roles, any_role, system, len(template))


def test_a_template_made_to_be_slow_is_not(write: Write) -> None:
    template = "raise_exception(" * 50_000 + "+ " * 100_000 + "{{ " + "a" * 500_000
    assert read_model_facts(write("llama", {"tokenizer.chat_template": template})).chat_template is not None


def test_a_model_in_parts(write: Write) -> None:
    split = {"split.count": 2, "split.no": 0}
    first = write("llama", split, {"a": (64, 2)}, name="m-00001-of-00002.gguf")
    alone = read_model_facts(first)
    assert alone.split is not None and (alone.split.part, alone.split.missing) == (1, ("m-00002-of-00002.gguf",))
    assert alone.parameters == 128
    second = write("llama", {**split, "split.no": 1}, {"b": (64, 3)}, vocabulary=False, name="m-00002-of-00002.gguf")
    both = read_model_facts(first)
    assert both.split is not None and both.split.missing == () and both.parameters == 320
    with pytest.raises(ModelError, match=r"part 2 of 2 .*'.*m-00001-of-00002\.gguf'"):
        read_model_facts(second)

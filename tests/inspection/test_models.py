"""The facts against what llama.cpp itself says of the same file."""

from __future__ import annotations

from typing import Any

import pytest

from ctxshape.backends.llama._native.bindings import bindings, captured_errors
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.inspection import ModelFacts, abilities, kv_bytes, read_model_facts


@pytest.fixture(scope="module")
def facts(smollm2_path: str) -> ModelFacts:
    return read_model_facts(smollm2_path)


@pytest.fixture
def weights(smollm2_weights: Weights) -> Weights:
    return smollm2_weights


@pytest.mark.model
def test_shapes(facts: ModelFacts, weights: Weights) -> None:
    llama, model = bindings(), weights.pointer
    assert facts.trained_context == llama.llama_model_n_ctx_train(model) == 8192
    assert facts.embedding_length == llama.llama_model_n_embd(model) == 576
    assert facts.layers == llama.llama_model_n_layer(model) == 30
    assert facts.parameters == llama.llama_model_n_params(model) == 134_515_008
    assert facts.weights_bytes == llama.llama_model_size(model)
    assert facts.attention is not None
    assert set(facts.attention.heads) == {llama.llama_model_n_head(model)} == {9}
    assert set(facts.attention.kv_heads) == {llama.llama_model_n_head_kv(model)} == {3}
    assert facts.position.window is None and llama.llama_model_n_swa(model) == 0
    assert facts.position.encoding == "rope" and llama.llama_model_rope_type(model) == llama.LLAMA_ROPE_TYPE_NORM
    assert facts.state is None and not weights.has_state()


@pytest.mark.model
def test_vocabulary_and_template(facts: ModelFacts, weights: Weights) -> None:
    llama = bindings()
    vocab = llama.llama_model_get_vocab(weights.pointer)
    found = facts.vocabulary
    assert found is not None and found.bos is not None and found.eos is not None
    assert found.size == llama.llama_vocab_n_tokens(vocab)
    assert found.type == "byte-level BPE" and llama.llama_vocab_type(vocab) == llama.LLAMA_VOCAB_TYPE_BPE
    assert (found.bos.id, found.eos.id) == (llama.llama_vocab_bos(vocab), llama.llama_vocab_eos(vocab))
    assert found.add_bos == llama.llama_vocab_get_add_bos(vocab)
    control = [number for number in range(found.size) if llama.llama_vocab_is_control(vocab, number)]
    assert [token.id for token in found.control] == control
    assert facts.chat_template is not None and facts.chat_template.characters == len(weights.chat_template() or "")


@pytest.mark.model
@pytest.mark.parametrize("kv_type", ["f16", "q8_0", "q4_0"])
def test_the_cache_takes_what_is_said(facts: ModelFacts, weights: Weights, kv_type: str) -> None:
    llama: Any = bindings()
    with captured_errors():
        parameters = llama.llama_context_default_params()
        parameters.n_ctx, parameters.n_threads, parameters.flash_attn_type = 300, 1, 1
        parameters.type_k = parameters.type_v = getattr(llama, f"GGML_TYPE_{kv_type.upper()}")
        context = llama.llama_init_from_model(weights.pointer, parameters)
        cells = llama.llama_n_ctx(context)
        assert abilities(facts).blocks and llama.llama_memory_can_shift(llama.llama_get_memory(context))
        tokens = (llama.llama_token * 256)(*[5] * 256)
        assert llama.llama_decode(context, llama.llama_batch_get_one(tokens, 256)) == 0
        stored = llama.llama_state_seq_get_size(context, 0)
        llama.llama_free(context)
    assert cells == 512  # 300 in steps of 256
    assert kv_bytes(facts, 300, kv_type) == 2 * kv_bytes(facts, 256, kv_type)
    # A state of 256 cells holds their keys and values, and a few words for each cell and layer.
    assert 0 <= stored - kv_bytes(facts, 256, kv_type) < 8192

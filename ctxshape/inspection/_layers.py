"""The contents of each layer's memory: heads with keys and values, or a running state."""

from __future__ import annotations

from ctxshape.inspection import _architectures as arch
from ctxshape.inspection._gguf import Numbers
from ctxshape.inspection._metadata import Metadata
from ctxshape.inspection.facts import Attention, RunningState

FLOAT = 4  # llama.cpp keeps states as float32
TOKEN_SHIFTS = 2


def attention_of(metadata: Metadata, layers: int) -> Attention | None:
    """Returns heads, groups and widths, or None for a model without attention."""
    heads = metadata.each(".attention.head_count", layers) or (0,) * layers
    if metadata.architecture in arch.RECURRENT or not any(heads):
        return None
    listed = metadata.each(".attention.head_count_kv", layers) or heads
    states = recurrent_layers(metadata, layers)
    only_state = frozenset() if metadata.architecture in arch.PARALLEL else states
    kv_heads = tuple(0 if layer in only_state else count for layer, count in enumerate(listed))
    heads = tuple(0 if layer in only_state else count for layer, count in enumerate(heads))
    width = (metadata.whole(".embedding_length") or 0) // next((count for count in heads if count), 1)
    key = _or_default(metadata.whole(".attention.key_length"), width)
    value = _or_default(metadata.whole(".attention.value_length"), width)
    return Attention(
        heads=heads,
        kv_heads=kv_heads,
        kv_layers=_own_kv(metadata, kv_heads),
        key_length=key,
        value_length=value,
        window_key_length=_or_default(metadata.whole(".attention.key_length_swa"), key),
        window_value_length=_or_default(metadata.whole(".attention.value_length_swa"), value),
        latent=bool(metadata.whole(".attention.key_length_mla") and metadata.whole(".attention.value_length_mla")),
        sinks=any(name.endswith(".attn_sinks.weight") for name in metadata.tensors),
    )


def _or_default(given: int | None, default: int) -> int:
    return default if given is None else given


def _own_kv(metadata: Metadata, kv_heads: tuple[int, ...]) -> tuple[int, ...]:
    count = len(kv_heads)
    first = arch.SHARED_KV_FROM.get(metadata.architecture, count)
    if metadata.architecture == "gemma4":
        first = count - (metadata.whole(".attention.shared_kv_layers") or 0)
    return tuple(layer for layer in range(count) if kv_heads[layer] and layer < first)


def recurrent_layers(metadata: Metadata, layers: int) -> frozenset[int]:
    """Returns the layers that keep a running state."""
    name = metadata.architecture
    if name in arch.RECURRENT or name in arch.PARALLEL:
        return frozenset(range(layers))
    if name not in arch.HYBRID or name == "deepseek4":
        return frozenset()
    if isinstance(metadata.find(".attention.recurrent_layers"), Numbers):
        listed = metadata.each(".attention.recurrent_layers", layers) or ()
        return frozenset(layer for layer, on in enumerate(listed) if on)
    if name in arch.ATTENTION_INTERVAL:
        interval = metadata.whole(".full_attention_interval") or arch.ATTENTION_INTERVAL[name]
        return frozenset(layer for layer in range(layers) if (layer + 1) % interval)
    heads = metadata.each(".attention.head_count_kv", layers) or ()
    wide = metadata.each(".feed_forward_length", layers) or (0,) * layers
    # Nemotron-H also has layers with only a feed-forward network.
    return frozenset(
        layer for layer, count in enumerate(heads) if not count and not (name.startswith("nemotron_h") and wide[layer])
    )


def state_of(metadata: Metadata, layers: int) -> RunningState | None:
    """Returns the running state, or None for a model whose whole memory is its KV cache."""
    name = metadata.architecture
    if name not in arch.RECURRENT and name not in arch.HYBRID:
        return None
    found = recurrent_layers(metadata, layers)
    each = _state_elements(metadata)
    return RunningState(
        kind="recurrent" if name in arch.RECURRENT else "hybrid",
        layers=tuple(sorted(found)),
        bytes=None if each is None else each * FLOAT * len(found),
    )


def _state_elements(metadata: Metadata) -> int | None:
    """Returns how many numbers a layer keeps per sequence (`llama_hparams::n_embd_r` and `n_embd_s`), or None if unknown."""
    width = metadata.whole(".embedding_length") or 0
    head = metadata.whole(".wkv.head_size")
    if head:
        shifts = metadata.whole(".token_shift_count")
        return width * (TOKEN_SHIFTS if shifts is None else shifts) + width * head
    cached = metadata.whole(".shortconv.l_cache")
    if cached:
        return width * (cached - 1)
    inner, state = metadata.whole(".ssm.inner_size"), metadata.whole(".ssm.state_size")
    if not inner or not state or metadata.find(".kda.head_dim") is not None or metadata.architecture == "minimax-01":
        return None
    kernel, groups = metadata.whole(".ssm.conv_kernel") or 0, metadata.whole(".ssm.group_count") or 0
    return max(kernel - 1, 0) * (inner + 2 * groups * state) + state * inner

"""The size of a KV cache, computed from its shapes."""

from __future__ import annotations

from ctxshape.inspection._quantization import TENSOR_TYPES, stored_bytes
from ctxshape.inspection.facts import Attention, KvBytes, ModelFacts, Window

DEFAULT_N_CTX = 8192  # the cells that LlamaCpp takes without n_ctx, unless the trained context is shorter
CACHE_TYPES = ("f16", "q8_0", "q4_0")  # the useful values of `LlamaCpp(kv_type=…)`
CONTEXTS = (2048, 8192)
CELL_STEP, BATCH = 256, 512  # llama.cpp rounds cells up, and keeps a window with room for one batch
_NUMBERS = {name.lower(): number for number, (name, _, _) in TENSOR_TYPES.items()}


def kv_bytes(facts: ModelFacts, n_ctx: int, kv_type: str = "f16", *, windowed: bool = False) -> int:
    """Returns the bytes of the keys and values of one sequence of `n_ctx` tokens, as llama.cpp lays them out.

    With `windowed`, layers with a sliding window keep only the window, which is llama.cpp's default. LlamaCpp keeps all cells,
    because the KV of a shared prefix or a document could not continue elsewhere without them.
    """
    if facts.attention is None or facts.kind != "decoder":
        return 0
    window = facts.position.window
    return _cache(facts.attention, window if window is not None and window.applied else None, n_ctx, kv_type, windowed)


def _cache(attention: Attention, window: Window | None, n_ctx: int, kv_type: str, windowed: bool) -> int:
    cells = _padded(n_ctx)
    kept = min(cells, _padded(window.size + BATCH)) if window else cells
    total = 0
    for layer in attention.kv_layers:
        slides = window is not None and window.layers[layer]
        key, value = (
            (attention.window_key_length, attention.window_value_length)
            if slides
            else (attention.key_length, attention.value_length)
        )
        row = _row(key * attention.kv_heads[layer], kv_type)
        if not attention.latent:  # a latent cache holds one row, which includes the values
            row += _row(value * attention.kv_heads[layer], kv_type)
        total += row * (kept if slides and windowed else cells)
    return total


def kv_table(facts: ModelFacts) -> tuple[KvBytes, ...]:
    """Returns the cache at 2,048 and 8,192 tokens and at the trained context, for each type that the heads allow."""
    if not kv_bytes(facts, 1):
        return ()
    trained = facts.trained_context or CONTEXTS[-1]
    contexts = sorted({size for size in CONTEXTS if size <= trained} | {trained})
    types = [kv_type for kv_type in CACHE_TYPES if kv_type == "f16" or can_quantize(facts)]
    return tuple(
        KvBytes(
            n_ctx=n_ctx,
            type=kv_type,
            all_cells=kv_bytes(facts, n_ctx, kv_type),
            windowed=kv_bytes(facts, n_ctx, kv_type, windowed=True),
        )
        for n_ctx in contexts
        for kv_type in types
    )


def can_quantize(facts: ModelFacts) -> bool:
    """Returns whether the heads divide into blocks of 32, as q8_0 and q4_0 need."""
    heads = facts.attention
    if heads is None:
        return False
    widths = {heads.key_length, heads.value_length, heads.window_key_length, heads.window_value_length}
    return all(width % 32 == 0 for width in widths)


def _row(elements: int, kv_type: str) -> int:
    return stored_bytes(elements, _NUMBERS[kv_type]) or 0


def _padded(cells: int) -> int:
    return -(-cells // CELL_STEP) * CELL_STEP

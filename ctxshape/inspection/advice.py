"""Advice in plain words, each piece from a fact."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ctxshape.core.types import Frozen
from ctxshape.inspection.facts import ModelFacts
from ctxshape.inspection.memory import can_quantise, kv_bytes

DEFAULT_CONTEXT = 8192  # what LlamaCpp takes where n_ctx is not given, or the trained context if that is less
MEMORY = (1 << 30, 4 << 30, 16 << 30)
SMALL_CACHE = 256 << 20
SHORT_CONTEXT = 4096
LEAST_TOLD = 50_000_000  # weights of a model whose cost of a token is worth a word
MOST_AS_BF16 = 1_500_000_000  # weights of a model small enough that reading its prompt takes longer than writing its answer
ROOM = 512  # tokens left for instruction, question and answer


class Advice(Frozen):
    """What to do, and the field of ModelFacts that says why."""

    because: str
    text: str


def size(count: float) -> str:
    """Bytes to read, in powers of 1,024.

    >>> size(22_544_384), size(3 << 30), size(900)
    ('21.5 MiB', '3.0 GiB', '900 B')
    """
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            return f"{count / (1 << power):,.1f} {unit}"
    return f"{count:,.0f} B"


def advise(facts: ModelFacts, presets: Collection[str] = ("light",), bf16: str | None = None) -> tuple[Advice, ...]:
    """The advice for a model; `presets` are the names of the installed ones. Only facts are used, nothing is measured.

    `bf16` is the feature by which the processor computes in bfloat16 (see `ctxshape.inspection.processor`).
    """
    found = [*_use(facts)]
    if facts.kind == "decoder" and facts.vocabulary is not None:
        found += [*_prompt(facts), *_context(facts), *_cache(facts), *_weights(facts, bf16)]
        found += [*_order(facts), *_preset(facts, presets)]
    return tuple(Advice(because=because, text=text) for because, text in found)


Piece = Iterator[tuple[str, str]]


def _use(facts: ModelFacts) -> Piece:
    if facts.split is not None and facts.split.missing:
        yield "split", f"Fetch the missing parts into the same folder: {', '.join(facts.split.missing)}."
    if facts.kind == "encoder":
        yield "kind", "Use it as an embedder, not with LlamaCpp: it writes no text."
    elif facts.kind != "decoder":
        yield "kind", "Take another model for LlamaCpp: this one does not write text token by token."
    elif facts.vocabulary is None:
        yield "vocabulary", "Take another file: this one has no vocabulary, so it cannot read text."
    if not facts.known:
        yield "known", "If it does not load, get a newer llama-cpp-python: 0.3.36 does not know this architecture."


def _prompt(facts: ModelFacts) -> Piece:
    template = facts.chat_template
    if template is None:
        yield (
            "chat_template",
            "No chat template: LlamaCpp gives it the bare prompt and ends the answer with its first line. "
            "If it was tuned for chat, give chat_template='…'; if it is a base model, an instruct version answers better.",
        )
    elif not template.system:
        yield "chat_template", "The template takes no system message; ctxshape needs none, its instruction is in the user's."


def _context(facts: ModelFacts) -> Piece:
    trained = facts.trained_context
    if not trained:
        return
    default = min(trained, DEFAULT_CONTEXT)
    if trained <= SHORT_CONTEXT:
        yield (
            "trained_context",
            f"It was trained on {trained:,} tokens: shape with --budget {max(trained - ROOM, 64)}, or fewer.",
        )
    if not facts.kv_cache:
        return
    parts = []
    for memory in MEMORY:
        cells = _most_cells(facts, memory)
        if cells:
            parts.append(f"{size(memory)} of memory: n_ctx={cells}" + (" (all it was trained on)" if cells == trained else ""))
            if cells == trained:
                break
    needed = size(facts.weights_bytes + kv_bytes(facts, default))
    text = f"Left out, n_ctx is {default:,}: {needed} of weights and f16 cache"
    yield "kv_cache", text + (f". The most for {', '.join(parts)}." if parts else ".")
    rope = facts.position.rope
    if rope is not None and rope.original_context and rope.original_context < trained:
        yield (
            "position",
            f"Its {trained:,} tokens are {rope.original_context:,} stretched by {rope.scaling}: it reads best below those, so "
            "shape rather than raise n_ctx.",
        )


def _most_cells(facts: ModelFacts, memory: int) -> int:
    """The largest power of two of cells, or the trained context, whose f16 cache fits beside the weights; 0 for none."""
    trained = facts.trained_context or DEFAULT_CONTEXT
    sizes = sorted({power for exponent in range(9, 41) if (power := 1 << exponent) < trained} | {trained}, reverse=True)
    return next((cells for cells in sizes if facts.weights_bytes + kv_bytes(facts, cells) <= memory), 0)


def _cache(facts: ModelFacts) -> Piece:
    if facts.state is not None:
        state = "" if facts.state.bytes is None else f" of {size(facts.state.bytes)}"
        yield "state", f"Each prompt carries a running state{state}, whatever its length; votes are read one after another."
    if not facts.kv_cache:
        return
    yield (
        "attention",
        "Leave flash attention to llama.cpp (flash_attention=None); the attention probe, and on a CPU votes over reused "
        "documents, do without it by themselves.",
    )
    n_ctx = min(facts.trained_context or DEFAULT_CONTEXT, DEFAULT_CONTEXT)
    full = kv_bytes(facts, n_ctx)
    if not can_quantise(facts):
        yield (
            "attention",
            "Keep kv_type='f16': the heads' width does not divide into blocks of 32, so the cache cannot be quantised.",
        )
        return
    saved = full - kv_bytes(facts, n_ctx, "q8_0")
    if full <= SMALL_CACHE:
        yield "kv_cache", f"Keep kv_type='f16': at {n_ctx:,} tokens q8_0 would save only {size(saved)}."
    else:
        yield (
            "kv_cache",
            f"kv_type='q8_0' saves {size(saved)} of {size(full)} at {n_ctx:,} tokens, for each prompt read at once; it needs "
            "flash attention.",
        )


def _weights(facts: ModelFacts, bf16: str | None) -> Piece:
    quantised = sum(share.parameters for share in facts.quantization if share.type not in ("F32", "F16", "BF16"))
    if bf16 is None or facts.experts or facts.parameters > MOST_AS_BF16 or 2 * quantised < facts.parameters:
        return
    yield (
        "quantization",
        f"On this CPU ({bf16}) the same weights as BF16 ({size(2 * facts.parameters)} of memory) read prompts 1.6 to 2.8 times "
        "as fast and write answers a fifth to a third slower, measured with models up to 0.5B: "
        "examples/measure/rewrite_weights.py makes the file.",
    )


def _order(facts: ModelFacts) -> Piece:
    window = facts.position.window
    if window is not None and window.applied:
        whole = facts.layers - sum(window.layers)
        yield (
            "position",
            f"What stands more than {window.size:,} tokens before the question is seen by {whole} of {facts.layers} layers: "
            f"keep the passages short (--budget {max(window.size - 128, 64)}) or the best ones last.",
        )
        n_ctx = min(facts.trained_context or DEFAULT_CONTEXT, DEFAULT_CONTEXT)
        more = kv_bytes(facts, n_ctx) - kv_bytes(facts, n_ctx, windowed=True)
        if more:
            yield (
                "kv_cache",
                f"LlamaCpp keeps all cells of those layers, {size(more)} more than needed at the default n_ctx, so that KV "
                "can be shared and moved.",
            )
    if window is not None and not window.applied:
        yield (
            "position",
            f"It was trained with a window of {window.size:,} tokens, which llama.cpp does not apply; stay below it.",
        )
    if facts.position.encoding == "alibi":
        yield "position", "ALiBi weakens what stands far before the question: put the best passages last."
    if facts.position.encoding == "learned":
        yield "position", f"Its positions are learned and end at {facts.trained_context or 0:,}: n_ctx cannot go beyond."


def _preset(facts: ModelFacts, presets: Collection[str]) -> Piece:
    if "light" in presets:
        cost = f", and each prompt token costs about {2 * facts.parameters / 1e9:.1f} billion operations"
        if facts.experts or facts.parameters < LEAST_TOLD:  # of a mixture, only some experts work on a token
            cost = ""
        yield "parameters", f"Begin with the preset light: it needs no embedder{cost}."
    if "balanced" in presets:
        yield (
            "kind",
            "With an embedder installed, try the preset balanced, too.",
        )

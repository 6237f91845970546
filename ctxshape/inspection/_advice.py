"""Advice on using a model with ctxshape, each piece derived from a fact."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ctxshape.core.types import Frozen
from ctxshape.inspection._memory import DEFAULT_N_CTX, can_quantize, kv_bytes
from ctxshape.inspection.facts import ModelFacts

MEMORY_SIZES = (1 << 30, 4 << 30, 16 << 30)
SMALL_CACHE = 256 << 20
SHORT_CONTEXT = 4096
COSTLY = 50_000_000  # parameters above which the cost of a token is worth mentioning
MOST_AS_BF16 = 1_500_000_000  # parameters up to which reading a prompt takes longer than generating its answer
ROOM = 512  # tokens for instruction, question and answer


class Advice(Frozen):
    """A piece of advice, and the field of ModelFacts that it follows from."""

    because: str
    text: str


def format_bytes(count: float) -> str:
    """Returns a number of bytes as text, in powers of 1,024.

    >>> format_bytes(22_544_384), format_bytes(3 << 30), format_bytes(900)
    ('21.5 MiB', '3.0 GiB', '900 B')
    """
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            return f"{count / (1 << power):,.1f} {unit}"
    return f"{count:,.0f} B"


def advise(facts: ModelFacts, presets: Collection[str] = ("light",), bf16: str | None = None) -> tuple[Advice, ...]:
    """Returns the advice for a model. It follows from facts alone; nothing is measured.

    `presets` are the names of the installed presets. `bf16` is the processor's feature for bfloat16 arithmetic, from
    `computes_bf16`.
    """
    found = [*_use(facts)]
    if facts.kind == "decoder" and facts.vocabulary is not None:
        found += [*_prompt(facts), *_context(facts), *_cache(facts), *_weights(facts, bf16)]
        found += [*_order(facts), *_preset(facts, presets)]
    return tuple(Advice(because=because, text=text) for because, text in found)


def _use(facts: ModelFacts) -> Iterator[tuple[str, str]]:
    if facts.split is not None and facts.split.missing:
        yield "split", f"Fetch the missing files into the same folder: {', '.join(facts.split.missing)}."
    if facts.kind == "encoder":
        yield "kind", "Use it as an embedder, not with LlamaCpp: it does not generate text."
    elif facts.kind != "decoder":
        yield "kind", "Choose another model for LlamaCpp: this one does not generate text token by token."
    elif facts.vocabulary is None:
        yield "vocabulary", "Choose another file: this one has no vocabulary, so it cannot read text."
    if not facts.known:
        yield "known", "If it does not load, install a newer llama-cpp-python: 0.3.36 does not know this architecture."


def _prompt(facts: ModelFacts) -> Iterator[tuple[str, str]]:
    template = facts.chat_template
    if template is None:
        yield (
            "chat_template",
            "No chat template: LlamaCpp sends the bare prompt and ends the answer after its first line. "
            "If it was tuned for chat, give chat_template='…'. If it is a base model, an instruct version answers better.",
        )
    elif not template.system:
        yield (
            "chat_template",
            "The template does not accept a system message. ctxshape needs none: its instruction is in the user message.",
        )


def _context(facts: ModelFacts) -> Iterator[tuple[str, str]]:
    trained = facts.trained_context
    if not trained:
        return
    default = min(trained, DEFAULT_N_CTX)
    if trained <= SHORT_CONTEXT:
        yield (
            "trained_context",
            f"It was trained on {trained:,} tokens: shape with --budget {max(trained - ROOM, 64)} or less.",
        )
    if not facts.kv_cache:
        return
    parts = []
    for memory in MEMORY_SIZES:
        cells = _most_cells(facts, memory)
        if cells:
            parts.append(
                f"{cells:,} with {format_bytes(memory)} of memory" + (" (its trained context)" if cells == trained else "")
            )
            if cells == trained:
                break
    needed = format_bytes(facts.weights_bytes + kv_bytes(facts, default))
    text = f"By default n_ctx is {default:,}, which needs {needed} for weights and f16 cache"
    yield "kv_cache", text + (f". The largest n_ctx: {', '.join(parts)}." if parts else ".")
    rope = facts.position.rope
    if rope is not None and rope.original_context and rope.original_context < trained:
        yield (
            "position",
            f"Its {trained:,} tokens are {rope.original_context:,} tokens stretched by {rope.scaling}. It reads best below "
            f"{rope.original_context:,}, so shape rather than raise n_ctx.",
        )


def _most_cells(facts: ModelFacts, memory: int) -> int:
    """Returns the largest n_ctx (a power of two, or trained) whose f16 cache fits beside the weights; 0 if none does."""
    trained = facts.trained_context or DEFAULT_N_CTX
    sizes = sorted({power for exponent in range(9, 41) if (power := 1 << exponent) < trained} | {trained}, reverse=True)
    return next((cells for cells in sizes if facts.weights_bytes + kv_bytes(facts, cells) <= memory), 0)


def _cache(facts: ModelFacts) -> Iterator[tuple[str, str]]:
    if facts.state is not None:
        state = "" if facts.state.bytes is None else f" of {format_bytes(facts.state.bytes)}"
        yield "state", f"Each prompt has a running state{state}, regardless of its length. Votes are read one after another."
    if not facts.kv_cache:
        return
    yield (
        "attention",
        "Let llama.cpp decide about flash attention (flash_attention=None). The attention probe turns it off by itself, and "
        "so do votes over reused documents on a CPU.",
    )
    n_ctx = min(facts.trained_context or DEFAULT_N_CTX, DEFAULT_N_CTX)
    full = kv_bytes(facts, n_ctx)
    if not can_quantize(facts):
        yield (
            "attention",
            "Keep kv_type='f16': the heads' width is not a multiple of 32, so the cache cannot be quantized.",
        )
        return
    saved = full - kv_bytes(facts, n_ctx, "q8_0")
    if full <= SMALL_CACHE:
        yield "kv_cache", f"Keep kv_type='f16': at {n_ctx:,} tokens q8_0 would save only {format_bytes(saved)}."
    else:
        yield (
            "kv_cache",
            f"kv_type='q8_0' saves {format_bytes(saved)} of {format_bytes(full)} at {n_ctx:,} tokens, for each prompt of a "
            "batch. It needs flash attention.",
        )


def _weights(facts: ModelFacts, bf16: str | None) -> Iterator[tuple[str, str]]:
    quantized = sum(share.parameters for share in facts.quantization if share.type not in ("F32", "F16", "BF16"))
    if bf16 is None or facts.experts or facts.parameters > MOST_AS_BF16 or 2 * quantized < facts.parameters:
        return
    yield (
        "quantization",
        f"On this CPU ({bf16}) the same weights as BF16 ({format_bytes(2 * facts.parameters)} of memory) read prompts 1.6 to "
        "2.8 times as fast and generate answers a fifth to a third more slowly, as measured with models up to 0.5B: "
        "examples/measure/rewrite_weights.py makes the file.",
    )


def _order(facts: ModelFacts) -> Iterator[tuple[str, str]]:
    window = facts.position.window
    if window is not None and window.applied:
        whole = facts.layers - sum(window.layers)
        yield (
            "position",
            f"Only {whole} of {facts.layers} layers see text that is more than {window.size:,} tokens before the question: "
            f"keep the passages short (--budget {max(window.size - 128, 64)}), or put the best ones last.",
        )
        n_ctx = min(facts.trained_context or DEFAULT_N_CTX, DEFAULT_N_CTX)
        more = kv_bytes(facts, n_ctx) - kv_bytes(facts, n_ctx, windowed=True)
        if more:
            yield (
                "kv_cache",
                f"LlamaCpp keeps all cells of those layers, so that KV can be shared and moved. At the default n_ctx that is "
                f"{format_bytes(more)} more than needed.",
            )
    if window is not None and not window.applied:
        yield (
            "position",
            f"It was trained with a window of {window.size:,} tokens, which llama.cpp does not apply; keep prompts shorter.",
        )
    if facts.position.encoding == "alibi":
        yield "position", "ALiBi weakens text far before the question: put the best passages last."
    if facts.position.encoding == "learned":
        yield "position", f"Its positions are learned and end at {facts.trained_context or 0:,}, so n_ctx cannot be larger."


def _preset(facts: ModelFacts, presets: Collection[str]) -> Iterator[tuple[str, str]]:
    if "light" in presets:
        cost = f", and each prompt token costs about {2 * facts.parameters / 1e9:.1f} billion operations"
        if facts.experts or facts.parameters < COSTLY:  # in a mixture, only some experts process a token
            cost = ""
        yield "parameters", f"Start with the preset light: it needs no embedder{cost}."
    if "balanced" in presets:
        yield "kind", "If an embedder is installed, also try the preset balanced."

"""The positional encoding of a model: RoPE and its scaling, sliding windows, ALiBi, learned positions, or none."""

from __future__ import annotations

from ctxshape.inspection import _architectures as arch
from ctxshape.inspection._gguf import Numbers
from ctxshape.inspection._metadata import Metadata
from ctxshape.inspection.facts import Encoding, Position, Rope, Window

DEFAULT_FREQ_BASE = 10000.0  # llama.cpp's default
LEARNED_TENSOR = "position_embd.weight"


def position_of(metadata: Metadata, layers: int) -> Position:
    """Returns the positional encoding and how it is known."""
    window = window_of(metadata, layers)
    bias, source = _alibi(metadata, layers)
    if bias:
        return Position(encoding="alibi", source=source, alibi_bias=bias, window=window)
    encoding, source = _encoding(metadata)
    rope = _rope(metadata, layers, window) if encoding == "rope" else None
    return Position(encoding=encoding, source=source, rope=rope, window=window)


def _alibi(metadata: Metadata, layers: int) -> tuple[float, str]:
    name = metadata.architecture
    bias = metadata.real(".attention.max_alibi_bias")
    if bias is not None:
        return bias, metadata.key(".attention.max_alibi_bias")
    by_layers = arch.ALIBI_BY_LAYERS.get((name, layers))
    if by_layers is not None:
        return by_layers, f"{arch.SOURCE} for {name} with {layers} layers"
    return arch.ALIBI.get(name, 0.0), f"{arch.SOURCE} for {name}"


def _encoding(metadata: Metadata) -> tuple[Encoding, str]:
    name = metadata.architecture
    code = f"{arch.SOURCE} for {name}"
    if name.startswith("granite") and metadata.flag(".rope.scaling.finetuned") is False:
        return "none", metadata.key(".rope.scaling.finetuned")  # Granite's switch for RoPE
    if LEARNED_TENSOR in metadata.tensors:
        return "learned", f"tensor {LEARNED_TENSOR}"
    for encoding, names in _BY_NAME:
        if name in names:
            return encoding, code
    for key in (".rope.freq_base", ".rope.dimension_count", ".rope.dimension_sections"):
        if metadata.find(key) is not None:
            return "rope", metadata.key(key)
    return ("rope", code) if name in arch.KNOWN else ("unknown", "no key of the file tells it")


_BY_NAME: tuple[tuple[Encoding, frozenset[str]], ...] = (
    ("learned", arch.LEARNED),
    ("relative", arch.RELATIVE),
    ("none", arch.NO_ROPE),
)


def _rope(metadata: Metadata, layers: int, window: Window | None) -> Rope:
    factor = metadata.real(".rope.scaling.factor")
    if factor is None:
        factor = metadata.real(".rope.scale_linear")  # the older name
    scaling = metadata.text(".rope.scaling.type")
    if "rope_factors_long.weight" in metadata.tensors:
        scaling = "longrope"
    elif scaling is None:
        # Llama 3.1 and later have a factor for each frequency instead of one for all.
        scaling = "frequencies" if "rope_freqs.weight" in metadata.tensors else "linear" if factor else "none"
    return Rope(
        freq_base=metadata.real(".rope.freq_base") or DEFAULT_FREQ_BASE,
        dimensions=metadata.whole(".rope.dimension_count"),
        scaling=scaling,
        factor=factor or None,
        original_context=metadata.whole(".rope.scaling.original_context_length"),
        finetuned=metadata.flag(".rope.scaling.finetuned"),
        sections=_sections(metadata),
        without=_without_rope(metadata, layers, window),
        without_listed=isinstance(metadata.find(".attention.rope_pattern"), Numbers),
    )


def _sections(metadata: Metadata) -> tuple[int, ...]:
    value = metadata.find(".rope.dimension_sections")
    if not isinstance(value, Numbers):
        return ()
    if value.count > 4:
        raise metadata.wrong(".rope.dimension_sections", f"an array of {value.count:,}", "at most 4 numbers")
    sections = tuple(int(one) for one in value.values() if isinstance(one, int))
    return sections if any(sections) else ()


def _without_rope(metadata: Metadata, layers: int, window: Window | None) -> tuple[int, ...]:
    name = metadata.architecture
    sliding = window is not None and window.applied
    listed = metadata.find(".attention.rope_pattern")
    if isinstance(listed, Numbers):
        pattern = metadata.each(".attention.rope_pattern", layers) or ()
        return tuple(layer for layer, on in enumerate(pattern) if not on)
    if name in arch.NO_ROPE_STEP and (sliding or name not in arch.ALL_ROPE_WITHOUT_WINDOW):
        step, rest = arch.NO_ROPE_STEP[name]
        return tuple(layer for layer in range(layers) if layer % step == rest)
    if name in arch.ROPE_IN_WINDOWS_ONLY and window is not None and window.applied:
        lead = metadata.whole(".leading_dense_block_count") or 0
        lead = lead if name == "cohere2moe" else 0
        return tuple(layer for layer, slides in enumerate(window.layers) if not slides and layer >= lead)
    return ()


def window_of(metadata: Metadata, layers: int) -> Window | None:
    """Returns the sliding window: its size, its layers, and whether llama.cpp applies it. None if there is no window."""
    name = metadata.architecture
    key = metadata.key(".attention.sliding_window")
    declared = metadata.whole(".attention.sliding_window")
    rule = arch.WINDOWS.get(name) or arch.WINDOWS_BY_LAYERS.get((name, layers))
    if rule is None and name not in arch.LISTED_WINDOWS:
        return _unapplied(declared, layers, key) if declared else None
    size = declared if rule is None or rule.size is None or (declared and not rule.fixed) else rule.size
    switched_off = declared == 0 or (declared is None and name == "smallthinker")
    if not size or switched_off:
        return None
    slides = _listed(metadata, layers)
    if slides is None and rule is not None:
        pattern = metadata.find(".attention.sliding_window_pattern")
        if pattern is not None and rule.pattern:
            rule = rule._replace(pattern=metadata.whole(".attention.sliding_window_pattern") or 0)
        slides = arch.windowed_layers(rule, layers)
    source = key if declared == size else f"{arch.SOURCE} for {name}"
    return Window(
        size=size, kind=rule.kind if rule else "sliding", layers=slides or (False,) * layers, applied=True, source=source
    )


def _unapplied(size: int, layers: int, key: str) -> Window:
    return Window(size=size, kind="sliding", layers=(True,) * layers, applied=False, source=key)


def _listed(metadata: Metadata, layers: int) -> tuple[bool, ...] | None:
    if not isinstance(metadata.find(".attention.sliding_window_pattern"), Numbers):
        return None
    pattern = metadata.each(".attention.sliding_window_pattern", layers)
    return None if pattern is None else tuple(map(bool, pattern))

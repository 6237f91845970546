"""Which of ctxshape's ways of reading a model can serve, and why not the others."""

from __future__ import annotations

from ctxshape.core.types import Frozen
from ctxshape.inspection import architectures as arch
from ctxshape.inspection.facts import ModelFacts

_KINDS = {
    "encoder": "it is an encoder, which embeds text and writes none",
    "encoder-decoder": "it has an encoder, and LlamaCpp needs a model that only decodes",
    "diffusion": "it is a diffusion model, which does not write token by token",
    "not text": "it is a part of another model or writes no text",
}


class Ability(Frozen):
    """Whether a model can serve one way of reading, and the reason in one line, for a warning or a table."""

    supported: bool
    reason: str

    def __bool__(self) -> bool:
        return self.supported


class Abilities(Frozen):
    """What a model serves, way by way.

    `exact`: one prompt, full attention. `batch`: several prompts over a shared prefix in one pass. `blocks`: each
    document's KV computed once and moved by K-shift. `windows`: every document at the same positions (Ratner et al.
    2023). `attention`: the probe that reads the attention weights.
    """

    exact: Ability
    batch: Ability
    blocks: Ability
    windows: Ability
    attention: Ability


def abilities(facts: ModelFacts) -> Abilities:
    """What ctxshape can do with a model, from its facts alone; what was read from llama.cpp is 0.3.36's."""
    cannot = _KINDS.get(facts.kind) or ("it has no vocabulary" if facts.vocabulary is None else "")
    if cannot:
        no = Ability(supported=False, reason=cannot)
        return Abilities(exact=no, batch=no, blocks=no, windows=no, attention=no)
    exact = "one prompt at a time, full attention"
    if not facts.known:
        exact = f"if your llama.cpp knows the architecture {facts.architecture!r}; llama-cpp-python 0.3.36 does not"
    return Abilities(
        exact=Ability(supported=True, reason=exact),
        batch=_ability(_no_parts(facts), "prompts share a prefix in one KV cache"),
        blocks=_ability(_no_parts(facts) or _no_shift(facts), _why_shift(facts)),
        windows=_ability(
            _no_parts(facts) or _no_windows(facts), "KV is kept by token, and positions are only set, never moved"
        ),
        attention=_ability(_no_weights(facts), _weights(facts)),
    )


def _ability(problem: str, reason: str) -> Ability:
    return Ability(supported=not problem, reason=problem or reason)


def _no_parts(facts: ModelFacts) -> str:
    """Why the memory of a prompt cannot be taken apart by tokens."""
    if facts.state is not None:
        return f"a {facts.state.kind} model keeps a running state, which cannot be shared or joined by parts"
    return "" if facts.known else _unknown(facts)


def _unknown(facts: ModelFacts) -> str:
    return f"the architecture {facts.architecture!r} is not known to ctxshape, so only exact reading is safe"


def _no_shift(facts: ModelFacts) -> str:
    """Why keys cannot be moved to other positions.

    `llama_memory_can_shift` is no answer: it says yes to models whose keys it then spoils. Of tiny random ones, moved
    documents against the same computed at their place: logits of llama and bloom differ by less than 1e-5, those of
    smollm3, cohere2, starcoder and a baichuan of 40 layers by 0.3 to 3.3 (llama-cpp-python 0.3.36).
    """
    name, position = facts.architecture, facts.position
    if name in arch.SPARSE:
        return f"{name} picks tokens by an index of its own beside the KV cache; moving that was not tried"
    if name in arch.UNEVEN_ROPE:
        return f"{name} turns a different width in some layers, and llama.cpp refuses to shift it"
    if position.encoding == "learned":
        return "learned positions are added before the first layer, so a key cannot be moved to another place"
    if position.encoding == "alibi" and name not in arch.NO_ROPE:
        return f"llama.cpp's K-shift turns the keys of every {name}, also of this one, which has ALiBi and no RoPE"
    rope = position.rope
    if rope is None:
        return ""
    if rope.sections or name in arch.MULTIMODAL_ROPE:
        return "M-RoPE gives each token several positions, and llama.cpp refuses to shift them"
    if rope.without and not rope.without_listed:
        return (
            f"{len(rope.without)} of {facts.layers} layers have no RoPE, and llama.cpp's K-shift turns their keys all the "
            "same, so moved documents would be read wrongly"
        )
    return ""


def _why_shift(facts: ModelFacts) -> str:
    if facts.position.encoding in ("alibi", "none"):
        return "keys carry no position, so a document's KV can stand anywhere"
    window = facts.position.window
    if window is not None and window.applied:
        return f"keys turn by RoPE; layers with a window of {window.size:,} keep all cells (swa_full), as LlamaCpp asks"
    return "keys turn by RoPE, so a document's KV can be moved to another place"


def _no_windows(facts: ModelFacts) -> str:
    if facts.architecture in arch.SPARSE:
        return (
            f"{facts.architecture} picks tokens by an index of its own beside the KV cache; joining parts of that was not tried"
        )
    window = facts.position.window
    if window is not None and window.applied and window.kind == "chunked":
        return f"layers attend within chunks of {window.size:,} positions, which windows at the same positions would mix"
    return ""


def _no_weights(facts: ModelFacts) -> str:
    if facts.attention is None:
        return "it has no attention layers, so there are no weights to read"
    if facts.architecture in arch.SPARSE:
        return f"{facts.architecture} attends to a choice of tokens; reading that was not tried"
    return "" if facts.known else _unknown(facts)


def _weights(facts: ModelFacts) -> str:
    heads, window = facts.attention, facts.position.window
    said = ["the probe's own context has no flash attention, so llama.cpp computes the weights"]
    if heads is not None and facts.state is not None:
        said.append(f"only {sum(map(bool, heads.kv_heads))} of {facts.layers} layers attend")
    if window is not None and window.applied:
        said.append(f"{sum(window.layers)} of {facts.layers} layers see the last {window.size:,} tokens only")
    if heads is not None and heads.sinks:
        said.append("a part of each head's mass goes to a sink, so masses sum to less than 1")
    return "; ".join(said)

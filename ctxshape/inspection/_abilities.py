"""The ways of reading that a model supports, and the reasons against the others."""

from __future__ import annotations

from ctxshape.core.types import Frozen
from ctxshape.inspection import _architectures as arch
from ctxshape.inspection.facts import ModelFacts

_REFUSED_KINDS = {
    "encoder": "it is an encoder, which embeds text and does not generate any",
    "encoder-decoder": "it has an encoder, and LlamaCpp needs a model that only decodes",
    "diffusion": "it is a diffusion model, which does not generate token by token",
    "not text": "it is a part of another model or does not generate text",
}


class Ability(Frozen):
    """A model's support for one way of reading, with the reason in one line, for a warning or a table."""

    supported: bool
    reason: str

    def __bool__(self) -> bool:
        return self.supported


class Abilities(Frozen):
    """The ways of reading that a model supports.

    `exact`: one prompt, full attention. `batch`: several prompts over a shared prefix in one pass. `blocks`: each document's KV
    is computed once and moved by K-shift. `windows`: all documents have the same positions (Ratner et al. 2023).
    `attention`: the attention weights can be read.
    """

    exact: Ability
    batch: Ability
    blocks: Ability
    windows: Ability
    attention: Ability


def abilities(facts: ModelFacts) -> Abilities:
    """Returns what ctxshape can do with a model, from its facts alone. Knowledge of llama.cpp is that of 0.3.36."""
    cannot = _REFUSED_KINDS.get(facts.kind) or ("it has no vocabulary" if facts.vocabulary is None else "")
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
            _no_parts(facts) or _no_windows(facts), "KV is kept by token, and positions are set once, never moved"
        ),
        attention=_ability(_no_weights(facts), _weights(facts)),
    )


def _ability(problem: str, reason: str) -> Ability:
    return Ability(supported=not problem, reason=problem or reason)


def _no_parts(facts: ModelFacts) -> str:
    """Returns the reason why the memory of a prompt cannot be split by tokens, or an empty text."""
    if facts.state is not None:
        return f"a {facts.state.kind} model keeps a running state, which cannot be shared or joined by parts"
    return "" if facts.known else _unknown(facts)


def _unknown(facts: ModelFacts) -> str:
    return f"the architecture {facts.architecture!r} is not known to ctxshape, so only exact reading is safe"


def _no_shift(facts: ModelFacts) -> str:
    """Returns the reason why keys cannot be moved to other positions, or an empty text.

    `llama_memory_can_shift` is no help: it returns true for models whose keys the shift then spoils. For tiny random models,
    moved documents were compared with documents computed in place. The logits of llama and bloom differ by less than 1e-5,
    those of smollm3, cohere2, starcoder and a baichuan of 40 layers by 0.3 to 3.3 (llama-cpp-python 0.3.36).
    """
    name, position = facts.architecture, facts.position
    if name in arch.SPARSE:
        return f"{name} selects tokens with a separate index beside the KV cache, and moving that index was not tried"
    if name in arch.UNEVEN_ROPE:
        return f"{name} rotates another width in some layers, and llama.cpp refuses to shift it"
    if position.encoding == "learned":
        return "learned positions are added before the first layer, so a key cannot be moved to another place"
    if position.encoding == "alibi" and name not in arch.NO_ROPE:
        return f"llama.cpp's K-shift rotates the keys of every {name}, including this one, which has ALiBi and no RoPE"
    rope = position.rope
    if rope is None:
        return ""
    if rope.sections or name in arch.MULTIMODAL_ROPE:
        return "M-RoPE gives each token several positions, and llama.cpp refuses to shift them"
    if rope.without and not rope.without_listed:
        return (
            f"{len(rope.without)} of {facts.layers} layers have no RoPE, and llama.cpp's K-shift rotates their keys "
            "anyway, so moved documents would be read wrongly"
        )
    return ""


def _why_shift(facts: ModelFacts) -> str:
    if facts.position.encoding in ("alibi", "none"):
        return "keys carry no position, so a document's KV can be placed anywhere"
    window = facts.position.window
    if window is not None and window.applied:
        return (
            f"keys are rotated by RoPE; layers with a window of {window.size:,} keep all cells (swa_full), as LlamaCpp requests"
        )
    return "keys are rotated by RoPE, so a document's KV can be moved to another place"


def _no_windows(facts: ModelFacts) -> str:
    if facts.architecture in arch.SPARSE:
        return (
            f"{facts.architecture} selects tokens with a separate index beside the KV cache, and joining parts of it was not "
            "tried"
        )
    window = facts.position.window
    if window is not None and window.applied and window.kind == "chunked":
        return f"layers attend within chunks of {window.size:,} positions, which windows at the same positions would mix up"
    return ""


def _no_weights(facts: ModelFacts) -> str:
    if facts.attention is None:
        return "it has no attention layers, so there are no weights to read"
    if facts.architecture in arch.SPARSE:
        return f"{facts.architecture} attends to selected tokens, and reading that was not tried"
    return "" if facts.known else _unknown(facts)


def _weights(facts: ModelFacts) -> str:
    heads, window = facts.attention, facts.position.window
    notes = ["the probe's separate context has no flash attention, so llama.cpp computes the weights"]
    if heads is not None and facts.state is not None:
        notes.append(f"only {sum(map(bool, heads.kv_heads))} of {facts.layers} layers attend")
    if window is not None and window.applied:
        notes.append(f"{sum(window.layers)} of {facts.layers} layers attend to the last {window.size:,} tokens only")
    if heads is not None and heads.sinks:
        notes.append("a part of each head's mass goes to a sink, so masses add up to less than 1")
    return "; ".join(notes)

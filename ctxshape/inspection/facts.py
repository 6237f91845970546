"""The values: what a GGUF file says of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ctxshape.core.types import Frozen

Encoding = Literal["rope", "alibi", "learned", "relative", "none", "unknown"]
Kind = Literal["decoder", "encoder", "encoder-decoder", "diffusion", "not text"]


class Share(Frozen):
    """How much of the weights one tensor type holds; `bytes` is None for a type that is not known."""

    type: str
    tensors: int
    parameters: int
    bytes: int | None


class Split(Frozen):
    """A model in several files: this one's number from 1, how many there are, and the names of those not beside it."""

    part: int
    count: int
    missing: tuple[str, ...] = ()


class Rope(Frozen):
    """Rotary position embedding: `scaling` stretches what was trained at `original_context` tokens by `factor`.

    `sections` is set for the positions of pictures (M-RoPE); `without` are the layers that attend with no position,
    which the file lists itself where `without_listed`.
    """

    freq_base: float
    dimensions: int | None
    scaling: str = "none"
    factor: float | None = None
    original_context: int | None = None
    finetuned: bool | None = None
    sections: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    without_listed: bool = False


class Window(Frozen):
    """Attention that sees the last `size` tokens only, in the layers that are True.

    `applied` is False where the file names a window and llama.cpp attends to everything all the same.
    """

    size: int
    kind: Literal["sliding", "chunked", "symmetric"]
    layers: tuple[bool, ...]
    applied: bool
    source: str


class Position(Frozen):
    """How the model knows where a token stands, and whence that is known: a key of the file, a tensor, llama.cpp's code."""

    encoding: Encoding
    source: str
    rope: Rope | None = None
    alibi_bias: float | None = None
    window: Window | None = None


class Attention(Frozen):
    """Heads of each layer (0: the layer does not attend) and widths of a head; `latent` is MLA's shared key and value.

    `kv_layers` are the layers that keep keys and values of their own: not those that share earlier ones.
    """

    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    kv_layers: tuple[int, ...]
    key_length: int
    value_length: int
    window_key_length: int
    window_value_length: int
    latent: bool = False
    sinks: bool = False


class State(Frozen):
    """A running state in place of a cache, in some layers or in all; `bytes` for one sequence, None where not known."""

    kind: Literal["recurrent", "hybrid"]
    layers: tuple[int, ...]
    bytes: int | None


class Experts(Frozen):
    """A mixture of experts: how many there are in a layer, and how many read a token."""

    count: int
    used: int | None
    shared: int = 0


class Token(Frozen):
    """A token of the vocabulary."""

    id: int
    text: str


class Vocabulary(Frozen):
    """The tokenizer. `control` leaves out the `reserved` ones, whose names say that they are unused.

    All as the file has it: on loading, llama.cpp counts a few more as control tokens by their text, such as an end of turn.
    """

    type: str
    pre: str | None
    size: int
    bos: Token | None = None
    eos: Token | None = None
    eot: Token | None = None
    add_bos: bool | None = None
    add_eos: bool | None = None
    control: tuple[Token, ...] = ()
    reserved: int = 0


class ChatTemplate(Frozen):
    """What the chat template names: roles, and whether it takes a system message. It is read as text, never run.

    `any_role`: it writes each message's role as it is given, whatever it names besides.
    """

    characters: int
    roles: tuple[str, ...]
    any_role: bool
    system: bool
    tools: bool
    others: tuple[str, ...] = ()


class KvBytes(Frozen):
    """The KV cache of one sequence. `all_cells` is what LlamaCpp takes, `windowed` what llama.cpp's default would."""

    n_ctx: int
    type: str
    all_cells: int
    windowed: int


class ModelFacts(Frozen):
    """What the header of a GGUF file says; None is what it does not say.

    `parameters` counts the elements of all tensors of all parts that are there; `weights_bytes` is what they take;
    `bytes_per_token` is the KV of one token in all layers, by type.
    """

    path: str
    file_bytes: int
    gguf_version: int
    name: str | None
    architecture: str
    known: bool
    kind: Kind
    file_kind: str
    basename: str | None
    organization: str | None
    finetune: str | None
    size_label: str | None
    license: str | None
    languages: tuple[str, ...]
    parameters: int
    file_type: str | None
    quantization: tuple[Share, ...]
    weights_bytes: int
    split: Split | None
    trained_context: int | None
    embedding_length: int | None
    layers: int
    position: Position
    attention: Attention | None
    state: State | None
    experts: Experts | None
    pooling: str | None
    vocabulary: Vocabulary | None
    chat_template: ChatTemplate | None
    kv_cache: tuple[KvBytes, ...] = ()
    bytes_per_token: Mapping[str, int] = {}

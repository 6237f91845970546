"""The facts that a GGUF file states about its model, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ctxshape.core.types import Frozen

Encoding = Literal["rope", "alibi", "learned", "relative", "none", "unknown"]
ModelKind = Literal["decoder", "encoder", "encoder-decoder", "diffusion", "not text"]


class Share(Frozen):
    """The weights of one tensor type. `bytes` is None for an unknown type."""

    type: str
    tensors: int
    parameters: int
    bytes: int | None


class FileParts(Frozen):
    """The place of a file in a model of several files: its number from 1, their count, and the names of the missing ones."""

    part: int
    count: int
    missing: tuple[str, ...] = ()


class Rope(Frozen):
    """Rotary position embedding. `scaling` stretches the `original_context`, in tokens, by `factor`.

    `sections` is set for image positions (M-RoPE). `without` lists the layers that attend without a position;
    `without_listed` says that the list is from the file itself.
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
    """Attention limited to the last `size` tokens, in the layers that are True.

    `applied` is False if the file names a window but llama.cpp attends to all tokens.
    """

    size: int
    kind: Literal["sliding", "chunked", "symmetric"]
    layers: tuple[bool, ...]
    applied: bool
    source: str


class Position(Frozen):
    """The positional encoding. `source` says how it is known: a key of the file, a tensor, or llama.cpp's code."""

    encoding: Encoding
    source: str
    rope: Rope | None = None
    alibi_bias: float | None = None
    window: Window | None = None


class Attention(Frozen):
    """Heads of each layer (0 if it does not attend) and widths of a head. `latent` marks MLA's shared key and value.

    `kv_layers` are the layers with keys and values of their own; other layers reuse earlier ones. With `sinks`, each head has
    an attention sink beside the cells.
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


class RunningState(Frozen):
    """A running state that replaces the cache in some or all layers. `bytes` is for one sequence, None if unknown."""

    kind: Literal["recurrent", "hybrid"]
    layers: tuple[int, ...]
    bytes: int | None


class Experts(Frozen):
    """A mixture of experts: the number in each layer, and the number that process a token."""

    count: int
    used: int | None
    shared: int = 0


class Token(Frozen):
    """A token of the vocabulary."""

    id: int
    text: str


class Vocabulary(Frozen):
    """The tokenizer. `control` excludes the `reserved` tokens, whose names mark them as unused.

    The values are those of the file. When llama.cpp loads it, it treats a few more tokens as control tokens because of their
    text, such as an end of turn.
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
    """The roles that the chat template names, and whether it accepts a system message. It is read as text, never run.

    `any_role`: the template writes each message's role as given, whatever roles it names.
    """

    characters: int
    roles: tuple[str, ...]
    any_role: bool
    system: bool
    tools: bool
    others: tuple[str, ...] = ()


class KvBytes(Frozen):
    """The KV cache of one sequence, in bytes: `all_cells` as LlamaCpp allocates it, `windowed` as llama.cpp does by default."""

    n_ctx: int
    type: str
    all_cells: int
    windowed: int


class ModelFacts(Frozen):
    """The facts in the header of a GGUF file. None marks a fact that the file does not state.

    `parameters` counts the elements of all tensors in all files that are present, and `weights_bytes` their size.
    `bytes_per_token` is the KV of one token in all layers, by type.
    """

    path: str
    file_bytes: int
    gguf_version: int
    name: str | None
    architecture: str
    known: bool
    kind: ModelKind
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
    split: FileParts | None
    trained_context: int | None
    embedding_length: int | None
    layers: int
    position: Position
    attention: Attention | None
    state: RunningState | None
    experts: Experts | None
    pooling: str | None
    vocabulary: Vocabulary | None
    chat_template: ChatTemplate | None
    kv_cache: tuple[KvBytes, ...] = ()
    bytes_per_token: Mapping[str, int] = {}

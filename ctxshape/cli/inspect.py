"""The command `inspect`: the facts in the header of a GGUF file, the features that the model supports, and advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ctxshape.cli.commands import emit
from ctxshape.cli.options import Json, example
from ctxshape.cli.screen import count, one_line, output, plain_table, put
from ctxshape.cli.show import heading
from ctxshape.inspection import (
    Abilities,
    Advice,
    ModelFacts,
    abilities,
    advise,
    computes_bf16,
    format_bytes,
    read_model_facts,
)
from ctxshape.inspection.facts import ChatTemplate, Share, Token, Vocabulary, Window
from ctxshape.presets import PRESETS

_SHOWN_TOKENS = 24


def add_inspect(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command("inspect", epilog=example("ctxshape inspect model.gguf"))
    def command(
        model: Annotated[Path, typer.Argument(help="A model as a GGUF file.")],
        as_json: Json = False,
    ) -> None:
        """Show the facts of a model file and the features it supports; no weights are read."""
        inspect_model(model, as_json=as_json)


def inspect_model(model: Path, *, as_json: bool) -> None:
    """Reads the header of a model file and prints its facts, the features it supports, and advice."""
    facts = read_model_facts(model)
    supported, advice = abilities(facts), advise(facts, tuple(PRESETS), computes_bf16())
    if as_json:
        pieces = [piece.model_dump(mode="json") for piece in advice]
        return emit({**facts.model_dump(mode="json"), "abilities": supported.model_dump(mode="json"), "advice": pieces})
    show_facts(output(), facts)
    show_abilities(output(), supported)
    show_advice(output(), advice)


def show_facts(console: Console, facts: ModelFacts) -> None:
    """Prints the model, attention, text and cache, each under a heading."""
    heading(console, facts.name or Path(facts.path).name, f"{Path(facts.path).name}, {format_bytes(facts.file_bytes)}")
    _rows(console, _model(facts))
    heading(console, "Attention and position")
    _rows(console, _attention(facts))
    heading(console, "Text")
    _rows(console, _text(facts))
    show_cache(console, facts)


def _model(facts: ModelFacts) -> Iterable[tuple[str, str]]:
    known = "" if facts.known else ", unknown to llama-cpp-python 0.3.36"
    yield "architecture", f"{facts.architecture}{known}" + ("" if facts.kind == "decoder" else f"; {facts.kind}")
    yield "parameters", count(facts.parameters) + (f" ({facts.size_label})" if facts.size_label else "")
    mix = ", ".join(_share(share, facts.parameters) for share in facts.quantization) or "no tensors"
    yield "weights", f"{facts.file_type or 'file type not given'}, {format_bytes(facts.weights_bytes)}: {mix}"
    if facts.experts:
        used = "?" if facts.experts.used is None else facts.experts.used
        shared = f", {facts.experts.shared} shared" if facts.experts.shared else ""
        yield "experts", f"{facts.experts.count} in each layer, {used} used for each token{shared}"
    if facts.split:
        missing = f"; missing: {', '.join(facts.split.missing)}" if facts.split.missing else ""
        yield "split", f"part {facts.split.part} of {facts.split.count}{missing}"
    origin = [facts.organization, facts.basename, facts.finetune, ", ".join(facts.languages)]
    if any(origin):
        yield "origin", " · ".join(filter(None, origin))
    yield "licence", facts.license or "not given"


def _share(share: Share, parameters: int) -> str:
    part = share.parameters / max(parameters, 1)
    return f"{share.type} {part:.1%}" if part >= 0.001 else f"{share.type} <0.1%"


def _attention(facts: ModelFacts) -> Iterable[tuple[str, str]]:
    yield "position", _position(facts)
    window = facts.position.window
    if window:
        yield "window", _window(window)
    trained = "not given" if facts.trained_context is None else f"{facts.trained_context:,} tokens"
    yield "trained context", trained
    yield "layers", f"{facts.layers}, embedding length {facts.embedding_length or 0:,}"
    heads = facts.attention
    if heads:
        groups = {q // kv for q, kv in zip(heads.heads, heads.kv_heads, strict=True) if kv}
        group = f", {groups.pop()} heads share one" if len(groups) == 1 and groups != {1} else ""
        yield "heads", f"{_each(heads.heads)}; KV heads {_each(heads.kv_heads)}{group}"
        widths = f"keys {heads.key_length}, values {heads.value_length}"
        if (heads.window_key_length, heads.window_value_length) != (heads.key_length, heads.value_length):
            widths += f"; in windows {heads.window_key_length} and {heads.window_value_length}"
        yield "head widths", widths + ("; one latent row for both (MLA)" if heads.latent else "")
    if facts.state:
        known = "" if facts.state.bytes is None else f", {format_bytes(facts.state.bytes)} for a sequence"
        yield "state", f"{facts.state.kind}: {len(facts.state.layers)} of {facts.layers} layers keep a recurrent state{known}"
    if facts.pooling:
        yield "pooling", facts.pooling


def _position(facts: ModelFacts) -> str:
    position, rope = facts.position, facts.position.rope
    if rope is None:
        names = {"alibi": "ALiBi", "learned": "learned, absolute", "relative": "relative, by buckets", "none": "none"}
        bias = f", largest bias {position.alibi_bias:g}" if position.alibi_bias else ""
        return f"{names.get(position.encoding, position.encoding)}{bias}; from {position.source}"
    parts = [f"RoPE, base {rope.freq_base:,.0f}", f"scaling {rope.scaling}" + (f" x {rope.factor:g}" if rope.factor else "")]
    if rope.original_context:
        parts.append(f"originally trained at {rope.original_context:,}")
    if rope.sections:
        parts.append("several positions for images (M-RoPE)")
    if rope.without:
        parts.append(f"no RoPE in {len(rope.without)} of {facts.layers} layers")
    return f"{', '.join(parts)}; from {position.source}"


def _window(window: Window) -> str:
    layers = f"{sum(window.layers)} of {len(window.layers)} layers"
    applied = layers if window.applied else "which llama.cpp does not apply to this architecture"
    return f"{window.kind}, {window.size:,} tokens, {applied}; from {window.source}"


def _each(numbers: Sequence[int]) -> str:
    """Formats the numbers of all layers: one number if they are equal, else each number with its count of layers.

    >>> _each((4, 4)), _each((8, 8, 0))
    ('4', '8 in 2 layers, 0 in 1')
    """
    if len(set(numbers)) == 1:
        return str(numbers[0])
    found = Counter(numbers).most_common()
    return ", ".join(f"{number} in {times}{' layers' * (at == 0)}" for at, (number, times) in enumerate(found))


def _text(facts: ModelFacts) -> Iterable[tuple[str, str]]:
    vocabulary = facts.vocabulary
    if vocabulary is None:
        yield "vocabulary", "none"
    else:
        pre = f" ({vocabulary.pre})" if vocabulary.pre else ""
        yield "vocabulary", f"{vocabulary.size:,} tokens, {vocabulary.type}{pre}"
        yield "start and end", _ends(vocabulary)
        yield "control tokens", _tokens(vocabulary.control, vocabulary.reserved)
    yield "chat template", _template(facts.chat_template) if facts.chat_template else "none"


def _ends(vocabulary: Vocabulary) -> str:
    added = {None: "added if its tokenizer does so", True: "added", False: "not added"}[vocabulary.add_bos]
    parts = [f"BOS {vocabulary.bos.text}, {added}" if vocabulary.bos else "no BOS"]
    parts += [f"{name} {token.text}" for name, token in (("EOS", vocabulary.eos), ("EOT", vocabulary.eot)) if token]
    return "; ".join(parts)


def _tokens(control: Sequence[Token], reserved: int) -> str:
    shown = " ".join(token.text for token in control[:_SHOWN_TOKENS])
    more = f" and {len(control) - _SHOWN_TOKENS} more" if len(control) > _SHOWN_TOKENS else ""
    unused = f", {reserved:,} more reserved" if reserved else ""
    return f"{len(control)}{unused}" + (f": {shown}{more}" if control else "")


def _template(template: ChatTemplate) -> str:
    names = ", ".join(template.roles) or "none"
    roles = f"any role, named: {names}" if template.any_role else f"roles: {names}"
    system = "takes a system message" if template.system else "takes no system message"
    return f"{template.characters:,} characters; {roles}; {system}" + ("; supports tools" if template.tools else "")


def show_cache(console: Console, facts: ModelFacts) -> None:
    """Prints the size of the cache by type and context; with sliding windows also the size by llama.cpp's default."""
    if not facts.kv_cache:
        return
    windowed = any(row.windowed != row.all_cells for row in facts.kv_cache)
    heading(console, "KV cache of one sequence", "in brackets: llama.cpp's default, windows only" if windowed else "")
    table = plain_table(headed=True)
    table.add_column("type")
    contexts = sorted({row.n_ctx for row in facts.kv_cache})
    for n_ctx in contexts:
        table.add_column(f"{n_ctx:,} tokens", justify="right")
    table.add_column("per token", justify="right")
    for kv_type in dict.fromkeys(row.type for row in facts.kv_cache):
        rows = {row.n_ctx: row for row in facts.kv_cache if row.type == kv_type}
        cells = [
            format_bytes(row.all_cells) + (f" ({format_bytes(row.windowed)})" if windowed else "")
            for row in map(rows.get, contexts)
            if row
        ]
        table.add_row(kv_type, *cells, f"{facts.bytes_per_token[kv_type]:,} B")
    put(console, table)


def show_abilities(console: Console, supported: Abilities) -> None:
    """Prints a line for each feature: whether the model supports it, and why."""
    heading(console, "Supported features")
    names = {"exact": "exact reading", "batch": "batches with a shared prefix", "blocks": "reuse of document KV caches"}
    names |= {"windows": "parallel windows", "attention": "attention probe"}
    table = plain_table()
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for field, name in names.items():
        ability = getattr(supported, field)
        verdict = Text("yes", style="green") if ability.supported else Text("no", style="yellow")
        table.add_row(name, verdict, Text(one_line(ability.reason)))
    put(console, table)


def show_advice(console: Console, advice: Sequence[Advice]) -> None:
    """Prints the advice, a paragraph for each piece."""
    heading(console, "Advice")
    table = plain_table()
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for piece in advice:
        table.add_row("-", Text(one_line(piece.text)))
    put(console, table)


def _rows(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    table = plain_table()
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    for label, text in rows:
        table.add_row(label, Text(one_line(text)))
    put(console, table)

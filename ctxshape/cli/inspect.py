"""The command `inspect`: what a GGUF file says of its model, what ctxshape can do with it, and advice."""

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
from ctxshape.cli.screen import columns, count, one_line, output, put
from ctxshape.cli.show import heading
from ctxshape.inspection import Abilities, Advice, ModelFacts, abilities, advise
from ctxshape.inspection import inspect as facts_of
from ctxshape.inspection.advice import size
from ctxshape.inspection.facts import ChatTemplate, Share, Token, Vocabulary, Window
from ctxshape.inspection.processor import computes_bf16
from ctxshape.presets import PRESETS

SHOWN_TOKENS = 24


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command("inspect", epilog=example("ctxshape inspect model.gguf"))
    def command(
        model: Annotated[Path, typer.Argument(help="A model as a GGUF file.")],
        as_json: Json = False,
    ) -> None:
        """Say what a model file holds and what ctxshape can do with it; no weights are read."""
        inspect(model, as_json=as_json)


def inspect(model: Path, *, as_json: bool) -> None:
    """Read the header of a model file and show its facts, what it supports, and advice."""
    facts = facts_of(model)
    able, said = abilities(facts), advise(facts, tuple(PRESETS), computes_bf16())
    if as_json:
        advice = [piece.model_dump(mode="json") for piece in said]
        return emit({**facts.model_dump(mode="json"), "abilities": able.model_dump(mode="json"), "advice": advice})
    show_facts(output(), facts)
    show_abilities(output(), able)
    show_advice(output(), said)


def show_facts(console: Console, facts: ModelFacts) -> None:
    """Model, position, layers, text and cache, a heading for each."""
    heading(console, facts.name or Path(facts.path).name, f"{Path(facts.path).name}, {size(facts.file_bytes)}")
    _rows(console, _model(facts))
    heading(console, "Attention and position")
    _rows(console, _attention(facts))
    heading(console, "Text")
    _rows(console, _text(facts))
    show_cache(console, facts)


def _model(facts: ModelFacts) -> Iterable[tuple[str, str]]:
    known = "" if facts.known else ", not known to llama-cpp-python 0.3.36"
    yield "architecture", f"{facts.architecture}{known}" + ("" if facts.kind == "decoder" else f"; {facts.kind}")
    yield "parameters", count(facts.parameters) + (f" ({facts.size_label})" if facts.size_label else "")
    mix = ", ".join(_share(share, facts.parameters) for share in facts.quantization) or "no tensors"
    yield "weights", f"{facts.file_type or 'file type not given'}, {size(facts.weights_bytes)}: {mix}"
    if facts.experts:
        used = "?" if facts.experts.used is None else facts.experts.used
        shared = f", {facts.experts.shared} shared" if facts.experts.shared else ""
        yield "experts", f"{facts.experts.count} in a layer, {used} read a token{shared}"
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
    yield "layers", f"{facts.layers}, {facts.embedding_length or 0:,} wide"
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
        known = "" if facts.state.bytes is None else f", {size(facts.state.bytes)} for a sequence"
        yield "state", f"{facts.state.kind}: {len(facts.state.layers)} of {facts.layers} layers keep a running state{known}"
    if facts.pooling:
        yield "pooling", facts.pooling


def _position(facts: ModelFacts) -> str:
    position, rope = facts.position, facts.position.rope
    if rope is None:
        names = {"alibi": "ALiBi", "learned": "learned, absolute", "relative": "relative, by buckets", "none": "none"}
        bias = f", largest bias {position.alibi_bias:g}" if position.alibi_bias else ""
        return f"{names.get(position.encoding, position.encoding)}{bias}; from {position.source}"
    said = [f"RoPE, base {rope.freq_base:,.0f}", f"scaling {rope.scaling}" + (f" x {rope.factor:g}" if rope.factor else "")]
    if rope.original_context:
        said.append(f"trained at {rope.original_context:,} before")
    if rope.sections:
        said.append("several positions for pictures (M-RoPE)")
    if rope.without:
        said.append(f"none in {len(rope.without)} of {facts.layers} layers")
    return f"{', '.join(said)}; from {position.source}"


def _window(window: Window) -> str:
    where = f"{sum(window.layers)} of {len(window.layers)} layers"
    applied = where if window.applied else "which llama.cpp does not apply to this architecture"
    return f"{window.kind}, {window.size:,} tokens, {applied}; from {window.source}"


def _each(numbers: Sequence[int]) -> str:
    """A number that all layers share, or how many layers have which.

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
        yield "begin and end", _ends(vocabulary)
        yield "control tokens", _tokens(vocabulary.control, vocabulary.reserved)
    yield "chat template", _template(facts.chat_template) if facts.chat_template else "none"


def _ends(vocabulary: Vocabulary) -> str:
    added = {None: "its tokenizer decides whether it is added", True: "added", False: "not added"}[vocabulary.add_bos]
    said = [f"BOS {vocabulary.bos.text}, {added}" if vocabulary.bos else "no BOS"]
    said += [f"{name} {token.text}" for name, token in (("EOS", vocabulary.eos), ("EOT", vocabulary.eot)) if token]
    return "; ".join(said)


def _tokens(control: Sequence[Token], reserved: int) -> str:
    shown = " ".join(token.text for token in control[:SHOWN_TOKENS])
    more = f" and {len(control) - SHOWN_TOKENS} more" if len(control) > SHOWN_TOKENS else ""
    kept = f", {reserved:,} more reserved" if reserved else ""
    return f"{len(control)}{kept}" + (f": {shown}{more}" if control else "")


def _template(template: ChatTemplate) -> str:
    names = ", ".join(template.roles) or "none by name"
    roles = f"any role; named: {names}" if template.any_role else f"roles named: {names}"
    system = "takes a system message" if template.system else "takes no system message"
    return f"{template.characters:,} characters; {roles}; {system}" + ("; knows tools" if template.tools else "")


def show_cache(console: Console, facts: ModelFacts) -> None:
    """The bytes of the cache by type and context; with sliding windows also what llama.cpp's default would take."""
    if not facts.kv_cache:
        return
    windowed = any(row.windowed != row.all_cells for row in facts.kv_cache)
    heading(console, "KV cache of one sequence", "in brackets: windows only, llama.cpp's default" if windowed else "")
    table = columns(headed=True)
    table.add_column("type")
    contexts = sorted({row.n_ctx for row in facts.kv_cache})
    for n_ctx in contexts:
        table.add_column(f"{n_ctx:,} tokens", justify="right")
    table.add_column("each token", justify="right")
    for kv_type in dict.fromkeys(row.type for row in facts.kv_cache):
        rows = {row.n_ctx: row for row in facts.kv_cache if row.type == kv_type}
        cells = [
            size(row.all_cells) + (f" ({size(row.windowed)})" if windowed else "") for row in map(rows.get, contexts) if row
        ]
        table.add_row(kv_type, *cells, f"{facts.bytes_per_token[kv_type]:,} B")
    put(console, table)


def show_abilities(console: Console, able: Abilities) -> None:
    """A line for each way of reading: whether the model serves it, and why."""
    heading(console, "What ctxshape can do with it")
    names = {"exact": "exact reading", "batch": "batch over a shared prefix", "blocks": "reuse of documents' KV"}
    names |= {"windows": "parallel windows", "attention": "attention probe"}
    table = columns()
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for field, name in names.items():
        ability = getattr(able, field)
        verdict = Text("yes", style="green") if ability.supported else Text("no", style="yellow")
        table.add_row(name, verdict, Text(one_line(ability.reason)))
    put(console, table)


def show_advice(console: Console, said: Sequence[Advice]) -> None:
    """The advice, a paragraph for each piece."""
    heading(console, "Advice")
    table = columns()
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for piece in said:
        table.add_row("-", Text(one_line(piece.text)))
    put(console, table)


def _rows(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    table = columns()
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    for label, text in rows:
        table.add_row(label, Text(one_line(text)))
    put(console, table)

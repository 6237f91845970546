"""The arguments and options that several commands share, and the example behind a command's help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ctxshape.errors import ConfigError
from ctxshape.presets import PRESETS

Question = Annotated[str, typer.Argument(help="The question, in quotes.")]
Docs = Annotated[str, typer.Option(help="Passages, best first: JSON lines or a JSON array, also .gz; - is standard input.")]
Model = Annotated[Path, typer.Option(help="A model as a GGUF file.")]
Preset = Annotated[str | None, typer.Option(help=f"A named pipeline: {', '.join(PRESETS)}. [default: light]")]
Embedder = Annotated[
    str | None, typer.Option(help="For presets with one: a folder, a hub name, or universal. [default: MiniLM]")
]
Reranker = Annotated[
    str | None,
    typer.Option(help="For thorough: a cross-encoder, or a larger embedder's folder. [default: --model, else a cross-encoder]"),
]
PipelineFile = Annotated[Path | None, typer.Option("--pipeline", help="A pipeline of your own as TOML, in place of --preset.")]
Budget = Annotated[int | None, typer.Option(min=1, help="The most tokens that the passages may take in the prompt.")]
Seed = Annotated[int | None, typer.Option(min=0, help="The seed of everything that draws at random.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Votes = Annotated[int, typer.Option(min=1, help="Read the passages in this many orders and take the majority.")]
ContextLength = Annotated[int, typer.Option(min=64, help="The model's context, in tokens.")]
GpuLayers = Annotated[int, typer.Option(min=-1, help="Layers on the GPU; -1 is all.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads; the machine's cores if not given.")]
Split = Literal["all", "even", "odd"]
MaxTokens = Annotated[int, typer.Option(min=1, help="The longest answer, in tokens.")]


def example(line: str) -> str:
    """What stands under a command's options."""
    return f"\b\nExample:\n  {line}"


def parts(given: str) -> list[str]:
    """What stands between commas.

    >>> parts("raw, light,")
    ['raw', 'light']
    """
    return [part.strip() for part in given.split(",") if part.strip()]


def lengths_of(option: str, given: str) -> list[int]:
    """Lengths of lists, by commas. Raises ConfigError naming the option.

    >>> lengths_of("--documents", "10, 20")
    [10, 20]
    """
    found = parts(given)
    if not found or not all(part.isdecimal() for part in found):
        raise ConfigError(f"{option} is {given!r}; give numbers of documents by commas, such as 4,10")
    return [int(part) for part in found]

"""The arguments and options that several commands share, and the example at the end of a command's help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ctxshape.errors import ConfigError
from ctxshape.presets import PRESETS

Question = Annotated[str, typer.Argument(help="The question, in quotes.")]
Docs = Annotated[str, typer.Option(help="Passages, best first: JSON lines or a JSON array, also .gz; - is standard input.")]


def gguf_path(given: Path | None) -> Path | None:
    """Returns the path of a model. Raises ConfigError for an address, which is not repeated, as it may hold a password."""
    if given is not None and str(given)[:6].lower() in ("http:/", "https:"):
        raise ConfigError(
            "--model is an address; the command line takes GGUF files: give the path of one, or ask a server in Python with "
            "ask(…, backend=OpenAICompatible(address))"
        )
    return given


Model = Annotated[Path, typer.Option(help="A model as a GGUF file.", callback=gguf_path)]
Preset = Annotated[str | None, typer.Option(help=f"A named pipeline: {', '.join(PRESETS)}. [default: light]")]
EmbedderName = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        help="For balanced and thorough: a folder, a hub name, an address, or universal. [default: one that is installed]",
    ),
]
RerankerName = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        help="For thorough: a cross-encoder, or a larger embedder's folder. [default: a cross-encoder]",
    ),
]
RerankerOrModel = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        help="For thorough: a cross-encoder, or a larger embedder's folder. [default: --model]",
    ),
]
PipelineFile = Annotated[
    Path | None, typer.Option("--pipeline", help="A TOML file with your own pipeline, instead of --preset.")
]
Allow = Annotated[
    str,
    typer.Option(
        "--allow",
        metavar="LIST",
        help="What a pipeline file may reach, separated by commas: network, reads, writes, all. [default: none of it]",
    ),
]
Budget = Annotated[int | None, typer.Option(min=1, help="The most tokens the passages may take in the prompt.")]
Seed = Annotated[int | None, typer.Option(min=0, help="The seed of every random choice.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Votes = Annotated[int, typer.Option(min=1, help="Read the passages in this many orders and take the majority answer.")]
ContextLength = Annotated[int, typer.Option(min=64, help="The model's context length, in tokens.")]
GpuLayers = Annotated[int, typer.Option(min=-1, help="Layers on the GPU; -1 means all.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads. [default: the machine's cores]")]
CaseSplit = Literal["all", "even", "odd"]
MaxTokens = Annotated[int, typer.Option(min=1, help="The longest answer, in tokens.")]


def example(line: str) -> str:
    """Returns the text to print under a command's options."""
    return f"\b\nExample:\n  {line}"


def split_commas(given: str) -> list[str]:
    """Returns the names between commas.

    >>> split_commas("raw, light,")
    ['raw', 'light']
    """
    return [name.strip() for name in given.split(",") if name.strip()]


def lengths_of(option: str, given: str) -> list[int]:
    """Returns the list lengths between commas. Raises ConfigError naming the option.

    >>> lengths_of("--documents", "10, 20")
    [10, 20]
    """
    found = split_commas(given)
    if not found or not all(number.isdecimal() for number in found):
        raise ConfigError(f"{option} is {given!r}; give numbers of documents separated by commas, such as 4,10")
    return [int(number) for number in found]

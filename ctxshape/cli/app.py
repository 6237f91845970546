"""The commands: demo, shape, ask and components."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import ctxshape
from ctxshape.cli import commands, new_plugin, profile, xray
from ctxshape.cli import inspect as inspecting
from ctxshape.cli.options import (
    Budget,
    ContextLength,
    Docs,
    Embedder,
    GpuLayers,
    Json,
    MaxTokens,
    Model,
    PipelineFile,
    Preset,
    Question,
    Reranker,
    Seed,
    Split,
    Threads,
    Votes,
    example,
    lengths_of,
    parts,
)
from ctxshape.cli.screen import one_line
from ctxshape.errors import CtxshapeError

# Older typers stand on click and newer ones bring their own: this base of a wrong option's error is there in both.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # plain help: no frames around a handful of lines
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

METHODS = "raw,light,oracle,closed-book"
PLACES = "first,middle,last"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ctxshape {ctxshape.__version__}")
        raise typer.Exit


@app.callback(epilog=example("ctxshape demo"))
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Restructure retrieved passages before a local LLM reads them."""


@app.command(epilog=example("ctxshape demo --language zh --model qwen2.5-0.5b-instruct-q4_k_m.gguf"))
def demo(
    language: Annotated[str, typer.Option(help="The language of question and passages: en or zh.")] = "en",
    model: Annotated[Path | None, typer.Option(help="A model as a GGUF file; SmolLM2-135M if not given.")] = None,
    preset: Preset = None,
    as_json: Json = False,
) -> None:
    """Answer a question from passages as retrieved and as shaped."""
    commands.demo(language, model, preset or "light", as_json=as_json)


@app.command(epilog=example('ctxshape shape "Where is Paris?" --docs passages.jsonl --budget 500'))
def shape(
    question: Question,
    docs: Docs,
    preset: Preset = None,
    embedder: Embedder = None,
    reranker: Reranker = None,
    pipeline: PipelineFile = None,
    budget: Budget = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Shape passages for a question; no model is needed."""
    plan = commands.Plan(preset, pipeline, budget, seed, embedder, reranker)
    commands.shape(question, docs, plan, as_json=as_json)


@app.command(epilog=example('ctxshape ask "Where is Paris?" --docs passages.jsonl --model model.gguf --votes 5'))
def ask(
    question: Question,
    docs: Docs,
    model: Model,
    preset: Preset = None,
    embedder: Embedder = None,
    reranker: Reranker = None,
    pipeline: PipelineFile = None,
    budget: Budget = None,
    votes: Votes = 1,
    n_ctx: ContextLength = 4096,
    gpu_layers: GpuLayers = 0,
    threads: Threads = None,
    max_tokens: MaxTokens = 64,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Shape passages and let a local model answer from them."""
    plan = commands.Plan(preset, pipeline, budget, seed, embedder, reranker)
    reading = commands.Reading(model, votes, n_ctx, gpu_layers, threads, max_tokens)
    commands.ask(question, docs, plan, reading, as_json=as_json)


@app.command(epilog=example("ctxshape bench --data nq.jsonl.gz --model model.gguf --documents 10,20 --n 50 --out results"))
def bench(
    data: Annotated[str, typer.Option(help="A file (see README), or an installed data set: synthetic, synthetic_zh, kv, …")],
    model: Model,
    out: Annotated[Path, typer.Option(help="A folder for the report, and for the answers: a run that was killed goes on.")],
    methods: Annotated[str, typer.Option(help="Names, by commas: baselines, presets, transforms, readers, seed, …")] = METHODS,
    embedder: Embedder = None,
    reranker: Reranker = None,
    pipeline: Annotated[list[Path] | None, typer.Option(help="A pipeline of your own as TOML: one more method.")] = None,
    documents: Annotated[str, typer.Option(help="Lengths of the lists, by commas.")] = "10",
    positions: Annotated[str, typer.Option(help="Places of the gold passage: first, middle, last, all, or numbers.")] = PLACES,
    n: Annotated[int | None, typer.Option(min=1, help="Questions; all of a file, 100 of a generated set if not given.")] = None,
    split: Annotated[Split, typer.Option(help="Which lines of a file: tune on even ones, report odd ones.")] = "all",
    noise: Annotated[float | None, typer.Option(min=0, max=1, help="Share of passages that answer nothing.")] = None,
    timed: Annotated[int, typer.Option(min=0, help="Questions to run once more alone, for the seconds.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The seed of everything that draws at random.")] = 0,
    n_ctx: ContextLength = 16384,
    gpu_layers: GpuLayers = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Measure methods on a data set with a local model: accuracy by position, tokens, seconds, with intervals."""
    from ctxshape.cli.bench import Bench, bench  # here: what it needs is an extra

    names = [*parts(methods), *map(str, pipeline or ())]
    lengths = lengths_of("--documents", documents)
    plan = Bench(data, model, names, lengths, parts(positions), n, split, noise, timed, seed, out, n_ctx, gpu_layers, threads)
    bench(plan._replace(embedder=embedder, reranker=reranker), as_json=as_json)


@app.command(epilog=example("ctxshape components --json"))
def components(as_json: Json = False) -> None:
    """List what is installed, by the names a pipeline file uses."""
    commands.components(as_json=as_json)


for command in (inspecting, xray, profile, new_plugin):
    command.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code: 2 for an error, in one line, and 130 for an interrupt."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no Chinese is no reason to fail
    try:
        code = app(list(arguments) or ["--help"], prog_name="ctxshape", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except _UsageError as error:
        return _fail(_explain(error))
    except BrokenPipeError:  # `| head` has seen enough; what is left must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (CtxshapeError, OSError) as error:
        return _fail(str(error))


def _explain(error: Any) -> str:  # noqa: ANN401  click's class or typer's, alike but not akin
    command = error.ctx.command_path if error.ctx else "ctxshape"
    return f"{error.format_message().rstrip('.')}; see: {command} --help"


def _fail(message: str) -> int:
    typer.echo(f"ctxshape: {one_line(message)}", err=True)
    return 2

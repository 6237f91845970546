"""The command line: each command's arguments and options."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import ctxshape
from ctxshape.cli import commands
from ctxshape.cli.inspect import add_inspect
from ctxshape.cli.new_plugin import add_new_plugin
from ctxshape.cli.options import (
    Allow,
    Budget,
    CaseSplit,
    ContextLength,
    Docs,
    EmbedderName,
    GpuLayers,
    Json,
    MaxTokens,
    Model,
    PipelineFile,
    Preset,
    Question,
    RerankerName,
    RerankerOrModel,
    Seed,
    Threads,
    Votes,
    example,
    gguf_path,
    lengths_of,
    split_commas,
)
from ctxshape.cli.profile import add_profile
from ctxshape.cli.screen import one_line
from ctxshape.cli.tune import add_tune
from ctxshape.cli.xray import add_xray
from ctxshape.errors import CtxshapeError
from ctxshape.spec import PipelineSpec

# Older versions of typer depend on click and newer ones bring their own; the base class of a wrong option's error is in both.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # plain help, without frames
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEFAULT_METHODS = "raw,light,oracle,closed-book"
DEFAULT_POSITIONS = "first,middle,last"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ctxshape {ctxshape.__version__}")
        raise typer.Exit


@app.callback(epilog=example("ctxshape demo"))
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Restructure retrieved passages before a local LLM reads them."""


@app.command("demo", epilog=example("ctxshape demo --language zh --model qwen2.5-0.5b-instruct-q4_k_m.gguf"))
def demo_command(
    language: Annotated[str, typer.Option(help="The language of the question and the passages: en or zh.")] = "en",
    model: Annotated[Path | None, typer.Option(help="A GGUF file. [default: SmolLM2-135M]", callback=gguf_path)] = None,
    preset: Preset = None,
    as_json: Json = False,
) -> None:
    """Answer a question from passages as retrieved and as shaped."""
    commands.run_demo(language, model, PipelineSpec(preset=preset), as_json=as_json)


@app.command("shape", epilog=example('ctxshape shape "Where is Paris?" --docs passages.jsonl --budget 500'))
def shape_command(
    question: Question,
    docs: Docs,
    preset: Preset = None,
    embedder: EmbedderName = None,
    reranker: RerankerName = None,
    pipeline: PipelineFile = None,
    allow: Allow = "",
    budget: Budget = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Shape passages for a question. The default preset needs no model."""
    spec = PipelineSpec(
        preset=preset,
        pipeline=pipeline,
        budget=budget,
        embedder=embedder,
        reranker=reranker,
        seed=seed,
        allow=split_commas(allow),
    )
    commands.run_shape(question, docs, spec, as_json=as_json)


@app.command("ask", epilog=example('ctxshape ask "Where is Paris?" --docs passages.jsonl --model model.gguf --votes 5'))
def ask_command(
    question: Question,
    docs: Docs,
    model: Model,
    preset: Preset = None,
    embedder: EmbedderName = None,
    reranker: RerankerOrModel = None,
    pipeline: PipelineFile = None,
    allow: Allow = "",
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
    spec = PipelineSpec(
        preset=preset,
        pipeline=pipeline,
        budget=budget,
        embedder=embedder,
        reranker=reranker,
        seed=seed,
        allow=split_commas(allow),
    )
    answering = commands.AnswerOptions(model, votes, n_ctx, gpu_layers, threads, max_tokens)
    commands.run_ask(question, docs, spec, answering, as_json=as_json)


@app.command(
    "bench", epilog=example("ctxshape bench --data nq.jsonl.gz --model model.gguf --documents 10,20 --n 50 --out results")
)
def bench_command(
    data: Annotated[
        str,
        typer.Option(
            help="A file (forms: examples/guides/measuring.md), or an installed data set: synthetic, synthetic_zh, kv, …"
        ),
    ],
    model: Model,
    out: Annotated[Path, typer.Option(help="A folder for the report and the answers. An interrupted run continues there.")],
    methods: Annotated[
        str, typer.Option(help="Methods or groups, separated by commas: baselines, presets, transforms, readers, seed, …")
    ] = DEFAULT_METHODS,
    embedder: EmbedderName = None,
    reranker: RerankerOrModel = None,
    pipeline: Annotated[list[Path] | None, typer.Option(help="A TOML file with your own pipeline, as one more method.")] = None,
    allow: Allow = "",
    documents: Annotated[str, typer.Option(help="List lengths, separated by commas.")] = "10",
    positions: Annotated[
        str, typer.Option(help="Positions of the gold passage: first, middle, last, all, or numbers.")
    ] = DEFAULT_POSITIONS,
    n: Annotated[
        int | None, typer.Option(min=1, help="How many questions. [default: all of a file, 100 of a generated set]")
    ] = None,
    split: Annotated[
        CaseSplit, typer.Option(help="Which lines of a file to use: tune on even ones, report on odd ones.")
    ] = "all",
    noise: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of passages that do not answer the question.")
    ] = None,
    timed: Annotated[int, typer.Option(min=0, help="How many questions to run again one by one, to measure seconds.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The seed of every random choice.")] = 0,
    n_ctx: ContextLength = 16384,
    gpu_layers: GpuLayers = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Measure methods on a data set with a local model: accuracy by position, tokens and seconds, with intervals."""
    from ctxshape.cli.bench import BenchOptions, run_bench  # here: it needs an extra

    options = BenchOptions(
        data=data,
        model=model,
        methods=[*split_commas(methods), *map(str, pipeline or ())],
        documents=lengths_of("--documents", documents),
        positions=split_commas(positions),
        n=n,
        split=split,
        noise=noise,
        timed=timed,
        seed=seed,
        out=out,
        n_ctx=n_ctx,
        gpu_layers=gpu_layers,
        threads=threads,
        embedder=embedder,
        reranker=reranker,
        allow=split_commas(allow),
    )
    run_bench(options, as_json=as_json)


@app.command("components", epilog=example("ctxshape components --json"))
def components_command(as_json: Json = False) -> None:
    """List the installed components by the names that a pipeline file uses."""
    commands.list_components(as_json=as_json)


for add_command in (add_tune, add_inspect, add_xray, add_profile, add_new_plugin):
    add_command(app)


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code: 2 for an error, printed in one line, and 130 for an interrupt."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for a terminal that cannot show Chinese
    try:
        code = app(list(arguments) or ["--help"], prog_name="ctxshape", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except _UsageError as error:
        return _fail(_explain(error, arguments))
    except BrokenPipeError:  # `| head` has closed the pipe; the rest must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (CtxshapeError, OSError) as error:
        return _fail(str(error))


def _explain(error: Any, arguments: Sequence[str]) -> str:  # noqa: ANN401  click's class or typer's, which share no base
    command = error.ctx.command_path if error.ctx else "ctxshape"
    given = _given(getattr(getattr(error, "param", None), "opts", ()), arguments)
    told = "" if given is None else f"; it was {given!r:.100}"
    return f"{error.format_message().rstrip('.')}{told}; see: {command} --help"


def _given(names: Sequence[str], arguments: Sequence[str]) -> str | None:
    """Returns the value of an option on the command line, None if it has none."""
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names and name.startswith("-"):
            return value if equals else next(iter(arguments[place + 1 : place + 2]), None)
    return None


def _fail(message: str) -> int:
    typer.echo(f"ctxshape: {one_line(message)}", err=True)
    return 2

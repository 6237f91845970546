"""The command `bench`: reads the data, checks everything, asks the model for missing answers, and reports."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from ctxshape.cli.commands import emit
from ctxshape.cli.screen import count, one_line, output, put
from ctxshape.cli.tables import show_results
from ctxshape.errors import MissingExtra
from ctxshape.evaluation import datasets, report
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.experiment import Progress as Advance
from ctxshape.evaluation.run import check_methods, evaluate

NEEDED = {"matplotlib": "matplotlib", "ir_measures": "ir-measures", "rouge_score": "rouge-score", "sacrebleu": "sacrebleu"}


class BenchOptions(NamedTuple):
    """The options of the command."""

    data: str
    model: Path
    methods: Sequence[str]
    documents: Sequence[int]
    positions: Sequence[str]
    n: int | None
    split: Literal["all", "even", "odd"]
    noise: float | None
    timed: int
    seed: int
    out: Path
    n_ctx: int
    gpu_layers: int
    threads: int | None
    embedder: str | None = None
    reranker: str | None = None
    allow: Sequence[str] = ()


def run_bench(options: BenchOptions, *, as_json: bool) -> None:
    """Runs the measurement, or continues it, and writes and prints the report."""
    from ctxshape.backends.llama.backend import LlamaCpp

    cases = datasets.load_cases(options.data, n=options.n, seed=options.seed, split=options.split)
    experiment = Experiment(
        documents=tuple(options.documents), positions=tuple(options.positions), noise=options.noise, timed=options.timed
    )
    backend = LlamaCpp(options.model, n_ctx=options.n_ctx, n_gpu_layers=options.gpu_layers, n_threads=options.threads)
    check_methods(options.methods, backend, options.embedder, options.reranker, options.allow)
    for module, package in NEEDED.items():
        if find_spec(module) is None:
            raise MissingExtra.of("ctxshape bench", package, "bench")
    settings = {
        "data": Path(options.data).name,
        "split": options.split,
        "model": options.model.name,
        "command": _command(options),
    }
    with backend, progress_bar(f"{options.data} · {options.model.name}", quiet=as_json) as progress:
        found = evaluate(
            cases,
            options.methods,
            backend,
            options.out,
            experiment,
            seed=options.seed,
            embedder=options.embedder,
            reranker=options.reranker,
            allow=options.allow,
            settings=settings,
            progress=progress,
        )
    if as_json:
        return emit(report.as_plain(found.results, found.rows))
    console = output()
    show_results(console, found.results, found.rows)
    console.print()
    computed = f"{count(found.computed)} answers computed, all others were kept from before."
    put(console, Text(f"{computed} The report is {one_line(str(found.report))}", style="dim"))


def _command(options: BenchOptions) -> str:
    """Returns the command line that runs the same measurement again."""
    words = ["ctxshape", "bench", "--data", options.data, "--model", str(options.model), "--methods", ",".join(options.methods)]
    words += ["--documents", ",".join(map(str, options.documents)), "--positions", ",".join(options.positions)]
    split = options.split if options.split != "all" else None
    given = {
        "--n": options.n,
        "--noise": options.noise,
        "--split": split,
        "--embedder": options.embedder,
        "--reranker": options.reranker,
        "--allow": ",".join(options.allow) or None,
    }
    for option, value in given.items():
        words += [option, str(value)] if value is not None else []
    return shlex.join([*words, "--seed", str(options.seed), "--out", str(options.out)])


def _tenths(what: str) -> Advance:
    """Returns what prints a line whenever one more tenth of the work is done."""
    shown = 0

    def advance(done: int, steps: int) -> None:
        nonlocal shown
        tenth = 10 * done // max(steps, 1)
        if tenth > shown:
            shown = tenth
            typer.echo(f"{what}: {count(done)} of {count(steps)}", err=True)

    return advance


@contextmanager
def progress_bar(what: str, *, quiet: bool) -> Iterator[Advance]:
    """Shows a bar on standard error with the remaining time, or a line for each tenth if that is no terminal.

    Shows nothing if `quiet`.
    """
    if quiet:
        yield lambda done, steps: None
        return
    if not sys.stderr.isatty():
        yield _tenths(one_line(what))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False)) as bar:
        task = bar.add_task(one_line(what), total=None)
        yield lambda done, steps: bar.update(task, completed=done, total=steps)

"""The command `bench`: read the data, check everything, ask the model what is not known yet, and report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from ctxshape.cli.commands import emit
from ctxshape.cli.screen import count, one_line, output, put
from ctxshape.cli.tables import show_results
from ctxshape.errors import ConfigError, MissingExtra
from ctxshape.evaluation import datasets, report
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.experiment import Progress as Advance
from ctxshape.evaluation.methods import ungrouped
from ctxshape.evaluation.run import evaluate
from ctxshape.presets import EMBEDDING, RERANKING

NEEDED = {"matplotlib": "matplotlib", "ir_measures": "ir-measures", "rouge_score": "rouge-score", "sacrebleu": "sacrebleu"}


class Bench(NamedTuple):
    """What to measure, and with what."""

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


def bench(plan: Bench, *, as_json: bool) -> None:
    """Run it, or go on with it, and write and show the report."""
    from ctxshape.backends.llama.backend import LlamaCpp

    for module, package in NEEDED.items():
        if find_spec(module) is None:
            raise MissingExtra.of("ctxshape bench", package, "bench")
    _check_used(plan)
    cases = datasets.load_cases(plan.data, n=plan.n, seed=plan.seed, split=plan.split)
    experiment = Experiment(
        documents=tuple(plan.documents), positions=tuple(plan.positions), noise=plan.noise, timed=plan.timed
    )
    backend = LlamaCpp(plan.model, n_ctx=plan.n_ctx, n_gpu_layers=plan.gpu_layers, n_threads=plan.threads)
    settings = {"data": Path(plan.data).name, "split": plan.split, "model": plan.model.name, "command": _command(plan)}
    with backend, progress_bar(f"{plan.data} · {plan.model.name}", quiet=as_json) as progress:
        found = evaluate(
            cases,
            plan.methods,
            backend,
            plan.out,
            experiment,
            seed=plan.seed,
            embedder=plan.embedder,
            reranker=plan.reranker,
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


def _check_used(plan: Bench) -> None:
    """Raise ConfigError for a model that no method would use."""
    named = {*ungrouped(plan.methods)}
    pipelines = named | {name.rpartition("+")[0] for name in named}  # of light+permutation_vote the first
    for option, value, users in (("--embedder", plan.embedder, EMBEDDING), ("--reranker", plan.reranker, RERANKING)):
        if value is not None and pipelines.isdisjoint(users):
            raise ConfigError(f"{option} is for {' and '.join(users)}, which --methods does not name; leave it out, or add one")


def _command(plan: Bench) -> str:
    """The command line that runs the same again."""
    parts = ["ctxshape", "bench", "--data", plan.data, "--model", str(plan.model), "--methods", ",".join(plan.methods)]
    parts += ["--documents", ",".join(map(str, plan.documents)), "--positions", ",".join(plan.positions)]
    split = plan.split if plan.split != "all" else None
    given = {"--n": plan.n, "--noise": plan.noise, "--split": split, "--embedder": plan.embedder, "--reranker": plan.reranker}
    for option, value in given.items():
        parts += [option, str(value)] if value is not None else []
    return shlex.join([*parts, "--seed", str(plan.seed), "--out", str(plan.out)])


@contextmanager
def progress_bar(what: str, *, quiet: bool) -> Iterator[Advance]:
    """A bar on standard error with the time that is left; nothing if `quiet` or if nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, steps: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False)) as bar:
        task = bar.add_task(one_line(what), total=None)
        yield lambda done, steps: bar.update(task, completed=done, total=steps)

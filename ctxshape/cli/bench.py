"""The command `bench`: read the data, check everything, ask the model what is not known yet, and report."""

from __future__ import annotations

import json
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

import ctxshape
from ctxshape.cli.commands import emit
from ctxshape.cli.screen import count, one_line, output, put
from ctxshape.cli.tables import show_results
from ctxshape.errors import ConfigError, MissingExtra
from ctxshape.evaluation import datasets, report
from ctxshape.evaluation.answers import Answers, identity
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.experiment import Progress as Advance
from ctxshape.evaluation.methods import methods
from ctxshape.evaluation.records import Results
from ctxshape.evaluation.summary import rows
from ctxshape.evaluation.together import Together

NEEDED = {"matplotlib": "matplotlib", "ir_measures": "ir-measures", "rouge_score": "rouge-score", "sacrebleu": "sacrebleu"}
ANSWERS = "answers.sqlite"


class Bench(NamedTuple):
    """What to measure, and with what."""

    data: str
    model: Path
    methods: Sequence[str]
    documents: Sequence[int]
    positions: Sequence[str]
    n: int | None
    lines: Literal["all", "even", "odd"]
    noise: float | None
    timed: int
    seed: int
    out: Path
    n_ctx: int
    gpu_layers: int
    threads: int | None


def bench(plan: Bench, *, as_json: bool) -> None:
    """Run it, or go on with it, and write and show the report."""
    from ctxshape.backends.llamacpp import LlamaCpp

    for module, package in NEEDED.items():
        if find_spec(module) is None:
            raise MissingExtra.of("ctxshape bench", package, "bench")
    cases = datasets.load(plan.data, n=plan.n, seed=plan.seed, lines=plan.lines)
    experiment = Experiment(
        documents=tuple(plan.documents), positions=tuple(plan.positions), noise=plan.noise, timed=plan.timed
    )
    for case in cases:
        experiment.layouts(case)  # what is wrong with one is found before a model is loaded
    backend = LlamaCpp(plan.model, n_ctx=plan.n_ctx, n_gpu_layers=plan.gpu_layers, n_threads=plan.threads)
    folder = _folder(plan.out)
    with backend, _answers(folder / ANSWERS, identity(backend)) as answers:
        together = Together(backend, answers)
        chosen = methods(plan.methods, together, plan.seed)
        with _progress(f"{plan.data} · {plan.model.name}", quiet=as_json) as advance:
            records, timings = experiment.run(cases, chosen, together, advance)
        settings = _settings(plan, [method.name for method in chosen], len(cases), answers)
    results = Results(settings=settings, records=records, timings=timings)
    table = rows(results)
    written = report.write(results, folder, table)
    if as_json:
        return emit(json.loads((folder / report.RESULTS).read_text(encoding="utf-8")))
    console = output()
    show_results(console, results, table)
    console.print()
    computed = f"{count(together.computed)} answers computed, all others were kept from before."
    put(console, Text(f"{computed} The report is {one_line(str(written))}", style="dim"))


def numbers(given: str) -> list[int]:
    """Lengths of lists, by commas. Raises ConfigError.

    >>> numbers("10, 20")
    [10, 20]
    """
    try:
        return [int(part) for part in given.split(",")]
    except ValueError:
        raise ConfigError(f"--documents is {given!r}; give numbers of passages by commas, such as 10,20") from None


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {str(out)!r} cannot be made: {error.strerror}; give the path of a folder") from None
    return out


@contextmanager
def _answers(path: Path, model: str) -> Iterator[Answers]:
    answers = Answers(path, model)
    try:
        yield answers
    finally:
        answers.close()


def _settings(plan: Bench, names: list[str], n: int, answers: Answers) -> dict[str, str | int | float | None | list[str] | list[int]]:
    return {
        "data": Path(plan.data).name,
        "lines": plan.lines,
        "n": n,
        "model": plan.model.name,
        "model_id": answers.model,
        "methods": names,
        "documents": list(plan.documents),
        "positions": list(plan.positions),
        "noise": plan.noise,
        "timed": plan.timed,
        "seed": plan.seed,
        "version": ctxshape.__version__,
        "command": _command(plan, names),
    }


def _command(plan: Bench, names: Sequence[str]) -> str:
    """The command line that runs the same again."""
    parts = ["ctxshape", "bench", "--data", plan.data, "--model", str(plan.model), "--methods", ",".join(names)]
    parts += ["--documents", ",".join(map(str, plan.documents)), "--positions", ",".join(plan.positions)]
    for option, value in (("--n", plan.n), ("--noise", plan.noise), ("--lines", plan.lines if plan.lines != "all" else None)):
        parts += [option, str(value)] if value is not None else []
    return shlex.join([*parts, "--seed", str(plan.seed), "--out", str(plan.out)])


@contextmanager
def _progress(what: str, *, quiet: bool) -> Iterator[Advance]:
    """A bar on standard error with the time that is left; nothing if `quiet` or if nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, steps: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False)) as bar:
        task = bar.add_task(one_line(what), total=None)
        yield lambda done, steps: bar.update(task, completed=done, total=steps)

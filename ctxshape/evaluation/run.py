"""Evaluates methods on cases and writes a report, for `ctxshape bench` and for your own programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import ctxshape
from ctxshape.core.protocols import Backend, Embedder, Scorer
from ctxshape.core.reach import Allow
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation import report
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.experiment import Experiment, Progress
from ctxshape.evaluation.methods import Method, ungrouped
from ctxshape.evaluation.methods import methods as methods_named
from ctxshape.evaluation.records import Results, Setting
from ctxshape.evaluation.report.summary import ResultRow, rows
from ctxshape.inputs.models import embedder_from, reranker_from

_ANSWERS = "answers.sqlite"

MethodChoice = str | Callable[[Backend], Method]


class Evaluation(NamedTuple):
    """The results of a run, the rows of its tables, the path of its report, and the number of answers it computed."""

    results: Results
    rows: list[ResultRow]
    report: Path
    computed: int


def evaluate(
    cases: Sequence[Case],
    methods: Sequence[MethodChoice],
    backend: Backend,
    out: str | Path,
    experiment: Experiment = Experiment(),  # noqa: B008  frozen
    *,
    seed: int = 0,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
    allow: Allow = (),
    settings: Mapping[str, Setting] | None = None,
    progress: Progress = lambda done, total: None,
) -> Evaluation:
    """Runs every method on every case and writes the report into the folder `out`.

    `methods` are names (see `ctxshape.evaluation.methods`), or functions that make a Method for a backend; such a method
    must use the backend it is given. `embedder` and `reranker` are for all presets that use them, and may be names (see
    `ctxshape.inputs.models`). `allow` is what pipeline files may reach. Answers are stored in `out` by model, prompt and
    options: an interrupted run resumes, and an added method computes only its own prompts. `settings` are shown in the
    report. Raises InvalidInput or ConfigError for a faulty case or name before the model is loaded.

    >>> import tempfile
    >>> from ctxshape.evaluation.datasets.synthetic import synthetic
    >>> from ctxshape.testing import ScriptedBackend
    >>> quick = Experiment(documents=(3,), timed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     evaluation = evaluate(list(synthetic(n=2, seed=0)), ["raw", "light"], ScriptedBackend(), folder, quick)
    >>> [(row.method, row.n) for row in evaluation.rows]
    [('raw', 2), ('light', 2)]
    """
    if not cases:
        raise InvalidInput("cases is empty; give at least one case")
    for case in cases:
        experiment.arrangements(case)
    embedder = None if embedder is None else embedder_from(embedder)
    reranker = None if reranker is None else reranker_from(reranker)
    _resolve(methods, backend, seed, embedder, reranker, allow)  # finds a wrong name before a folder is made or a model is read
    folder = _folder(Path(out))
    answers = Answers(folder / _ANSWERS, backend_identity(backend))
    try:
        batching = BatchingBackend(backend, answers)
        resolved = _resolve(methods, batching, seed, embedder, reranker, allow)
        records, timings = experiment.run(cases, resolved, batching, progress)
    finally:
        answers.close()
    own_settings: dict[str, Setting] = {
        "n": len(cases),
        "methods": [method.name for method in resolved],
        "documents": list(experiment.documents),
        "positions": list(experiment.positions),
        "noise": experiment.noise,
        "timed": experiment.timed,
        "seed": seed,
        "version": ctxshape.__version__,
        "model_id": answers.model,
    }
    results = Results(settings={**(settings or {}), **own_settings}, records=records, timings=timings)
    table = rows(results)
    return Evaluation(results, table, report.write_report(results, folder, table), batching.computed)


def check_methods(
    methods: Sequence[MethodChoice],
    backend: Backend,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
    allow: Allow = (),
) -> None:
    """Raises ConfigError for a method that `evaluate` would refuse. Loads no model."""
    opened = None if embedder is None else embedder_from(embedder), None if reranker is None else reranker_from(reranker)
    _resolve(methods, backend, 0, *opened, allow)


def _resolve(
    choices: Sequence[MethodChoice],
    backend: Backend,
    seed: int,
    embedder: Embedder | None,
    reranker: Scorer | None,
    allow: Allow,
) -> list[Method]:
    """Returns the chosen methods, each name once."""
    names = [choice for choice in choices if isinstance(choice, str)]
    # All names at once: a model has to be used by one of them, not by each. Without any choice the error lists the methods.
    found = methods_named(names, backend, seed, embedder, reranker, allow) if names or not choices else []
    named = {method.name: method for method in found}
    by_name: dict[str, Method] = {}
    for choice in choices:
        if isinstance(choice, str):
            chosen = [named[name] for name in ungrouped([choice]) if name in named]
        else:
            chosen = [choice(backend)]
        for method in chosen:
            by_name.setdefault(method.name, method)
    return list(by_name.values())


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot make the folder {str(out)!r}: {error.strerror}; give another path") from None
    return out

"""One call that measures methods and leaves a report: what `ctxshape bench` and programs of one's own use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import ctxshape
from ctxshape.core.protocols import Backend, Embedder, Scorer
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation import report
from ctxshape.evaluation.answers import Answers, identity
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.experiment import Experiment, Progress
from ctxshape.evaluation.methods import Method, methods
from ctxshape.evaluation.records import Results, Setting
from ctxshape.evaluation.report.summary import Row, rows
from ctxshape.evaluation.together import Together
from ctxshape.inputs.models import embedder_from, reranker_from

ANSWERS = "answers.sqlite"

Chosen = Sequence[str | Callable[[Backend], Method]]


class Measured(NamedTuple):
    """What a run found: all of it, the rows of its tables, its report, and how many answers it had to compute."""

    results: Results
    rows: list[Row]
    report: Path
    computed: int


def measure(
    cases: Sequence[Case],
    chosen: Chosen,
    backend: Backend,
    out: str | Path,
    experiment: Experiment = Experiment(),  # noqa: B008  frozen
    *,
    seed: int = 0,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
    settings: Mapping[str, Setting] | None = None,
    progress: Progress = lambda done, steps: None,
) -> Measured:
    """Let every method answer every case, and write the report into the folder `out`.

    `chosen` are names (see `methods`) or functions that make a Method of the backend they are given: they must ask that
    one. `embedder` and `reranker`, or those of these names (see `ctxshape.presets`), are for all presets that use them.
    Answers are kept in `out` by model, prompt and options, so that a run that was cut off goes on, and another method
    costs only itself. `settings` are shown in the report. Raises what is wrong with a case or name before the model is
    loaded.

    >>> import tempfile
    >>> from ctxshape.evaluation.datasets.synthetic import synthetic
    >>> from ctxshape.testing import ScriptedBackend
    >>> quick = Experiment(documents=(3,), timed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = measure(list(synthetic(n=2, seed=0)), ["raw", "light"], ScriptedBackend(), folder, quick)
    >>> [(row.method, row.n) for row in found.rows]
    [('raw', 2), ('light', 2)]
    """
    if not cases:
        raise InvalidInput("there is no case; give at least one")
    for case in cases:
        experiment.layouts(case)
    embedder = None if embedder is None else embedder_from(embedder)
    reranker = None if reranker is None else reranker_from(reranker)
    made = _made(chosen, backend, seed, embedder, reranker)  # a wrong name is found before a folder is made or a model is read
    folder = _folder(Path(out))
    answers = Answers(folder / ANSWERS, identity(backend))
    try:
        together = Together(backend, answers)
        made = _made(chosen, together, seed, embedder, reranker)
        records, timings = experiment.run(cases, made, together, progress)
    finally:
        answers.close()
    told: dict[str, Setting] = {
        "n": len(cases),
        "methods": [method.name for method in made],
        "documents": list(experiment.documents),
        "positions": list(experiment.positions),
        "noise": experiment.noise,
        "timed": experiment.timed,
        "seed": seed,
        "version": ctxshape.__version__,
        "model_id": answers.model,
    }
    results = Results(settings={**(settings or {}), **told}, records=records, timings=timings)
    table = rows(results)
    return Measured(results, table, report.write(results, folder, table), together.computed)


def _made(chosen: Chosen, backend: Backend, seed: int, embedder: Embedder | None, reranker: Scorer | None) -> list[Method]:
    found: dict[str, Method] = {}
    for one in chosen:
        for method in methods([one], backend, seed, embedder, reranker) if isinstance(one, str) else [one(backend)]:
            found.setdefault(method.name, method)
    return list(found.values()) or methods([], backend)  # which says what there is


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the folder {str(out)!r} cannot be made: {error.strerror}; give another path") from None
    return out

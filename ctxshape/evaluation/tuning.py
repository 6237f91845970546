"""Finds the setting that answers best from a user's own questions with a user's own model: presets, budgets, orders."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ctxshape.core.messages import Generation
from ctxshape.core.protocols import Backend
from ctxshape.errors import ConfigError
from ctxshape.evaluation._tuning_run import SettingResult, Stop, Timer, Tuning, TuningRun, Verdict
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.choices import BUDGETS, Choice, Order, check_choices, checked_orders, choices, in_orders
from ctxshape.evaluation.experiment import Progress
from ctxshape.evaluation.questions import check_cases, needs_shuffling, retrieved_list_of
from ctxshape.inputs.models import embedder_from, reranker_from
from ctxshape.readers.once import ReadOnce
from ctxshape.spec import EmbedderLike, RerankerLike

__all__ = ["MARGIN", "SettingResult", "Stop", "Tuning", "Verdict", "tune"]

MARGIN = 0.02


def tune(
    cases: Sequence[Case],
    backend: Backend,
    *,
    presets: Sequence[str] = ("light", "balanced"),
    budgets: Sequence[int | None] = BUDGETS,
    orders: Sequence[Order] = ("front", "back"),
    embedder: EmbedderLike = None,
    reranker: RerankerLike = None,
    documents: int | None = None,
    limit: int | None = None,
    answers: str | Path | None = None,
    margin: float = MARGIN,
    even_if_raw: bool = False,
    minutes: float | None = None,
    seed: int = 0,
    max_tokens: int | None = None,
    progress: Progress = lambda done, total: None,
    clock: Callable[[], float] = time.monotonic,
) -> Tuning:
    """Compares presets, budgets and orders on the cases, and chooses the cheapest setting that is as good as the best.

    Every question is answered from its list as retrieved (`raw`) and from each setting's. A setting that is shown to lose
    is dropped, and the run ends when one is left, when all questions are asked, or before `minutes` have passed. Then the
    chosen setting is read in the other `orders`. See `Race` for the method: with probability 95 %, all intervals hold at
    once, whenever the run stops, and however often it is continued with more questions.

    A score is the share of the facts that an answer states (best subspan EM); without facts, ROUGE-L against the long
    answer; and without either, 1 if the model abstains. The chosen setting costs the fewest prompt tokens of those whose
    mean score is at most `margin` below the best; `even_if_raw` leaves `raw` out of the choice.

    `limit` is the number of questions, drawn by `seed`; a higher one asks the same questions first. `documents` limits the
    lists to their first passages; marked gold passages stay. Lists keep their order, but are shuffled by `seed` if the
    gold passage is always first, as in many published sets, or if the order is unknown. An answer has at most `max_tokens`,
    by default 64, or 256 if all answers are long. `answers` is the path of a file that keeps all answers, so that a further
    run computes only new ones.

    Raises ConfigError for fewer than 20 cases, an unknown preset or order, and a setting that a file cannot describe;
    InvalidInput for cases without any answer. Both before the model is loaded.
    """
    compared = choices(presets, budgets)
    checked_orders(orders)
    check_cases(cases, limit)
    _check_limits(margin, minutes, documents)
    embedder = None if embedder is None else embedder_from(embedder)
    reranker = None if reranker is None else reranker_from(reranker)
    check_choices(compared, backend, embedder, reranker)
    started = clock()
    shuffled = needs_shuffling(cases)
    asked = list(cases)
    random.Random(f"tune {seed}").shuffle(asked)  # a file may be sorted by kind; a higher limit asks the same ones first
    lists = [(case, retrieved_list_of(case, documents, seed if shuffled else None)) for case in asked[:limit]]
    store = Answers(":memory:" if answers is None else answers, backend_identity(backend))
    try:
        batching = BatchingBackend(backend, store)
        make = partial(Choice.pipeline, backend=batching, embedder=embedder, reranker=reranker)
        reader = ReadOnce(backend=batching, options=Generation(max_tokens=max_tokens or _longest_answer(cases)))
        run = TuningRun(lists, batching, reader, make, [each for one in compared for each in in_orders(one, orders)], margin)
        deadline = None if minutes is None else started + 60 * minutes
        return run.result(compared, orders, even_if_raw, Timer(clock, started, deadline), progress, shuffled)
    finally:
        store.close()


def _check_limits(margin: float, minutes: float | None, documents: int | None) -> None:
    if not 0 <= margin < 1:
        raise ConfigError(f"margin is {margin}; give a share from 0 to below 1, such as {MARGIN}")
    if minutes is not None and not minutes > 0:
        raise ConfigError(f"minutes is {minutes}; give more than 0")
    if documents is not None and documents < 1:
        raise ConfigError(f"documents is {documents}; give at least 1")


def _longest_answer(cases: Sequence[Case]) -> int:
    return 64 if any(case.facts for case in cases) else 256

"""Runs every method on every case, in one batch per case; a stored answer is not computed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

from pydantic import Field

from ctxshape.core.component import Component, plain
from ctxshape.core.messages import Usage
from ctxshape.core.prompts import document_texts
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.errors import ContextTooLong
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.cases import Arrangement, Case, arrange
from ctxshape.evaluation.methods import Method
from ctxshape.evaluation.metrics.scores import score
from ctxshape.evaluation.records import Record, Score, Timing

Progress = Callable[[int, int], None]  # receives the number of steps done and the total


class Experiment(Component):
    """Decides which lists each case is arranged into, and how many cases are timed.

    `documents` are list lengths. `positions` are those of the gold passage: first, middle, last, a number from 1, or all.
    `noise` is the share of passages without an answer (None: as many gold passages as the case needs). For each method and
    list length, the first `timed` cases, with the gold passage in the middle, run once more alone to measure the seconds.
    """

    documents: Annotated[tuple[Annotated[WholeNumber, Field(ge=1)], ...], Field(min_length=1)] = (10,)
    positions: Annotated[tuple[str, ...], Field(min_length=1)] = ("first", "middle", "last")
    noise: Annotated[float, Field(ge=0, le=1)] | None = None
    timed: Annotated[WholeNumber, Field(ge=0)] = 5

    def arrangements(self, case: Case) -> list[Arrangement]:
        """Arranges one case: a list for each length and position, and for an unanswerable case one list for each length.

        Raises InvalidInput for a case with too few passages.
        """
        arranged = []
        for documents in self.documents:
            lists = [arrange(case, documents, position, self.noise) for position in self._positions(documents)]
            arranged += lists if lists[0].answerable else [lists[0].model_copy(update={"position": "none"})]
        return arranged

    def run(
        self,
        cases: Sequence[Case],
        methods: Sequence[Method],
        batching: BatchingBackend,
        progress: Progress = lambda done, total: None,
    ) -> tuple[tuple[Record, ...], tuple[Timing, ...]]:
        """Returns a record for each method and list, and the timings. The methods must use `batching` as their backend.

        Raises InvalidInput for a faulty case before anything is computed.
        """
        lists = [self.arrangements(case) for case in cases]
        timed = [arrangement for arrangements in lists[: self.timed] for arrangement in self._one_of_each_length(arrangements)]
        steps = len(lists) + len(timed)
        records: list[Record] = []
        for done, arrangements in enumerate(lists):
            progress(done, steps)
            tasks = [partial(_answer, arrangement, method, batching) for arrangement in arrangements for method in methods]
            records += batching.run(tasks)
        timings: list[Timing] = []
        for done, arrangement in enumerate(timed, len(lists)):
            progress(done, steps)
            timings += [_timing(arrangement, method, batching) for method in methods]
        progress(steps, steps)
        return tuple(records), tuple(timings)

    def _positions(self, documents: int) -> tuple[str, ...]:
        every = [str(slot) for slot in range(1, documents + 1)]
        return tuple(dict.fromkeys(p for position in self.positions for p in (every if position == "all" else [position])))

    def _one_of_each_length(self, arrangements: Sequence[Arrangement]) -> list[Arrangement]:
        by_length: dict[int, list[Arrangement]] = {}
        for arrangement in arrangements:
            by_length.setdefault(len(arrangement.documents), []).append(arrangement)
        return [
            next((arrangement for arrangement in same if arrangement.position == "middle"), same[len(same) // 2])
            for same in by_length.values()
        ]


def _answer(arrangement: Arrangement, method: Method, batching: BatchingBackend) -> Record:
    context = arrangement.context
    record = Record(
        case=arrangement.case.id,
        method=method.name,
        documents=len(arrangement.documents),
        position=arrangement.position,
        text="",
        score=Score(correct=False, coverage=0.0 if arrangement.answerable else None),
    )
    try:
        shaped = method.pipeline(context)
        answer = method.reader(shaped)
    except ContextTooLong as error:
        return record.model_copy(update={"error": str(error)})
    update = {
        "text": answer.text,
        "score": score(arrangement, shaped, answer.text, answer.abstained),
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
        "share": _tokens(shaped, batching) / max(1, _tokens(context, batching)),
    }
    return record.model_copy(update=update)


def _tokens(context: Context, batching: BatchingBackend) -> int:
    return sum(map(batching.count_tokens, document_texts(context.query, context.documents)))


def _timing(arrangement: Arrangement, method: Method, batching: BatchingBackend) -> Timing:
    """Returns the stored timing of this method on this list, or measures it."""
    passages = [(document.title, document.text) for document in arrangement.documents]
    question, components = arrangement.case.question, (plain(method.pipeline), plain(method.reader))
    key = batching.answers.key("timing", method.name, *components, question, passages)
    stored = batching.answers.recall(key, Timing.model_validate_json)
    if stored is not None:
        return stored
    with batching.alone():
        seconds, usage = _timed(arrangement, method)
    timing = Timing(
        case=arrangement.case.id,
        method=method.name,
        documents=len(arrangement.documents),
        shape=seconds,
        prefill=usage.prefill_seconds,
        decode=usage.decode_seconds,
    )
    batching.answers.remember({key: timing.model_dump_json()})
    return timing


def _timed(arrangement: Arrangement, method: Method) -> tuple[float, Usage]:
    context = arrangement.context
    started = time.perf_counter()
    shaped = method.pipeline(context)
    seconds = time.perf_counter() - started
    try:
        return seconds, method.reader(shaped).usage
    except ContextTooLong:
        return seconds, Usage()

"""Every method on every case: what is asked goes out in one batch a case, and is never asked twice."""

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
from ctxshape.errors import ContextTooLong
from ctxshape.evaluation.cases import Case, Layout, arrange
from ctxshape.evaluation.methods import Method
from ctxshape.evaluation.metrics.scores import score
from ctxshape.evaluation.records import Record, Score, Timing
from ctxshape.evaluation.together import Together

Progress = Callable[[int, int], None]  # steps done, steps in all


class Experiment(Component):
    """Which lists are made of each case, and how many of them are timed.

    `documents` are lengths of lists, `positions` where the gold passage stands: first, middle, last, a number from 1,
    or all. `noise` is the share of passages that answer nothing (None: one gold passage for each fact). For each
    method and length the first `timed` cases, gold in the middle, are run once more alone, for the seconds.
    """

    documents: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (10,)
    positions: Annotated[tuple[str, ...], Field(min_length=1)] = ("first", "middle", "last")
    noise: Annotated[float, Field(ge=0, le=1)] | None = None
    timed: Annotated[int, Field(ge=0)] = 5

    def layouts(self, case: Case) -> list[Layout]:
        """The lists of one case; one for each length where nothing answers, for nothing has a position. Raises InvalidInput."""
        made = []
        for documents in self.documents:
            found = [arrange(case, documents, position, self.noise) for position in self._positions(documents)]
            made += found if found[0].answerable else [found[0].model_copy(update={"position": "none"})]
        return made

    def run(
        self, cases: Sequence[Case], methods: Sequence[Method], together: Together, progress: Progress = lambda done, all: None
    ) -> tuple[tuple[Record, ...], tuple[Timing, ...]]:
        """What every method answered, and what it took. The methods ask `together`.

        Raises before anything is computed what is wrong with a case.
        """
        lists = [self.layouts(case) for case in cases]
        timed = [layout for layouts in lists[: self.timed] for layout in self._one_of_each_length(layouts)]
        steps = len(lists) + len(timed)
        records: list[Record] = []
        for done, layouts in enumerate(lists):
            progress(done, steps)
            records += together.run([partial(_answer, layout, method, together) for layout in layouts for method in methods])
        timings: list[Timing] = []
        for done, layout in enumerate(timed, len(lists)):
            progress(done, steps)
            timings += [_timing(layout, method, together) for method in methods]
        progress(steps, steps)
        return tuple(records), tuple(timings)

    def _positions(self, documents: int) -> tuple[str, ...]:
        every = [str(slot) for slot in range(1, documents + 1)]
        return tuple(dict.fromkeys(p for position in self.positions for p in (every if position == "all" else [position])))

    def _one_of_each_length(self, layouts: Sequence[Layout]) -> list[Layout]:
        by_length: dict[int, list[Layout]] = {}
        for layout in layouts:
            by_length.setdefault(len(layout.documents), []).append(layout)
        return [
            next((layout for layout in same if layout.position == "middle"), same[len(same) // 2])
            for same in by_length.values()
        ]


def _answer(layout: Layout, method: Method, together: Together) -> Record:
    context = layout.context
    record = Record(
        case=layout.case.id,
        method=method.name,
        documents=len(layout.documents),
        position=layout.position,
        text="",
        score=Score(correct=False, coverage=0.0 if layout.answerable else None),
    )
    try:
        shaped = method.pipeline(context)
        answer = method.reader(shaped)
    except ContextTooLong as error:
        return record.model_copy(update={"error": str(error)})
    update = {
        "text": answer.text,
        "score": score(layout, shaped, answer.text, answer.abstained),
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
        "share": _tokens(shaped, together) / max(1, _tokens(context, together)),
    }
    return record.model_copy(update=update)


def _tokens(context: Context, together: Together) -> int:
    return sum(map(together.count_tokens, document_texts(context.query, context.documents)))


def _timing(layout: Layout, method: Method, together: Together) -> Timing:
    """The kept timing of this method on this list, or a new one."""
    shown = [(document.title, document.text) for document in layout.documents]
    key = together.answers.key("timing", method.name, plain(method.pipeline), plain(method.reader), layout.case.question, shown)
    kept = together.answers.recall(key)
    if kept is not None:
        return Timing.model_validate_json(kept)
    with together.alone():
        seconds, usage = _measure(layout, method)
    made = Timing(
        case=layout.case.id,
        method=method.name,
        documents=len(layout.documents),
        shape=seconds,
        prefill=usage.prefill_seconds,
        decode=usage.decode_seconds,
    )
    together.answers.remember({key: made.model_dump_json()})
    return made


def _measure(layout: Layout, method: Method) -> tuple[float, Usage]:
    context = layout.context
    started = time.perf_counter()
    shaped = method.pipeline(context)
    seconds = time.perf_counter() - started
    try:
        return seconds, method.reader(shaped).usage
    except ContextTooLong:
        return seconds, Usage()

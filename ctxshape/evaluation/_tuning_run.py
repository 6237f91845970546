"""Asks questions in several settings, drops those that lose, and chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from ctxshape.core.pipeline import Pipeline
from ctxshape.core.types import Context
from ctxshape.errors import BudgetTooSmall, ContextTooLong
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.choices import Choice, Order, in_orders
from ctxshape.evaluation.experiment import Progress
from ctxshape.evaluation.questions import LEAST, answer_score, metric_of
from ctxshape.evaluation.race import ERROR, Difference, Race
from ctxshape.evaluation.report.summary import RAW
from ctxshape.readers.once import ReadOnce

_FOR_ORDERS = 0.2  # the share of the time that is kept for the orders of the chosen setting

Verdict = Literal["better", "cheaper", "raw", "too few"]
Stop = Literal["settled", "questions", "minutes"]


class SettingResult(NamedTuple):
    """The result of a setting: mean score and prompt tokens over `n` questions, and the paired difference to `raw`.

    `lost_to` names the setting it was dropped for; `unread` counts prompts that did not fit the model or the budget, which
    score 0.
    """

    setting: Choice
    score: float
    tokens: float
    n: int
    difference: Difference
    lost_to: str | None = None
    unread: int = 0


class Tuning(NamedTuple):
    """The results of `tune`: every setting, the chosen one with its pipeline, and the verdict.

    `verdict`: "better" if the chosen setting is shown to be better than `raw`; "cheaper" if that is not shown, but it is
    within the margin of the best score and takes fewer tokens; "raw" if `raw` itself is the choice; "too few" if the time
    ended before 20 questions were answered. `stop` says why no more questions were asked.
    """

    results: tuple[SettingResult, ...]
    chosen: SettingResult
    pipeline: Pipeline
    verdict: Verdict
    stop: Stop
    n: int
    computed: int
    shuffled: bool
    metric: str
    error: float
    margin: float

    @property
    def raw(self) -> SettingResult:
        """The result of the list as retrieved."""
        return self.results[0]


class Timer:
    """Says whether another question fits into the time, by the longest that one took."""

    def __init__(self, clock: Callable[[], float], started: float, deadline: float | None) -> None:
        self._clock, self._started, self._deadline = clock, started, deadline
        self._last = clock()
        self._laps: list[float] = []

    def lap(self) -> None:
        """Notes that a question is done."""
        now = self._clock()
        self._laps.append(now - self._last)
        self._last = now

    def allows_one_more(self, reserve: float = 0.0) -> bool:
        """Returns whether one more question fits, with a share of the whole time in reserve."""
        if self._deadline is None:
            return True
        longest = max(self._laps[1:] or self._laps, default=0.0)  # the first also loads the models
        return self._clock() + longest <= self._deadline - reserve * (self._deadline - self._started)


class TuningRun:
    """Asks the questions and keeps the scores."""

    def __init__(
        self,
        lists: Sequence[tuple[Case, Context]],
        batching: BatchingBackend,
        reader: ReadOnce,
        make: Callable[[Choice], Pipeline],
        possible: Sequence[Choice],
        margin: float,
    ) -> None:
        self.lists, self.batching, self.reader, self.make = lists, batching, reader, make
        self.settings = {setting.name: setting for setting in possible}
        self.race = Race(list(self.settings), margin=margin)
        self.pipelines: dict[str, Pipeline] = {}
        self.unread = dict.fromkeys(self.settings, 0)
        self.lost: dict[str, str] = {}
        self.n = 0

    def result(
        self,
        compared: Sequence[Choice],
        orders: Sequence[Order],
        even_if_raw: bool,
        timer: Timer,
        progress: Progress,
        shuffled: bool,
    ) -> Tuning:
        """Runs the race over presets and budgets, then over the orders of the chosen setting."""
        names, total = [setting.name for setting in compared], len(self.lists)
        several = len({"front", *orders}) > 1
        stop = self._race(names, timer, _FOR_ORDERS if several else 0.0, progress)
        chosen = self.race.choice([name for name in names if name not in self.lost and name != RAW])
        if several and self.n >= LEAST:
            variants = [setting.name for setting in in_orders(self.settings[chosen], orders)]
            chosen = self._ordered(chosen, variants, timer)
            names += [name for name in variants if name not in names and self.race.n(name)]
        if RAW not in self.lost and not even_if_raw:
            chosen = self.race.choice([RAW, chosen])
        progress(self.n, total)
        results = tuple(self._result_of(name) for name in names)
        best = next(result for result in results if result.setting.name == chosen)
        return Tuning(
            results=results,
            chosen=best,
            pipeline=self._pipeline(chosen),
            verdict=self._verdict(best),
            stop=stop,
            n=self.n,
            computed=self.batching.computed,
            shuffled=shuffled,
            metric=metric_of([case for case, _ in self.lists]),
            error=ERROR,
            margin=self.race.margin,
        )

    def _race(self, names: Sequence[str], timer: Timer, reserve: float, progress: Progress) -> Stop:
        for case, context in self.lists:
            if not timer.allows_one_more(reserve if self.n >= LEAST else 0.0):
                return "minutes"
            progress(self.n, len(self.lists))
            active = [name for name in names if name not in self.lost]
            self._ask(active, case, context)
            self.n += 1
            timer.lap()
            lost = self.race.losers(active)
            # The list as retrieved is read a while longer, since the interval against it is what the user wants to know.
            self.lost |= {name: other for name, other in lost.items() if name != RAW or self.n >= LEAST}
            if self.n >= LEAST and self.race.is_settled([name for name in names if name not in self.lost]):
                return "settled"
        return "questions"

    def _ordered(self, chosen: str, variants: Sequence[str], timer: Timer) -> str:
        """Returns the chosen setting in the order to use: its own, unless another is better by more than the margin."""
        others = [name for name in variants if name != chosen]
        for case, context in self.lists[: self.n]:
            if not timer.allows_one_more():
                return chosen  # with fewer questions than the others, they cannot be chosen
            self._ask(others, case, context)
            timer.lap()
        return self.race.choice([chosen, *others], by_cost=False)

    def _ask(self, names: Sequence[str], case: Case, context: Context) -> None:
        """Asks one question in all settings, in one batch: what prompts share is computed once."""
        measured = self.batching.run([partial(self._answer, name, case, context) for name in names])
        scores = {name: score for name, (score, _) in zip(names, measured, strict=True)}
        self.race.add(case.id, scores, {name: tokens for name, (_, tokens) in zip(names, measured, strict=True)})

    def _answer(self, name: str, case: Case, context: Context) -> tuple[float, float]:
        try:
            answer = self.reader(self._pipeline(name)(context))
        except (ContextTooLong, BudgetTooSmall):
            self.unread[name] += 1
            return 0.0, float(self.batching.context_length())
        return answer_score(case, answer.text, answer.abstained), float(answer.usage.prompt_tokens)

    def _pipeline(self, name: str) -> Pipeline:
        if name not in self.pipelines:
            self.pipelines[name] = self.make(self.settings[name])
        return self.pipelines[name]

    def _result_of(self, name: str) -> SettingResult:
        race = self.race
        difference = race.difference(name, RAW) if name != RAW else Difference(0.0, 0.0, 0.0, race.n(RAW))
        return SettingResult(
            setting=self.settings[name],
            score=race.score(name),
            tokens=race.cost(name),
            n=race.n(name),
            difference=difference,
            lost_to=self.lost.get(name),
            unread=self.unread[name],
        )

    def _verdict(self, chosen: SettingResult) -> Verdict:
        if self.n < LEAST:
            return "too few"
        if chosen.setting.name == RAW:
            return "raw"
        if chosen.difference.low > 0:
            return "better"
        return "cheaper" if self.race.choice([RAW, chosen.setting.name]) != RAW else "raw"

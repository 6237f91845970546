"""The answer of one method to one arrangement of a case, with its scores and its cost."""

from __future__ import annotations

from collections.abc import Mapping

from ctxshape.core.types import Frozen

Setting = str | int | float | None | list[str] | list[int]


class Score(Frozen):
    """The metrics of one answer. A metric without meaning is None, such as coverage for an unanswerable question.

    `correct`: every fact matches by best subspan EM; for an unanswerable question, the method abstained. `coverage`: the
    share of the facts in the answer. `hallucinated`: an answer was given, is wrong, and no passage supports it. `misled`:
    the answer states a false value that a passage states. `abstained`: no answer was given. `evidence`: a wording of every
    fact is still in what remains of the gold passages. `ranking_before` and `ranking_after`: Recall@k, reciprocal rank and
    nDCG@k, by name, of the gold passages in the list by relevance, before and after the pipeline.
    """

    correct: bool
    coverage: float | None = None
    hallucinated: bool = False
    misled: bool | None = None
    abstained: bool = False
    evidence: bool | None = None
    ranking_before: Mapping[str, float] = {}
    ranking_after: Mapping[str, float] = {}
    rouge_l: float | None = None
    bleu: float | None = None


class Record(Frozen):
    """One line of a result: the answer of a method to a case, for one list length and one gold position.

    `share` is the number of tokens of the shaped passages divided by that of the retrieved ones. `error` says why there is
    no answer; token counts have no meaning then.
    """

    case: str
    method: str
    documents: int
    position: str
    text: str
    score: Score
    prompt_tokens: int = 0
    completion_tokens: int = 0
    share: float = 0.0
    error: str = ""


class Timing(Frozen):
    """Seconds of one method on one case, measured alone and without cached results."""

    case: str
    method: str
    documents: int
    shape: float
    prefill: float
    decode: float


class Results(Frozen):
    """All records and timings of a run. `settings` describe the run: data, model and its hash, n, seed, versions."""

    settings: dict[str, Setting]
    records: tuple[Record, ...]
    timings: tuple[Timing, ...] = ()

"""What one method did with one layout, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping

from ctxshape.core.types import Frozen

Setting = str | int | float | None | list[str] | list[int]


class Score(Frozen):
    """The figures of one answer. None where a figure has no meaning, such as coverage where nothing answers.

    `correct`: best subspan EM of every fact, or having abstained where nothing answers. `coverage`: share of the facts
    in the answer. `hallucinated`: given, wrong, and supported by no passage. `misled`: states a false value that a
    passage states. `abstained`: gave no answer. `evidence`: whether a wording of every fact stands in what is left of
    the gold passages. `ranking_before` and `ranking_after` are Recall@k, reciprocal rank and nDCG@k, by name, of the gold
    passages in the list by relevance, before and after the pipeline.
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
    """One line of a result: a method's answer to a case, with the gold passage at a position among so many documents.

    `share` is the tokens of the shaped passages by those of the given ones. `error` says why there is no answer; the
    figures of tokens mean nothing then.
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
    """Seconds of one method on one case, alone on the machine and with nothing computed before."""

    case: str
    method: str
    documents: int
    shape: float
    prefill: float
    decode: float


class Results(Frozen):
    """Everything that a run found. `settings` say what was run: data, model, its hash, n, seed, versions."""

    settings: dict[str, Setting]
    records: tuple[Record, ...]
    timings: tuple[Timing, ...] = ()

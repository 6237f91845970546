"""Summarises records as rows: the metrics of each method and number of documents, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ctxshape.errors import ConfigError
from ctxshape.evaluation.cases import slot_of
from ctxshape.evaluation.metrics.statistics import Estimate, difference, estimate
from ctxshape.evaluation.records import Record, Results, Timing

RAW = "raw"  # the method that the others are compared with

_Groups = list[list[float]]  # one value for each question: the mean over its positions


class ResultRow(NamedTuple):
    """The metrics of one method for one number of documents. A metric without values is None.

    Each metric is the mean over questions, and the value of a question is the mean over its positions, so that every
    question has the same weight. Each estimate has its own n, the number of questions it is based on. `n` counts all
    questions, `errors` the records without an answer. An error counts as a wrong answer with coverage 0, and as neither a
    hallucination nor an abstention; it is left out of the costs.

    - `accuracy`, `positions`, `spread` and `middle_recall` are over answerable questions. `positions` is the accuracy by
      position of the gold passage, in list order. `spread` is the best position minus the worst, over the questions that
      have both. `middle_recall` is the accuracy over positions in the inner half (see `is_inner`).
    - `accuracy_difference` and `middle_recall_difference` are differences from "raw", paired over the questions that all
      methods have at all positions; None for "raw" itself.
    - `hallucination` is over all questions, `misled` over those with a false passage, `abstention` over unanswerable and
      `false_abstention` over answerable questions.
    - `ranking_before` and `ranking_after` are Recall@k, MRR and nDCG@k by name.
    - `shape`, `prefill`, `decode` and their sum `seconds` are over the timed questions.
    """

    method: str
    documents: int
    n: int
    errors: int
    accuracy: Estimate | None
    positions: dict[str, Estimate]
    spread: Estimate | None
    middle_recall: Estimate | None
    accuracy_difference: Estimate | None
    middle_recall_difference: Estimate | None
    hallucination: Estimate | None
    coverage: Estimate | None
    misled: Estimate | None
    abstention: Estimate | None
    false_abstention: Estimate | None
    evidence: Estimate | None
    share: Estimate | None
    prompt_tokens: Estimate | None
    ranking_before: dict[str, Estimate]
    ranking_after: dict[str, Estimate]
    rouge_l: Estimate | None
    bleu: Estimate | None
    shape: Estimate | None
    prefill: Estimate | None
    decode: Estimate | None
    seconds: Estimate | None


def is_inner(position: str, documents: int) -> bool:
    """Returns whether a position is in the inner half: "middle", or k with documents/4 < k - 1/2 < 3 documents/4.

    >>> [k for k in range(1, 11) if is_inner(str(k), 10)]
    [4, 5, 6, 7]
    """
    if position.isdecimal():
        return documents < 4 * int(position) - 2 < 3 * documents
    return position == "middle"


def slot_number(position: str, documents: int) -> int:
    """Returns the slot of a position, counted from 1, as the key for sorting positions; 0 for a name without a slot."""
    try:
        return slot_of(position, documents) + 1
    except ConfigError:
        return 0


def rows(results: Results, *, seed: int = 0) -> list[ResultRow]:
    """Returns a row for each number of documents and method, in the order in which they first appear.

    `seed` is the seed of the bootstrap. The rows of an unfinished run cover the records it has, as n shows. Of duplicate
    records the last one counts.
    """
    tables: dict[int, dict[str, list[Record]]] = {}
    latest = {(r.documents, r.method, r.case, r.position): r for r in results.records}
    for record in latest.values():
        tables.setdefault(record.documents, {}).setdefault(record.method, []).append(record)
    order = dict.fromkeys((record.documents, record.method) for record in latest.values())
    return [_row(tables[documents], method, documents, results.timings, seed) for documents, method in order]


def _row(table: Mapping[str, list[Record]], method: str, documents: int, timings: Sequence[Timing], seed: int) -> ResultRow:
    records = table[method]
    asked = [record for record in records if _answerable(record)]
    answered = [record for record in records if not record.error]
    failed = {record.case for record in records if record.error}
    timed = [t for t in timings if (t.method, t.documents) == (method, documents) and t.case not in failed]

    def figure(records: Iterable[Record], value: Callable[[Record], float | None]) -> Estimate | None:
        return _estimate(_groups(records, value), seed)

    def cost(value: Callable[[Record], float]) -> Estimate | None:
        return _estimate(_groups(answered, value), seed, proportion=False)

    def seconds(value: Callable[[Timing], float]) -> Estimate | None:
        return _estimate([[value(timing)] for timing in timed], seed, proportion=False)

    inner = [record for record in asked if is_inner(record.position, documents)]
    return ResultRow(
        method=method,
        documents=documents,
        n=len({record.case for record in records}),
        errors=sum(bool(record.error) for record in records),
        accuracy=figure(asked, _correct),
        positions=_positions(asked, documents, seed),
        spread=_spread(asked, documents, seed),
        middle_recall=figure(inner, _correct),
        accuracy_difference=_to_raw(table, method, _answerable, seed),
        middle_recall_difference=_to_raw(table, method, lambda r: _answerable(r) and is_inner(r.position, documents), seed),
        hallucination=figure(records, lambda r: r.score.hallucinated and not r.error),
        coverage=figure(asked, lambda r: 0.0 if r.error else r.score.coverage),
        misled=figure(records, lambda r: r.score.misled),
        abstention=figure((r for r in records if not _answerable(r)), _abstained),
        false_abstention=figure(asked, _abstained),
        evidence=figure(records, lambda r: r.score.evidence),
        share=cost(lambda r: r.share),
        prompt_tokens=cost(lambda r: r.prompt_tokens),
        ranking_before=_ranking(records, lambda r: r.score.ranking_before, seed),
        ranking_after=_ranking(records, lambda r: r.score.ranking_after, seed),
        rouge_l=figure(answered, lambda r: r.score.rouge_l),
        bleu=figure(answered, lambda r: r.score.bleu),
        shape=seconds(lambda t: t.shape),
        prefill=seconds(lambda t: t.prefill),
        decode=seconds(lambda t: t.decode),
        seconds=seconds(lambda t: t.shape + t.prefill + t.decode),
    )


def _answerable(record: Record) -> bool:
    return record.score.coverage is not None  # see Score


def _correct(record: Record) -> float:
    return record.score.correct and not record.error


def _abstained(record: Record) -> float:
    return record.score.abstained and not record.error


def _by_case(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.case, []).append(record)
    return found


def _groups(records: Iterable[Record], value: Callable[[Record], float | None]) -> _Groups:
    """Returns the mean value of each question that has at least one value."""
    found = [[v for record in case if (v := value(record)) is not None] for case in _by_case(records).values()]
    return [[sum(values) / len(values)] for values in found if values]


def _estimate(groups: _Groups, seed: int, *, proportion: bool = True) -> Estimate | None:
    return estimate(groups, seed=seed, proportion=proportion) if groups else None


def _at_positions(asked: Sequence[Record], documents: int) -> dict[str, dict[str, float]]:
    """Returns, for each position in list order, whether each question was answered correctly."""
    found: dict[str, dict[str, float]] = {}
    for record in sorted(asked, key=lambda record: slot_number(record.position, documents)):
        found.setdefault(record.position, {})[record.case] = _correct(record)
    return found


def _positions(asked: Sequence[Record], documents: int, seed: int) -> dict[str, Estimate]:
    found = _at_positions(asked, documents)
    return {position: estimate([[value] for value in cases.values()], seed=seed) for position, cases in found.items()}


def _spread(asked: Sequence[Record], documents: int, seed: int) -> Estimate | None:
    """Returns the paired difference of the best and the worst position, as if these two had been chosen in advance."""
    means = {position: (sum(c.values()) / len(c), c) for position, c in _at_positions(asked, documents).items()}
    if len(means) < 2:
        return None
    best, worst = (pick(means.values(), key=lambda found: found[0])[1] for pick in (max, min))
    both = [case for case in best if case in worst]
    return difference([[best[c]] for c in both], [[worst[c]] for c in both], seed=seed) if both else None


def _to_raw(table: Mapping[str, list[Record]], method: str, counts: Callable[[Record], bool], seed: int) -> Estimate | None:
    """Returns the difference in accuracy from raw, over the questions that every method has at every position."""
    if method == RAW or RAW not in table:
        return None
    found = {name: _by_case(filter(counts, records)) for name, records in table.items()}
    places = {r.position for cases in found.values() for records in cases.values() for r in records}
    shared = [case for case in found[RAW] if all(len(cases.get(case, ())) == len(places) for cases in found.values())]

    def groups(name: str) -> _Groups:
        return [[sum(map(_correct, found[name][case])) / len(places)] for case in shared]

    return difference(groups(method), groups(RAW), seed=seed) if shared else None


def _ranking(records: Sequence[Record], values: Callable[[Record], Mapping[str, float]], seed: int) -> dict[str, Estimate]:
    names = dict.fromkeys(name for record in records for name in values(record))
    groups = {name: _groups(records, lambda record, name=name: values(record).get(name)) for name in names}  # type: ignore[misc]
    return {name: estimate(found, seed=seed) for name, found in groups.items() if found}

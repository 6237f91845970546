from __future__ import annotations

import pytest

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Record, Results, Score, Timing
from ctxshape.evaluation.report.summary import ResultRow, is_inner, rows


def record(method: str, case: str, position: str, correct: int, **fields: object) -> Record:
    """An answer to a question with one fact among 10 documents."""
    made: dict[str, object] = {
        "case": case,
        "method": method,
        "documents": 10,
        "position": position,
        "text": "x",
        "score": Score(correct=bool(correct), coverage=float(correct)),
        "prompt_tokens": 100,
        "completion_tokens": 1,
        "share": 1.0,
    }
    return Record(**{**made, **fields})  # type: ignore[arg-type]


def unanswerable(method: str, case: str, *, abstained: bool, hallucinated: bool = False) -> Record:
    score = Score(correct=abstained, abstained=abstained, hallucinated=hallucinated)
    return record(method, case, "none", 0, score=score)


def failed(method: str, case: str, position: str) -> Record:
    """As the experiment writes it, but with marks that must not count."""
    score = Score(correct=True, coverage=1.0, hallucinated=True, abstained=True)
    return record(method, case, position, 0, score=score, prompt_tokens=0, share=0.0, error="too long")


def answers(method: str, *pairs: tuple[int, int]) -> list[Record]:
    """Records of the questions q1, q2, …, each right (1) or wrong (0) with the gold passage first and in the middle."""
    return [
        record(method, f"q{number}", position, correct)
        for number, pair in enumerate(pairs, 1)
        for position, correct in zip(("first", "middle"), pair, strict=True)
    ]


def made(records: list[Record], *timings: Timing) -> dict[str, ResultRow]:
    return {row.method: row for row in rows(Results(settings={}, records=tuple(records), timings=timings))}


def mean(estimate: Estimate | None) -> float | None:
    if estimate is None:
        return None
    assert estimate.low <= estimate.mean <= estimate.high
    return round(estimate.mean, 9)


def third(number: int) -> float:
    return round(number / 3, 9)


RAW = answers("raw", (1, 0), (1, 1), (0, 0))
LIGHT = answers("light", (1, 1), (1, 1), (0, 1))


def test_accuracy_by_position_and_over_all() -> None:
    found = made(RAW + LIGHT)
    raw, light = found["raw"], found["light"]
    assert (raw.documents, raw.n, raw.errors) == (10, 3, 0)
    assert {name: mean(value) for name, value in raw.positions.items()} == {"first": third(2), "middle": third(1)}
    assert {name: mean(value) for name, value in light.positions.items()} == {"first": third(2), "middle": 1.0}
    assert (mean(raw.accuracy), mean(light.accuracy)) == (0.5, round(5 / 6, 9))
    assert (mean(raw.spread), mean(light.spread)) == (third(1), third(1))
    assert (mean(raw.middle_recall), mean(light.middle_recall)) == (third(1), 1.0)
    assert {value.n for value in (raw.accuracy, raw.spread, raw.middle_recall) if value} == {3}


def test_differences_to_raw_are_paired() -> None:
    found = made(RAW + LIGHT)
    assert mean(found["light"].accuracy_difference) == third(1)
    assert mean(found["light"].middle_recall_difference) == third(2)
    assert found["raw"].accuracy_difference is None
    shifted = made(answers("raw", (1, 0), (0, 0)) + answers("light", (1, 1), (1, 0)))["light"]
    assert shifted.accuracy_difference == Estimate(0.5, 0.5, 0.5, 2)  # the same in each question: no doubt about it


def test_without_raw_nothing_is_compared_to_it() -> None:
    row = made(LIGHT)["light"]
    assert (row.accuracy_difference, row.middle_recall_difference) == (None, None)


def test_rows_come_in_the_order_of_first_appearance() -> None:
    more = [record("raw", "q1", "first", 1, documents=20), record("zeta", "q1", "first", 1, documents=20)]
    found = rows(Results(settings={}, records=(*LIGHT[:1], *more, *RAW, *LIGHT[1:])))
    assert [(row.documents, row.method) for row in found] == [(10, "light"), (20, "raw"), (20, "zeta"), (10, "raw")]
    assert rows(Results(settings={}, records=())) == []


def test_the_same_seed_gives_the_same_intervals() -> None:
    results = Results(settings={}, records=tuple(RAW + LIGHT))
    assert rows(results, seed=3) == rows(results, seed=3)


def test_a_record_that_stands_twice_counts_once() -> None:
    row = made([record("raw", "q1", "first", 0), record("raw", "q1", "first", 1)])["raw"]
    assert (mean(row.accuracy), row.n) == (1.0, 1)


def test_positions_stand_in_the_order_of_the_slots() -> None:
    row = made([record("raw", "q1", position, 1) for position in ("last", "10", "2", "middle", "first")])["raw"]
    assert list(row.positions) == ["first", "2", "middle", "last", "10"]


@pytest.mark.parametrize(
    ("documents", "inner"), [(1, [1]), (2, []), (3, [2]), (4, [2, 3]), (10, [4, 5, 6, 7]), (20, list(range(6, 16)))]
)
def test_the_inner_half(documents: int, inner: list[int]) -> None:
    assert [slot for slot in range(1, documents + 1) if is_inner(str(slot), documents)] == inner
    assert [name for name in ("first", "middle", "last", "none", "?") if is_inner(name, documents)] == ["middle"]


def test_middle_recall_is_over_inner_slots() -> None:
    found = made([record("raw", "q1", str(slot), slot in (4, 5, 10)) for slot in range(1, 11)])["raw"]
    assert (mean(found.middle_recall), mean(found.accuracy)) == (0.5, 0.3)


def test_unanswerable_questions_count_for_abstention_and_not_for_accuracy() -> None:
    score = Score(correct=False, coverage=0.0, abstained=True)
    found = made(
        [
            *answers("raw", (1, 0), (1, 1)),
            record("raw", "q3", "first", 0, score=score),
            record("raw", "q3", "middle", 0),
            unanswerable("raw", "q4", abstained=True),
            unanswerable("raw", "q5", abstained=False, hallucinated=True),
        ]
    )["raw"]
    assert (found.n, mean(found.accuracy)) == (5, 0.5)
    assert found.abstention is not None and (mean(found.abstention), found.abstention.n) == (0.5, 2)
    assert found.false_abstention is not None and (mean(found.false_abstention), found.false_abstention.n) == (
        round(1 / 6, 9),
        3,
    )
    assert found.hallucination is not None and (mean(found.hallucination), found.hallucination.n) == (0.2, 5)
    assert found.coverage is not None and (mean(found.coverage), found.coverage.n) == (0.5, 3)
    assert list(found.positions) == ["first", "middle"]


def test_only_unanswerable_questions() -> None:
    found = made([unanswerable(method, "q1", abstained=method == "light") for method in ("raw", "light")])
    assert (found["raw"].accuracy, found["raw"].coverage, found["raw"].false_abstention) == (None, None, None)
    assert (found["light"].accuracy_difference, found["light"].positions, found["light"].spread) == (None, {}, None)
    assert (mean(found["raw"].abstention), mean(found["light"].abstention)) == (0.0, 1.0)


def test_an_error_is_a_wrong_answer_without_cost() -> None:
    row = made([record("raw", "q1", "first", 1), failed("raw", "q1", "middle"), failed("raw", "q2", "first")])["raw"]
    assert (row.n, row.errors) == (2, 2)
    assert (mean(row.accuracy), mean(row.coverage), mean(row.middle_recall)) == (0.25, 0.25, 0.0)
    assert (mean(row.hallucination), mean(row.false_abstention)) == (0.0, 0.0)
    assert (row.prompt_tokens, row.share) == (Estimate(100, 100, 100, 1), Estimate(1, 1, 1, 1))


def test_figures_without_values_are_none() -> None:
    row = made(RAW)["raw"]
    assert (row.misled, row.evidence, row.rouge_l, row.bleu, row.abstention) == (None,) * 5
    assert (row.shape, row.prefill, row.decode, row.seconds) == (None,) * 4
    assert (row.ranking_before, row.ranking_after) == ({}, {})
    assert made(RAW[:1])["raw"].spread is None


def test_figures_of_answers_are_means_over_questions() -> None:
    def scored(case: str, position: str, **fields: object) -> Record:
        score = Score(correct=False, coverage=0.0, **fields)  # type: ignore[arg-type]
        return record("raw", case, position, 0, score=score)

    row = made(
        [
            scored("q1", "first", evidence=True, misled=True, rouge_l=0.5, bleu=0.25, hallucinated=True),
            scored("q1", "middle", evidence=False, misled=True, rouge_l=0.25, ranking_before={"MRR": 0.5}),
            scored("q2", "first", evidence=True, ranking_before={"MRR": 1.0}, ranking_after={"MRR": 1.0, "nDCG@3": 0.5}),
        ]
    )["raw"]
    assert (mean(row.evidence), mean(row.hallucination)) == (0.75, 0.25)
    assert row.misled is not None and (mean(row.misled), row.misled.n) == (1.0, 1)
    assert (mean(row.rouge_l), mean(row.bleu)) == (0.375, 0.25)
    assert {name: (mean(value), value.n) for name, value in row.ranking_before.items()} == {"MRR": (0.75, 2)}
    assert {name: mean(value) for name, value in row.ranking_after.items()} == {"MRR": 1.0, "nDCG@3": 0.5}


def test_seconds_have_their_own_n() -> None:
    def timing(method: str, case: str, prefill: float) -> Timing:
        return Timing(case=case, method=method, documents=10, shape=0.5, prefill=prefill, decode=1.0)

    records = [*RAW, *LIGHT, failed("broken", "q1", "middle")]
    found = made(records, timing("raw", "q1", 2.0), timing("raw", "q2", 4.0), timing("broken", "q1", 0.0))
    raw = found["raw"]
    assert raw.seconds is not None and (raw.seconds.mean, raw.seconds.n) == (4.5, 2)
    assert (mean(raw.shape), mean(raw.prefill), mean(raw.decode)) == (0.5, 3.0, 1.0)
    assert (found["light"].seconds, found["broken"].seconds) == (None, None)


def test_a_partial_run_compares_the_questions_that_all_methods_finished() -> None:
    # light has q1 and half of q2, third has q1 and q2: only q1 is there for all.
    found = made([*RAW, *LIGHT[:3], *answers("third", (0, 0), (0, 1))])
    light, third_row = found["light"], found["third"]
    assert (found["raw"].n, light.n, third_row.n) == (3, 2, 2)
    assert light.accuracy_difference == Estimate(0.5, 0.5, 0.5, 1)
    assert third_row.accuracy_difference == Estimate(-0.5, -0.5, -0.5, 1)
    assert third_row.middle_recall_difference == Estimate(0, 0, 0, 1)
    assert (mean(light.accuracy), mean(light.middle_recall)) == (1.0, 1.0)


def test_nothing_is_compared_before_a_question_is_finished_by_all() -> None:
    found = made([*RAW, *[record for record in LIGHT if record.position == "first"]])
    assert (found["light"].accuracy_difference, found["light"].middle_recall_difference) == (None, None)
    assert mean(found["light"].accuracy) == third(2)

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctxshape.core.types import Document
from ctxshape.errors import InvalidInput
from ctxshape.evaluation.answers import Answers
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.methods import methods
from ctxshape.evaluation.records import Record, Timing
from ctxshape.testing import ScriptedBackend


def case(number: int, distractors: int = 5) -> Case:
    return Case(
        id=f"c{number}",
        question=f"Where is the mill of Arden {number}?",
        facts=((f"Velm {number}",),),
        gold=(Document(id="g1", text=f"The mill of Arden {number} is in Velm {number}."),),
        distractors=tuple(Document(id=f"x{i}", text=f"The bridge of Orsa {i} was opened.") for i in range(distractors)),
    )


UNANSWERABLE = case(9).model_copy(update={"id": "u1", "facts": (), "gold": ()})


def reply(text: str) -> str:
    """A reader who reads the first document alone, and else says so."""
    first = text.split("[2]")[0]
    return first.split(" is in ")[1].split(".")[0] if " is in " in first else "NONE"


@pytest.fixture
def batching(tmp_path: Path) -> Iterator[BatchingBackend]:
    answers = Answers(tmp_path / "answers.sqlite", "scripted")
    yield BatchingBackend(ScriptedBackend(reply=reply), answers)
    answers.close()


def run(
    batching: BatchingBackend, cases: list[Case], names: list[str], experiment: Experiment
) -> tuple[tuple[Record, ...], tuple[Timing, ...]]:
    return experiment.run(cases, methods(names, batching), batching)


def test_each_method_answers_each_list_of_each_case(batching: BatchingBackend) -> None:
    experiment = Experiment(documents=(2, 4), positions=("first", "last"), timed=1)
    records, timings = run(batching, [case(1), case(2)], ["raw", "oracle"], experiment)
    assert [(r.case, r.documents, r.position, r.method, r.score.correct) for r in records[:8]] == [
        ("c1", 2, "first", "raw", True),
        ("c1", 2, "first", "oracle", True),
        ("c1", 2, "last", "raw", False),
        ("c1", 2, "last", "oracle", True),
        ("c1", 4, "first", "raw", True),
        ("c1", 4, "first", "oracle", True),
        ("c1", 4, "last", "raw", False),
        ("c1", 4, "last", "oracle", True),
    ]
    assert len(records) == 16
    assert records[0].share == 1.0 and records[0].text == "Velm 1"
    assert [(t.case, t.documents, t.method) for t in timings] == [
        ("c1", 2, "raw"), ("c1", 2, "oracle"), ("c1", 4, "raw"), ("c1", 4, "oracle"),
    ]  # fmt: skip


def test_where_nothing_answers_abstaining_is_right_and_there_is_one_list(batching: BatchingBackend) -> None:
    records, _ = run(batching, [UNANSWERABLE], ["raw"], Experiment(documents=(3,), timed=0))
    assert [(r.position, r.score.correct, r.score.abstained) for r in records] == [("none", True, True)]


def test_all_positions(batching: BatchingBackend) -> None:
    records, _ = run(batching, [case(1)], ["raw"], Experiment(documents=(4,), positions=("all",), timed=0))
    assert [r.position for r in records] == ["1", "2", "3", "4"]


def test_a_second_run_computes_nothing_and_gives_the_same(batching: BatchingBackend) -> None:
    experiment = Experiment(documents=(3,), timed=2)
    first = run(batching, [case(1), case(2)], ["raw", "light", "vote"], experiment)
    computed = batching.computed
    assert computed > 0
    assert run(batching, [case(1), case(2)], ["raw", "light", "vote"], experiment) == first
    assert batching.computed == computed


def test_a_prompt_that_does_not_fit_is_an_error_of_its_method_alone(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "answers.sqlite", "small")
    batching = BatchingBackend(ScriptedBackend(reply=reply, n_ctx=130), answers)
    records, _ = run(batching, [case(1)], ["raw", "oracle"], Experiment(documents=(6,), positions=("last",), timed=1))
    raw, oracle = records
    assert "n_ctx is 130" in raw.error and not raw.score.correct
    assert oracle.score.correct and not oracle.error
    answers.close()


def test_a_case_that_is_too_short_fails_before_anything_is_asked(batching: BatchingBackend) -> None:
    with pytest.raises(InvalidInput, match="case c2 .*1 .*4 .*3"):
        run(batching, [case(1), case(2, distractors=1)], ["raw"], Experiment(documents=(4,)))
    assert batching.computed == 0

from __future__ import annotations

import math

import pytest

from ctxshape import Document
from ctxshape.core.types import Span
from ctxshape.evaluation.cases import Arrangement, Case, arrange
from ctxshape.evaluation.metrics.rankings import ranking


def laid(position: str = "first", needed: int = 1, documents: int = 12) -> Arrangement:
    gold = tuple(Document(id=f"g{i}", text="gold") for i in range(needed))
    rest = tuple(Document(id=f"x{i}", text="other") for i in range(documents))
    case = Case(id="c", question="q?", facts=(("gold",),), gold=gold, distractors=rest, needed=needed)
    return arrange(case, documents, position)


def row(one: float, three: float, five: float, rr: float, ndcg: float) -> dict[str, float]:
    return {"recall@1": one, "recall@3": three, "recall@5": five, "rr": rr, "ndcg@10": ndcg}


@pytest.mark.parametrize(
    ("position", "figures"),
    [
        ("1", row(1, 1, 1, 1, 1)),
        ("2", row(0, 1, 1, 1 / 2, 1 / math.log2(3))),
        ("4", row(0, 0, 1, 1 / 4, 1 / math.log2(5))),
        ("10", row(0, 0, 0, 1 / 10, 1 / math.log2(11))),
        ("11", row(0, 0, 0, 1 / 11, 0)),
    ],
)
def test_one_gold_passage_by_hand(position: str, figures: dict[str, float]) -> None:
    arrangement = laid(position)
    assert ranking(arrangement, arrangement.documents) == pytest.approx(figures)


def test_several_gold_passages_by_hand() -> None:
    arrangement = laid("3", needed=2)  # places 3 and 4
    ideal = 1 + 1 / math.log2(3)
    assert ranking(arrangement, arrangement.documents) == pytest.approx(
        row(0, 1 / 2, 1, 1 / 3, (1 / math.log2(4) + 1 / math.log2(5)) / ideal)
    )
    lost = [document for document in arrangement.documents if document.id != "d3"]
    assert ranking(arrangement, lost) == pytest.approx(row(0, 1 / 2, 1 / 2, 1 / 3, (1 / math.log2(4)) / ideal))


def test_the_list_is_by_score() -> None:
    arrangement = laid("last", documents=3)
    scored = [
        document.model_copy(update={"score": score}) for document, score in zip(arrangement.documents, (1, 2, 3), strict=True)
    ]
    assert ranking(arrangement, scored)["rr"] == 1
    scored[0] = scored[0].model_copy(update={"score": None})
    assert ranking(arrangement, scored)["rr"] == pytest.approx(1 / 3)


def test_nothing_found() -> None:
    arrangement = laid()
    assert ranking(arrangement, arrangement.documents[1:]) == pytest.approx(row(0, 0, 0, 0, 0))
    assert ranking(arrangement, []) == pytest.approx(row(0, 0, 0, 0, 0))


def test_copies_and_summaries_count() -> None:
    arrangement = laid(needed=3, documents=4)  # d1, d2, d3
    copy = Document(id="d4", text="t", duplicates=("d1",))
    summary = Document(id="s", text="t", kind="rewrite", spans=(Span(document="d2", start=0, end=1),))
    assert ranking(arrangement, [Document(id="z", text="t"), copy, summary]) == pytest.approx(
        row(0, 2 / 3, 2 / 3, 1 / 2, (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2))
    )


def test_one_document_for_several() -> None:
    arrangement = laid(needed=3, documents=4)
    both = Document(id="d1", text="t", duplicates=("d2",))
    assert ranking(arrangement, [both, arrangement.documents[2]]) == pytest.approx(row(2 / 3, 1, 1, 1, 1))
    assert ranking(arrangement, [arrangement.documents[2], both]) == pytest.approx(
        row(1 / 3, 1, 1, 1, (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    )
    assert ranking(arrangement, [both]) == pytest.approx(row(2 / 3, 2 / 3, 2 / 3, 1, 2 / (2 + 1 / math.log2(3))))


def test_a_passage_in_two_documents_is_found_at_the_first() -> None:
    arrangement = laid(needed=1, documents=3)
    piece = Document(id="p", text="t", spans=(Span(document="d1", start=0, end=1),))
    assert ranking(arrangement, [arrangement.documents[1], piece, arrangement.documents[0]])["rr"] == 1 / 2


def test_empty_where_nothing_answers() -> None:
    case = Case(id="c", question="q?", distractors=(Document(id="x", text="t"),))
    arrangement = arrange(case, 1, "first")
    assert ranking(arrangement, arrangement.documents) == {}


def test_a_result_is_the_callers_own() -> None:
    arrangement = laid()
    ranking(arrangement, arrangement.documents).clear()
    assert ranking(arrangement, arrangement.documents) == pytest.approx(row(1, 1, 1, 1, 1))

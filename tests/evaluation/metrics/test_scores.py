from __future__ import annotations

import pytest

from ctxshape import Document
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.metrics.scores import score
from ctxshape.evaluation.records import Score

CASE = Case(
    id="c",
    question="Who invented the telephone?",
    facts=(("Bell", "A. G. Bell"),),
    gold=(Document(id="g", text="Bell invented the telephone."),),
    distractors=(Document(id="x", text="Gray invented the telephone."), Document(id="y", text="Edison made lamps.")),
    wrong=("Gray",),
)
TOP = {"recall@1": 1.0, "recall@3": 1.0, "recall@5": 1.0, "rr": 1.0, "ndcg@10": 1.0}
LAST = {"recall@1": 0.0, "recall@3": 1.0, "recall@5": 1.0, "rr": pytest.approx(1 / 3), "ndcg@10": pytest.approx(0.5)}
LOST = dict.fromkeys(TOP, 0.0)


def test_a_right_answer() -> None:
    arrangement = arrange(CASE, 3, "last")
    shaped = arrangement.context.keep(tuple(reversed(arrangement.documents)))
    found = score(arrangement, shaped, "It was Bell.", False)
    assert found == Score(
        correct=True, coverage=1.0, misled=False, evidence=True, ranking_before=found.ranking_before, ranking_after=TOP
    )
    assert found.ranking_before == LAST


def test_a_wrong_answer_of_what_lost_its_evidence() -> None:
    arrangement = arrange(CASE, 3, "first")
    found = score(arrangement, arrangement.context.keep(arrangement.documents[1:]), "It was Gray.", False)
    assert found == Score(correct=False, coverage=0.0, misled=True, evidence=False, ranking_before=TOP, ranking_after=LOST)


def test_an_invented_answer() -> None:
    arrangement = arrange(CASE, 3, "first")
    found = score(arrangement, arrangement.context, "Meucci", False)
    assert (found.correct, found.hallucinated, found.misled, found.evidence) == (False, True, False, True)


def test_where_nothing_answers() -> None:
    arrangement = arrange(CASE, 2, "first", noise=1.0)
    assert score(arrangement, arrangement.context, "", True) == Score(correct=True, misled=False, abstained=True)
    assert score(arrangement, arrangement.context, "It was Bell.", False) == Score(
        correct=False, hallucinated=True, misled=False
    )


def test_long_references() -> None:
    case = CASE.model_copy(update={"references": ("Bell invented the telephone",)})
    arrangement = arrange(case, 3, "first")
    found = score(arrangement, arrangement.context, "Bell invented the telephone.", False)
    assert found.rouge_l == 1.0
    assert found.bleu == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)  # the dot is a token to sacreBLEU
    short = score(arrangement, arrangement.context, "Bell", False)
    assert short.rouge_l == pytest.approx(0.4)


def test_chinese() -> None:
    case = Case(
        id="c",
        question="谁写了《红楼梦》？",
        facts=(("曹雪芹",),),
        gold=(Document(id="g", text="《红楼梦》由曹雪芹所写。"),),
        distractors=(Document(id="x", text="《西游记》由吴承恩所写。"),),
    )
    arrangement = arrange(case, 2, "first")
    assert score(arrangement, arrangement.context, "作者是 曹雪芹。", False).correct
    copied, invented = (score(arrangement, arrangement.context, name, False) for name in ("吴承恩", "施耐庵"))
    assert (copied.correct, copied.hallucinated) == (False, False)
    assert (invented.correct, invented.hallucinated) == (False, True)

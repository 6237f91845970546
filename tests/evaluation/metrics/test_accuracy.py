from __future__ import annotations

import pytest

from ctxshape import Context, Document
from ctxshape.core.types import Span
from ctxshape.evaluation.cases import Arrangement, Case, Facts, arrange
from ctxshape.evaluation.metrics.accuracy import (
    best_subspan_em,
    cjk_subspan_em,
    correct,
    evidence_kept,
    fact_coverage,
    first_line,
    misled,
    normalize_squad,
    stands_for,
    subspan_em,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The quick, brown fox.", "quick brown fox"),
        ("  A\tman\n an  ant the ", "man ant"),
        ("an-other", "another"),  # marks go first, so no word "an" is left
        ("a-the", "athe"),
        ("Theatre; panda; A.", "theatre panda"),
        ("U.S.A.", "usa"),
        ("$1,000.50 (50%)", "100050 50"),
        ("Café “Zoë” — naïve", "café “zoë” — naïve"),  # only ASCII marks go
        ("İzmir", "i̇zmir"),
        ("ＴＨＥ １", "ｔｈｅ １"),  # no Unicode folding
        ("a\u0300 la", "a\u0300 la"),  # an "à" of two characters is no article
        ("a man’s", "man’s"),
        ("", ""),
        ("the", ""),
    ],
)
def test_squad_normalisation_by_hand(text: str, normal: str) -> None:
    assert normalize_squad(text) == normal


@pytest.mark.parametrize(
    ("text", "line"),
    [("Paris\nLyon", "Paris"), ("  Paris \r\nLyon", "Paris"), ("\nParis", ""), ("Paris", "Paris"), ("", "")],
)
def test_first_line(text: str, line: str) -> None:
    assert first_line(text) == line


@pytest.mark.parametrize(
    ("prediction", "answers", "value"),
    [
        ("Wilhelm Conrad Röntgen.", ["Wilhelm Conrad Röntgen"], 1.0),
        ("It was the  Röntgen, Wilhelm", ["Curie", "röntgen wilhelm"], 1.0),
        ("an apple on a tree", ["apple on the tree"], 1.0),
        ("14 December 1972 UTC", ["14 December 1972 UTC", "December 1972"], 1.0),
        ("December 14, 1972", ["14 December 1972"], 0.0),
        ("U.S. Navy", ["us navy"], 1.0),
        ("It's 3.5 km", ["35 km"], 1.0),  # the mark inside a number goes as well
        ("Rontgen", ["Röntgen"], 0.0),  # an accent is a letter
        ("Yorkshire", ["York"], 1.0),  # a part of a word matches
        ("Paris", ["The"], 1.0),  # nothing is left of the answer, and nothing stands in anything
        ("", ["..."], 1.0),
        ("", ["Paris"], 0.0),
        ("Paris", [], 0.0),
    ],
)
def test_published_measure_by_hand(prediction: str, answers: list[str], value: float) -> None:
    assert best_subspan_em(prediction, answers) == value


@pytest.mark.parametrize(
    ("prediction", "answers", "value"),
    [
        ("答案是北京。", ["北京"], 1.0),
        ("北 京 市", ["北京市"], 1.0),
        ("约翰·史密斯（John Smith）", ["约翰史密斯"], 1.0),
        ("《红楼梦》的作者", ["红楼梦的作者"], 1.0),
        ("１９９８年３月", ["1998年3月"], 1.0),
        ("1998 年", ["1998年"], 1.0),
        ("共1,000人", ["1000人"], 1.0),
        ("1000000 元", ["1,000,000元"], 1.0),
        ("圆周率是3.14。", ["314"], 0.0),
        ("圆周率是3.14。", ["3.14"], 1.0),
        ("比分3:2", ["3：2"], 1.0),
        ("1999—2001年", ["1999-2001年"], 1.0),
        ("一九九八年", ["1998年"], 0.0),  # Chinese numerals are other characters
        ("乐队The Beatles的歌", ["the Beatles"], 1.0),
        ("披头士乐队（Beatles）", ["The Beatles"], 1.0),
        ("富含维生素B", ["维生素A"], 0.0),  # this A is no article
        ("使用 New York 时间", ["New  York时间"], 1.0),
        ("ソニー・グループ", ["ソニーグループ"], 1.0),
        ("上海", ["北京"], 0.0),
        ("上海", ["。"], 0.0),
        ("", ["北京"], 0.0),
    ],
)
def test_cjk_measure_by_hand(prediction: str, answers: list[str], value: float) -> None:
    assert cjk_subspan_em(prediction, answers) == value


@pytest.mark.parametrize(
    ("prediction", "answers", "value"),
    [
        ("It is 3.5", ["35"], 1.0),  # English: as published
        ("长度为3.5公里", ["35"], 0.0),  # Chinese: 3.5 stays a number
        ("１９９８。年度的报告", ["1998"], 1.0),
        ("The capital, Beijing (北京), is old", ["the Beijing"], 1.0),  # some characters make no Chinese prediction
        ("Great Wall", ["长城", "the Great Wall"], 1.0),
        ("见《长 城》", ["Great Wall", "长城"], 1.0),
        ("Great Wall (长 城)", ["长城"], 1.0),
        ("Great Hall", ["长城", "the Great Wall"], 0.0),
        ("Paris", [], 0.0),
    ],
)
def test_each_answer_in_its_own_form(prediction: str, answers: list[str], value: float) -> None:
    assert subspan_em(prediction, answers) == value


TWO: Facts = (("Bell", "A. G. Bell"), ("1876",))


@pytest.mark.parametrize(
    ("text", "facts", "share"),
    [
        ("Bell", (), None),
        ("Bell in 1876", TWO, 1.0),
        ("Bell\n1876", TWO, 1.0),  # several facts: every line is read
        ("In 1876", TWO, 0.5),
        ("Gray", TWO, 0.0),
        ("Gray\nBell", TWO[:1], 0.0),  # one fact: its first line
        ("北京和上海", (("北京",), ("广州",), ("上海",)), 2 / 3),
    ],
)
def test_coverage(text: str, facts: Facts, share: float | None) -> None:
    assert fact_coverage(text, facts) == share


def laid(facts: Facts = (("Bell",),), needed: int = 1, wrong: tuple[str, ...] = (), noise: float | None = None) -> Arrangement:
    gold = (Document(id="g1", text="Bell invented the telephone."), Document(id="g2", text="It was patented in 1876."))
    rest = (Document(id="x1", text="Gray invented the telephone."), Document(id="x2", text="Edison made lamps."))
    case = Case(id="c", question="Who?", facts=facts, gold=gold, distractors=rest, needed=needed, wrong=wrong)
    return arrange(case, 2 if noise else 3 if needed > 1 else 2, "first", noise)


def test_correct() -> None:
    assert correct(laid(), "It was Bell.", False)
    assert not correct(laid(), "It was Gray.", False)
    assert not correct(laid(), "", True)
    assert not correct(laid(facts=TWO, needed=2), "Bell", False)
    assert correct(laid(facts=TWO, needed=2), "Bell\n1876", False)


@pytest.mark.parametrize("arrangement", [laid(facts=()), laid(noise=1.0)])
def test_abstaining_is_right_where_nothing_answers(arrangement: Arrangement) -> None:
    assert not arrangement.answerable
    assert correct(arrangement, "", True)
    assert not correct(arrangement, "Bell", False)


def test_misled() -> None:
    arrangement = laid(wrong=("Gray", "Meucci"))
    assert misled(arrangement, "It was Gray.", False) is True
    assert misled(arrangement, "It was Edison.", False) is False
    assert misled(arrangement, "Not Gray but Bell.", False) is False  # correct
    assert misled(arrangement, "It may be Gray.", True) is False  # abstained
    assert misled(arrangement, "It was Meucci.", False) is False  # no passage says so
    assert misled(laid(wrong=("Meucci",)), "It was Meucci.", False) is None
    assert misled(laid(), "It was Gray.", False) is None
    assert misled(laid(facts=(), wrong=("Gray",)), "It was Gray.", False) is True


def test_what_a_document_stands_for() -> None:
    summary = Document(id="s", text="t", kind="rewrite", spans=(Span(document="a", start=0, end=1),), duplicates=("b",))
    assert stands_for(summary) == {"s", "a", "b"}


def shaped(arrangement: Arrangement, *documents: Document) -> Context:
    return arrangement.context.keep(documents)


def test_evidence_stands_in_what_is_left_of_gold() -> None:
    arrangement = laid()
    gold, other = arrangement.documents
    assert evidence_kept(arrangement, arrangement.context) is True
    assert evidence_kept(arrangement, shaped(arrangement, gold.model_copy(update={"text": "… Bell"}), other)) is True
    assert evidence_kept(arrangement, shaped(arrangement, gold.model_copy(update={"text": "It was invented."}), other)) is False
    assert evidence_kept(arrangement, shaped(arrangement, other)) is False
    assert evidence_kept(arrangement, shaped(arrangement)) is False
    assert evidence_kept(laid(facts=()), arrangement.context) is None
    assert evidence_kept(laid(noise=1.0), arrangement.context) is None


def test_evidence_in_copies_and_summaries() -> None:
    arrangement = laid()
    copy = Document(id="d2", text="Graham Bell, inventor.", duplicates=("d1",))
    assert evidence_kept(arrangement, shaped(arrangement, copy)) is True
    assert evidence_kept(arrangement, shaped(arrangement, copy.model_copy(update={"duplicates": ()}))) is False  # by chance
    summary = Document(id="s", text="Bell did.", kind="rewrite", spans=(Span(document="d1", start=0, end=4),))
    assert evidence_kept(arrangement, shaped(arrangement, summary)) is True
    assert evidence_kept(arrangement, shaped(arrangement, summary.model_copy(update={"text": "Gray did."}))) is False


def test_each_fact_stands_inside_one_document() -> None:
    arrangement = laid(facts=(("Bell",), ("1876",)), needed=2)
    first, second, _ = arrangement.documents
    assert evidence_kept(arrangement, arrangement.context) is True
    assert evidence_kept(arrangement, shaped(arrangement, first)) is False
    torn = laid(facts=(("telephone. It was",),), needed=2)
    assert evidence_kept(torn, shaped(torn, first, second)) is False


def test_evidence_in_chinese() -> None:
    case = Case(id="c", question="谁？", facts=(("曹雪芹",),), gold=(Document(id="g", text="作者是曹 雪芹。"),))
    arrangement = arrange(case, 1, "first")
    assert evidence_kept(arrangement, arrangement.context) is True

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape import BudgetTooSmall, ConfigError, Context, DropDuplicates, ModelError, Passage
from ctxshape.core.component import Component
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Scores, TokenCounter
from ctxshape.core.tokens import EstimateCounter, TiktokenCounter
from ctxshape.evidence.probability import EvidenceWeights
from ctxshape.scorers.bm25 import Bm25
from ctxshape.testing import ScriptedBackend, check_transform
from ctxshape.transforms.evidence import KeepEvidence

ONLY_SENTENCES = EvidenceWeights(document=0.0, sentence=1.0, asked=0.0, length=0.0)


class Table(Component):
    """Gives a text the sum of the scores of the words it holds."""

    scores: dict[str, float]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([sum(s for word, s in self.scores.items() if word in text) for text in texts], dtype=np.float64)


class Nothing(Component):
    """Gives every text the same score."""

    value: float = 0.0

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.full(len(texts), self.value)


TEN = [f"Word{number} is here." for number in range(10)]


def kept(shaped: Context) -> list[str]:
    return [document.text for document in shaped.documents]


def test_an_easy_question_keeps_less_than_a_hard_one() -> None:
    # One of ten stands out by 9 / 3 = 3 standard deviations: 0.7 and more of the mass. Ten steps are spread wide.
    easy = KeepEvidence(scorers=(Table(scores={"Word3": 5.0}),), mass=0.7, weights=ONLY_SENTENCES)
    hard = KeepEvidence(scorers=(Table(scores={f"Word{n}": float(n) for n in range(10)}),), mass=0.7, weights=ONLY_SENTENCES)
    assert kept(easy(Context.of("word", TEN))) == ["Word3 is here."]
    assert kept(hard(Context.of("word", TEN))) == ["Word9 is here.", "Word8 is here.", "Word7 is here.", "Word6 is here."]


def test_a_document_score_is_its_part_of_the_evidence_and_reasons_name_it() -> None:
    step = KeepEvidence(scorers=(Table(scores={"Word3": 5.0}),), mass=0.7, weights=ONLY_SENTENCES)
    shaped = step(Context.of("word", TEN))
    expected = np.exp(3.0) / (np.exp(3.0) + 9 * np.exp(-1 / 3))
    assert shaped.documents[0].score == pytest.approx(expected)
    rest = (1 - expected) / 9
    assert shaped.dropped == {
        f"d{n + 1}": f"it has {rest:.2%} of the evidence; 70% is reached without it" for n in range(10) if n != 3
    }
    assert shaped.sources["d4"].score is None


LIGHTHOUSE = [
    "The lighthouse on Cape Rosa was built in 1884. The lighthouse of Cape Rosa was built by masons, it is said.",
    "The lighthouse was built there, and the lighthouse on Cape Rosa was built in 1884 or so.",
    "Bread is baked from flour.",
    "The keeper Anna Bell designed the lamp.",
    "Ships come from the north.",
]
WIDE = [
    "玫瑰角灯塔建于1884年。玫瑰角灯塔建成那年，村里很热闹。",
    "据说玫瑰角灯塔建于1884年前后。",
    "面包用面粉烤成。",
    "设计灯具的是贝尔公司的安娜。",
    "船从北方来。",
]


@pytest.mark.parametrize(
    ("query", "one", "texts", "second"),
    [
        (
            "When was the lighthouse on Cape Rosa built, and who designed the lamp?",
            "When was the lighthouse on Cape Rosa built?",
            LIGHTHOUSE,
            "Anna Bell",
        ),
        ("玫瑰角灯塔建于哪一年，设计灯具的是谁？", "玫瑰角灯塔建于哪一年？", WIDE, "安娜"),
    ],
)
def test_a_question_of_several_parts_keeps_evidence_for_each(query: str, one: str, texts: list[str], second: str) -> None:
    whole, first = (" ".join(kept(KeepEvidence(mass=0.6)(Context.of(q, texts)))) for q in (query, one))
    assert "1884" in whole and second in whole
    assert "1884" in first and second not in first


def test_a_repeated_sentence_gives_way_to_another() -> None:
    texts = ["Cape Rosa tower: built 1884.", "Cape Rosa tower: built 1884!", "Cape Rosa lamp: lit at dusk."]
    table = Table(scores={"1884.": 3.0, "1884!": 2.9, "lamp": 2.6})
    context = Context.of("Cape Rosa", texts)
    budget = KeepEvidence(scorers=(table,), tokens=35, counter=EstimateCounter(), weights=ONLY_SENTENCES)
    assert kept(budget.model_copy(update={"variety": 0.0})(context)) == texts[:2]
    assert kept(budget.model_copy(update={"variety": 1.0})(context)) == [texts[0], texts[2]]


def test_the_order_is_that_of_the_evidence_or_as_given() -> None:
    context = Context.of("word", TEN)
    scorers = (Table(scores={"Word2": 1.0, "Word7": 3.0}),)
    best = KeepEvidence(scorers=scorers, mass=0.75, weights=ONLY_SENTENCES)(context)
    given = KeepEvidence(scorers=scorers, mass=0.75, weights=ONLY_SENTENCES, order="given")(context)
    assert [d.id for d in best.documents] == ["d8", "d3"]
    assert [d.id for d in given.documents] == ["d3", "d8"]
    assert {d.id: d.score for d in best.documents} == {d.id: d.score for d in given.documents}


def test_sentences_of_a_document_stay_in_their_order_with_true_spans() -> None:
    context = Context.of("q", ["Aa is one. Bb is two. Cc is three. Dd is four.", "Ee is five. Ff is six."])
    scorers = (Table(scores={"Cc": 3.0, "Aa": 2.0}),)
    shaped = KeepEvidence(scorers=scorers, mass=0.7, weights=ONLY_SENTENCES)(context)
    assert kept(shaped) == ["Aa is one. […] Cc is three."]
    assert shaped.quotes(shaped.documents[0]) == ("Aa is one.", "Cc is three.")
    assert shaped.notes == {"d1": "kept 2 of 4 sentences"}


def flat(shaped: Context) -> list[str]:
    return [" ".join(text.split()) for text in kept(shaped)]


PAGE = (
    "# Fees\n\nThe museum is big.\n\n| who | pays |\n|---|---|\n| child | 2 |\n| adult | 4 |\n\nClosed on:\n- Monday\n- Sunday"
)


@pytest.mark.parametrize(
    ("word", "text", "less"),
    [
        ("child", "# Fees […] | who | pays |\n|---|---|\n| child | 2 |", "| who | pays |\n|---|---|\n| child | 2 |"),
        ("adult", "# Fees […] | who | pays |\n|---|---|\n| adult | 4 | […]", "| who | pays |\n|---|---|\n| adult | 4 |\n\n[…]"),
        ("Sunday", "# Fees […] Closed on: […] - Sunday", "Closed on: […] - Sunday"),
        ("museum", "# Fees\n\nThe museum is big.", "The museum is big."),
    ],
)
def test_headings_table_heads_and_list_openings_come_along_within_the_budget(word: str, text: str, less: str) -> None:
    context = Context.of("q", [PAGE, "It rains."])
    step = KeepEvidence(
        scorers=(Table(scores={word: 1.0}),), mass=0.5, weights=EvidenceWeights(document=0, sentence=9, asked=0, length=0)
    )
    shaped = step(context)
    assert flat(shaped) == [" ".join(text.split())]
    cost = EstimateCounter().count_tokens(document_texts("q", shaped.documents)[0])
    exact = step.model_copy(update={"tokens": cost, "counter": EstimateCounter()})
    assert flat(exact(context)) == [" ".join(text.split())]
    tight = step.model_copy(update={"tokens": cost - 1, "counter": EstimateCounter()})
    assert flat(tight(context)) == [" ".join(less.split())]


COUNTERS = [EstimateCounter(), TiktokenCounter(), ScriptedBackend()]
MIXED: list[Passage] = [
    {"title": "Cape Rosa", "text": "The lighthouse was built in 1884. It is 31.5 m tall. Its lamp was made by A. Bell & Co."},
    {"title": "门票", "text": "门票价格如下：\n| 谁 | 付 |\n|---|---|\n| 儿童 | 2元 |\n\n周一闭馆。"},
    "A heading that is a good deal longer than its text\n\nHi.",
    "",
    "- Opened in 1885.\n- Painted in 1901; repainted later.",
]


@pytest.mark.parametrize("counter", COUNTERS, ids=repr)
@pytest.mark.parametrize("scorer", [Bm25(), Nothing()], ids=repr)
def test_the_budget_is_exact_from_the_smallest_upward(counter: TokenCounter, scorer: Bm25 | Nothing) -> None:
    context = Context.of("When was the lighthouse built?", MIXED)
    with pytest.raises(BudgetTooSmall) as caught:
        KeepEvidence(scorers=(scorer,), tokens=1, counter=counter)(context)
    smallest = int(re.findall(r"the smallest takes (\d+)", str(caught.value))[0])
    with pytest.raises(BudgetTooSmall, match=f" {smallest - 1} .* {smallest} "):
        KeepEvidence(scorers=(scorer,), tokens=smallest - 1, counter=counter)(context)
    for tokens in range(smallest, smallest + 140):
        shaped = KeepEvidence(scorers=(scorer,), tokens=tokens, counter=counter, mass=1.0)(context)
        used = sum(counter.count_tokens(text) for text in document_texts(context.query, shaped.documents))
        assert 0 < used <= tokens
        assert shaped.documents


def test_a_heading_never_keeps_its_sentence_out() -> None:
    context = Context.of("q", ["A heading that is a good deal longer than its text\n\nHi.", "x" * 600 + "."])
    assert kept(KeepEvidence(tokens=8, counter=EstimateCounter())(context)) == ["Hi."]


def test_a_budget_that_is_not_used_up_says_why_a_document_goes() -> None:
    step = KeepEvidence(scorers=(Table(scores={"Word3": 5.0}),), mass=0.7, tokens=500, weights=ONLY_SENTENCES)
    assert set(step(Context.of("word", TEN)).dropped.values()) == {"it has 2.70% of the evidence; 70% is reached without it"}
    tight = step.model_copy(update={"mass": 1.0, "tokens": 30, "counter": EstimateCounter()})(Context.of("word", TEN))
    assert set(tight.dropped.values()) == {"did not fit: it takes 10 tokens, 0 of 30 are left"}


@pytest.mark.parametrize("value", [0.0, 2.5, -1e300])
def test_where_nothing_is_told_all_stay_with_a_note(value: float) -> None:
    context = Context.of("word", TEN)
    shaped = KeepEvidence(scorers=(Nothing(value=value),), mass=0.1)(context)
    assert shaped.documents == context.documents
    assert set(shaped.notes.values()) == {"kept whole: no scorer tells one sentence from another"}
    assert len(shaped.notes) == 10


def test_where_nothing_is_told_a_budget_keeps_the_first_that_fit() -> None:
    shaped = KeepEvidence(scorers=(Nothing(),), tokens=30, counter=EstimateCounter())(Context.of("word", TEN))
    assert kept(shaped) == TEN[:3]  # "Document [1] Word0 is here.\n" is 10 estimated tokens


def test_a_query_that_shares_no_word_changes_nothing() -> None:
    context = Context.of("zebra", LIGHTHOUSE)
    assert KeepEvidence()(context).documents == context.documents


def test_empty_texts_and_empty_lists() -> None:
    some = KeepEvidence()(Context.of("When was it built?", ["", "It was built in 1884. Bread is baked.", " \n", "Ships."]))
    assert some.documents[0].id == "d2"
    assert {"d1", "d3"} <= set(some.dropped)
    none = Context.of("When was it built?", ["", " "])
    assert KeepEvidence()(none).documents == none.documents
    assert KeepEvidence(tokens=50)(none).documents == none.documents
    assert KeepEvidence(tokens=1)(none.keep([])).documents == ()


def test_one_document() -> None:
    only = Context.of("When was the tower built?", ["The tower was built in 1884."])
    assert kept(KeepEvidence()(only)) == ["The tower was built in 1884."]
    two = Context.of("When was the tower built?", ["Bread is baked. The tower was built in 1884. Ships come."])
    assert kept(KeepEvidence(mass=0.3)(two)) == ["The tower was built in 1884."]


def test_prior_scores_have_a_say() -> None:
    texts = ["Cape Rosa tower: lit.", "Cape Rosa tower: dim.", "Ships."]
    context = Context.of("Cape Rosa tower", [{"text": t, "score": s} for t, s in zip(texts, [0.1, 0.9, 0.1], strict=True)])
    assert kept(KeepEvidence(mass=0.3)(context)) == texts[:1]
    assert kept(KeepEvidence(mass=0.3, prior=True)(context)) == texts[1:2]
    unscored = Context.of("Cape Rosa tower", texts)
    assert KeepEvidence(prior=True)(unscored) == KeepEvidence()(unscored)


def test_what_an_earlier_step_made_is_cut_from_the_originals() -> None:
    context = Context.of("When was the tower built?", ["Ships come. The tower was built in 1884. Bread is baked.", "Ships."])
    twice = Pipeline(KeepEvidence(mass=0.9), DropDuplicates(), KeepEvidence(mass=0.3))(context)
    assert kept(twice) == ["The tower was built in 1884."]
    assert twice.quotes(twice.documents[0]) == ("The tower was built in 1884.",)


def test_scores_that_are_not_finite_are_an_error() -> None:
    with pytest.raises(ModelError, match="Nothing.* 10 .* 10 texts"):
        KeepEvidence(scorers=(Nothing(value=float("nan")),))(Context.of("word", TEN))


@pytest.mark.parametrize(
    "wrong",
    [{"mass": 0.0}, {"mass": 1.1}, {"tokens": 0}, {"variety": -0.1}, {"order": "best"}, {"scorers": ()}, {"scorers": (1,)}]
    + [{"among": among} for among in (0, (), (4, 0))],
)
def test_wrong_parameters_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        KeepEvidence(**wrong)


@settings(deadline=None)  # a busy machine is not a slow function
@given(st.permutations(range(10)), st.sampled_from([0.3, 0.6, 0.9, 1.0]), st.sampled_from([None, 60]))
def test_the_order_of_the_documents_does_not_change_what_is_kept(order: list[int], mass: float, tokens: int | None) -> None:
    texts = [f"Word{n} is here. Bread number {n} is baked." for n in range(10)]
    table = Table(scores={f"Word{n}": 1.5**n for n in range(10)} | {f"Bread number {n}": 0.01 * 1.3**n for n in range(10)})
    step = KeepEvidence(scorers=(table,), mass=mass, tokens=tokens, counter=EstimateCounter())
    documents = [{"id": str(n), "text": texts[n]} for n in range(10)]
    straight = step(Context.of("word", documents))
    mixed = step(Context.of("word", [documents[n] for n in order]))
    assert [(d.id, d.text) for d in mixed.documents] == [(d.id, d.text) for d in straight.documents]


@pytest.mark.parametrize(
    "step",
    [
        KeepEvidence(),
        KeepEvidence(mass=0.4, order="given"),
        KeepEvidence(tokens=60, counter=EstimateCounter()),
        KeepEvidence(scorers=(Bm25(), Table(scores={"1884": 1.0, "灯": 1.0})), variety=1.0),
        KeepEvidence(scorers=(Nothing(),), tokens=60),
        KeepEvidence(rerank_depth=(20, 4)),
    ],
    ids=repr,
)
def test_the_contract(step: KeepEvidence) -> None:
    check_transform(step)


def test_one_long_document_takes_time_in_proportion() -> None:
    # 3,000 sentences in one text: its text is put together once, not at every sentence (it would be 4.5 million joins).
    text = " ".join(f"Word{n} is {n % 7} here." for n in range(3000))
    shaped = KeepEvidence(mass=1.0, scorers=(Table(scores={"is 3": 1.0}),))(Context.of("word", [text]))
    assert shaped.documents[0].text == text


def test_the_best_sentence_stays_even_where_it_alone_takes_more() -> None:
    long = (
        "The lighthouse was built in 1884 " + "by many hands and with much care " * 16 + "at last."
    )  # one unit has 600 columns at most
    context = Context.of("When was the lighthouse built?", [long, "A lighthouse shines at night."])
    with pytest.raises(BudgetTooSmall):
        KeepEvidence(tokens=4)(context)
    shaped = KeepEvidence(tokens=60, at_least_one=True)(context)
    assert [document.text for document in shaped.documents] == [long]

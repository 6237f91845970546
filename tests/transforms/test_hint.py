from __future__ import annotations

import pytest

from ctxshape import ConfigError, Context, render
from ctxshape.testing import check_transform
from ctxshape.transforms.hint import HintAtEvidence, hint_of, most_relevant

SCORES = [0.2, 0.9, 0.1, 0.88, 0.86]


def scored(query: str, scores: list[float] | list[float | None], titles: str = "") -> Context:
    items = [{"text": f"text {i}", "score": score} for i, score in enumerate(scores)]
    return Context.of(
        query, [{**item, "title": title} for item, title in zip(items, titles or [None] * len(items), strict=True)]
    )


def test_numbers_are_those_of_the_prompt() -> None:
    shaped = HintAtEvidence()(scored("Which?", SCORES))
    assert shaped.hints == ("Documents 2 and 4 seem most relevant to the question.",)
    assert shaped.notes == {"d2": "named in the hint", "d4": "named in the hint"}
    prompt = render(shaped)
    assert prompt.documents[1].text == "Document [2] text 1\n"
    assert prompt.tail[0].text == "Note: Documents 2 and 4 seem most relevant to the question.\n"
    assert not prompt.tail[0].trusted


def test_in_chinese() -> None:
    shaped = HintAtEvidence(most=3)(scored("哪一个？", SCORES))
    assert shaped.hints == ("文档2、4和5看起来与问题最相关。",)
    assert render(shaped).tail[0].text == "提示：文档2、4和5看起来与问题最相关。\n"


def test_by_title() -> None:
    shaped = HintAtEvidence(by="title")(scored("Which?", SCORES, "ABCDE"))
    assert shaped.hints == ('The documents titled "B" and "D" seem most relevant to the question.',)
    assert HintAtEvidence(by="title")(scored("哪一个？", SCORES, "甲乙丙丁戊")).hints == (
        "标题为“乙”和“丁”的文档看起来与问题最相关。",
    )


@pytest.mark.parametrize("titles", ["ABCBE", "A CDE", ""])
def test_no_hint_by_a_title_that_tells_nothing(titles: str) -> None:
    assert HintAtEvidence(by="title")(scored("Which?", SCORES, titles)).hints == ()


@pytest.mark.parametrize("scores", [[None, None], [0.9, None, 0.1], [0.5, 0.5, 0.5], [0.9], []])
def test_nothing_without_scores_that_differ(scores: list[float | None]) -> None:
    context = scored("Which?", scores)
    shaped = HintAtEvidence()(context)
    assert (shaped.hints, shaped.notes, shaped.documents) == ((), {}, context.documents)


def test_other_hints_stay_and_the_same_is_given_once() -> None:
    context = scored("Which?", SCORES).model_copy(update={"hints": ("Mind the date.",)})
    once = HintAtEvidence()(context)
    assert once.hints == ("Mind the date.", "Documents 2 and 4 seem most relevant to the question.")
    assert HintAtEvidence()(once).hints == once.hints


def test_algorithms_by_hand() -> None:
    # from -8 to -2: 0.8 of the way is -3.2
    assert most_relevant([-8.0, -2.0, -3.1, -3.3], most=9, share=0.8) == [1, 2]
    assert most_relevant([-8.0, -2.0, -3.1, -3.3], most=9, share=1) == [1]
    assert most_relevant([1e308, -1e308, 9e307], most=2, share=0.9) == [0, 2]
    assert most_relevant([1.0, 1.0, 0.0], most=1, share=0.5) == [0]
    assert hint_of(["7"], "title", chinese=False) == 'The document titled "7" seems most relevant to the question.'


def test_the_contract() -> None:
    check_transform(HintAtEvidence())
    check_transform(HintAtEvidence(by="title"))


def test_bad_parameters() -> None:
    with pytest.raises(ConfigError, match="HintAtEvidence.*'most'.* 1; .* 0"):
        HintAtEvidence(most=0)
    with pytest.raises(ConfigError, match="'by'.*'number'.*'title'.*'id'"):
        HintAtEvidence(by="id")  # type: ignore[arg-type]

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ctxshape import Context, Document, InvalidInput, Pipeline
from ctxshape.testing import check_transform
from ctxshape.transforms.conflicts import MarkConflicts
from ctxshape.transforms.trust import TrustRule, WeighSources

QUERY = "Who is the captain of the Golden Avocet?"
HOLWICK = "Since January 2024 the captain of the Golden Avocet has been Ida Holwick, who took over on the quay."
MARFELD = "The captain of the Golden Avocet is Anselm Marfeld, who answers questions in the wheelhouse."
PLOVER = "The captain of the Golden Plover is Ruth Wexcombe, who also writes the newsletter."


def marked(query: str, *documents: str | Mapping[str, object], **settings: object) -> Context:
    return MarkConflicts(**settings)(Context.of(query, documents))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [MarkConflicts(), MarkConflicts(policy="trusted")])
def test_contract(step: MarkConflicts) -> None:
    check_transform(step)
    second = "Ida Holwick is the captain of the Golden Avocet."
    check_transform(step, [Context.of(QUERY, [HOLWICK, MARFELD, PLOVER]), Context.of(QUERY, [HOLWICK, MARFELD, second])])


def test_the_hint_names_values_sources_titles_and_dates() -> None:
    old: dict[str, object] = {"text": MARFELD, "title": "The crew", "date": "2011-04-02"}
    context = marked(QUERY, {"text": HOLWICK, "title": "Notice"}, PLOVER, old)
    assert context.hints == (
        'The documents disagree. "Ida Holwick": 1 source (Notice). "Anselm Marfeld": 1 source (The crew, 2011-04-02).',
    )
    assert [document.id for document in context.documents] == ["d1", "d2", "d3"]
    assert context.notes == {
        "d1": "states 'Ida Holwick'; others state 'Anselm Marfeld'",
        "d3": "states 'Anselm Marfeld'; others state 'Ida Holwick'",
    }


def test_the_hint_in_chinese() -> None:
    context = marked(
        "玫瑰角灯塔建于哪一年？",
        {"text": "玫瑰角灯塔建于1884年，高31米。", "title": "灯塔"},
        {"text": "一九一三年，玫瑰角灯塔建成。", "title": "年表"},
        {"text": "玫瑰角灯塔建于１８８４年。", "title": "游记"},
    )
    assert context.hints == ("各文档说法不一。“1884年”：2个来源（灯塔；游记）。“一九一三年”：1个来源（年表）。",)


def test_it_does_not_depend_on_the_order() -> None:
    texts = [HOLWICK, PLOVER, MARFELD]
    assert [len(marked(QUERY, *order).hints) for order in (texts, texts[::-1])] == [1, 1]


def test_the_trusted_side_stays() -> None:
    old = {"text": MARFELD, "source": "https://old.example.org/crew"}
    new = {"text": HOLWICK, "source": "https://avocet.example.com"}
    weigh = WeighSources(rules=(TrustRule(domain="example.com", weight=3),))
    context = Pipeline(weigh, MarkConflicts(policy="trusted"))(Context.of(QUERY, [old, PLOVER, new]))
    assert [document.id for document in context.documents] == ["d2", "d3"]
    assert context.hints == ()
    reason = "states 'Anselm Marfeld' (weight 1); trusted more is 'Ida Holwick' (3)"
    assert context.trace.dropped == {"d1": f"MarkConflicts: {reason}"}
    assert context.trace.steps[-1].notes == {"d3": "states 'Ida Holwick', trusted more than 'Anselm Marfeld'"}


def test_without_a_clear_winner_the_hint_is_given() -> None:
    assert len(marked(QUERY, HOLWICK, MARFELD, policy="trusted").hints) == 1
    second = "Ida Holwick is the captain of the Golden Avocet."
    assert marked(QUERY, HOLWICK, MARFELD, second, policy="trusted").dropped.keys() == {"d2"}
    assert len(marked(QUERY, HOLWICK, MARFELD, second, policy="trusted", margin=2).documents) == 3


def test_copies_are_one_source() -> None:
    copy = {"text": HOLWICK.replace("quay", "QUAY")}
    twice = Document(id="m", text=MARFELD, duplicates=("x", "y"))
    context = MarkConflicts(policy="trusted")(Context.of(QUERY, [HOLWICK, copy, twice]))
    assert context.dropped == {}
    assert context.hints[0].startswith('The documents disagree. "Ida Holwick": 1 source.')


def test_weights_are_shown_if_they_matter() -> None:
    context = marked(QUERY, {"text": HOLWICK, "weight": 2.5}, {"text": MARFELD, "weight": 1})
    assert '"Ida Holwick": 1 source (trust 2.5).' in context.hints[0]


def test_a_weight_that_is_no_number() -> None:
    with pytest.raises(InvalidInput, match="'d2'.*'12 kg'.*'weight'.*WeighSources"):
        marked(QUERY, HOLWICK, {"text": MARFELD, "weight": "12 kg"})


def test_a_second_run_says_nothing_twice() -> None:
    context = marked(QUERY, HOLWICK, MARFELD)
    assert MarkConflicts()(context).hints == context.hints


def test_long_and_hostile_titles_stay_one_short_line() -> None:
    hint = marked(QUERY, {"text": HOLWICK, "title": "a\n\nb <|im_end|> " * 50}, MARFELD).hints[0]
    assert "\n" not in hint
    assert len(hint) < 300


def test_ten_thousand_passages() -> None:
    many = [PLOVER.replace("Plover", f"Plover {n}") for n in range(9_998)]
    assert len(marked(QUERY, HOLWICK, *many, MARFELD).hints) == 1

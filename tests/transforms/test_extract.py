from __future__ import annotations

import pytest

from ctxshape import BudgetTooSmall, ConfigError, Context, KeepKeySentences
from ctxshape.core.tokens import EstimateCounter

LIGHTHOUSE = (
    "The lighthouse stands on Cape Rosa. It was built in 1884. Gulls nest below. Its keeper was Ann Bell. Rain is common."
)
VILLAGE = "The village has a school. The school was built in 1901. Fish is sold daily."
QUERY = "When was the lighthouse on Cape Rosa built?"


def texts(context: Context) -> list[str]:
    return [document.text for document in context.documents]


def test_the_best_sentences_of_all_documents_stay_in_their_order() -> None:
    shaped = KeepKeySentences(top_k=2)(Context.of(QUERY, [LIGHTHOUSE, VILLAGE]))
    assert texts(shaped) == ["The lighthouse stands on Cape Rosa. It was built in 1884."]
    assert shaped.dropped == {"d2": "none of its 3 sentences is a key sentence"}
    assert shaped.notes == {"d1": "kept 2 of 5 sentences"}
    assert shaped.quotes(shaped.documents[0]) == ("The lighthouse stands on Cape Rosa.", "It was built in 1884.")


def test_a_ratio_of_each_document() -> None:
    shaped = KeepKeySentences(ratio=0.4, scope="document")(Context.of(QUERY, [LIGHTHOUSE, VILLAGE]))
    assert texts(shaped) == [
        "The lighthouse stands on Cape Rosa. It was built in 1884.",
        "The village has a school. The school was built in 1901.",
    ]


def test_neighbours_bring_what_a_pronoun_refers_to() -> None:
    text = "Mary Smith was a chemist. She won a prize in 1903. The weather was mild. Birds sang."
    shaped = KeepKeySentences(top_k=1, neighbours=1)(Context.of("Who won the prize?", [text]))
    assert texts(shaped) == ["Mary Smith was a chemist. She won a prize in 1903. The weather was mild."]


def test_gaps_are_closed_with_one_blank() -> None:
    context = Context.of("lighthouse keeper", [LIGHTHOUSE])
    assert texts(KeepKeySentences(top_k=2)(context)) == ["The lighthouse stands on Cape Rosa. […] Its keeper was Ann Bell."]


def test_a_title_counts_for_every_sentence() -> None:
    documents = [{"title": "Cape Rosa lighthouse", "text": "Built in 1884."}, {"title": "Harbour", "text": "Built in 1923."}]
    assert texts(KeepKeySentences(top_k=1)(Context.of("When was the lighthouse built?", documents))) == ["Built in 1884."]


def test_a_token_budget_takes_what_fits_best_first() -> None:
    # Estimated tokens: "It was built in 1884." 6, "The lighthouse stands on Cape Rosa." 8.
    shaped = KeepKeySentences(tokens=14, counter=EstimateCounter())(Context.of(QUERY, [LIGHTHOUSE]))
    assert texts(shaped) == ["The lighthouse stands on Cape Rosa. It was built in 1884."]
    smaller = KeepKeySentences(tokens=8, counter=EstimateCounter())(Context.of(QUERY, [LIGHTHOUSE]))
    assert texts(smaller) == ["The lighthouse stands on Cape Rosa."]
    with pytest.raises(BudgetTooSmall, match=" 3 .* 4;"):
        KeepKeySentences(tokens=3, counter=EstimateCounter())(Context.of(QUERY, [LIGHTHOUSE]))


def test_chinese_sentences_are_found_by_pairs_of_characters() -> None:
    text = "玫瑰角有一座灯塔。灯塔建于一八八四年；高三十米。附近有海鸥。"
    shaped = KeepKeySentences(top_k=1)(Context.of("灯塔建于哪一年？", [text, "渔村有一所学校。"]))
    assert texts(shaped) == ["灯塔建于一八八四年；"]
    assert shaped.quotes(shaped.documents[0]) == ("灯塔建于一八八四年；",)


def test_a_query_that_shares_nothing_drops_nothing() -> None:
    context = Context.of("灯塔是哪年建的？", [LIGHTHOUSE])
    shaped = KeepKeySentences(top_k=1)(context)
    assert shaped.documents == context.documents
    assert shaped.notes == {"d1": "kept whole: no sentence shares a word with the query"}


def test_a_document_that_is_kept_whole_is_the_same() -> None:
    context = Context.of(QUERY, [LIGHTHOUSE])
    assert KeepKeySentences(ratio=1.0)(context).documents[0] is context.documents[0]


def test_the_document_of_a_sentence_counts() -> None:
    documents = ["The bridge was built in 1950. It is long.", LIGHTHOUSE]
    shaped = KeepKeySentences(top_k=3)(Context.of(QUERY, documents))
    assert texts(shaped) == ["The lighthouse stands on Cape Rosa. It was built in 1884. Gulls nest below."]


def test_one_measure_at_a_time() -> None:
    with pytest.raises(ConfigError, match=r"top_k is 1, ratio is 0\.5"):
        KeepKeySentences(top_k=1, ratio=0.5)
    with pytest.raises(ConfigError, match="'top_k'.* 1; .* 0"):
        KeepKeySentences(top_k=0)


def test_a_row_brings_its_head() -> None:
    table = "| who | pays |\n|---|---|\n| child | 1 euro |\n| adult | 2 euros |\n| dog | nothing |"
    shaped = KeepKeySentences(top_k=1)(Context.of("What does an adult pay?", [table]))
    assert shaped.documents[0].text == "| who | pays |\n|---|---|\n| adult | 2 euros |\n\n[…]"

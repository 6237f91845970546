from __future__ import annotations

from ctxshape import Context, DropEmpty, Passage, RankByRelevance

DOCUMENTS: list[Passage] = [
    "Berlin is in Germany.",
    {"title": "Paris", "text": "It is the capital of France."},
    "Lyon is in France.",
]


def test_best_first_with_scores() -> None:
    shaped = RankByRelevance()(Context.of("What is the capital of France?", DOCUMENTS))
    assert [d.id for d in shaped.documents] == ["d2", "d3", "d1"]
    assert [d.score is not None and d.score > 0 for d in shaped.documents] == [True, True, False]
    assert shaped.sources["d1"].score is None


def test_top_names_the_rank_of_what_goes() -> None:
    shaped = RankByRelevance(top=1)(Context.of("What is the capital of France?", DOCUMENTS))
    assert shaped.dropped == {"d3": "rank 2 of 3, below the best 1", "d1": "rank 3 of 3, below the best 1"}


def test_a_query_that_shares_nothing_changes_nothing() -> None:
    assert [d.id for d in RankByRelevance()(Context.of("什么？", DOCUMENTS)).documents] == ["d1", "d2", "d3"]


def test_empty_documents_go() -> None:
    shaped = DropEmpty()(Context.of("q", ["", "a", {"title": "T", "text": "\n"}]))
    assert [d.id for d in shaped.documents] == ["d2"]
    assert shaped.dropped == {"d1": "its text is empty", "d3": "its text is empty"}

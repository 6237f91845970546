"""Where the gold passages stand in a list: Recall@k, reciprocal rank, nDCG@k. The sole user of ir-measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ctxshape.core.ranking import best_first
from ctxshape.core.types import Document
from ctxshape.errors import MissingExtra
from ctxshape.evaluation.cases import Layout
from ctxshape.evaluation.metrics.accuracy import gold_ids, stands_for


def ranking(layout: Layout, documents: Sequence[Document]) -> dict[str, float]:
    """`recall@1`, `recall@3`, `recall@5`, `rr` and `ndcg@10` of the gold passages among documents, most relevant first.

    The list is by score where every document has one, else as it stands. A gold passage is found at the first document
    that is it, stands for it as a copy, or has a span of it; one that is not in the list is not found. A document that
    stands for several has their number as its gain in nDCG (Järvelin and Kekäläinen 2002). Empty where nothing answers.
    Raises MissingExtra without ir-measures (extra "bench").
    """
    if not layout.answerable:
        return {}
    listed = [stands_for(documents[index]) for index in best_first(documents)]
    return dict(_figures(tuple(_place(gold, listed) for gold in gold_ids(layout))))


def _place(gold: str, listed: Sequence[frozenset[str]]) -> int | None:
    """The place of the first document that stands for an id, counted from 1."""
    return next((place for place, ids in enumerate(listed, 1) if gold in ids), None)


@cache  # few places occur, and thousands of records share them
def _figures(places: tuple[int | None, ...]) -> dict[str, float]:
    """The figures for gold passages found at places counted from 1, None for one that was not found."""
    try:
        from ir_measures import RR, R, iter_calc, nDCG
    except ImportError:
        raise MissingExtra.of("The ranking of gold passages", "ir-measures", "bench") from None
    names = {R @ 1: "recall@1", R @ 3: "recall@3", R @ 5: "recall@5", RR: "rr", nDCG @ 10: "ndcg@10"}
    ids = [f"lost {number}" if place is None else f"place {place}" for number, place in enumerate(places)]
    # Several passages may be found in one document, which trec_eval takes for one relevant item. So Recall is the mean
    # over queries that look for one passage each; the query "all" is for the rest.
    wanted = {"all": {id: ids.count(id) for id in ids}} | {str(number): {id: 1} for number, id in enumerate(ids)}
    last = max((place for place in places if place is not None), default=0)
    run = {query: {f"place {place}": float(-place) for place in range(1, last + 1)} for query in wanted}
    figures = dict.fromkeys(names.values(), 0.0)
    for query, measure, value in iter_calc(list(names), wanted, run):
        if (query == "all") != (measure.NAME == "R"):
            figures[names[measure]] += value / (len(places) if measure.NAME == "R" else 1)
    return figures

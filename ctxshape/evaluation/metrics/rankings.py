"""Ranking metrics of the gold passages in a list: Recall@k, reciprocal rank, nDCG@k. Only this module uses ir-measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ctxshape.core.ranking import best_first
from ctxshape.core.types import Document
from ctxshape.errors import MissingExtra
from ctxshape.evaluation.cases import Arrangement
from ctxshape.evaluation.metrics.accuracy import gold_ids, stands_for


def ranking(arrangement: Arrangement, documents: Sequence[Document]) -> dict[str, float]:
    """Returns `recall@1`, `recall@3`, `recall@5`, `rr` and `ndcg@10` of the gold passages in a list of documents.

    Documents rank by score if every one has a score, else in their given order. The rank of a gold passage is that of the
    first document that is the passage, that is kept in its place as a duplicate, or that has a span of it. A document
    that represents several gold passages has their number as its gain in nDCG (Järvelin and Kekäläinen 2002). Returns an
    empty dict for an unanswerable question. Raises MissingExtra without ir-measures (extra "bench").
    """
    if not arrangement.answerable:
        return {}
    listed = [stands_for(documents[index]) for index in best_first(documents)]
    return dict(_metrics(tuple(_rank(gold, listed) for gold in gold_ids(arrangement))))


def _rank(gold: str, listed: Sequence[frozenset[str]]) -> int | None:
    """Returns the rank, from 1, of the first document that represents an id."""
    return next((rank for rank, ids in enumerate(listed, 1) if gold in ids), None)


@cache  # thousands of records share a few combinations of ranks
def _metrics(ranks: tuple[int | None, ...]) -> dict[str, float]:
    """Computes the metrics of gold passages at these ranks, counted from 1; None for a passage that is not in the list."""
    try:
        from ir_measures import RR, R, iter_calc, nDCG
    except ImportError:
        raise MissingExtra.of("The ranking of gold passages", "ir-measures", "bench") from None
    names = {R @ 1: "recall@1", R @ 3: "recall@3", R @ 5: "recall@5", RR: "rr", nDCG @ 10: "ndcg@10"}
    ids = [f"missing {number}" if rank is None else f"rank {rank}" for number, rank in enumerate(ranks)]
    # One document may represent several passages, and trec_eval would count it as one relevant item. So Recall is the mean
    # over queries with one relevant passage each; the query "all" is for the other metrics.
    relevant = {"all": {id: ids.count(id) for id in ids}} | {str(number): {id: 1} for number, id in enumerate(ids)}
    last = max((rank for rank in ranks if rank is not None), default=0)
    run = {query: {f"rank {rank}": float(-rank) for rank in range(1, last + 1)} for query in relevant}
    metrics = dict.fromkeys(names.values(), 0.0)
    for query, measure, value in iter_calc(list(names), relevant, run):
        if (query == "all") != (measure.NAME == "R"):
            metrics[names[measure]] += value / (len(ranks) if measure.NAME == "R" else 1)
    return metrics

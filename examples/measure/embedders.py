"""How well and how fast each embedder finds the passage that answers: hit@1, MRR and CPU milliseconds, beside BM25.

    python embedders.py --data FILE.jsonl.gz [FILE ...] --minilm FOLDER [--static FOLDER] [--model NAME=FOLDER ...]

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}; the odd lines, counted from
0, are reported, with 95 % Wilson intervals of hit@1. `cold` is the median CPU time of a question and its passages without
a cache (loading apart), of --n-timed cases; `cached` the same from memory. With OMP_NUM_THREADS=1 it is the time of one
idle core, also on a busy machine. --static takes static embeddings
of MiniLM, and makes them there if the folder does not exist. --model adds sentence-transformers folders, which may be slow:
--n-model gives their number of cases. A model's own prompts for queries and documents are used.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ctxshape.core.jsonlines import records
from ctxshape.core.protocols import Embedder, Scorer
from ctxshape.embedding import (
    CachedEmbedder,
    SentenceTransformerEmbedder,
    StaticEmbedder,
    UniversalSentenceEmbedder,
)
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.similarity import Similarity


class Case(NamedTuple):
    """A question, its passages under their titles, and which of them answers."""

    question: str
    passages: list[str]
    gold: int


def cases(path: str, passages: int) -> Iterator[Case]:
    """The odd lines of a file, counted from 0."""
    for number, (_, record) in enumerate(records(Path(path).read_bytes(), path)):
        chosen = record["ctxs"][:passages]
        if number % 2:
            texts = [f"{passage.get('title') or ''} {passage['text']}".strip() for passage in chosen]
            yield Case(record["question"], texts, next(place for place, passage in enumerate(chosen) if passage["isgold"]))


def place_of(scores: list[float], gold: int) -> int:
    """The rank of the gold passage, from 1; it stands after all that score the same, since it comes first in the files.

    >>> place_of([0.5, 0.9, 0.5], 0)
    3
    """
    return sum(score >= scores[gold] for score in scores)


def places(scorer: Scorer, some: list[Case]) -> list[int]:
    """The rank of the gold passage in each case."""
    return [place_of(scorer.score(case.question, case.passages).tolist(), case.gold) for case in some]


def seconds(scorer: Scorer, some: list[Case]) -> list[float]:
    """CPU time of each case, after loading."""
    scorer.score("warm up", ["a text"])
    times = []
    for case in some:
        start = time.process_time()
        scorer.score(case.question, case.passages)
        times.append(time.process_time() - start)
    return times


def interval(hits: int, n: int, z: float = 1.96) -> str:
    """A share with its Wilson score interval."""
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / 4 / n) / (1 + spread)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"


def milliseconds(times: list[float]) -> str:
    """The median, or a dash for nothing."""
    return f"{statistics.median(times) * 1000:8.1f}" if times else f"{'-':>8}"


def embedders(options: argparse.Namespace) -> Iterator[tuple[str, Embedder, int]]:
    """Name, embedder and number of cases of each row."""
    if options.static:
        yield "static", StaticEmbedder(model=options.static), options.n
    yield "universal", UniversalSentenceEmbedder(), options.n
    yield "MiniLM", SentenceTransformerEmbedder(model=options.minilm), options.n
    for name, _, folder in (given.partition("=") for given in options.model):
        yield name, SentenceTransformerEmbedder(model=folder, batch_size=8), options.n_model


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--minilm", required=True, metavar="FOLDER")
    parser.add_argument("--static", metavar="FOLDER")
    parser.add_argument("--model", nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--n", type=int, default=150)
    parser.add_argument("--n-model", type=int, default=40)
    parser.add_argument("--n-timed", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="the rows to measure beside bm25, by name")
    parser.add_argument("--passages", type=int, default=20)
    options = parser.parse_args()
    rows = [row for row in embedders(options) if not options.only or row[0] in options.only]
    for path in options.data:
        some = list(cases(path, options.passages))
        print(f"\n{Path(path).name}, {options.passages} passages")
        print(f"{'':16} {'hit@1':22} {'MRR':6} {'cold ms':>8} {'cached ms':>9}    n")
        show("bm25", places(Bm25(), some[: options.n]), seconds(Bm25(), some[: options.n_timed]), [])
        for name, embedder, n in rows:
            cached = Similarity(embedder=CachedEmbedder(embedder=embedder))
            found = places(cached, some[:n])
            timed = some[: min(n, options.n_timed)]
            show(name, found, seconds(Similarity(embedder=embedder), timed), seconds(cached, timed))


def show(name: str, found: list[int], cold: list[float], cached: list[float]) -> None:
    """Print a row."""
    hits, mrr = interval(found.count(1), len(found)), statistics.fmean(1 / place for place in found)
    print(f"{name:16} {hits:22} {mrr:.3f}  {milliseconds(cold)}  {milliseconds(cached)}  {len(found):3}", flush=True)


if __name__ == "__main__":
    main()

"""How much of the evidence is left after shaping, and at how many tokens: no model needed.

    python examples/evidence_kept.py FILE.jsonl.gz [FILE ...]

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}. The passages of a case are
shuffled by a seed. Evidence is kept if an answer still stands in what is left of the gold passage or of its copies.
Even lines were used to choose the preset's settings; this reports the odd ones, with 95 % Wilson intervals.
"""

import argparse
import math
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ctxshape import Context, FitBudget, OrderToEdges, Pipeline, RankByRelevance
from ctxshape.jsonlines import records
from ctxshape.presets import preset
from ctxshape.text import normalize

METHODS = {
    "raw": Pipeline(OrderToEdges(to="given")),
    "3 best passages by BM25": Pipeline(RankByRelevance(top=3)),
    "5 best passages by BM25": Pipeline(RankByRelevance(top=5)),
    "light": preset("light"),
    "light, 512 tokens": Pipeline(preset("light"), FitBudget(tokens=512)),
    "light, 256 tokens": Pipeline(preset("light"), FitBudget(tokens=256)),
}


def cases(path: str, passages: int) -> Iterator[tuple[str, list[str], list[dict[str, Any]]]]:
    """Question, answers and shuffled passages of the odd lines, counted from 0."""
    for number, (_, record) in enumerate(records(Path(path).read_bytes(), path)):
        documents = record["ctxs"][:passages]
        random.Random(number).shuffle(documents)
        if number % 2:
            yield record["question"], record["answers"], documents


def plain(text: str) -> str:
    """Text for comparison: normalised, no punctuation, no English articles."""
    folded = normalize(text).translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", folded).split())


def interval(hits: int, n: int, z: float = 1.96) -> str:
    """A share with its Wilson score interval."""
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / 4 / n) / (1 + spread)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--passages", type=int, default=20)
    arguments = parser.parse_args()
    for path in arguments.files:
        print(f"\n{Path(path).name}, {arguments.passages} passages")
        for name, method in METHODS.items():
            hits, count, before, after = 0, 0, 0, 0
            for question, answers, passages in cases(path, arguments.passages):
                gold = next(f"d{place}" for place, passage in enumerate(passages, 1) if passage["isgold"])
                given = [{"title": passage["title"], "text": passage["text"]} for passage in passages]
                context = method(Context.of(question, given))
                left = plain(" ".join(d.text for d in context.documents if gold in (d.id, *d.duplicates)))
                hits += any(plain(answer) in left for answer in answers)
                count += 1
                before += context.trace.steps[0].tokens_before
                after += context.trace.steps[-1].tokens_after
            print(f"{name:26} kept {interval(hits, count)}  tokens {after / count:6.0f} ({after / before:.0%})  n = {count}")


if __name__ == "__main__":
    main()

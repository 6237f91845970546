"""Does the model that answers also rank? Places of the gold passage by BM25, by the user's own GGUF, and by both.

    python examples/measure/rank_by_model.py --data FILE.jsonl.gz --model MODEL.gguf --n 40 --among 8

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}. The model sees the --among
best passages by BM25 of the first --passages, so no row can be above the share of questions whose gold passage is among
them, which is printed: a gold passage that BM25 left out counts as not found. Odd lines are read; wordings were tried on
the even ones. Shares have 95 % bootstrap intervals. Tokens and seconds are those of one question.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ctxshape.backends.llama._generation.likelihood import Pair, strands
from ctxshape.backends.llama._generation.scheduling import computed_shares, prefix_levels
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Prompt, Segment
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import fuse, ranks, titled
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.datasets import load_cases
from ctxshape.evaluation.metrics.statistics import estimate
from ctxshape.scorers.bm25 import bm25_of
from ctxshape.scorers.likelihood import QueryLikelihood, YesNoRelevance


class Counted:
    """A backend that counts the tokens it has to compute, as long as all passages of a call fit into one pass."""

    def __init__(self, backend: LlamaCpp) -> None:
        self.backend = backend
        self.tokens = 0.0

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]:
        """What the backend says."""
        pairs = []
        for prompt, text in zip(prompts, continuations, strict=True):
            before, after = self.backend.encode(prompt), self.backend.tokenize(Segment(text=text))
            pairs.append(Pair(np.array(before + after, np.int32), len(before)))
        lines = [strand.tokens for strand in strands(pairs)]
        self.tokens += sum(computed_shares(prefix_levels(lines), len(lines)))
        return self.backend.logprobs(prompts, continuations)


def rankings(case: Case, passages: int, among: int, scorers: dict[str, Scorer],
             seconds: dict[str, float]) -> tuple[dict[str, list[int]], int | None]:  # fmt: skip
    """Places among BM25's best by each way, and which of those is the gold passage."""
    documents = [*case.gold, *case.distractors][:passages]
    best = ranks(bm25_of(case.question, documents))[:among]
    texts = [titled(documents[index], documents[index].text) for index in best]
    by_words = list(range(len(best)))
    made = {"BM25": by_words}
    for name, scorer in scorers.items():
        started = time.perf_counter()
        made[name] = ranks(scorer.score(case.question, texts))
        seconds[name] += time.perf_counter() - started
        made[f"BM25 + {name}"] = ranks(fuse([by_words, made[name]]))
    return made, best.index(0) if 0 in best else None


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="file of cases")
    parser.add_argument("--model", required=True, help="path of a GGUF file")
    parser.add_argument("--n", type=int, default=40, help="questions")
    parser.add_argument("--passages", type=int, default=20, help="passages of a question")
    parser.add_argument("--among", type=int, default=8, help="of these, the best by BM25 that the model ranks")
    parser.add_argument("--split", choices=("all", "even", "odd"), default="odd")
    parser.add_argument("--threads", type=int, help="by default what LlamaCpp takes")
    arguments = parser.parse_args()
    cases = load_cases(arguments.data, n=arguments.n, split=arguments.split)
    with LlamaCpp(arguments.model, n_threads=arguments.threads) as backend:
        backend.count_tokens("")  # load it now, not within the first question's time
        counted = {"QueryLikelihood": Counted(backend), "YesNoRelevance": Counted(backend)}
        scorers: dict[str, Scorer] = {
            "QueryLikelihood": QueryLikelihood(backend=counted["QueryLikelihood"]),
            "YesNoRelevance": YesNoRelevance(backend=counted["YesNoRelevance"]),
        }
        seconds = dict.fromkeys(scorers, 0.0)
        reciprocal: dict[str, list[float]] = {}
        for case in cases:
            made, gold = rankings(case, arguments.passages, arguments.among, scorers, seconds)
            for name, order in made.items():
                reciprocal.setdefault(name, []).append(0.0 if gold is None else 1 / (1 + order.index(gold)))
    found = sum(value > 0 for value in reciprocal["BM25"]) / len(cases)
    what = f"the {arguments.among} best of {arguments.passages} by BM25 hold the gold passage"
    print(f"{Path(arguments.data).name}, {Path(arguments.model).name}, {arguments.split} lines, n = {len(cases)}")
    print(f"{what}: {found:.3f}, the most any row can reach")
    print(f"{'':24}{'hit@1':22}{'MRR':>7}{'tokens':>9}{'seconds':>9}")
    for name, values in reciprocal.items():
        hits, low, high, n = estimate([[float(value == 1)] for value in values])
        cost = f"{counted[name].tokens / len(cases):9.0f}{seconds[name] / len(cases):9.2f}" if name in scorers else ""
        print(f"{name:24}{f'{hits:.3f} [{low:.3f}, {high:.3f}]':22}{sum(values) / n:7.3f}{cost}")


if __name__ == "__main__":
    main()

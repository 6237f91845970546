"""Measures how much evidence shaping keeps, how the gold passage ranks, and what shaping costs; no model answers.

    python examples/measure/evidence_kept.py FILE.jsonl.gz … [--passages 20] [--embedder NAME] [--reranker NAME]
        [--gguf FILE] [--methods light,balanced] [--split odd]

Each line of a FILE is {"question", "answers", "ctxs": [{"title", "text", "isgold"}, …]}. The passages of a question are
shuffled with a seed. Evidence is "kept" if an answer is still in what remains of the gold passage or of its duplicates. It
is "shown" if an answer is anywhere in the prompt, titles and other passages included. Even lines were used to choose the
settings of the presets, so odd lines are reported, with 95 % Wilson intervals. Budgets are in tokens of --gguf, the model
that will answer, else in tokens of cl100k_base.

With --embedder (a folder, a hub name, or universal), `balanced` and selection by embeddings alone are compared too. With
--reranker, so is `thorough`; the reranker is a folder of a cross-encoder or of a larger bi-encoder, or a GGUF that ranks by
query likelihood. Its scores are cached for the other budgets, so only the first row of `thorough` shows its time.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from shared import add_split, normalised, read_questions, wilson

from ctxshape import Context, FitBudget, Pipeline, PipelineSpec, RankByRelevance
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Embedder, Scorer, Scores, TokenCounter, Transform
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.embedding.loading import Dtype
from ctxshape.inputs.models import embedder_from, reranker_from
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.likelihood import QueryLikelihood
from ctxshape.scorers.similarity import Similarity

BUDGETS = (512, 256, 128)


class CachedScorer:
    """A scorer that remembers its scores, since `thorough` asks for the same scores with every budget."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.by_sentence = getattr(scorer, "by_sentence", False)
        self.known: dict[tuple[str, ...], Scores] = {}

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the scores, cached or computed."""
        key = (query, *texts)
        if key not in self.known:
            self.known[key] = self.scorer.score(query, texts)
        return self.known[key]


class Question(NamedTuple):
    """A question with its shuffled passages, its answers, and the id of its gold passage."""

    context: Context
    answers: list[str]
    gold: str


class Outcome(NamedTuple):
    """The effect of a method on one question; the rank of the gold document is infinite if it was dropped."""

    kept: bool
    shown: bool
    rank: float
    tokens: int
    before: int
    seconds: float


def methods(counter: TokenCounter, embedder: Embedder | None, reranker: Scorer | None) -> dict[str, Transform]:
    """Returns the compared methods by name."""
    compared: dict[str, Transform] = {"BM25, 3 best passages": RankByRelevance(top=3)}
    compared |= budgeted(PipelineSpec(preset="light", counter=counter))
    if embedder is None:
        return compared
    similarity = Similarity(embedder=embedder)
    compared["embeddings, 3 best passages"] = RankByRelevance(top=3, scorers=(similarity,))
    compared["fused, 3 best passages"] = RankByRelevance(top=3, scorers=(Bm25(), similarity))
    for budget in BUDGETS:
        best_first = RankByRelevance(scorers=(similarity,))
        fit = FitBudget(tokens=budget, counter=counter, scorers=(similarity,))
        compared[f"embeddings, documents, {budget}"] = Pipeline(best_first, fit)
    compared |= budgeted(PipelineSpec(preset="balanced", counter=counter, embedder=embedder))
    if reranker is not None:
        compared |= budgeted(PipelineSpec(preset="thorough", counter=counter, embedder=embedder, reranker=reranker))
    return compared


def budgeted(spec: PipelineSpec) -> dict[str, Transform]:
    """Returns a preset without a budget and with each of BUDGETS, by name."""
    presets: dict[str, Transform] = {str(spec.preset): spec.resolve()}
    for budget in BUDGETS:
        presets[f"{spec.preset}, {budget} tokens"] = spec.model_copy(update={"budget": budget}).resolve()
    return presets


def questions(path: str, split: str, passages: int, n: int | None) -> Iterator[Question]:
    """Yields the questions of a split, each with its passages in an order that its line number decides."""
    for number, record in read_questions(path, split, n):
        documents: list[dict[str, Any]] = record["ctxs"][:passages]
        random.Random(number).shuffle(documents)
        gold = next(f"d{place}" for place, passage in enumerate(documents, 1) if passage["isgold"])
        listed = [{"title": passage["title"] or None, "text": passage["text"]} for passage in documents]
        yield Question(Context.of(record["question"], listed), record["answers"], gold)


def outcome(method: Transform, question: Question, counter: CountOnce) -> Outcome:
    """Shapes the passages of one question and looks for the gold passage and the answer."""
    context, answers, gold = question
    started = time.perf_counter()
    shaped = method(context)
    seconds = time.perf_counter() - started
    ranks = [rank for rank, d in enumerate(shaped.documents, 1) if gold in (d.id, *d.duplicates)]
    remains = normalised(" ".join(d.text for d in shaped.documents if gold in (d.id, *d.duplicates)))
    lines = document_texts(shaped.query, shaped.documents)
    prompt = normalised(" ".join(lines))
    kept, shown = (any(normalised(answer) in text for answer in answers) for text in (remains, prompt))
    before = counter.total(document_texts(context.query, context.documents))
    return Outcome(kept, shown, ranks[0] if ranks else math.inf, counter.total(lines), before, seconds)


def reranker_of(name: str, threads: int | None, dtype: Dtype | None) -> Scorer:
    """Returns the query likelihood of a GGUF, or the reranker that `thorough` uses for another name."""
    if not name.endswith(".gguf"):
        return reranker_from(name, dtype)
    from ctxshape.backends.llama.backend import LlamaCpp

    return QueryLikelihood(backend=LlamaCpp(name, n_threads=threads))


def row(name: str, outcomes: list[Outcome]) -> str:
    """Formats one line of the table: evidence kept and shown, hit@1 and MRR of the gold passage, tokens, milliseconds."""
    n, tokens, shown = len(outcomes), sum(o.tokens for o in outcomes), sum(o.shown for o in outcomes) / len(outcomes)
    first, reciprocal = sum(o.rank == 1 for o in outcomes) / n, sum(1 / o.rank for o in outcomes) / n
    median = sorted(o.seconds for o in outcomes)[n // 2]
    return (
        f"{name:30} kept {wilson(sum(o.kept for o in outcomes), n)}  shown {shown:.3f}  "
        f"hit@1 {first:.3f}  MRR {reciprocal:.3f}  "
        f"tokens {tokens / n:5.0f} ({tokens / sum(o.before for o in outcomes):4.0%})  {1000 * median:6.1f} ms  n = {n}"
    )


def main() -> None:
    """Prints a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    add_split(parser)
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--n", type=int, help="questions; all of the split if not given")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--reranker", help="a folder, a hub name, or a GGUF")
    for name in ("--dtype", "--reranker-dtype"):
        parser.add_argument(name, help="the number format of a sentence-transformers model, such as bfloat16")
    parser.add_argument("--gguf", help="the model whose tokens are counted")
    parser.add_argument("--threads", type=int, help="threads of a reranker that is a GGUF")
    parser.add_argument("--methods", help="such as light,balanced, each with its budgets; all if not given")
    arguments = parser.parse_args()
    counter: TokenCounter = default_counter()
    if arguments.gguf:
        from ctxshape.backends.llama.backend import LlamaCpp

        counter = LlamaCpp(arguments.gguf, n_ctx=512)
    once = CountOnce(counter)
    embedder = embedder_from(arguments.embedder, arguments.dtype) if arguments.embedder else None
    reranker = None
    if arguments.reranker:
        reranker = CachedScorer(reranker_of(arguments.reranker, arguments.threads, arguments.reranker_dtype))
    compared = methods(once, embedder, reranker)
    if arguments.methods:
        wanted = arguments.methods.split(",")
        compared = {name: method for name, method in compared.items() if name.partition(",")[0] in wanted}
    for path in arguments.files:
        print(f"\n{Path(path).name}, {arguments.split} lines, {arguments.passages} passages")
        asked = list(questions(path, arguments.split, arguments.passages, arguments.n))
        for name, method in compared.items():
            print(row(name, [outcome(method, question, once) for question in asked]), flush=True)


if __name__ == "__main__":
    main()

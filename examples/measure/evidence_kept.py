"""How much of the evidence is left after shaping, how the documents rank, and what it costs: no model answers.

    python evidence_kept.py FILE.jsonl.gz … [--passages 20] [--embedder FOLDER] [--reranker FOLDER] [--gguf FILE]
        [--methods light,balanced] [--longllmlingua GGUF]

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}. The passages of a case are
shuffled by a seed. Evidence is kept if an answer still stands in what is left of the gold passage or of its copies; it is
shown if an answer stands anywhere in what the prompt shows, titles and other passages included. Even lines were used to
choose the presets' settings; this reports the odd ones, with 95 % Wilson intervals. Budgets are in the tokens of --gguf, the
model that will answer, else of cl100k_base. With --embedder (a folder, a hub name, or universal) the preset `balanced` and
selection by embeddings alone are compared, too; with --reranker `thorough`: a folder of a cross-encoder or of a larger
bi-encoder, or a GGUF whose query likelihood ranks. What a reranker said is kept for the other budgets: the first row of
`thorough` has its time. --longllmlingua is a GGUF that LongLLMLingua compresses with, at the rate that gives each budget (its
packages are in requirements-peers.txt); it takes about a minute a question.
"""

import argparse
import math
import random
import re
import string
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ctxshape import Context, FitBudget, KeepEvidence, Pipeline, PipelineSpec, RankByRelevance
from ctxshape.core.jsonlines import records
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Embedder, Scorer, Scores, TokenCounter, Transform
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.embedding.loading import Dtype
from ctxshape.inputs.models import embedder_from, reranker_from
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.likelihood import QueryLikelihood
from ctxshape.scorers.similarity import Similarity
from ctxshape.text.words import normalize

BUDGETS = (512, 256, 128)
_MARKS = string.punctuation + "，。、；：！？“”‘’（）《》【】…—·"


class AskedOnce:
    """A scorer that remembers: `thorough` asks it the same for every budget."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.by_sentence = getattr(scorer, "by_sentence", False)
        self.known: dict[tuple[str, ...], Scores] = {}

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """What the scorer says, or said."""
        asked = (query, *texts)
        if asked not in self.known:
            self.known[asked] = self.scorer.score(query, texts)
        return self.known[asked]


class Outcome(NamedTuple):
    """What a method made of one case; the gold document's rank is infinite where it was dropped."""

    kept: bool
    shown: bool
    rank: float
    tokens: int
    before: int
    seconds: float


def methods(
    counter: TokenCounter, embedder: Embedder | None, reranker: Scorer | None, among: int | None = None
) -> dict[str, Transform]:
    """What is compared, by name."""
    made: dict[str, Transform] = {"BM25, 3 best passages": RankByRelevance(top=3)}
    made |= budgeted(PipelineSpec(preset="light", counter=counter))
    if embedder is None:
        return made
    similarity = Similarity(embedder=embedder)
    made["embeddings, 3 best passages"] = RankByRelevance(top=3, scorers=(similarity,))
    made["fused, 3 best passages"] = RankByRelevance(top=3, scorers=(Bm25(), similarity))
    for budget in BUDGETS:
        best = RankByRelevance(scorers=(similarity,))
        made[f"embeddings, documents, {budget}"] = Pipeline(
            best, FitBudget(tokens=budget, counter=counter, scorers=(similarity,))
        )
    made |= budgeted(PipelineSpec(preset="balanced", counter=counter, embedder=embedder))
    if among is not None:
        for name in [name for name in made if name.startswith("balanced")]:
            made[name.replace("balanced", f"balanced among {among}")] = few(made[name], among)
    if reranker is not None:
        made |= budgeted(PipelineSpec(preset="thorough", counter=counter, embedder=embedder, reranker=reranker))
    return made


def budgeted(spec: PipelineSpec) -> dict[str, Transform]:
    """Returns a preset without a budget and with each of BUDGETS, by name."""
    made: dict[str, Transform] = {str(spec.preset): spec.resolve()}
    for budget in BUDGETS:
        made[f"{spec.preset}, {budget} tokens"] = spec.model_copy(update={"budget": budget}).resolve()
    return made


def few(whole: Transform, among: int) -> Transform:
    """A preset whose embedder reads only so many passages, the best for BM25."""
    assert isinstance(whole, Pipeline)
    *before, last = whole.steps
    assert isinstance(last, KeepEvidence)
    return Pipeline(*before, last.model_copy(update={"among": among}))


def cases(path: str, passages: int, n: int | None) -> Iterator[tuple[Context, list[str], str]]:
    """Context, answers and id of the gold passage of the odd lines, counted from 0."""
    odd = [(i, record) for i, (_, record) in enumerate(records(Path(path).read_bytes(), path)) if i % 2][:n]
    for number, record in odd:
        documents: list[dict[str, Any]] = record["ctxs"][:passages]
        random.Random(number).shuffle(documents)
        gold = next(f"d{place}" for place, passage in enumerate(documents, 1) if passage["isgold"])
        given = [{"title": passage["title"] or None, "text": passage["text"]} for passage in documents]
        yield Context.of(record["question"], given), record["answers"], gold


def outcome(method: Transform, case: tuple[Context, list[str], str], counter: CountOnce) -> Outcome:
    """Shape one case and look for the gold passage and the answer."""
    context, answers, gold = case
    started = time.perf_counter()
    shaped = method(context)
    seconds = time.perf_counter() - started
    places = [place for place, d in enumerate(shaped.documents, 1) if gold in (d.id, *d.duplicates)]
    left = plain(" ".join(d.text for d in shaped.documents if gold in (d.id, *d.duplicates)))
    given, texts = lines(context), lines(shaped)
    prompt = plain(" ".join(texts))
    kept, shown = (any(plain(answer) in text for answer in answers) for text in (left, prompt))
    before, after = counter.total(given), counter.total(texts)
    return Outcome(kept, shown, places[0] if places else math.inf, after, before, seconds)


def lines(context: Context) -> list[str]:
    """The documents as the prompt shows them; what LongLLMLingua wrote has number and title already."""
    texts = document_texts(context.query, context.documents)
    return [d.text if d.kind == "rewrite" else text for d, text in zip(context.documents, texts, strict=True)]


def compressed(model: str, budget: int, counter: CountOnce) -> Transform:
    """LongLLMLingua at the rate that leaves about `budget` tokens."""
    from longllmlingua import LongLLMLingua

    def shaped(context: Context, /) -> Context:
        return LongLLMLingua(model=model, rate=min(1.0, budget / counter.total(lines(context))))(context)

    return shaped


def reranker(name: str, threads: int | None, dtype: Dtype | None) -> Scorer:
    """A GGUF's query likelihood, or what `thorough` makes of the name of another model."""
    if not name.endswith(".gguf"):
        return reranker_from(name, dtype)
    from ctxshape.backends.llama.backend import LlamaCpp

    return QueryLikelihood(backend=LlamaCpp(name, n_threads=threads))


def plain(text: str) -> str:
    """Text for comparison: normalised, no punctuation, no English articles."""
    folded = normalize(text).translate(str.maketrans("", "", _MARKS))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", folded).split())


def interval(hits: int, n: int, z: float = 1.96) -> str:
    """A share with its Wilson score interval."""
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / 4 / n) / (1 + spread)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"


def row(name: str, found: list[Outcome]) -> str:
    """One line of the table: evidence kept and shown, the gold passage's hit@1 and MRR, tokens, and seconds of shaping."""
    n, tokens, shown = len(found), sum(o.tokens for o in found), sum(o.shown for o in found) / len(found)
    first, reciprocal = sum(o.rank == 1 for o in found) / n, sum(1 / o.rank for o in found) / n
    middle = sorted(o.seconds for o in found)[n // 2]
    return (
        f"{name:30} kept {interval(sum(o.kept for o in found), n)}  shown {shown:.3f}  "
        f"hit@1 {first:.3f}  MRR {reciprocal:.3f}  "
        f"tokens {tokens / n:5.0f} ({tokens / sum(o.before for o in found):4.0%})  {1000 * middle:6.1f} ms  n = {n}"
    )


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--n", type=int)
    parser.add_argument("--embedder")
    parser.add_argument("--among", type=int, help="also `balanced` with an embedder that reads only so many passages")
    parser.add_argument("--reranker")
    for name in ("--dtype", "--reranker-dtype"):
        parser.add_argument(name, help="the numbers that a sentence-transformers model computes with, such as bfloat16")
    parser.add_argument("--longllmlingua", help="a GGUF")
    parser.add_argument("--gguf")
    parser.add_argument("--threads", type=int, help="of a reranker that is a GGUF")
    parser.add_argument("--methods", help="such as light,balanced, each with its budgets; all by default")
    arguments = parser.parse_args()
    counter: TokenCounter = default_counter()
    if arguments.gguf:
        from ctxshape.backends.llama.backend import LlamaCpp

        counter = LlamaCpp(arguments.gguf, n_ctx=512)
    once = CountOnce(counter)
    embedder = embedder_from(arguments.embedder, arguments.dtype) if arguments.embedder else None
    costly = AskedOnce(reranker(arguments.reranker, arguments.threads, arguments.ranker_dtype)) if arguments.reranker else None
    compared = methods(once, embedder, costly, arguments.among)
    if arguments.longllmlingua:
        compared |= {f"LongLLMLingua, {b} tokens": compressed(arguments.longllmlingua, b, once) for b in BUDGETS}
    if arguments.methods:
        wanted = arguments.methods.split(",")
        compared = {name: method for name, method in compared.items() if name.partition(",")[0] in wanted}
    for path in arguments.files:
        print(f"\n{Path(path).name}, {arguments.passages} passages")
        odd = list(cases(path, arguments.passages, arguments.n))
        for name, method in compared.items():
            print(row(name, [outcome(method, case, once) for case in odd]), flush=True)


if __name__ == "__main__":
    main()

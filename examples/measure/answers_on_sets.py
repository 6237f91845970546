"""Measures how well a local model answers from raw lists, from passages chosen by hand, and from shaped lists.

    python examples/measure/answers_on_sets.py FILE.jsonl.gz … --model model.gguf --embedder FOLDER --store answers.sqlite
        [--half report] [--limit 60] [--budget 512] [--methods raw,passages,balanced] [--vectors FOLDER]
    python examples/measure/answers_on_sets.py … --half tuning --budget 256 --methods balanced --marks

The files are those of `evidence_on_sets.py`. `answer` is the share of the facts that an answer states (best subspan exact
match), `f1` the F1 of its words against the facts, or against the reference where there is one, and `rouge` ROUGE-L against
the reference. Answers that have to be computed are counted apart, since small models seldom compute them. Intervals are
95 %, by bootstrap over cases; differences are paired with the first method.

--marks compares what stands between two pieces of the one method where text was left out, in prose only; lines keep their line
breaks. The first arm shows nothing. Only cases count in which something was left out inside a passage. --store keeps the
answers by prompt, so an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from by_hand import BestPassages
from evidence_on_sets import shown, signed
from real_cases import HALVES, RealCase, read_cases, token_f1

from ctxshape import Context, LlamaCpp, PipelineSpec
from ctxshape.core.messages import Generation
from ctxshape.core.prompts import document_texts, render
from ctxshape.core.protocols import Embedder
from ctxshape.core.replies import complete, with_default_stops
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.core.types import Document
from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.metrics.accuracy import fact_coverage
from ctxshape.evaluation.metrics.overlap import rouge_l
from ctxshape.evaluation.metrics.statistics import difference, estimate
from ctxshape.inputs.models import embedder_from
from ctxshape.text.words import is_cjk

MARKS = {"nothing": " ", "[…]": " […] ", "…": " … ", "[...]": " [...] ", "line break": "\n"}
Method = Callable[[Context], Context]
Values = dict[str, dict[str, float]]


def with_mark(context: Context, mark: str) -> Context:
    """Returns a shaped context whose pieces have `mark` between them where the original has more than white space there."""
    return context.keep([_with_mark(context, document, mark) for document in context.documents])


def _with_mark(context: Context, document: Document, mark: str) -> Document:
    spans = context.spans_of(document)
    if document.kind != "quote" or len(spans) < 2:
        return document
    parts = [spans[0].text_in(context.sources)]
    for before, after in pairwise(spans):
        gap = context.sources[after.document].text[before.end : after.start] if before.document == after.document else ""
        following = after.text_in(context.sources)
        if before.document == after.document and before.end <= after.start and not gap.strip():
            parts.append(gap)
        elif "\n" in gap and any(text.lstrip().startswith(("|", "#", "-", "*")) for text in (parts[-1], following)):
            parts.append("\n")
        else:
            parts.append("" if mark == " " and is_cjk(parts[-1][-1:] + following[:1]) else mark)
        parts.append(following)
    return document.model_copy(update={"text": "".join(parts)})


def answered(contexts: Sequence[Context], backend: LlamaCpp, store: Answers, options: Generation) -> list[str]:
    """Returns the model's answers, from the store or computed in one batch: what the prompts share is read once."""
    prompts = [render(context) for context in contexts]
    known = {prompt.text: store.get(prompt, options) for prompt in prompts}
    missing = list({prompt.text: prompt for prompt in prompts if known[prompt.text] is None}.values())
    completions = complete(backend, missing, options)
    store.put(list(zip(missing, completions, strict=True)), options)
    known |= {prompt.text: completion for prompt, completion in zip(missing, completions, strict=True)}
    return [completion.text.strip() for prompt in prompts if (completion := known[prompt.text])]


def scores(case: RealCase, text: str) -> dict[str, float]:
    """Returns the columns that the case has."""
    found: dict[str, float] = {}
    if case.answers:
        name = "computed answer" if case.computed else "answer"
        found[name] = fact_coverage(text, case.answers) or 0.0
    if case.reference:
        found["f1"] = token_f1(text, case.reference)
        found["rouge"] = rouge_l(text, [case.reference])
    elif case.answers and not case.computed:
        wordings = [" ".join(fact[0] for fact in case.answers)] if len(case.answers) > 1 else list(case.answers[0])
        found["f1"] = max(token_f1(text, wording) for wording in wordings)
    return found


def table(results: dict[str, Values]) -> list[str]:
    """Returns the lines of a Markdown table: one for each method and column."""
    lines = ["| method | column | mean | difference from the first | n |", "|---|---|---|---|---|"]
    first = next(iter(results.values()))
    for method, values in results.items():
        for name in dict.fromkeys(name for columns in values.values() for name in columns):
            ids = [id for id, columns in values.items() if name in columns]
            own, base = ([[side[id][name]] for id in ids] for side in (values, first))
            change = "" if values is first else signed(difference(own, base))
            proportion = name != "tokens"
            mean = shown(estimate(own)) if proportion else f"{sum(value for (value,) in own) / len(own):.0f}"
            lines.append(f"| {method} | {name} | {mean} | {change if proportion else ''} | {len(ids)} |")
    return lines


def measure(
    cases: Sequence[RealCase],
    methods: dict[str, Method],
    answer: Callable[[Sequence[Context]], list[str]],
    only_different: bool = False,
) -> dict[str, Values]:
    """Returns the values of every method and case, or of the cases for which the methods show different documents."""
    counter = CountOnce(default_counter())
    results: dict[str, Values] = {name: {} for name in methods}
    for case in cases:
        contexts = [method(case.context) for method in methods.values()]
        if only_different and all(shaped.documents == contexts[0].documents for shaped in contexts):
            continue
        for name, shaped, text in zip(methods, contexts, answer(contexts), strict=True):
            tokens = float(counter.total(document_texts(shaped.query, shaped.documents)))
            results[name][case.id] = {**scores(case, text), "tokens": tokens}
    return results


def main() -> None:
    """Prints a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--store", required=True, type=Path, help="a file that keeps the answers")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--passages", type=int, default=10)
    parser.add_argument("--budget", type=int, default=512)
    parser.add_argument("--methods", default="raw,passages,balanced", help="also light")
    parser.add_argument("--marks", action="store_true", help="compare the marks of omissions instead of methods")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=16384)
    arguments = parser.parse_args()
    embedder = (
        CachedEmbedder(embedder=embedder_from(arguments.embedder), folder=arguments.vectors, name=arguments.embedder)
        if arguments.embedder
        else None
    )
    counter = CountOnce(default_counter())
    budget: int = arguments.budget

    def preset(name: str) -> Method:
        models = {"embedder": embedder} if name == "balanced" else {}
        return PipelineSpec(preset=name, budget=budget, counter=counter, **models).resolve()

    known: dict[str, Callable[[], Method]] = {
        "raw": lambda: lambda context: context,
        "passages": lambda: BestPassages(_given(embedder), counter, tokens=budget),
        "light": lambda: preset("light"),
        "balanced": lambda: preset("balanced"),
    }
    methods = {name: known[name]() for name in arguments.methods.split(",")}
    if arguments.marks:
        (shaping,) = methods.values()
        methods = {name: partial(_marked, shaping, mark) for name, mark in MARKS.items()}
    backend = LlamaCpp(arguments.model, n_ctx=arguments.n_ctx, n_threads=arguments.threads)
    store = Answers(arguments.store, backend_identity(backend))
    options = with_default_stops(Generation(max_tokens=64), "\n")
    with backend:
        for path in arguments.files:
            cases = read_cases(path, arguments.half, arguments.limit, arguments.passages)
            print(f"\n{path.name.partition('.')[0]}, half: {arguments.half}, budget {budget}", flush=True)
            answer = partial(answered, backend=backend, store=store, options=options)
            results = measure(cases, methods, answer, only_different=arguments.marks)
            print("\n".join(["", *table(results)]), flush=True)


def _given(embedder: Embedder | None) -> Embedder:
    if embedder is None:
        raise SystemExit("passages are chosen by an embedder; give --embedder")
    return embedder


def _marked(method: Method, mark: str, context: Context) -> Context:
    return with_mark(method(context), mark)


if __name__ == "__main__":
    main()

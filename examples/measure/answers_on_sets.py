"""Measures how well a local model answers from raw lists, from passages chosen by hand, and from shaped lists.

    python examples/measure/answers_on_sets.py FILE.jsonl.gz … --model model.gguf --embedder FOLDER --store answers.sqlite
        [--half report] [--limit 60] [--skip 0] [--arms raw,gold,passages-3,light,balanced@512] [--budget 512]
        [--vectors FOLDER] [--results FILE.jsonl] [--timed 10]

The files are those of `evidence_on_sets.py`; `answer_arms.py` lists the arms. The passages of a case are shuffled by its id, so
gold passages have random places. `answer` is the share of the facts that an answer states (best subspan exact match), `f1` the
F1 of its words against the facts, or against the reference where there is one, and `rouge` ROUGE-L against the reference.
Answers that have to be computed are counted apart, since small models seldom compute them. `answer_tables.py` makes the tables.

All arms of a case are one batch. --store keeps the answers by prompt and model: an interrupted run resumes, and an arm that is
added later computes only its own prompts. --results gets a line for every case and arm as soon as it is answered. --timed: the
first cases are answered once more, one arm at a time and without the store; `seconds` is the median of these, with shaping, and
the vectors of the passages are known. Compare the seconds of one run only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, Self

from answer_arms import Arm, Models, arms_of
from answer_tables import Results, table
from real_cases import HALVES, RealCase, read_cases, token_f1

from ctxshape import Context, LlamaCpp
from ctxshape.core.messages import Generation
from ctxshape.core.prompts import document_texts, render
from ctxshape.core.protocols import Embedder
from ctxshape.core.replies import complete, with_default_stops
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.metrics.accuracy import fact_coverage
from ctxshape.evaluation.metrics.overlap import rouge_l
from ctxshape.inputs.models import embedder_from


@dataclass
class Answering:
    """A model that answers lists of contexts, with a store for its answers."""

    backend: LlamaCpp
    store: Answers
    options: ClassVar[Generation] = with_default_stops(Generation(max_tokens=64), "\n")

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """Returns the model and the store of the options."""
        backend = LlamaCpp(arguments.model, n_ctx=arguments.n_ctx, n_threads=arguments.threads)
        return cls(backend, Answers(arguments.store, backend_identity(backend)))

    def __call__(self, contexts: Sequence[Context]) -> list[str]:
        """Returns the answers, from the store or computed in one batch."""
        return answered(contexts, self.backend, self.store, self.options)

    def seconds(self, arm: Arm, case: RealCase) -> float:
        """Returns the seconds from the case to its answer, computed afresh and alone."""
        started = perf_counter()
        complete(self.backend, [render(arm(case))], self.options)
        return perf_counter() - started


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


def rows(
    cases: Sequence[RealCase], arms: dict[str, Arm], answering: Answering, counter: CountOnce, timed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yields the answer and its columns for every case and arm; the first `timed` cases have seconds, too."""
    for number, case in enumerate(cases):
        contexts = [arm(case) for arm in arms.values()]
        for (name, arm), shaped, text in zip(arms.items(), contexts, answering(contexts), strict=True):
            columns = scores(case, text)
            columns["tokens"] = float(counter.total(document_texts(shaped.query, shaped.documents)))
            if number < timed:
                columns["seconds"] = answering.seconds(arm, case)
            yield {"id": case.id, "arm": name, "answer": text, "columns": columns}


def main() -> None:
    """Prints a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arms", default="raw,passages-3,light,balanced", help="see answer_arms.py")
    parser.add_argument("--budget", type=int, help="the tokens of presets and `passages` whose name has no budget")
    parser.add_argument("--results", type=Path, help="a file to which every answer is added")
    parser.add_argument("--timed", type=int, default=0, help="the number of cases that are timed")
    add_common(parser)
    arguments = parser.parse_args()
    answering, counter = Answering.of(arguments), CountOnce(default_counter())
    models = Models(embedder_of(arguments), counter, answering.backend, arguments.budget)
    arms = arms_of(arguments.arms.split(","), models)
    with answering.backend:
        for path in arguments.files:
            name = path.name.partition(".")[0]
            cases = cases_of(path, arguments)
            results: Results = {}
            for row in rows(cases, arms, answering, counter, arguments.timed):
                results.setdefault(row["arm"], {})[row["id"]] = row["columns"]
                if arguments.results:
                    written = {"set": name, "half": arguments.half, "model": Path(arguments.model).stem, **row}
                    with arguments.results.open("a") as file:
                        file.write(json.dumps(written, ensure_ascii=False) + "\n")
            print("\n".join([f"\n{name}, half: {arguments.half}", "", *table(results)]), flush=True)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Adds the options of data and models."""
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--store", required=True, type=Path, help="a file that keeps the answers")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--skip", type=int, default=0, help="the number of cases that are left out before the first")
    parser.add_argument("--passages", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=16384)


def cases_of(path: Path, arguments: argparse.Namespace) -> list[RealCase]:
    """Returns the cases that the options mean."""
    return read_cases(path, arguments.half, arguments.skip + arguments.limit, arguments.passages)[arguments.skip :]


def embedder_of(arguments: argparse.Namespace) -> Embedder | None:
    """Returns the embedder of the options, with a cache."""
    if not arguments.embedder:
        return None
    embedder = embedder_from(arguments.embedder)
    return CachedEmbedder(embedder=embedder, folder=arguments.vectors, name=arguments.embedder)


if __name__ == "__main__":
    main()

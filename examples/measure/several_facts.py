"""Measures how many facts of a question shaping keeps, for questions that need several documents; no model answers.

    python examples/measure/several_facts.py [--data NAME --data FILE] [--documents 20] [--n 100] [--embedder NAME]

The data are generated cases by name, or files in the form of RGB's information integration. Only questions with more than
one fact count. A fact is kept if the shaped text contains one of its wordings.
"""

import argparse
import statistics
from pathlib import Path

from shared import add_split

from ctxshape import Context, PipelineSpec
from ctxshape.core.prompts import document_texts
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.evaluation import datasets
from ctxshape.evaluation.cases import arrange
from ctxshape.evaluation.metrics.accuracy import fact_coverage
from ctxshape.inputs.models import embedder_from


def facts_kept(context: Context, facts: tuple[tuple[str, ...], ...]) -> float:
    """Returns the share of the facts that the documents contain."""
    return fact_coverage(" ".join(document.text.replace("\n", " ") for document in context.documents), facts) or 0.0


def main() -> None:
    """Prints a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", help="a file or a data set; synthetic and synthetic_zh if not given")
    add_split(parser)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="the seed of a data set")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    arguments = parser.parse_args()
    counter = CountOnce(default_counter())
    specs = {"raw": PipelineSpec(preset="raw"), "light": PipelineSpec(preset="light", counter=counter)}
    if arguments.embedder:
        embedder = embedder_from(arguments.embedder)
        specs["balanced"] = PipelineSpec(preset="balanced", counter=counter, embedder=embedder)
    methods = {}
    for name, spec in specs.items():
        methods[name] = spec.resolve()
        if name != "raw":
            methods[f"{name}, 512 tokens"] = spec.model_copy(update={"budget": 512}).resolve()
    for data in arguments.data or ["synthetic", "synthetic_zh"]:
        if Path(data).is_file():
            cases = datasets.load_cases(data, split=arguments.split)
        else:
            cases = datasets.load_cases(data, n=arguments.n * 5, seed=arguments.seed)
        several = [case for case in cases if len(case.facts) > 1][: arguments.n]
        arrangements = [arrange(case, arguments.documents, "middle") for case in several]
        print(f"\n{data}, {arguments.documents} documents, n = {len(arrangements)}")
        for name, method in methods.items():
            shaped = [method(arrangement.context) for arrangement in arrangements]
            kept = statistics.mean(
                facts_kept(context, arrangement.case.facts) for context, arrangement in zip(shaped, arrangements, strict=True)
            )
            tokens = statistics.mean(counter.total(document_texts(c.query, c.documents)) for c in shaped)
            print(f"{name:22} facts kept {kept:.3f}  tokens {tokens:5.0f}")


if __name__ == "__main__":
    main()

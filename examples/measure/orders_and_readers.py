"""Measures with which document order and with which reader your model answers best, after a preset or without one.

    python examples/measure/orders_and_readers.py nq.jsonl.gz --model model.gguf --preset balanced --embedder FOLDER
        --n 100 --out results

The orders are best first, edges, best last, shuffled, as retrieved, and that of the model's own profile (`ctxshape profile
--out FILE`, then `--profile FILE`). The readers are one answer, a vote over four orders with full attention, the same vote
with documents that are read once, and parallel windows. The gold passage is in the middle.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from shared import add_split

from ctxshape import (
    LlamaCpp,
    ParallelWindows,
    PermutationVote,
    Pipeline,
    PipelineSpec,
    RankByRelevance,
    ReadOnce,
    Reorder,
)
from ctxshape.cli.bench import progress_bar
from ctxshape.cli.screen import output
from ctxshape.cli.tables import show_results
from ctxshape.core.protocols import Backend, Embedder, Reader, Transform
from ctxshape.evaluation import Experiment, Method, datasets, evaluate
from ctxshape.evaluation.baselines import Shuffle
from ctxshape.evaluation.records import Setting
from ctxshape.inputs.models import embedder_from

MethodOf = Callable[[Backend], Method]
VOTES = 4


def orders(profile: Path | None) -> Iterator[tuple[str, Transform]]:
    """Yields the orders by name; they use the scores that shaping gives the documents."""
    yield "best first", Reorder(strategy="front")
    yield "edges", Reorder(strategy="edges")
    yield "best last", Reorder(strategy="back")
    yield "shuffled", Shuffle()
    if profile:
        yield "profile, right answers", Reorder(strategy="profile", profile=profile, measure="accuracy")
        yield "profile, likelihood", Reorder(strategy="profile", profile=profile, measure="likelihood")


def shaping(name: str, embedder: Embedder | None, budget: int | None, backend: Backend) -> Pipeline:
    """Returns the preset; for `raw`, only the ranking that the orders need."""
    if name == "raw":
        return Pipeline(RankByRelevance())
    return PipelineSpec(preset=name, embedder=embedder, budget=budget, backend=backend).resolve()


def ordered(name: str, step: Transform, make: Callable[[Backend], Pipeline], backend: Backend) -> Method:
    """Returns the method that reads one order once."""
    return Method(name, Pipeline(make(backend), step), ReadOnce(backend=backend))


def reading(name: str, make: Callable[[Backend], Pipeline], backend: Backend) -> Method:
    """Returns the method that uses one reader, best document first."""
    reader: Reader = ParallelWindows(backend=backend)
    if name != "windows":
        reader = PermutationVote(backend=backend, votes=VOTES, reuse="blocks" if name.endswith("blocks") else "exact")
    return Method(name, make(backend), reader)


def main() -> None:
    """Measures, writes the report, and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="JSON lines in the lost-in-the-middle form, gzipped or not; or the name of a data set")
    parser.add_argument("--model", required=True, type=Path, help="a GGUF file")
    parser.add_argument("--out", required=True, type=Path, help="the folder of the report and of the stored answers")
    parser.add_argument("--preset", default="balanced", help="raw for all passages, ranked by BM25")
    parser.add_argument("--embedder", help="the embedder of the preset: a folder, a hub name, or universal")
    parser.add_argument("--budget", type=int, help="the token budget of the preset")
    parser.add_argument("--profile", type=Path, help="a file of `ctxshape profile`")
    parser.add_argument("--readers", nargs="*", default=["vote", "vote by blocks", "windows"])
    parser.add_argument("--documents", type=int, default=10)
    add_split(parser, "all")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    embedder = embedder_from(arguments.embedder) if arguments.embedder else None  # shared, so that each text is embedded once
    make = partial(shaping, arguments.preset, embedder, arguments.budget)
    compared: list[str | MethodOf] = [partial(ordered, name, step, make) for name, step in orders(arguments.profile)]
    compared += [partial(reading, name, make) for name in arguments.readers]
    experiment = Experiment(documents=(arguments.documents,), positions=("middle",), timed=0)
    backend = LlamaCpp(arguments.model, n_ctx=16384, n_threads=arguments.threads)
    with backend, progress_bar(f"{arguments.data} · {arguments.model.name}", quiet=False) as progress:
        cases = datasets.load_cases(arguments.data, n=arguments.n, split=arguments.split)
        settings: dict[str, Setting] = {
            "data": Path(arguments.data).name,
            "model": arguments.model.name,
            "preset": arguments.preset,
            "budget": arguments.budget,
        }
        evaluation = evaluate(
            cases, ["raw", *compared], backend, arguments.out, experiment, settings=settings, progress=progress
        )
    show_results(output(), evaluation.results, evaluation.rows)
    print(f"The report is {evaluation.report}")


if __name__ == "__main__":
    main()

"""The order and the reader that your model answers best with, behind a preset or as retrieved.

Run it with:  python orders_and_readers.py nq.jsonl.gz --model model.gguf --preset balanced --embedder FOLDER --n 100

Orders: best first, edges, best last, shuffled, as given, and by the model's own profile (`ctxshape profile --out FILE`,
`--profile FILE`). Readers: one answer, a vote over four orders by full attention, the same with documents that are read
once, and documents side by side. The gold passage comes in the middle; the report says what each figure is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

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
from ctxshape.inputs.models import embedder_from

Chosen = Callable[[Backend], Method]
VOTES = 4


def orders(profile: Path | None) -> Iterator[tuple[str, Transform]]:
    """What stands behind the shaping, by name; each goes by the scores that the shaping leaves."""
    yield "best first", Reorder(strategy="front")
    yield "edges", Reorder(strategy="edges")
    yield "best last", Reorder(strategy="back")
    yield "shuffled", Shuffle()
    if profile:
        yield "profile, right answers", Reorder(strategy="profile", profile=profile, measure="accuracy")
        yield "profile, likelihood", Reorder(strategy="profile", profile=profile, measure="likelihood")


def shaping(name: str, embedder: Embedder | None, budget: int | None, backend: Backend) -> Pipeline:
    """The preset; of `raw` nothing is kept but the ranking that the orders go by."""
    if name == "raw":
        return Pipeline(RankByRelevance())
    return PipelineSpec(preset=name, embedder=embedder, budget=budget, backend=backend).resolve()


def ordered(name: str, step: Transform, make: Callable[[Backend], Pipeline], backend: Backend) -> Method:
    """One order, read once."""
    return Method(name, Pipeline(make(backend), step), ReadOnce(backend=backend))


def reading(name: str, make: Callable[[Backend], Pipeline], backend: Backend) -> Method:
    """One reader, best document first."""
    reader: Reader = ParallelWindows(backend=backend)
    if name != "windows":
        reader = PermutationVote(backend=backend, votes=VOTES, reuse="blocks" if name.endswith("blocks") else "exact")
    return Method(name, make(backend), reader)


def main() -> None:
    """Measure, write the report, and show it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="JSON lines in the lost-in-the-middle form, gzipped or not; or the name of a data set")
    parser.add_argument("--model", required=True, type=Path, help="a GGUF file")
    parser.add_argument("--out", required=True, type=Path, help="a folder for the report and for what goes on after a kill")
    parser.add_argument("--preset", default="balanced", help="raw for the passages as retrieved, ranked by BM25")
    parser.add_argument("--embedder", help="of the preset: a folder, a hub name, or universal")
    parser.add_argument("--budget", type=int, help="tokens of the preset")
    parser.add_argument("--profile", type=Path, help="a file of `ctxshape profile`")
    parser.add_argument("--readers", nargs="*", default=["vote", "vote by blocks", "windows"])
    parser.add_argument("--documents", type=int, default=10)
    parser.add_argument("--split", choices=["all", "even", "odd"], default="all")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    embedder = embedder_from(given.embedder) if given.embedder else None  # one for all, so that a text is embedded once
    make = partial(shaping, given.preset, embedder, given.budget)
    chosen: list[str | Chosen] = [partial(ordered, name, step, make) for name, step in orders(given.profile)]
    chosen += [partial(reading, name, make) for name in given.readers]
    experiment = Experiment(documents=(given.documents,), positions=("middle",), timed=0)
    backend = LlamaCpp(given.model, n_ctx=16384, n_threads=given.threads)
    with backend, progress_bar(f"{given.data} · {given.model.name}", quiet=False) as progress:
        cases = datasets.load_cases(given.data, n=given.n, split=given.split)
        about = {"data": Path(given.data).name, "model": given.model.name, "preset": given.preset, "budget": given.budget}
        found = evaluate(cases, ["raw", *chosen], backend, given.out, experiment, settings=about, progress=progress)
    show_results(output(), found.results, found.rows)
    print(f"the report is {found.report}")


if __name__ == "__main__":
    main()

"""Compares the recipes of other libraries with ours on the same questions, passages, model, prompt and metrics, in one run.

    pip install -r examples/measure/requirements-peers.txt
    python examples/measure/compare_peers.py nq.jsonl.gz --model model.gguf --documents 10 --split odd --n 100 --out results

An interrupted run resumes; shaped passages are stored too. The seconds of shaping are measured separately on `--timed`
questions, without stored results. They include the embedding of the passages, which an index may already have.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import peers
from longllmlingua import LongLLMLingua, untitled_template
from shared import add_split

import ctxshape
from ctxshape import Context, Document, ReadOnce
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.cli.screen import output
from ctxshape.cli.tables import show_results
from ctxshape.core.component import plain
from ctxshape.core.protocols import Backend, Transform
from ctxshape.core.types import Frozen
from ctxshape.evaluation import datasets, report
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.methods import Method, methods
from ctxshape.evaluation.records import Results
from ctxshape.evaluation.report.summary import rows

OURS = ["raw", "light", "balanced", "shuffle", "gold-first", "oracle", "closed-book"]


class Shaped(Frozen):
    """The result of a transform."""

    documents: tuple[Document, ...]
    dropped: Mapping[str, str]


def main() -> None:
    """Compares, writes the report, and prints it."""
    arguments = parse()
    cases = datasets.load_cases(arguments.data, n=arguments.n, split=arguments.split)
    experiment = Experiment(documents=arguments.documents, positions=arguments.positions, timed=0)
    for case in cases:
        experiment.arrangements(case)  # finds a faulty case before a model is loaded
    arguments.out.mkdir(parents=True, exist_ok=True)
    with LlamaCpp(arguments.model, n_ctx=arguments.n_ctx, n_threads=arguments.threads) as backend:
        answers = Answers(arguments.out / "answers.sqlite", backend_identity(backend))
        batching = BatchingBackend(backend, answers)
        ours = methods(arguments.ours, batching, embedder=arguments.embedder)
        theirs = [peer(name, batching, cases[0].question, arguments) for name in arguments.peers]
        used = peers.versions()
        stored = [method._replace(pipeline=store_results(method.pipeline, answers, used)) for method in theirs]
        records, _ = experiment.run(cases, [*ours, *stored], batching, show_progress)
        clock = Experiment(documents=arguments.documents, positions=("middle",), timed=arguments.timed)
        _, timings = clock.run(cases[: arguments.timed], [*ours, *theirs], batching, show_progress)
        answers.close()
    settings = {
        "data": Path(arguments.data).name,
        "split": arguments.split,
        "n": len(cases),
        "methods": [method.name for method in (*ours, *theirs)],
        "version": ctxshape.__version__,
        "model": Path(arguments.model).name,
        "model_id": answers.model,
        "documents": arguments.documents,
        "positions": arguments.positions,
        "timed": arguments.timed,
        "embedder": "/".join(Path(arguments.embedder).parts[-2:]),
        "compressor": Path(arguments.compressor).name,
        **used,
        "command": shlex.join(["python", *sys.argv]),
    }
    results = Results(settings=settings, records=records, timings=timings)
    table = rows(results)
    written = report.write_report(results, arguments.out, table)
    show_results(output(), results, table)
    print(f"{batching.computed} answers computed, the others were stored by earlier runs. The report is {written}")


def peer(name: str, backend: Backend, question: str, arguments: argparse.Namespace) -> Method:
    """Returns a peer as a method; the language of `question` decides the language of its prompts."""
    transform = peers.PEERS[name](arguments.embedder, arguments.compressor)
    template = untitled_template(question) if isinstance(transform, LongLLMLingua) else None
    return Method(name, transform, ReadOnce(backend=backend, template=template))


def store_results(transform: Transform, answers: Answers, used: Mapping[str, str]) -> Transform:
    """Wraps a transform so that its results are stored with the answers, since some peers take seconds for each list.

    `used` are the versions of the peers.
    """

    def stored(context: Context, /) -> Context:
        documents = [document.model_dump(mode="json") for document in context.documents]
        key = answers.key("shaped", used, plain(transform), context.query, documents)
        shaped = answers.recall(key, Shaped.model_validate_json)
        if shaped is None:
            after = transform(context)
            shaped = Shaped(documents=after.documents, dropped=after.dropped)
            answers.remember({key: shaped.model_dump_json()})
        return context.keep(shaped.documents, shaped.dropped)

    return stored


def show_progress(done: int, steps: int) -> None:
    """Prints the progress on standard error."""
    print(f"\r{done} of {steps}", end="\n" if done == steps else "", file=sys.stderr, flush=True)


def parse() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="JSON lines in the lost-in-the-middle form, gzipped or not; or the name of a data set")
    parser.add_argument("--model", required=True, help="a GGUF file, which reads the passages")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the report and of the stored answers")
    parser.add_argument("--documents", type=int, nargs="+", default=[10])
    parser.add_argument("--positions", nargs="+", default=["first", "middle", "last"])
    parser.add_argument("--n", type=int, help="questions; all of a file if not given")
    add_split(parser, "all")
    parser.add_argument("--timed", type=int, default=5, help="questions that run once more alone, to measure seconds")
    parser.add_argument("--ours", nargs="*", default=OURS, help="methods of `ctxshape bench`")
    parser.add_argument("--peers", nargs="*", choices=list(peers.PEERS), default=list(peers.PEERS))
    parser.add_argument("--embedder", default=None, help="a sentence-transformers folder; MiniLM if not given")
    parser.add_argument("--compressor", default=None, help="a GGUF for LongLLMLingua; SmolLM2-135M if not given")
    parser.add_argument("--n-ctx", type=int, default=16384)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    arguments.embedder = arguments.embedder or peers.minilm()
    arguments.compressor = arguments.compressor or peers.smollm2()
    return arguments


if __name__ == "__main__":
    main()

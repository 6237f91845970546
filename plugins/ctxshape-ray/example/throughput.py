"""Rows a second with one worker and with two, in one run, and in a plain loop without Ray.

Run it with:  python throughput.py  [--rows N] [--preset P] [--embedder E] [--model FILE.gguf]
                           [--workers 1,2,1,2]  [FILE.jsonl.gz …]

A file has a question and a list of passages on each line ("question", and "documents" or "ctxs"); without one, rows are
the two demo questions over twenty passages, again and again. With a model rows are answered, too.
"""

# ruff: noqa: T201

import argparse
import gzip
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray reports that it was used
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the loop has one core, as a worker has

import ray
from ctxshape_ray import Workers, shape_dataset
from ray.data import DataContext, Dataset

from ctxshape import LlamaCpp, ask, shape
from ctxshape.cli.demo import demo_case
from ctxshape.inputs.models import embedder_from

PASSAGES = 20
BLOCK = 50  # rows at most
Row = dict[str, Any]


class Rate(NamedTuple):
    """A measurement: rows a second once work flows, seconds until then, and seconds of a core for a row."""

    rows: float
    start: float
    core: float

    def __str__(self) -> str:
        cores = f"{self.rows * self.core:4.2f} cores were had"  # fewer than workers: others use the machine
        return (
            f"{self.rows:7.2f} rows/s   {1000 * self.core:8.2f} ms of a core a row   {cores}   first after {self.start:4.1f} s"
        )


def records(path: Path) -> Iterator[Row]:
    """Questions with at most twenty passages, best first as they stand in the file."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            case = json.loads(line)
            given = case.get("documents") or case["ctxs"]
            documents = [{"text": one["text"], "title": one.get("title")} for one in given[:PASSAGES]]
            yield {"question": case["question"], "documents": documents}


def demo_records() -> Iterator[Row]:
    """The demo questions."""
    for case in (demo_case("en"), demo_case("zh")):
        yield {"question": case.question, "documents": [{"text": d.text, "title": d.title} for d in case.documents]}


def in_a_loop(rows: list[Row], preset: str, embedder: str | None, model: str | None) -> Rate:
    """One process, one row after the other."""
    backend = LlamaCpp(model, n_threads=1) if model else None
    made = embedder_from(embedder) if embedder else None

    def run(row: Row) -> None:
        if backend is None:
            shape(row["question"], row["documents"], preset=preset, embedder=made)
        else:
            ask(row["question"], row["documents"], backend=backend, preset=preset, embedder=made)

    started = time.perf_counter()
    run(rows[0])  # loads what is to be loaded
    first, core = time.perf_counter(), time.process_time()
    for row in rows:
        run(row)
    seconds = time.perf_counter() - first
    return Rate(len(rows) / seconds, first - started, (time.process_time() - core) / len(rows))


def in_ray(rows: Dataset, workers: Workers, preset: str, embedder: str | None, model: str | None) -> Rate:
    """The same through `shape_dataset`."""
    backend = {"use": "llama_cpp", "model": model} if model else None
    shaped = shape_dataset(rows, preset=preset, embedder=embedder, backend=backend, allow="reads", workers=workers)
    started, arrived = time.perf_counter(), []
    for block in shaped.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        arrived.append((time.perf_counter(), len(block)))
        errors = len(block) - block["error"].null_count
        if errors:
            print(f"{errors} rows of a block have an error: {block['error'].drop_null()[0]}")
    (cpu,) = re.findall(r"MapBatches\(ShapeRows\).*?Remote cpu time:.*?([\d.]+)(ms|s) total", shaped.stats(), re.DOTALL)[-1:]
    core = float(cpu[0]) / (1000 if cpu[1] == "ms" else 1)
    (first, begun), (last, _) = arrived[0], arrived[-1]
    seen = sum(size for _, size in arrived)
    return Rate((seen - begun) / (last - first), first - started, core / seen)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--preset", default="light")
    parser.add_argument("--embedder", help='for balanced: "universal", or a folder of sentence-transformers')
    parser.add_argument("--model", help="a GGUF file; rows are answered, too")
    parser.add_argument("--workers", type=_numbers, default=[1, 2, 1, 2], help="such as 1,2,1,2")
    given = parser.parse_args()
    found = [row for path in given.files for row in records(path)] or list(demo_records())
    rows = list(islice(cycle(found), given.rows))
    print(f"{len(rows)} rows, {len(found)} of them different, {PASSAGES} passages each at most; preset {given.preset};")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")

    how = (given.preset, given.embedder, given.model and str(Path(given.model).resolve()))
    print(f"loop       {in_a_loop(rows[: max(20, len(rows) // 4)], *how)}", flush=True)
    ray.init(num_cpus=max(given.workers), include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    DataContext.get_current().enable_progress_bars = False
    size = max(1, min(BLOCK, len(rows) // (8 * max(given.workers))))
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows) // size).materialize()
    for number in given.workers:
        workers = Workers(least=number, most=number, batch_size=size)
        rate = in_ray(dataset, workers, *how)
        print(f"{number} worker{'s' if number > 1 else ' '}  {rate}   load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()

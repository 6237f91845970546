"""Measures what shaping costs, what it saves, and how it grows with the list; also summaries in a batch against one by one.

    python examples/measure/benchmark_speed.py --model MODEL.gguf --data FILE.jsonl.gz

Each line of FILE is {"question", "ctxs": [{"title", "text"}, …]}. All times are compared within one run, as ratios of
medians. On a busy machine, use `--threads 1` and read the CPU seconds. What votes cost: permutation_speed.py.
"""

from __future__ import annotations

import argparse
import string
import time
from collections.abc import Callable
from statistics import median

from shared import read_context, read_questions

from ctxshape import Context, Generation, LlamaCpp, render, shape
from ctxshape.core.prompts import SUMMARY_ENGLISH

PARTS = ["growth", "light", "summaries"]


def growth(arguments: argparse.Namespace) -> None:
    """Prints the CPU time of `shape` for 100, 1,000 and 10,000 passages.

    The passages are those of the data, then copies in which every letter is shifted in the alphabet: their lengths are
    real, and no passage is a duplicate.
    """
    texts = (" ".join(p["text"].split()) for _, record in read_questions(arguments.data) for p in record["ctxs"])
    unique = list(dict.fromkeys(texts))
    letters = string.ascii_lowercase
    shifts = [str.maketrans(letters, letters[shift:] + letters[:shift]) for shift in range(len(letters))]
    passages = [text.translate(shift) for shift in shifts for text in unique]
    query = read_context(arguments.data, arguments.question, 1).query
    shape(query, passages[:10])
    before = 0.0
    for count in (100, 1000, 10000):
        times: list[float] = []
        for _ in range(arguments.repeats):
            started = time.process_time()  # shaping runs on one core, and CPU seconds ignore other processes
            shape(query, passages[:count])
            times.append(time.process_time() - started)
        factor = f", {median(times) / before / 10:.2f} times linear" if before else ""
        before = median(times)
        print(f"shape, {count} passages: {before:.3f} CPU s, {before / count * 1e3:.2f} ms per passage{factor}", flush=True)


def light(backend: LlamaCpp, arguments: argparse.Namespace) -> None:
    """Prints the cost of the light preset on 20 passages, as a share of the prefill time that it saves."""
    context = read_context(arguments.data, arguments.question, 20)
    passages = list(context.documents)
    shape(context.query, passages, counter=backend)  # the first call loads resources
    times: list[float] = []
    for _ in range(20):
        started = time.perf_counter()
        shaped = shape(context.query, passages, counter=backend)
        times.append(time.perf_counter() - started)
    one = Generation(max_tokens=1)
    raw, short = (backend.generate([render(c)], one)[0] for c in (context, shaped))
    saved = raw.prefill_seconds - short.prefill_seconds
    print(f"\nlight preset on 20 passages: {raw.prompt_tokens} prompt tokens become {short.prompt_tokens}")
    print(f"prefill {raw.prefill_seconds:.2f} s becomes {short.prefill_seconds:.2f} s")
    print(f"shaping takes {median(times) * 1e3:.1f} ms: {median(times) / saved:.2%} of the prefill time it saves")


def summaries(backend: LlamaCpp, context: Context, arguments: argparse.Namespace) -> None:
    """Prints the time of summarising each document for the question, one by one and in one batch."""
    options = Generation(max_tokens=arguments.summary_tokens)
    prompts = [render(context.keep([document]), SUMMARY_ENGLISH) for document in context.documents]
    print(f"\n{len(prompts)} blocks of about {len(backend.encode(prompts[0]))} tokens, summary at most {options.max_tokens}")
    ways: dict[str, Callable[[], object]] = {
        "one by one": lambda: [backend.generate([prompt], options) for prompt in prompts],
        "one batch": lambda: backend.generate(prompts, options),
    }
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.repeats):
        for name, way in ways.items():
            started, used = time.perf_counter(), time.process_time()
            way()
            wall[name].append(time.perf_counter() - started)
            cpu[name].append(time.process_time() - used)
    print(f"{'summaries':20} {'seconds':>9} {'ratio':>6} {'CPU s':>9} {'ratio':>6}")
    for name in ways:
        columns = [(median(times[name]), median(times[name]) / median(times["one by one"])) for times in (wall, cpu)]
        print(f"{name:20} " + " ".join(f"{seconds:9.2f} {ratio:6.2f}" for seconds, ratio in columns), flush=True)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a GGUF file; not needed for --parts growth")
    parser.add_argument("--data", required=True, help="JSON lines, gzipped or not")
    parser.add_argument("--question", type=int, default=0, help="the line of the question, counted from 0")
    parser.add_argument("--documents", type=int, default=8, help="documents to summarise")
    parser.add_argument("--words", type=int, nargs="+", default=[0, 20], help="words of each document to summarise; 0 for all")
    parser.add_argument("--summary-tokens", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=16384)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    if "growth" in arguments.parts:
        growth(arguments)
    if arguments.parts == ["growth"]:
        return
    if not arguments.model:
        parser.error("give --model, which light and summaries need")
    with LlamaCpp(arguments.model, n_ctx=arguments.n_ctx, n_threads=arguments.threads) as backend:
        if "light" in arguments.parts:
            light(backend, arguments)
        for words in arguments.words if "summaries" in arguments.parts else ():
            summaries(backend, read_context(arguments.data, arguments.question, arguments.documents, words), arguments)


if __name__ == "__main__":
    main()

"""Speed as ratios in one run: votes and summaries in a batch, what shaping costs and saves, and how it grows.

    python examples/measure/benchmark_speed.py --model MODEL.gguf --data FILE.jsonl.gz

FILE has a case a line: {"question": ..., "ctxs": [{"title": ..., "text": ...}, ...]}. Every way of answering runs in each
repeat, one after the other; the table shows medians and their ratios. On a machine that does other work, run with
`--threads 1` and read the column of CPU seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import string
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from ctxshape import Context, Generation, LlamaCpp, Prompt, render, shape
from ctxshape.core.prompts import SUMMARY_ENGLISH
from ctxshape.readers.orders import branching_orders

PARTS = ["growth", "light", "summaries", "vote"]
Way = Callable[[], object]


def main() -> None:
    """Print the tables."""
    arguments = parse()
    import llama_cpp

    if "growth" in arguments.parts:
        growth(arguments)
    if arguments.parts == ["growth"]:
        return
    cells = arguments.n_ctx
    plain = llama_cpp.Llama(
        arguments.model, n_ctx=min(cells, 8192), n_threads=arguments.threads, n_threads_batch=arguments.threads, verbose=False
    )
    backend = LlamaCpp(arguments.model, n_ctx=cells, n_threads=arguments.threads)
    if "light" in arguments.parts:
        light(backend, arguments)
    for words in arguments.words:
        context = read_context(arguments.data, arguments.case, arguments.documents, words)
        if "vote" in arguments.parts:
            report("voting", chosen(voting(backend, plain, context, arguments), arguments.ways), arguments.repeats)
        if "summaries" in arguments.parts:
            report("summaries", summaries(backend, context, arguments), arguments.repeats)


def voting(backend: LlamaCpp, plain: Any, context: Context, arguments: argparse.Namespace) -> dict[str, Way]:  # noqa: ANN401
    """Ways to answer the same question in several orders; the first is what others are compared with."""
    options = Generation(max_tokens=arguments.max_tokens)
    size = len(context.documents)
    tree = branching_orders(size, arguments.votes, arguments.seed)
    independent = random_orders(size, arguments.votes, arguments.seed)
    shuffled = [tree[place] for place in independent_places(len(tree), arguments.seed)]
    print(
        f"\n{size} documents, {len(tree)} votes: {computed_documents(tree)} of {size * len(tree)} documents computed as a tree"
    )
    print(f"prompt tokens: {len(backend.encode(render(context)))}, answer at most {options.max_tokens}")

    def prompts(orders: list[list[int]]) -> list[Prompt]:
        return [render(context.keep([context.documents[place] for place in order])) for order in orders]

    def alone(orders: list[list[int]], fresh: bool) -> Way:
        encoded = [backend.encode(prompt) for prompt in prompts(orders)]
        return lambda: [answer_plainly(plain, tokens, options.max_tokens, fresh) for tokens in encoded]

    return {
        "plain Llama, reset before each": alone(shuffled, True),
        "plain Llama, tree orders, shuffled": alone(shuffled, False),
        "plain Llama, tree orders, in tree sequence": alone(tree, False),
        "plain Llama, random orders": alone(independent, False),
        "LlamaCpp, random orders": lambda: backend.generate(prompts(independent), options),
        "LlamaCpp, tree orders": lambda: backend.generate(prompts(tree), options),
    }


def summaries(backend: LlamaCpp, context: Context, arguments: argparse.Namespace) -> dict[str, Way]:
    """Ways to summarise each document for the question."""
    options = Generation(max_tokens=arguments.summary_tokens)
    blocks = [render(context.keep([document]), SUMMARY_ENGLISH) for document in context.documents[: arguments.votes]]
    print(f"\n{len(blocks)} blocks of about {len(backend.encode(blocks[0]))} tokens, summary at most {options.max_tokens}")
    return {
        "LlamaCpp, one by one": lambda: [backend.generate([block], options) for block in blocks],
        "LlamaCpp, one batch": lambda: backend.generate(blocks, options),
    }


def light(backend: LlamaCpp, arguments: argparse.Namespace) -> None:
    """Print what the light preset costs on 20 passages, as a share of the prefill time that it saves."""
    context = read_context(arguments.data, arguments.case, 20, 0)
    passages = list(context.documents)
    shape(context.query, passages, counter=backend)  # the first call loads what later ones find
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


def growth(arguments: argparse.Namespace) -> None:
    """Print the time of `shape` for 100, 1,000 and 10,000 passages.

    The data's passages, then the same with every letter shifted in the alphabet, so that their lengths are real and
    no passage is a copy of another.
    """
    known = (" ".join(p["text"].split()) for line in lines(arguments.data) for p in json.loads(line)["ctxs"])
    texts = list(dict.fromkeys(known))
    letters = string.ascii_lowercase
    shifts = [str.maketrans(letters, letters[shift:] + letters[:shift]) for shift in range(len(letters))]
    made = [text.translate(shift) for shift in shifts for text in texts]
    query = read_context(arguments.data, arguments.case, 1, 0).query
    shape(query, made[:10])
    before = 0.0
    for count in (100, 1000, 10000):
        times: list[float] = []
        for _ in range(arguments.repeats):
            started = time.process_time()  # it runs on one core; CPU seconds leave out what else the machine does
            shape(query, made[:count])
            times.append(time.process_time() - started)
        factor = f", {median(times) / before / 10:.2f} times linear" if before else ""
        before = median(times)
        print(f"shape, {count} passages: {before:.3f} CPU s, {before / count * 1e3:.2f} ms each{factor}", flush=True)


def chosen(ways: dict[str, Way], names: list[str]) -> dict[str, Way]:
    """Keep the ways whose names hold one of `names`."""
    return {name: way for name, way in ways.items() if any(part in name for part in names)}


def answer_plainly(plain: Any, tokens: Sequence[int], count: int, fresh: bool) -> list[int]:  # noqa: ANN401
    """The greedy answer of a `llama_cpp.Llama`, which keeps what it has in common with the prompt before unless `fresh`."""
    if fresh:
        plain.reset()
    made: list[int] = []
    for token in plain.generate(list(tokens), temp=0.0, repeat_penalty=1.0):
        made.append(token)
        if token == plain.token_eos() or len(made) == count:
            break
    return made


def report(title: str, ways: dict[str, Way], repeats: int) -> None:
    """Run every way `repeats` times in turns, and print the medians."""
    wall: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            started, used = time.perf_counter(), time.process_time()
            way()
            wall[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - used)
    first = next(iter(ways))
    print(f"{title:44} {'seconds':>9} {'ratio':>6} {'CPU s':>9} {'ratio':>6}")
    for name in ways:
        seconds, used = median(wall[name]), median(processor[name])
        print(
            f"{name:44} {seconds:9.2f} {seconds / median(wall[first]):6.2f} {used:9.2f} {used / median(processor[first]):6.2f}",
            flush=True,
        )


def random_orders(n: int, votes: int, seed: int = 0) -> list[list[int]]:
    """Returns at most `votes` distinct orders of `range(n)`: the given one, then independent random ones."""
    rng = random.Random(seed)
    found = {tuple(range(n)): None}
    while len(found) < min(votes, math.factorial(n)):
        found[tuple(rng.sample(range(n), n))] = None
    return [list(order) for order in found]


def computed_documents(orders: list[list[int]]) -> int:
    """Returns how many documents are computed when each shared beginning is computed once."""
    return len({tuple(order[: end + 1]) for order in orders for end in range(len(order))})


def independent_places(count: int, seed: int) -> list[int]:
    """The votes in a sequence that does not follow the tree."""
    return random_orders(count, 2, seed)[-1]


def read_context(path: str, case: int, documents: int, words: int) -> Context:
    """A question with its passages, each cut to its first `words` words (0: whole)."""
    line = next(line for number, line in enumerate(lines(path)) if number == case)
    record = json.loads(line)
    passages = [
        {"title": passage["title"], "text": " ".join(passage["text"].split()[: words or None])}
        for passage in record["ctxs"][:documents]
    ]
    return Context.of(record["question"], passages)


def lines(path: str) -> Iterator[str]:
    """The lines of a text file, gzipped or not."""
    file = Path(path)
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as stream:
        yield from stream


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--data", required=True, help="JSON lines, gzipped or not")
    parser.add_argument("--case", type=int, default=0)
    parser.add_argument("--documents", type=int, default=10)
    parser.add_argument("--words", type=int, nargs="+", default=[0, 20], help="words of each passage; 0 for all")
    parser.add_argument("--votes", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--summary-tokens", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=16384)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--ways", nargs="+", default=[""], help="parts of the names of the ways to vote that shall run")
    return parser.parse_args()


if __name__ == "__main__":
    main()

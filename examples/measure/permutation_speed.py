"""Measures what votes over orders cost: a loop over llama_cpp.Llama, shared prefixes, moved documents, parallel windows.

    python examples/measure/permutation_speed.py --model MODEL.gguf [--data FILE.jsonl.gz]

Each line of FILE is {"question", "ctxs": [{"title", "text"}, …]}; without a file, the demo's passages are read. All ways
run once in each repeat. The table shows medians, also as ratios to one plain answer by `llama_cpp.Llama` over the same
documents and instruction. On a busy machine, use `--threads 1` and read the CPU seconds; wall time means little then.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from shared import read_context

from ctxshape import Context, Generation, LlamaCpp, PermutationVote, ReadOnce, render
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.cli.demo import demo_case
from ctxshape.core.messages import Usage
from ctxshape.core.protocols import Reader
from ctxshape.readers.orders import branching_orders
from ctxshape.readers.windows import ParallelWindows


class Cost(NamedTuple):
    """The cost of one run: wall seconds, CPU seconds, tokens computed, tokens written."""

    wall: float
    cpu: float
    computed: float
    written: int


Way = Callable[[], Usage]


def main() -> None:
    """Prints the tables."""
    arguments = parse()
    import llama_cpp

    cells = {"n_ctx": min(arguments.n_ctx, 8192), "n_threads": arguments.threads, "n_threads_batch": arguments.threads}
    flash = {"auto": None, "on": True, "off": False}[arguments.flash_attention]
    plain = llama_cpp.Llama(arguments.model, flash_attn=flash is not False, verbose=False, **cells)
    # Without a document cache, so that every repeat computes its documents.
    backend = LlamaCpp(
        arguments.model,
        n_ctx=arguments.n_ctx,
        n_threads=arguments.threads,
        flash_attention=flash,
        document_cache=DocumentCache(memory_mib=0),
    )
    context = read_passages(arguments, arguments.documents)
    ways = {
        name: way
        for number, (name, way) in enumerate(votes(backend, plain, context, arguments))
        if number == 0 or any(part in name for part in arguments.ways)
    }
    print(f"{len(context.documents)} documents, {len(backend.encode(render(context)))} tokens, {arguments.threads} threads")
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for repeat in range(arguments.repeats):
        for name, way in ways.items():
            costs[name].append(measured(way))
            print(f"  repeat {repeat + 1}, {name}: {costs[name][-1].cpu:.2f} CPU s", flush=True)
    table(costs)
    second_question(arguments)


def votes(backend: LlamaCpp, plain: Any, context: Context, arguments: argparse.Namespace) -> Iterator[tuple[str, Way]]:  # noqa: ANN401
    """Yields the ways to answer; the first is the one that the others are compared with."""
    options = Generation(max_tokens=arguments.max_tokens)

    def reader(**fields: object) -> Way:
        return partial(usage_of, PermutationVote(backend=backend, options=options, **fields), context)

    yield "plain Llama, once", looped(plain, backend, context, 1, options)
    yield "ReadOnce", partial(usage_of, ReadOnce(backend=backend, options=options), context)
    yield "ParallelWindows", partial(usage_of, ParallelWindows(backend=backend, options=options), context)
    for count in arguments.votes:
        if 1 < count <= arguments.loop:
            yield f"{count:2} votes, plain Llama in a loop", looped(plain, backend, context, count, options)
            yield f"{count:2} votes, plain Llama, prefix reuse", looped(plain, backend, context, count, options, reuse=True)
        if count > 1:
            yield f"{count:2} votes, exact", reader(votes=count)
            yield f"{count:2} votes, exact, the 4 best last", reader(votes=count, permuted=4)
        yield f"{count:2} votes, blocks", reader(votes=count, reuse="blocks")


def looped(
    plain: Any,  # noqa: ANN401  llama_cpp.Llama
    backend: LlamaCpp,
    context: Context,
    count: int,
    options: Generation,
    *,
    reuse: bool = False,
) -> Way:
    """Returns a loop over prompts in several orders, each computed from its first token on.

    With `reuse` the orders share prefixes, and `Llama` keeps the prefix that a prompt shares with the one before.
    """
    size = len(context.documents)
    orders = branching_orders(size, count) if reuse else random_orders(size, count)
    prompts = [backend.encode(render(context.keep([context.documents[place] for place in order]))) for order in orders]

    def run() -> Usage:
        written = 0
        for tokens in prompts:
            if not reuse:
                plain.reset()
            for token in plain.generate(tokens, temp=0.0, repeat_penalty=1.0):
                if token == plain.token_eos() or (written := written + 1) % options.max_tokens == 0:
                    break
        return Usage(computed_tokens=sum(map(len, prompts)), completion_tokens=written)

    return run


def random_orders(n: int, count: int, seed: int = 0) -> list[list[int]]:
    """Returns at most `count` distinct orders of `range(n)`: the given one, then independent random ones."""
    rng = random.Random(seed)
    orders = {tuple(range(n)): None}
    while len(orders) < min(count, math.factorial(n)):
        orders[tuple(rng.sample(range(n), n))] = None
    return [list(order) for order in orders]


def measured(way: Way) -> Cost:
    """Runs a way once and measures its cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    usage = way()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, usage.computed_tokens, usage.completion_tokens)


def table(costs: dict[str, list[Cost]]) -> None:
    """Prints medians, and their ratios to the first way."""
    base = next(iter(costs.values()))
    print(f"\n{'':38}{'CPU s':>8}{'ratio':>7}{'wall':>8}{'ratio':>7}{'tokens':>9}{'written':>9}")
    for name, runs in costs.items():
        cpu, wall = (median(getattr(cost, field) for cost in runs) for field in ("cpu", "wall"))
        ratios = [value / median(getattr(cost, field) for cost in base) for field, value in (("cpu", cpu), ("wall", wall))]
        print(
            f"{name:38}{cpu:8.2f}{ratios[0]:7.2f}{wall:8.2f}{ratios[1]:7.2f}"
            f"{median(cost.computed for cost in runs):9.0f}{median(cost.written for cost in runs):9.0f}"
        )


def second_question(arguments: argparse.Namespace) -> None:
    """Prints the cost of another question over the same passages, up to its first token."""
    context = read_passages(arguments, 2 * arguments.documents)
    other = context.model_copy(update={"query": "What is said of the year 1882?"})
    options = Generation(max_tokens=1)
    for _ in range(arguments.repeats):
        with LlamaCpp(arguments.model, n_ctx=arguments.n_ctx, n_threads=arguments.threads) as fresh:
            fresh.generate([render(context.keep([]))], options)  # loads the model
            reader = PermutationVote(backend=fresh, votes=1, reuse="blocks", options=options)
            first, second = measured(partial(usage_of, reader, context)), measured(partial(usage_of, reader, other))
        print(
            f"a second question over the same {len(context.documents)} passages: {second.cpu / first.cpu:.3f} of the first's "
            f"CPU seconds ({second.cpu:.2f} / {first.cpu:.2f}), {second.computed:.0f} of {first.computed:.0f} tokens"
        )


def usage_of(reader: Reader, context: Context) -> Usage:
    """Returns the usage of an answer."""
    return reader(context).usage


def read_passages(arguments: argparse.Namespace, count: int) -> Context:
    """Returns a question of the data file with its first passages, or that of the demo."""
    if arguments.data is None:
        return Context.of(demo_case().question, demo_case().documents[:count])
    return read_context(arguments.data, arguments.question, count, arguments.words)


def parse() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--data", help="JSON lines, gzipped or not")
    parser.add_argument("--question", type=int, default=0, help="the line of the question, counted from 0")
    parser.add_argument(
        "--documents", type=int, default=10, help="documents of the list; the second question reads twice as many"
    )
    parser.add_argument("--words", type=int, default=0, help="words of each passage; 0 for all")
    parser.add_argument("--votes", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--loop", type=int, default=16, help="run the plain loops only up to so many votes")
    parser.add_argument(
        "--ways", nargs="+", default=[""], help="run only the ways whose names contain one of these parts, and the first"
    )
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=32768)
    parser.add_argument("--flash-attention", choices=["auto", "on", "off"], default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()

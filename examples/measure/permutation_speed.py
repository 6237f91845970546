"""What votes over orders cost: a loop, shared prefixes, moved documents, and documents side by side, in one run.

    python examples/measure/permutation_speed.py --model MODEL.gguf [--data FILE.jsonl.gz]

FILE has a case a line: {"question": ..., "ctxs": [{"title": ..., "text": ...}, ...]}; without one, those of the demo
are read. Each way runs in each repeat, one after the other. The table shows medians, as multiples of one plain answer:
`llama_cpp.Llama` over the same documents and instruction. On a machine that does other work, run with `--threads 1` and
read the column of CPU seconds; the wall column then says little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmark_speed import random_orders

from ctxshape import Context, Generation, LlamaCpp, PermutationVote, ReadOnce, render
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.cli.demo import demo_case
from ctxshape.core.messages import Usage
from ctxshape.core.protocols import Reader
from ctxshape.readers.windows import ParallelWindows


class Cost(NamedTuple):
    """What one run of a way took: seconds on the clock, of the processors, tokens computed, tokens written."""

    wall: float
    cpu: float
    computed: float
    written: int


Way = Callable[[], Usage]


def main() -> None:
    """Print the tables."""
    arguments = parse()
    import llama_cpp

    cells = {"n_ctx": min(arguments.n_ctx, 8192), "n_threads": arguments.threads, "n_threads_batch": arguments.threads}
    flash = {"auto": None, "on": True, "off": False}[arguments.flash_attention]
    plain = llama_cpp.Llama(arguments.model, flash_attn=flash is not False, verbose=False, **cells)
    # Without a cache, so that every repeat computes its documents.
    backend = LlamaCpp(
        arguments.model,
        n_ctx=arguments.n_ctx,
        n_threads=arguments.threads,
        flash_attention=flash,
        document_cache=DocumentCache(memory_mib=0),
    )
    context = read_context(arguments.data, arguments.case, arguments.documents, arguments.words)
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
    """The ways to answer, the first of which the others are compared with."""
    options = Generation(max_tokens=arguments.max_tokens)

    def reader(**fields: object) -> Way:
        return partial(usage_of, PermutationVote(backend=backend, options=options, **fields), context)

    yield "plain Llama, once", looped(plain, backend, context, 1, options)
    yield "ReadOnce", partial(usage_of, ReadOnce(backend=backend, options=options), context)
    yield "ParallelWindows", partial(usage_of, ParallelWindows(backend=backend, options=options), context)
    for count in arguments.votes:
        if 1 < count <= arguments.loop:
            yield f"{count:2} votes, plain Llama in a loop", looped(plain, backend, context, count, options)
        if count > 1:
            yield f"{count:2} votes, exact", reader(votes=count)
            yield f"{count:2} votes, exact, the 4 best last", reader(votes=count, permuted=4)
        yield f"{count:2} votes, blocks", reader(votes=count, reuse="blocks")


def looped(plain: Any, backend: LlamaCpp, context: Context, count: int, options: Generation) -> Way:  # noqa: ANN401
    """Random orders, one prompt after the other, each from its first token on."""
    orders = random_orders(len(context.documents), count)
    prompts = [backend.encode(render(context.keep([context.documents[place] for place in order]))) for order in orders]

    def run() -> Usage:
        written = 0
        for tokens in prompts:
            plain.reset()
            for token in plain.generate(tokens, temp=0.0, repeat_penalty=1.0):
                if token == plain.token_eos() or (written := written + 1) % options.max_tokens == 0:
                    break
        return Usage(computed_tokens=sum(map(len, prompts)), completion_tokens=written)

    return run


def measured(way: Way) -> Cost:
    """One run of a way."""
    wall, cpu = time.perf_counter(), time.process_time()
    usage = way()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, usage.computed_tokens, usage.completion_tokens)


def table(costs: dict[str, list[Cost]]) -> None:
    """Print medians, and ratios to the first way."""
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
    """Print what another question over the same passages costs, up to its first token."""
    context = read_context(arguments.data, arguments.case, 2 * arguments.documents, arguments.words)
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
    """What an answer cost."""
    return reader(context).usage


def read_context(path: str | None, case: int, documents: int, words: int) -> Context:
    """A case of the file, or the demo; passages cut to `words` words, 0 for all."""
    if path is None:
        return Context.of(demo_case().question, demo_case().documents[:documents])
    file = Path(path)
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as stream:
        record = next(json.loads(line) for number, line in enumerate(stream) if number == case)
    passages = [
        {"title": one["title"], "text": " ".join(one["text"].split()[: words or None])} for one in record["ctxs"][:documents]
    ]
    return Context.of(record["question"], passages)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--data", help="JSON lines, gzipped or not")
    parser.add_argument("--case", type=int, default=0)
    parser.add_argument("--documents", type=int, default=10, help="twice as many for the second question")
    parser.add_argument("--words", type=int, default=0, help="words of each passage; 0 for all")
    parser.add_argument("--votes", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--loop", type=int, default=16, help="most votes for which the plain loop runs, too")
    parser.add_argument(
        "--ways", nargs="+", default=[""], help="parts of the names of the ways that shall run beside the first"
    )
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--n-ctx", type=int, default=32768)
    parser.add_argument("--flash-attention", choices=["auto", "on", "off"], default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Does memory stay flat? Shape and answer again and again, each time over new passages, by several readers.

Run it with:  python examples/measure/steady_memory.py model.gguf --calls 1000

Every call shapes ten generated passages and answers by the next reader in turn: once, by a vote, by a vote over
documents that are read once, side by side, as a stream that is left after its first word, and one that fails in the
middle. It prints this program's memory after each tenth of the calls, and at the end whether an answer is the same as before.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ctxshape import Answer, DocumentCache, Generation, LlamaCpp, ParallelWindows, PermutationVote, ReadOnce, ask, render, shape
from ctxshape.core.types import Context
from ctxshape.testing.memory import resident_mib

SHORT = Generation(max_tokens=3)
QUESTION = "When was the mill of Arden built?"


class LeftEarly(Exception):
    """What a caller's own code may raise while it reads a stream."""


def passages(seed: int) -> list[str]:
    """Ten short passages that no other call has; one answers."""
    random_of = random.Random(seed)
    years = random_of.sample(range(1200, 2000), 10)
    names = ["Arden", *(f"{chr(66 + i)}orsa {seed}" for i in range(9))]
    found = [f"The mill of {name} was built in {year}." for name, year in zip(names, years, strict=True)]
    return random_of.sample(found, 10)


def readers(model: LlamaCpp) -> Sequence[Callable[[Context], Answer]]:
    """The ways to answer, one after another."""

    def stream_left(context: Context) -> Answer:
        first = next(iter(model.stream(render(context), SHORT)))
        return Answer(text=first)

    def stream_failed(context: Context) -> Answer:
        with suppress(LeftEarly):
            for _ in model.stream(render(context), SHORT):
                raise LeftEarly
        return Answer(text="")

    return [
        ReadOnce(backend=model, options=SHORT),
        PermutationVote(backend=model, votes=2, options=SHORT),
        PermutationVote(backend=model, votes=2, options=SHORT, reuse="blocks"),
        ParallelWindows(backend=model, options=SHORT),
        stream_left,
        stream_failed,
    ]


def main() -> None:
    """Call, and print the memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a GGUF file")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    cache = DocumentCache(memory_mib=4)
    with LlamaCpp(given.model, n_ctx=2048, n_threads=given.threads, document_cache=cache) as model:
        ways = readers(model)
        before = ask(QUESTION, passages(0), backend=model, reader=ways[0], budget=60).text
        started = time.perf_counter()
        for call in range(1, given.calls + 1):
            ways[call % len(ways)](shape(QUESTION, passages(call), budget=60, counter=model))
            if call % max(given.calls // 10, 1) == 0:
                print(f"{call:6,} calls  {resident_mib():8.1f} MiB  {time.perf_counter() - started:7.1f} s", flush=True)
        after = ask(QUESTION, passages(0), backend=model, reader=ways[0], budget=60).text
    print(f"the first question again: {'the same answer' if before == after else f'{after!r}, before {before!r}'}")


if __name__ == "__main__":
    main()

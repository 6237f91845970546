"""Measures whether memory stays flat over many calls, each of which shapes and answers from new passages.

    python examples/measure/steady_memory.py model.gguf --calls 1000

Every call shapes ten generated passages and answers with the next reader in turn: read once, vote, vote over documents that
are read once, parallel windows, and streams: one that is closed after its first piece, one whose caller fails, one that is
abandoned while other calls go on, one whose task is cancelled, and a prompt that is too long. The program prints its memory
after each tenth of the calls, and at the end whether the first question still gets the same answer.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from ctxshape import Answer, DocumentCache, Generation, LlamaCpp, ParallelWindows, PermutationVote, ReadOnce, ask, render, shape
from ctxshape.core.types import Context
from ctxshape.errors import ContextTooLong
from ctxshape.testing.memory import resident_mib

OPTIONS = Generation(max_tokens=3)
ENDLESS = Generation(max_tokens=1500)
OPEN = 8  # abandoned streams that are still referred to
QUESTION = "When was the mill of Arden built?"


class CallerError(Exception):
    """An error in the caller's own code while it reads a stream."""


def passages(seed: int) -> list[str]:
    """Returns ten short passages that no other call has; one of them answers the question."""
    rng = random.Random(seed)
    years = rng.sample(range(1200, 2000), 10)
    names = ["Arden", *(f"{chr(66 + i)}orsa {seed}" for i in range(9))]
    texts = [f"The mill of {name} was built in {year}." for name, year in zip(names, years, strict=True)]
    return rng.sample(texts, 10)


def readers(model: LlamaCpp) -> Sequence[Callable[[Context], Answer]]:
    """Returns the readers that take turns."""

    def stream_closed(context: Context) -> Answer:
        return Answer(text=next(iter(model.stream(render(context), OPTIONS))))

    def stream_failed(context: Context) -> Answer:
        with suppress(CallerError):
            for _ in model.stream(render(context), OPTIONS):
                raise CallerError
        return Answer(text="")

    abandoned: deque[Iterator[str]] = deque(maxlen=OPEN)  # never read again, never closed

    def stream_abandoned(context: Context) -> Answer:
        abandoned.append(model.stream(render(context), ENDLESS))
        return Answer(text=next(abandoned[-1]))

    def stream_cancelled(context: Context) -> Answer:
        async def cancel() -> str:
            begun = asyncio.Event()

            async def read() -> None:
                async for _ in model.astream(render(context), ENDLESS):
                    begun.set()

            task = asyncio.create_task(read())
            await begun.wait()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            return ""

        return Answer(text=asyncio.run(cancel()))

    def too_long(context: Context) -> Answer:
        with suppress(ContextTooLong):
            model.generate([render(context)], Generation(max_tokens=4000))
        return Answer(text="")

    return [
        ReadOnce(backend=model, options=OPTIONS),
        PermutationVote(backend=model, votes=2, options=OPTIONS),
        PermutationVote(backend=model, votes=2, options=OPTIONS, reuse="blocks"),
        ParallelWindows(backend=model, options=OPTIONS),
        stream_closed,
        stream_failed,
        stream_abandoned,
        stream_cancelled,
        too_long,
    ]


def main() -> None:
    """Runs the calls and prints the memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a GGUF file")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    cache = DocumentCache(memory_mib=4)
    with LlamaCpp(given.model, n_ctx=2048, n_threads=given.threads, document_cache=cache) as model:
        turns = readers(model)
        before = ask(QUESTION, passages(0), backend=model, reader=turns[0], budget=60).text
        started = time.perf_counter()
        for call in range(1, given.calls + 1):
            turns[call % len(turns)](shape(QUESTION, passages(call), budget=60, counter=model))
            if call % max(given.calls // 10, 1) == 0:
                print(f"{call:6,} calls  {resident_mib():8.1f} MiB  {time.perf_counter() - started:7.1f} s", flush=True)
        after = ask(QUESTION, passages(0), backend=model, reader=turns[0], budget=60).text
    print(f"the first question again: {'the same answer' if before == after else f'{after!r}, but first {before!r}'}")


if __name__ == "__main__":
    main()

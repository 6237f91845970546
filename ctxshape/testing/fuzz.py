"""Tries very many hostile inputs: `python -m ctxshape.testing.fuzz --inputs 1000000 --processes 2`.

Prints the counts of inputs, documented errors, undocumented errors and broken promises; exits 1 if there is any of the
last two. The same seed tries the same inputs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from functools import partial
from typing import Any

from ctxshape import (
    Context,
    CtxshapeError,
    DropDuplicates,
    DropEmpty,
    DropNoise,
    HintAtEvidence,
    KeepKeySentences,
    MarkConflicts,
    MarkSuspicious,
    Pipeline,
    RankByRelevance,
    ReadOnce,
    Reorder,
    WeighSources,
    shape,
)
from ctxshape.core.tokens import EstimateCounter
from ctxshape.testing import fuzzing
from ctxshape.testing.scripted import ScriptedBackend

_CHUNK = 2000


def try_inputs(seed: int, first: int, count: int) -> Counter[str]:
    """Tries `count` inputs from number `first` on; returns how often each outcome came."""
    found = Counter[str]()
    for number in range(first, first + count):
        rng = random.Random(f"{seed} {number}")
        query, given = fuzzing.question(rng), fuzzing.passage_list(rng, 3)
        try:
            found[_WAYS[number % len(_WAYS)](rng, query, given)] += 1
        except CtxshapeError as error:
            found[f"refused: {type(error).__name__}"] += 1
        except AssertionError as error:
            found[f"BROKEN: {str(error)[:80]} (input {number})"] += 1
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of a Rust library is no Exception
            found[f"RAISED: {type(error).__name__}: {str(error)[:80]} (input {number})"] += 1
    return found


def _shaped(rng: random.Random, query: str, given: list[Any]) -> str:
    budget = rng.choice((None, None, 5, 40, 200))
    shaping = partial(shape, preset="light", budget=budget, counter=_COUNTER)
    fuzzing.check_shaped(shaping, query, given, budget=budget, counter=_COUNTER, twice=rng.random() < 0.2)
    return "shaped by light"


def _through_all_steps(rng: random.Random, query: str, given: list[Any]) -> str:
    fuzzing.check_shaped(
        partial(shape, pipeline=_STEPS, budget=60, counter=_COUNTER), query, given, budget=60, counter=_COUNTER
    )
    return "shaped by every step"


def _answered(rng: random.Random, query: str, given: list[Any]) -> str:
    context = Context.of(query, given)
    reader = ReadOnce(backend=ScriptedBackend(reply=fuzzing.text(rng, 80), n_ctx=100_000))
    for span in reader(context).citations:
        assert 0 <= span.start < span.end <= len(context.sources[span.document].text), f"{span} is outside"
    return "answered"


_COUNTER = EstimateCounter()
_STEPS = Pipeline(
    DropEmpty(),
    DropNoise(off_language=True),
    DropDuplicates(),
    MarkSuspicious(),
    WeighSources(),
    RankByRelevance(fusion="reciprocal_rank"),
    MarkConflicts(policy="trusted"),
    KeepKeySentences(ratio=0.6, neighbours=1),
    Reorder(),
    HintAtEvidence(),
)
_WAYS = (_shaped, _shaped, _through_all_steps, _answered)


def run_fuzz() -> int:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    starts = range(0, given.inputs, _CHUNK)
    tasks = [(given.seed, start, min(_CHUNK, given.inputs - start)) for start in starts]
    found, begun = Counter[str](), time.perf_counter()
    with multiprocessing.Pool(given.processes) as pool:
        for part in pool.starmap(try_inputs, tasks, chunksize=1):
            found += part
    wrong = sum(count for name, count in found.items() if name.startswith(("BROKEN", "RAISED")))
    for name, count in sorted(found.items()):
        sys.stdout.write(f"{count:9,} {name}\n")
    sys.stdout.write(f"{given.inputs:9,} inputs, {wrong} wrong, {time.perf_counter() - begun:.0f} s\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run_fuzz())

"""Shapes very many hostile inputs: `python -m ctxshape.testing.fuzz --inputs 1000000 --processes 2`.

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

from ctxshape.core.tokens import EstimateCounter
from ctxshape.errors import CtxshapeError
from ctxshape.shaping import shape
from ctxshape.testing import fuzzing

_CHUNK = 2000


def try_inputs(seed: int, first: int, count: int) -> Counter[str]:
    """Tries `count` inputs from number `first` on; returns how each ended."""
    counter, found = EstimateCounter(), Counter[str]()
    for number in range(first, first + count):
        rng = random.Random(f"{seed} {number}")
        query, given = fuzzing.question(rng), fuzzing.passage_list(rng)
        budget = rng.choice((None, None, 5, 40, 200))
        shaping = partial(shape, preset="light", budget=budget, counter=counter)
        try:
            fuzzing.check_shaped(shaping, query, given, budget=budget, counter=counter)
            found["shaped"] += 1
        except CtxshapeError as error:
            found[f"refused: {type(error).__name__}"] += 1
        except AssertionError as error:
            found[f"BROKEN: {str(error)[:80]} (input {number})"] += 1
        except Exception as error:
            found[f"RAISED: {type(error).__name__}: {str(error)[:80]} (input {number})"] += 1
    return found


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

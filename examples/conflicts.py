"""How many contradictions are found, and how many false alarms are raised: no model needed.

    python examples/conflicts.py [--cases 200] [--seeds 5 6 7 8 9] [--documents 20] [FILE.jsonl.gz ...]

Synthetic cases of the bench, in English and in Chinese: in a `contradiction` two passages give different values; in the
other kinds no two passages contradict each other, so any conflict is a false alarm. "Right" is a conflict between just
the two passages, one side of which states the reference answer. `trusted` is how often that side is kept when recent
notices are trusted more. A FILE has a case a line, {"question", "ctxs": [{"title", "text"}, ...]}; its odd lines are read
(even ones were used to tune), and conflicts are only counted: real passages may contradict each other.
"""

import argparse
import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ctxshape import Context, Document, Pipeline
from ctxshape.claims.conflicts import conflict
from ctxshape.core.jsonlines import records
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.datasets.synthetic import synthetic, synthetic_zh
from ctxshape.transforms.conflicts import MarkConflicts
from ctxshape.transforms.trust import Recency, WeighSources

TRUST = Pipeline(WeighSources(recency=Recency(as_of=datetime.date(2025, 1, 1))), MarkConflicts(policy="trusted"))


def report(name: str, cases: Iterable[Case], documents: int) -> None:
    """A line for each kind of case."""
    count: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right = trusted = 0
    for case in cases:
        kind = case.id.split("-")[0]
        given = [*case.gold, *case.distractors][:documents]
        sides = conflict(case.question, given)
        count[kind] += 1
        found[kind] += bool(sides)
        if kind == "contradiction":
            true = [side for side in sides if any(wording in side.value.written for wording in case.facts[0])]
            right += sorted(i for side in sides for i in side.documents) == [0, 1] and len(true) == 1
            trusted += list(TRUST(Context.of(case.question, given)).trace.dropped) == [given[1].id]
    for kind, n in count.items():
        more = f", right {right}, trusted {trusted}" if kind == "contradiction" else ""
        print(f"{name:14} {kind:14} conflicts {found[kind]} of {n}{more}")


def on_file(path: str, documents: int) -> None:
    """A line for a file."""
    found = n = 0
    for question, given in _cases(path, documents):
        n += 1
        found += bool(conflict(question, given))
    print(f"{Path(path).name} conflicts {found} of {n}")


def _cases(path: str, documents: int) -> Iterator[tuple[str, list[Document]]]:
    for number, (_, record) in enumerate(records(Path(path).read_bytes(), path)):
        if number % 2:
            given = enumerate(record["ctxs"][:documents])
            yield record["question"], [Document(id=str(i), title=c.get("title"), text=c["text"]) for i, c in given]


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--cases", type=int, default=200, help="of each seed and language")
    parser.add_argument("--seeds", type=int, nargs="+", default=[5, 6, 7, 8, 9])
    parser.add_argument("--documents", type=int, default=20)
    given = parser.parse_args()
    makers: list[Callable[..., Iterator[Case]]] = [synthetic, synthetic_zh]
    for make in makers:
        cases = (case for seed in given.seeds for case in make(n=given.cases, seed=seed))
        report(make.__name__, cases, given.documents)
    for path in given.files:
        on_file(path, given.documents)


if __name__ == "__main__":
    main()

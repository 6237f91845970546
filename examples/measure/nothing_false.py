"""Counts what is false in random selections of units: pieces that are not verbatim, joins that say something new.

    python examples/measure/nothing_false.py [FILE.jsonl.gz …] [--synthetic 2000] [--kinds A,B] [--selections 10] [--seed 0]
        [--show 0]

Each FILE is a data set in the form of `ctxshape bench --data` or with `passages`; each of its texts is a document. For each
document, units are chosen at random with those that they need, and the joined text is checked by `ctxshape.testing.faithful`,
which knows the true structure of synthetic documents and recognises that of real ones by simple rules. A selection counts
once in each column, however many faults it has. `--show N` prints the first N faults of each rule and kind, with the number
of the document (`synthetic_documents(count, seed)[number]`).

- not verbatim: text, line breaks or indentation that the source does not have there
- new sentence: a sentence, row, record or statement that the source does not have, or half of one without the mark
- not parsed: JSON, Python, a table or a fence that was whole in the source and is broken
- wrong owner: text below another heading, head, question or parent than its own
- no owner: a row without its head, a turn without its speaker, a step without its code, half an enumeration without the mark
- shown: the share of the characters
- silent gap: text was left out between whole sentences without the mark
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from ctxshape import Context
from ctxshape.testing.documents import KINDS, synthetic_documents
from ctxshape.testing.faithful import Outline, faults, recognise
from ctxshape.testing.faithful.selection import random_selection

COLUMNS = {
    "not verbatim": ("verbatim", "invented", "space", "indentation", "mark"),
    "new sentence": ("joined", "wrapped", "torn", "record", "statement"),
    "not parsed": ("json", "python", "table", "fence"),
    "wrong owner": ("owner",),
    "no owner": ("orphan", "label", "companion", "enumeration"),
    "silent gap": ("silent", "unmarked"),
}
GROUP = {rule: name for name, rules in COLUMNS.items() for rule in rules}


def texts_of(file: Path) -> Iterator[str]:
    """Yields the different texts of a data set."""
    seen = set[str]()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "ordered_kv_records" in row:
                given = [json.dumps(dict(row["ordered_kv_records"]), indent=1)]
            else:
                given = [passage["text"] for passage in row.get("ctxs") or row["passages"]]
            yield from (text for text in dict.fromkeys(given) if text.strip() and text not in seen)
            seen.update(given)


def check(text: str, outline: Outline, selections: int, seed: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the length of each random selection of a text's units, and the rules it breaks, with a detail of each."""
    context = Context.of("?", [text])
    for number in range(selections):
        chosen = random_selection(context, context.documents[0], random.Random(f"{seed} {number}"))
        if number % 3 == 2:  # a later step selects from what an earlier one has left
            chosen = random_selection(context.keep([chosen]), chosen, random.Random(f"{seed} {number} again"))
        shaped = context.keep([chosen])
        yield len(chosen.text), {fault.rule: fault.detail for fault in faults(context, shaped, {chosen.id: outline})}


def main() -> int:
    """Prints a row for each kind of document and returns 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--synthetic", type=int, default=2000)
    parser.add_argument("--kinds", help="of synthetic documents, with commas; all if not given")
    parser.add_argument("--selections", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0)
    given = parser.parse_args()
    begun = time.perf_counter()
    made = synthetic_documents(given.synthetic, given.seed)
    kinds = given.kinds.split(",") if given.kinds else KINDS
    documents = ((number, *one) for number, one in enumerate(made) if one.kind in kinds)
    real = (
        (number, file.name.split(".")[0], text, recognise(text))
        for file in given.files
        for number, text in enumerate(texts_of(file))
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    shown = Counter[tuple[str, str]]()
    for source in (documents, real):
        for number, kind, text, outline in source:
            counts[kind]["documents"] += 1
            for length, found in check(text, outline, given.selections, f"{given.seed} {number}"):
                counts[kind].update({"selections", *(GROUP[rule] for rule in found)})
                counts[kind].update(shown=length, given=len(text))
                for rule, detail in found.items():
                    shown[kind, rule] += 1
                    if shown[kind, rule] <= given.show:
                        print(f"{kind} {number}: {rule}: {detail}")
    print(f"{'kind':20} {'documents':>9} {'selections':>10} {'shown':>5} " + " ".join(f"{name:>12}" for name in COLUMNS))
    total = sum(counts.values(), Counter[str]())
    for kind, row in [*counts.items(), ("all", total)]:
        print(
            f"{kind:20} {row['documents']:9,} {row['selections']:10,} {row['shown'] / max(row['given'], 1):5.0%} "
            + " ".join(f"{row[name]:12,}" for name in COLUMNS)
        )
    print(f"{time.perf_counter() - begun:.0f} s")
    return int(any(total[name] for name in COLUMNS))


if __name__ == "__main__":
    sys.exit(main())

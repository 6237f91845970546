"""How much of clean passages DropNoise takes for noise: no model needed.

    python examples/measure/false_drops.py FILE.jsonl.gz [FILE ...] [--split odd] [--other-question] [--show 20]

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}. The passages are taken for
clean, so whatever goes is a false drop. A passage is lost if it was dropped, cut if it lost a sentence; an answer is lost
if it stood in the gold passage before and stands there no more. A passage with a word of the question is spared;
`--other-question` asks the next case's question instead, so that hardly any is. 95 % Wilson intervals.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from evidence_kept import interval, plain

from ctxshape import Context
from ctxshape.core.jsonlines import records
from ctxshape.transforms.noise import DropNoise


def read(path: str, lines: str) -> list[dict[str, Any]]:
    """The cases of the even or odd lines, counted from 0, or of all."""
    wanted = {"even": (0,), "odd": (1,), "all": (0, 1)}[lines]
    return [record for number, (_, record) in enumerate(records(Path(path).read_bytes(), path)) if number % 2 in wanted]


def main() -> None:
    """Print a row for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--split", choices=["even", "odd", "all"], default="odd")
    parser.add_argument("--other-question", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="print so many of the things that went")
    arguments = parser.parse_args()
    transform = DropNoise()
    for path in arguments.files:
        passages, lost, cut, golds, answers_lost, seen = 0, 0, 0, 0, 0, list[str]()
        cases = read(path, arguments.split)
        seconds = 0.0
        for place, case in enumerate(cases):
            question = cases[(place + 1) % len(cases)]["question"] if arguments.other_question else case["question"]
            texts = [{"title": passage["title"], "text": passage["text"]} for passage in case["ctxs"]]
            context = Context.of(question, texts)
            started = time.perf_counter()
            shaped = transform(context)
            seconds += time.perf_counter() - started
            passages, lost, cut = passages + len(texts), lost + len(shaped.dropped), cut + len(shaped.notes)
            seen += [*shaped.dropped.values(), *shaped.notes.values()]
            left = {document.id: plain(document.text) for document in shaped.documents}
            for number, passage in enumerate(case["ctxs"], 1):
                held = [answer for answer in map(plain, case["answers"]) if answer in plain(passage["text"])]
                if passage["isgold"] and held:
                    golds += 1
                    answers_lost += not any(answer in left.get(f"d{number}", "") for answer in held)
        print(f"\n{Path(path).name}, {len(cases)} cases, {1000 * seconds / passages:.2f} ms a passage")
        print(f"passages lost {lost} of {passages}, {interval(lost, passages)}")
        print(f"passages cut  {cut} of {passages}, {interval(cut, passages)}")
        print(f"answers lost  {answers_lost} of {golds}, {interval(answers_lost, golds)}")
        for line in list(dict.fromkeys(seen))[: arguments.show]:
            print(f"    {line}")


if __name__ == "__main__":
    main()

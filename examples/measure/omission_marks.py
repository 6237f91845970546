"""Measures what stands best between two pieces of an extract where text was left out: answers of a local model by the mark.

    python examples/measure/omission_marks.py FILE.jsonl.gz … --model model.gguf --embedder FOLDER --store answers.sqlite
        [--arm balanced@256] [--half tuning] [--limit 60] [--vectors FOLDER]

Marks are compared in prose only; lines keep their line breaks. The first row shows nothing. Only cases count in which something
was left out inside a passage. The other options are those of `answers_on_sets.py`.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

from answer_arms import Arm, Models, arms_of
from answer_tables import Results, table
from answers_on_sets import Answering, add_common, cases_of, embedder_of, rows
from real_cases import RealCase

from ctxshape import Context
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.core.types import Document
from ctxshape.text.words import is_cjk

MARKS = {"nothing": " ", "[…]": " […] ", "…": " … ", "[...]": " [...] ", "line break": "\n"}


def with_mark(context: Context, mark: str) -> Context:
    """Returns a shaped context whose pieces have `mark` between them where the original has more than white space there."""
    return context.keep([_with_mark(context, document, mark) for document in context.documents])


def _with_mark(context: Context, document: Document, mark: str) -> Document:
    spans = context.spans_of(document)
    if document.kind != "quote" or len(spans) < 2:
        return document
    parts = [spans[0].text_in(context.sources)]
    for before, after in pairwise(spans):
        gap = context.sources[after.document].text[before.end : after.start] if before.document == after.document else ""
        following = after.text_in(context.sources)
        if before.document == after.document and before.end <= after.start and not gap.strip():
            parts.append(gap)
        elif "\n" in gap and any(text.lstrip().startswith(("|", "#", "-", "*")) for text in (parts[-1], following)):
            parts.append("\n")
        else:
            parts.append("" if mark == " " and is_cjk(parts[-1][-1:] + following[:1]) else mark)
        parts.append(following)
    return document.model_copy(update={"text": "".join(parts)})


def main() -> None:
    """Prints a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arm", default="balanced", help="see answer_arms.py")
    add_common(parser)
    arguments = parser.parse_args()
    answering, counter = Answering.of(arguments), CountOnce(default_counter())
    (arm,) = arms_of([arguments.arm], Models(embedder_of(arguments), counter, answering.backend)).values()
    marked = {name: _marked(arm, mark) for name, mark in MARKS.items()}
    with answering.backend:
        for path in arguments.files:
            cases = [case for case in cases_of(path, arguments) if _differ(case, marked)]
            results: Results = {}
            for row in rows(cases, marked, answering, counter):
                results.setdefault(row["arm"], {})[row["id"]] = row["columns"]
            lines = table(results, base=next(iter(MARKS)))
            print("\n".join([f"\n{path.name.partition('.')[0]}, half: {arguments.half}", "", *lines]))


def _marked(arm: Arm, mark: str) -> Arm:
    return lambda case: with_mark(arm(case), mark)


def _differ(case: RealCase, arms: dict[str, Arm]) -> bool:
    first, *others = (arm(case).documents for arm in arms.values())
    return any(documents != first for documents in others)


if __name__ == "__main__":
    main()

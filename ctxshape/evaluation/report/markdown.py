"""Formats rows as Markdown tables with intervals, and escapes all names in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report.summary import ResultRow, slot_number

NOTHING = "–"
_MARKUP = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Column(NamedTuple):
    """One metric of a table; `form` is the number format."""

    heading: str
    meaning: str
    value: Callable[[ResultRow], Estimate | None]
    form: str = "z.2f"


ACCURACY = Column(
    "accuracy",
    "share of answers with an accepted wording of every fact (best subspan EM), averaged over positions",
    lambda row: row.accuracy,
)
ACCURACY_TO_RAW = Column(
    "accuracy vs raw",
    "paired difference from the method raw, over the questions that every method has answered",
    lambda row: row.accuracy_difference,
    "+z.2f",
)
MIDDLE = Column(
    "middle recall",
    "accuracy with the gold passage in the inner half of the list",
    lambda row: row.middle_recall,
)
MIDDLE_TO_RAW = Column(
    "middle recall vs raw",
    "paired difference of the middle recall from the method raw",
    lambda row: row.middle_recall_difference,
    "+z.2f",
)
HALLUCINATION = Column(
    "hallucination rate",
    "share of questions with a wrong answer that no retrieved passage supports",
    lambda row: row.hallucination,
)
COVERAGE = Column("coverage", "share of a question's facts that the answer contains", lambda row: row.coverage)
EVIDENCE = Column(
    "evidence kept",
    "share of questions whose shaped gold passages still contain a wording of every fact",
    lambda row: row.evidence,
)
PROMPT_TOKENS = Column("tokens", "tokens of the prompt, by the model's own tokenizer", lambda row: row.prompt_tokens, ".0f")
SHARE = Column("share", "tokens of the shaped passages divided by those of the retrieved passages", lambda row: row.share)
SECONDS = Column(
    "seconds",
    "seconds of one question: shaping, prefill and decode, one method at a time and without cached results",
    lambda row: row.seconds,
)
MAIN = (ACCURACY, ACCURACY_TO_RAW, MIDDLE, MIDDLE_TO_RAW, HALLUCINATION, COVERAGE, EVIDENCE, PROMPT_TOKENS, SHARE, SECONDS)
FURTHER = (
    Column("spread", "accuracy at the best position minus accuracy at the worst", lambda row: row.spread),
    Column("abstention", "share of unanswerable questions that got no answer", lambda row: row.abstention),
    Column("false abstention", "share of answerable questions that got no answer", lambda row: row.false_abstention),
    Column("misled", "share of answers that state a false value from a passage", lambda row: row.misled),
    Column("ROUGE-L", "similarity to the long reference answers", lambda row: row.rouge_l),
    Column("BLEU", "similarity to the long reference answers", lambda row: row.bleu),
    Column("shape seconds", "seconds of shaping", lambda row: row.shape),
    Column("prefill seconds", "seconds in which the model reads the prompt", lambda row: row.prefill),
    Column("decode seconds", "seconds in which the model writes the answer", lambda row: row.decode),
)


def escape(text: str) -> str:
    r"""Returns untrusted text on one line, escaped for Markdown and for terminals.

    >>> print(escape("a|b `c`\n_d_ e_f"))
    a\|b \`c\` \_d\_ e_f
    """
    return _MARKUP.sub(lambda match: f"\\{match[0]}", single_line(text))


def single_line(text: str) -> str:
    """Returns the text on one line; each character that could control a terminal is replaced by its code point."""
    return _STEERING.sub(lambda match: f"U+{ord(match[0]):04X}", " ".join(text.split()))


def cell(estimate: Estimate | None, form: str = "z.2f") -> str:
    """Formats an estimate with its interval, or None as a dash.

    >>> cell(Estimate(0.5, 0.25, 0.75, 10)), cell(None)
    ('0.50 [0.25, 0.75]', '–')
    """
    if estimate is None:
        return NOTHING
    return f"{estimate.mean:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]"


def by_documents(table: Iterable[ResultRow]) -> dict[int, list[ResultRow]]:
    """Groups the rows by their number of documents, in ascending order."""
    ordered = sorted(table, key=lambda row: row.documents)
    return {documents: list(found) for documents, found in groupby(ordered, key=lambda row: row.documents)}


def shown_positions(table: Sequence[ResultRow]) -> list[str]:
    """Returns the positions that fit a table, in list order: all if there are at most five, else first, middle and last."""
    documents = table[0].documents
    found = sorted(dict.fromkeys(p for row in table for p in row.positions), key=lambda p: slot_number(p, documents))
    return found if len(found) <= 5 else [found[0], found[(len(found) - 1) // 2], found[-1]]


def position_columns(table: Sequence[ResultRow]) -> list[Column]:
    """Returns an accuracy column for each shown position."""

    def column(position: str) -> Column:
        heading = f"at {position}" if position.isdecimal() else position
        return Column(heading, "accuracy with the gold passage at this position", lambda row: row.positions.get(position))

    return [column(position) for position in shown_positions(table)]


def ranking_columns(table: Sequence[ResultRow]) -> list[Column]:
    """Returns two columns for each ranking metric: for the passages as retrieved, and as shaped."""

    def column(name: str, when: str, values: Callable[[ResultRow], Mapping[str, Estimate]]) -> Column:
        meaning = "ranking of the gold passages, before and after shaping"
        return Column(f"{name} {when}", meaning, lambda row: values(row).get(name))

    names = dict.fromkeys(name for row in table for name in [*row.ranking_before, *row.ranking_after])
    return [
        column(name, when, values)
        for name in names
        for when, values in (("before", lambda row: row.ranking_before), ("after", lambda row: row.ranking_after))
    ]


def filled(table: Sequence[ResultRow], columns: Iterable[Column]) -> list[Column]:
    """Returns the columns for which at least one row has a value."""
    return [column for column in columns if any(column.value(row) for row in table)]


def table_lines(table: Sequence[ResultRow], columns: Iterable[Column], *, errors: bool = True) -> list[str]:
    """Returns the lines of a Markdown table with n as a column; a value with another n says so in its heading or cell."""
    parts = [["method", *(escape(row.method) for row in table)], ["n", *(str(row.n) for row in table)]]
    parts += [_cells(table, column) for column in filled(table, columns)]
    if errors and any(row.errors for row in table):
        parts.append(["errors", *(str(row.errors) for row in table)])
    heading, *rest = zip(*parts, strict=True)
    rule = ["---", *["---:"] * (len(parts) - 1)]
    return [f"| {' | '.join(line)} |" for line in (heading, rule, *rest)]


def _cells(table: Sequence[ResultRow], column: Column) -> list[str]:
    """Returns the heading and the cells of a column; n is added where it differs from the n of the row or heading."""
    values = [column.value(row) for row in table]
    expected = [row.n for row in table]
    heading = escape(column.heading)
    counts = Counter(value.n for value in values if value)
    if sum(value.n == n for value, n in zip(values, expected, strict=True) if value) * 2 < counts.total():
        most = counts.most_common(1)[0][0]
        heading, expected = f"{heading} (n = {most})", [most] * len(table)
    return [
        heading,
        *(
            cell(value, column.form) + (f", n = {value.n}" if value and value.n != n else "")
            for value, n in zip(values, expected, strict=True)
        ),
    ]

"""Rows as Markdown: tables with intervals, what their figures mean, and the names in them as text and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report.summary import Row, slot

NOTHING = "–"
_MARKUP = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Column(NamedTuple):
    """One figure in a table: `form` is the format of its numbers."""

    heading: str
    meaning: str
    value: Callable[[Row], Estimate | None]
    form: str = "z.2f"


ACCURACY = Column(
    "accuracy",
    "share of answers that state every fact in an accepted wording (best subspan EM), the mean over positions",
    lambda row: row.accuracy,
)
ACCURACY_TO_RAW = Column(
    "accuracy vs raw",
    "paired difference to the method raw, over the questions that every method has",
    lambda row: row.accuracy_difference,
    "+z.2f",
)
MIDDLE = Column(
    "middle recall",
    "accuracy with the passage that answers in the inner half of the list",
    lambda row: row.middle_recall,
)
MIDDLE_TO_RAW = Column(
    "middle recall vs raw", "its paired difference to the method raw", lambda row: row.middle_recall_difference, "+z.2f"
)
HALLUCINATION = Column(
    "hallucination rate",
    "share of questions with an answer that is given, wrong, and supported by no passage",
    lambda row: row.hallucination,
)
COVERAGE = Column("coverage", "share of a question's facts that stand in the answer", lambda row: row.coverage)
EVIDENCE = Column(
    "evidence kept",
    "share of questions for which a wording of every fact still stands in the shaped passages",
    lambda row: row.evidence,
)
TOKENS = Column("tokens", "of the prompt, by the model's own tokenizer", lambda row: row.prompt_tokens, ".0f")
SHARE = Column("share", "tokens of the shaped passages by those of the passages given", lambda row: row.share)
SECONDS = Column(
    "seconds",
    "shaping, prefill and decode of one question, alone on the machine and with nothing computed before",
    lambda row: row.seconds,
)
SEED = (MIDDLE, HALLUCINATION, COVERAGE, TOKENS, SECONDS)
MAIN = (ACCURACY, ACCURACY_TO_RAW, MIDDLE, MIDDLE_TO_RAW, HALLUCINATION, COVERAGE, EVIDENCE, TOKENS, SHARE, SECONDS)
FURTHER = (
    Column("spread", "accuracy at the best position less that at the worst", lambda row: row.spread),
    Column("abstention", "share of unanswerable questions without an answer", lambda row: row.abstention),
    Column("false abstention", "share of answerable questions without an answer", lambda row: row.false_abstention),
    Column("misled", "share of answers that state a false value from a passage", lambda row: row.misled),
    Column("ROUGE-L", "against the long reference answers", lambda row: row.rouge_l),
    Column("BLEU", "against the long reference answers", lambda row: row.bleu),
    Column("shape seconds", "of the seconds, shaping", lambda row: row.shape),
    Column("prefill seconds", "of the seconds, reading the prompt", lambda row: row.prefill),
    Column("decode seconds", "of the seconds, writing the answer", lambda row: row.decode),
)


def escape(text: str) -> str:
    r"""Text that someone else wrote, on one line and without a meaning in Markdown or to a terminal.

    >>> print(escape("a|b `c`\n_d_ e_f"))
    a\|b \`c\` \_d\_ e_f
    """
    return _MARKUP.sub(lambda found: f"\\{found[0]}", one_line(text))


def one_line(text: str) -> str:
    """Text on one line, with what would steer a terminal as its code point."""
    return _STEERING.sub(lambda found: f"U+{ord(found[0]):04X}", " ".join(text.split()))


def cell(estimate: Estimate | None, form: str = "z.2f") -> str:
    """A figure with its interval, or a dash.

    >>> cell(Estimate(0.5, 0.25, 0.75, 10)), cell(None)
    ('0.50 [0.25, 0.75]', '–')
    """
    if estimate is None:
        return NOTHING
    return f"{estimate.mean:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]"


def by_documents(table: Iterable[Row]) -> dict[int, list[Row]]:
    """The rows of each number of documents, fewest first."""
    ordered = sorted(table, key=lambda row: row.documents)
    return {documents: list(found) for documents, found in groupby(ordered, key=lambda row: row.documents)}


def shown_positions(table: Sequence[Row]) -> list[str]:
    """The positions that fit a table, in the order of the slots: all up to five, else the first, middle and last."""
    documents = table[0].documents
    found = sorted(dict.fromkeys(p for row in table for p in row.positions), key=lambda p: slot(p, documents))
    return found if len(found) <= 5 else [found[0], found[(len(found) - 1) // 2], found[-1]]


def position_columns(table: Sequence[Row]) -> list[Column]:
    """A column of accuracy for each of these positions."""

    def column(position: str) -> Column:
        heading = f"at {position}" if position.isdecimal() else position
        return Column(heading, "accuracy with the passage that answers at this place", lambda row: row.positions.get(position))

    return [column(position) for position in shown_positions(table)]


def ranking_columns(table: Sequence[Row]) -> list[Column]:
    """Two columns for each ranking figure: of the passages as retrieved, and after shaping."""

    def column(name: str, when: str, values: Callable[[Row], Mapping[str, Estimate]]) -> Column:
        meaning = "ranking of the passages that answer, as retrieved and as shaped"
        return Column(f"{name} {when}", meaning, lambda row: values(row).get(name))

    names = dict.fromkeys(name for row in table for name in [*row.ranking_before, *row.ranking_after])
    return [
        column(name, when, values)
        for name in names
        for when, values in (("before", lambda row: row.ranking_before), ("after", lambda row: row.ranking_after))
    ]


def filled(table: Sequence[Row], columns: Iterable[Column]) -> list[Column]:
    """The columns that any row has a value for."""
    return [column for column in columns if any(column.value(row) for row in table)]


def lines(table: Sequence[Row], columns: Iterable[Column], *, counted: bool = True, errors: bool = True) -> list[str]:
    """A Markdown table. n is a column if `counted`; a figure that has another says so in its heading or its cell."""
    parts = [["method", *(escape(row.method) for row in table)]]
    if counted:
        parts.append(["n", *(str(row.n) for row in table)])
    parts += [_cells(table, column, counted) for column in filled(table, columns)]
    if errors and any(row.errors for row in table):
        parts.append(["errors", *(str(row.errors) for row in table)])
    heading, *rest = zip(*parts, strict=True)
    rule = ["---", *["---:"] * (len(parts) - 1)]
    return [f"| {' | '.join(line)} |" for line in (heading, rule, *rest)]


def _cells(table: Sequence[Row], column: Column, counted: bool) -> list[str]:
    """The heading of a column and its cells, each with its n where that is not to be expected."""
    values = [column.value(row) for row in table]
    usual = [row.n for row in table] if counted else [0] * len(table)
    heading = escape(column.heading)
    found = Counter(value.n for value in values if value)
    if sum(value.n == n for value, n in zip(values, usual, strict=True) if value) * 2 < found.total():
        most = found.most_common(1)[0][0]
        heading, usual = f"{heading} (n = {most})", [most] * len(table)
    return [
        heading,
        *(
            cell(value, column.form) + (f", n = {value.n}" if value and value.n != n else "")
            for value, n in zip(values, usual, strict=True)
        ),
    ]

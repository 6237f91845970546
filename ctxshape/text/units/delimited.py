"""Values between commas, semicolons, tabs or bars: rows, each with the row of names above them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from ctxshape.text.units.groups import LONGEST_HEAD, row_owners
from ctxshape.text.units.lines import add_line
from ctxshape.text.units.model import Unit

_DELIMITERS = "\t;|,"
_SAMPLE = 200  # rows that are looked at
_ALIKE = 0.97  # the share of the rows that have as many values as the first
_TYPED = re.compile(
    r"[-+(]?[€$£¥%]?\s?\d[\d.,'\s/:%-]*\)?\s?(?:%|[A-Za-z€$£¥°²³]{1,4}|元|万|亿|年)?"  # 12.5 %, 2,000 km, (30)
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|true|false|yes|no|null|none|n/?a|nan|-+|[✓✗xX]",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][\w.-]*(?:\[\])?")
_USUAL = frozenset(
    "id name title date time type kind status city country region state code key value year month day price amount total count "
    "quantity unit category description email address phone first last url path size version author owner department "
    "编号 名称 姓名 标题 日期 时间 类型 状态 城市 国家 地区 价格 数量 单位 金额 年份 说明 部门".split()
)
_SENTENCE_END = tuple(".!?。！？；，")
_LONG_VALUE, _MOST_LONG = 60, 0.35  # characters of a value, and the share of such values
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HAN = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_AROUND = ((0, 0), (1, 0), (0, 1), (1, 1))  # lines above and below that are no rows, or not whole ones
_FEWEST, _LONGEST_CAPTION = 3, 120  # rows beside such lines, characters of the line above that comes along
_VALUE_IN_MARKS = re.compile(r"\"[^\"\n]*+\"")
_RULE = re.compile(r"[\s|:+=-]+")


class _Rows(NamedTuple):
    """The values of each row of a table, and the spans of the rows."""

    values: list[list[str]]
    spans: list[tuple[int, int]]


def delimited_units(text: str) -> list[Unit] | None:
    r"""Returns the rows of delimited values; None if the text has none, or anything else.

    A value in quotation marks may hold delimiters and line breaks. The first row comes along with the others if it names
    the columns.

    >>> text = "station;opened\nHafen;1930\nOpernring;1951\n"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in delimited_units(text)]
    [('station;opened', ()), ('Hafen;1930', (0,)), ('Opernring;1951', (0,))]
    >>> delimited_units("We saw Rome, Bari, and Pisa.\nWe ate figs, nuts, and bread.\nIt rained, hailed, and snowed.") is None
    True
    """
    if "\n" not in text:
        return None
    start = len(text) - len(text.lstrip("\ufeff \r\n"))
    lines = _LINE.findall(text[start:].rstrip())
    count = sum(not line.isspace() for line in lines)
    ends = list(accumulate(map(len, lines), initial=start))
    for delimiter in _DELIMITERS if count > 1 else ():
        if delimiter not in lines[1] and delimiter not in lines[0]:
            continue
        for above, below in _AROUND:
            behind = len(lines) - below
            if count - above - below < (_FEWEST if above or below else 2):
                continue
            if not _seem_alike(lines[above : min(above + 6, behind)], delimiter):
                continue
            table = _read(lines, above, behind, delimiter, ends)
            if table is None and '"' in text:  # a value may begin with a mark that quotes nothing
                table = _read(lines, above, behind, delimiter, ends, quoting=csv.QUOTE_NONE)
            if table is not None and _is_table(text, table, delimiter):
                spans = [(ends[n], ends[n] + len(lines[n].rstrip())) for n in (0, len(lines) - 1)]
                return _units(text, table, spans[:above], spans[2 - below :], delimiter)
    return None


def _read(
    lines: Sequence[str],
    first: int,
    behind: int,
    delimiter: str,
    ends: Sequence[int],
    *,
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL,
) -> _Rows | None:
    """Returns the rows in some of the lines; None unless they have equally many values. `ends` are the ends of the lines."""
    reader = csv.reader(lines[first:behind], delimiter=delimiter, strict=True, quoting=quoting)
    found = _Rows([], [])
    different, number = 0, first
    parted: list[int] = []  # rows behind a blank line
    try:
        for row in reader:
            behind = first + reader.line_num
            if not row:  # a blank line
                number = behind
                parted.append(len(found.values))
                continue
            last = lines[behind - 1]
            found.spans.append((ends[number], ends[behind] - len(last) + len(last.rstrip())))
            number = behind
            different += bool(found.values) and len(row) != len(found.values[0])
            if different > (1 - _ALIKE) * _SAMPLE and len(found.values) < _SAMPLE:
                return None
            found.values.append(row)
    except csv.Error:
        return None
    if not found.values or different > (1 - _ALIKE) * len(found.values):
        return None
    # A row of names behind a blank line opens another table.
    begins_another = any(has_head(found.values[n : n + _SAMPLE]) for n in parted[:_SAMPLE] if n < len(found.values))
    return None if begins_another or len(parted) > _SAMPLE else found


def _seem_alike(lines: Sequence[str], delimiter: str) -> bool:
    """Returns whether the first lines have equally many delimiters outside of quoted values, up to the first open one."""
    counts: set[int] = set()
    for line in lines[:6]:
        bare = _VALUE_IN_MARKS.sub("", line) if '"' in line else line
        if '"' in bare:
            break
        if line.strip():
            counts.add(bare.count(delimiter))
    return len(counts) < 2 and counts != {0} and len(lines) > 1


def _is_table(text: str, table: _Rows, delimiter: str) -> bool:
    """Returns whether rows of equally many values are a table, and not prose, code or a list."""
    rows, spans = table
    columns = len(rows[0])
    sample = rows[:_SAMPLE]
    lines = [text[slice(*span)] for span in spans[:_SAMPLE]]
    if len(rows) < 2 or all(line.startswith("|") for line in lines) or any(map(_RULE.fullmatch, lines)):
        return False  # Markdown, or a table in a box
    headed, typed = has_head(rows), len(_typed_columns(rows[1 : _SAMPLE + 1])) > 0
    if len(rows) < (3 if columns < 3 or (delimiter in ",|" and not (headed and typed)) else 2) or (
        delimiter == "|" and columns < 3
    ):
        return False
    values = [value.strip() for row in sample for value in row]
    empty = sum(not row[0].strip() for row in sample), sum(not row[-1].strip() for row in sample)
    grouped = delimiter != "\t" and typed if columns > 2 else False  # an empty first cell repeats the one above
    grouped = grouped or (columns > 2 and headed and bool(rows[1][0].strip()))
    if max(0 if grouped else empty[0], empty[1]) > 0.3 * len(sample) and columns < 4:
        return False  # indented or terminated lines of code
    if sum(_opens_bracket(value) for value in values) > 0.05 * len(values):
        return False
    if sum(len(value) > _LONG_VALUE for value in values) > _MOST_LONG * len(values) and not (headed and typed):
        return False
    if delimiter in ",;" and not (typed and columns > 2):
        loose = sum(value.startswith(" ") for row in sample for value in row[1:])
        if loose > 0.2 * (columns - 1) * len(sample):
            return False
    ended = sum(row[-1].rstrip().endswith(_SENTENCE_END) for row in sample)
    if typed:
        return True
    return columns > 2 and ended <= 0.3 * len(sample) and (headed or not _are_clauses(values))


def _are_clauses(values: Sequence[str]) -> bool:
    """Returns whether the values are rather parts of sentences or verses: many have several words."""
    return sum(len(value.split()) > 5 or len(_HAN.findall(value)) > 4 for value in values) > 0.3 * len(values)


def _opens_bracket(value: str) -> bool:
    return any(value.count(opening) != value.count(closing) for opening, closing in ("()", "[]", "{}"))


def _typed_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Returns the columns of which nearly all values are numbers, dates or the like."""
    found = []
    for column in range(len(rows[0]) if rows else 0):
        values = [row[column].strip() for row in rows if len(row) > column and row[column].strip()]
        if values and sum(_TYPED.fullmatch(value) is not None for value in values) >= 0.9 * len(values):
            found.append(column)
    return found


def has_head(rows: Sequence[Sequence[str]]) -> bool:
    """Returns whether the first row names the columns: it differs from the others in kind, or has usual names.

    >>> has_head([["city", "opened"], ["Jena", "1930"]]), has_head([["Gera", "1951"], ["Jena", "1930"]])
    (True, False)
    """
    head, below = [value.strip() for value in rows[0]], rows[1 : _SAMPLE + 1]
    if not below or not any(head) or any(map(_is_number, head)) or any(len(value) > _LONG_VALUE for value in head):
        return False
    typed = [column for column in _typed_columns(below) if head[column]]
    if typed:
        return not any(_TYPED.fullmatch(head[c]) and not (_is_year(head[c]) and not _all_years(below, c)) for c in typed)
    words = [word for value in head for word in re.split(r"[\s_]+", value.lower())]
    if sum(word in _USUAL for word in words) * 3 >= len(head):
        return True
    repeated = {value.strip() for row in below for value in row}
    lower = all(_NAME.fullmatch(value) and value == value.lower() for value in head)
    return lower and not repeated.intersection(head) and not all(value == value.lower() for value in repeated)


def _is_number(value: str) -> bool:
    return value != "" and value.replace(".", "").replace(",", "").replace("-", "").isdecimal() and not _is_year(value)


def _all_years(rows: Sequence[Sequence[str]], column: int) -> bool:
    return all(_is_year(row[column].strip()) for row in rows if len(row) > column)


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isdecimal() and value[:2] in ("18", "19", "20", "21")


def _units(
    text: str, table: _Rows, above: Sequence[tuple[int, int]], below: Sequence[tuple[int, int]], delimiter: str
) -> list[Unit]:
    """Returns a unit for each row, and for a line above and below the table: a caption, or a row that is cut off."""
    made = [Unit(*span, "row") for span in above]
    first_values = text[slice(*above[0])].split(delimiter) if above else []
    names_more = len(first_values) > len(table.values[0]) and has_head([first_values[: len(table.values[0])], *table.values])
    is_cut = len(first_values) > 1 and not names_more
    needs = [0] if above and not is_cut and above[0][1] - above[0][0] <= _LONGEST_CAPTION else []
    headed = len(first_values) < 2 and has_head(table.values)
    firsts: list[int] = []
    owners = [*[()] * headed, *row_owners(table.values[headed:]), *[()] * len(below)]
    for span, above_it in zip((*table.spans, *below), owners, strict=True):
        firsts.append(add_line(made, text, span, "row", [*needs, *sorted(firsts[one + headed] for one in above_it)]))
        if headed and len(firsts) == 1 and span[1] - span[0] <= LONGEST_HEAD:
            needs = [*needs, firsts[0]]
    return made

"""Rows that name their group only once: by empty first cells, by cells that span rows, or by a title."""

from itertools import pairwise

import pytest

from ctxshape import shape
from ctxshape.text.units.document import units
from ctxshape.text.units.groups import html_owners, markdown_owners, row_owners

_ROWS = [("Denmark", "standard", "5"), ("", "express", "2"), ("Norway", "standard", "8"), ("", "express", "3")]


def _needs(text: str) -> list[tuple[int, ...]]:
    return [unit.needs for unit in units(text)]


def test_row_without_first_value_needs_nearest_row_that_has_one() -> None:
    assert row_owners([["a", "1"], ["", "2"], ["", "3"], ["b", "4"], ["", "5"]]) == [(), (0,), (0,), (), (3,)]


def test_levels_of_groups_are_needed_together() -> None:
    rows = [["Norway", "sea", "day", "1"], ["", "", "night", "2"], ["", "air", "day", "3"], ["", "", "night", "4"]]
    assert row_owners(rows) == [(), (0,), (0,), (2, 0)]


def test_rows_cut_off_from_their_group_need_nothing() -> None:
    assert row_owners([["", "express", "2"], ["Norway", "standard", "8"]]) == [(), ()]


def test_title_row_names_the_rows_below_up_to_the_next_title() -> None:
    rows = [["North", "", ""], ["1", "20", "a"], ["2", "22", "b"], ["South", "", ""], ["1", "30", "c"]]
    assert row_owners(rows) == [(), (0,), (0,), (), (3,)]


def test_row_with_missing_values_is_no_title() -> None:
    assert row_owners([["Norway", "8", "x"], ["Sweden", "", ""], ["Finland", "7", "y"]]) == [(), (), ()]


def test_markdown_cells_may_hold_escaped_bars_and_lack_outer_ones() -> None:
    assert markdown_owners([r"| a \| b | 1 |", "|  | 2 |", "c | 3"]) == [(), (0,), ()]


@pytest.mark.parametrize("span", ['rowspan="3"', "rowspan=3", "class='x' ROWSPAN='3'", 'rowspan="0"'])
def test_html_rows_inside_of_a_spanning_cell_need_its_row(span: str) -> None:
    rows = [f"<tr><td {span}>North</td><td>1</td></tr>", "<tr><td>2</td></tr>", "<tr><td>3</td></tr>"]
    assert html_owners(rows) == [(), (0,), (0,)]


def test_html_spans_of_two_columns() -> None:
    rows = [
        "<tr><th rowspan=4>North</th><td rowspan=2>day</td><td>1</td></tr>",
        "<tr><td>2</td></tr>",
        "<tr><td rowspan=2>night</td><td>3</td></tr>",
        "<tr><td>4</td></tr>",
        "<tr><th>South</th><td>day</td><td>5</td></tr>",
    ]
    assert html_owners(rows) == [(), (0,), (0,), (2, 0), ()]


def test_html_empty_first_cell_and_title_over_all_columns() -> None:
    assert html_owners(["<tr><td>a</td><td>1</td></tr>", "<tr><td>&nbsp;</td><td>2</td></tr>"]) == [(), (0,)]
    rows = ["<tr><th colspan=2>North</th></tr>", "<tr><td>1</td><td>20</td></tr>", "<tr><th colspan=2>South</th></tr>"]
    assert html_owners(rows) == [(), (0,), ()]


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        (
            "| Country | Service | Days |\n|---|---|---|\n" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in _ROWS),
            [(), (0,), (0, 1), (0,), (0, 3)],
        ),
        ("Country,Service,Days\n" + "".join(f"{a},{b},{c}\n" for a, b, c in _ROWS), [(), (0,), (0, 1), (0,), (0, 3)]),
        ("Country\tService\tDays\n" + "".join(f"{a}\t{b}\t{c}\n" for a, b, c in _ROWS), [(), (0,), (0, 1), (0,), (0, 3)]),
        (
            "Country    Service     Days\n" + "".join(f"{a:11}{b:12}{c}\n" for a, b, c in _ROWS),
            [(), (0,), (0, 1), (0,), (0, 3)],
        ),
    ],
    ids=["markdown", "csv", "tsv", "aligned"],
)
def test_every_table_binds_rows_to_their_group(text: str, needs: list[tuple[int, ...]]) -> None:
    assert _needs(text) == needs


def test_rows_of_html_need_their_group() -> None:
    rows = "".join(
        f'<tr><td rowspan="2">{wing}</td><td>1</td><td>{n}</td></tr>\n<tr><td>2</td><td>{n + 1}</td></tr>\n'
        for wing, n in (("North", 12), ("South", 20))
    )
    text = f"<table><tr><th>Wing</th><th>Floor</th><th>Rooms</th></tr>\n{rows}</table>"
    shown = {text[u.start : u.end]: [text[units(text)[n].start :][:24] for n in u.needs] for u in units(text)}
    assert '<tr><td rowspan="2">Sout' in shown["<tr><td>2</td><td>21</td></tr>"]
    assert '<tr><td rowspan="2">Nort' not in shown["<tr><td>2</td><td>21</td></tr>"]


@pytest.mark.parametrize("budget", [None, 36, 48, 64])
@pytest.mark.parametrize("form", ["| {} | {} | {} |", "{},{},{}"])
def test_no_row_is_shown_below_another_group(budget: int | None, form: str) -> None:
    days = (("Denmark", 5, 2), ("Norway", 8, 3), ("Sweden", 6, 2))
    rows = [row for country, a, b in days for row in ((country, "standard", a), ("", "express", b))]
    head = form.format("Country", "Service", "Days") + ("\n|---|---|---|" if "|" in form else "")
    lines = [form.format(*row) for row in rows]
    text = "\n".join([head, *lines]) + "\n"
    for document in shape("How long does express shipping to Norway take?", [text], budget=budget).documents:
        shown = document.text.split("\n")
        for above, line in pairwise(shown):
            if line in lines and "express" in line:
                place = [n for n, own in enumerate(lines) if own == line and lines[n - 1] == above]
                assert place, document.text


def test_rows_that_all_span_others_need_few() -> None:
    owners = html_owners(["<tr><td rowspan=0>x</td><td>1</td></tr>"] * 500)
    assert max(map(len, owners)) == 4

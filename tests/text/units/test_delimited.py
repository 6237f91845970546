from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.text.units.delimited import delimited_units


def cut(text: str) -> list[tuple[str, tuple[int, ...]]]:
    found = delimited_units(text)
    assert found is not None
    return [(text[unit.start : unit.end], unit.needs) for unit in found]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_row_comes_with_the_names_of_its_columns(mark: str) -> None:
    lines = [mark.join(row) for row in (["station", "line", "opened"], ["Hafen", "U2", "1930"], ["Nordtor", "U5", "1951"])]
    assert cut("\n".join(lines) + "\n") == [(lines[0], ()), (lines[1], (0,)), (lines[2], (0,))]


def test_quoted_values_hold_delimiters_and_line_breaks() -> None:
    text = 'id,note,sum\r\n1,"red, ""new""\r\n\r\nand old",3\r\n2,blue,4\r\n'
    assert [row for row, _ in cut(text)] == ["id,note,sum", '1,"red, ""new""\r\n\r\nand old",3', "2,blue,4"]


def test_rows_without_names_need_nothing() -> None:
    assert [needs for _, needs in cut("Hafen,U2,1930\nNordtor,U5,1951\nParkhaus,U1,1960")] == [(), (), ()]
    assert [needs for _, needs in cut("Hafen,Jena,red\nNordtor,Gera,blue\nParkhaus,Jena,red")] == [(), (), ()]


def test_names_above_columns_of_words() -> None:
    assert [needs for _, needs in cut("name,city,owner\nHafen,Jena,Ada\nNordtor,Gera,Ben")] == [(), (0,), (0,)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b,c",
        "We saw Rome, Bari, and Pisa.\nWe ate figs, nuts, and bread.\nIt rained, hailed, and snowed.",
        "红,黄,蓝三种颜色。\n春,夏,秋四个季节。\n东,南,西三个方向。",
        "int a;\nint b;\nint c;",
        "print(a, b, c)\nprint(d, e, f)\nprint(g, h, i)",
        "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |",
        "Dear Ada,\nthank you,\nBen",
        "\tif x:\n\t\treturn\n\telse:",
        'a,"b\nc,d,e',
        "id,sum\n1,2\n2,3\n\nkind,fee\n5,6\n7,8",
        "a\0,b\nc",
    ],
)
def test_other_text(text: str) -> None:
    assert delimited_units(text) is None


def test_a_blank_line_does_not_end_a_table() -> None:
    found = cut("Name\tYear\tCity\nAda\t1990\tJena\n\nBen\t1991\tGera\nCy\t1992\tSuhl\n")
    assert [needs for _, needs in found] == [(), (0,), (0,), (0,)]


def test_short_tables_and_values_with_sentences() -> None:
    assert [row for row, _ in cut("a,b,c\n1,2,3")] == ["a,b,c", "1,2,3"]
    rows = [
        '1,"It is old, but it was sold in 1912, said Ada Lorenz of the town hall."',
        '2,"No, it was not."',
        '3,"Well, yes."',
    ]
    assert cut("\n".join(["id,text", *rows])) == [("id,text", ()), *((row, (0,)) for row in rows)]


ROWS = [f"Hafen {n};U{n};{1930 + n}" for n in range(5)]


def test_a_chunk_begins_and_ends_inside_of_rows() -> None:
    assert cut("\n".join(["fen;U7", *ROWS, "Nord"])) == [(row, ()) for row in ("fen;U7", *ROWS, "Nord")]
    assert [row for row, _ in cut('ff, new",3\n1,"a, b",2\n2,"c",4\n3,"d",5\n4,"cut')][-1] == '4,"cut'


def test_a_line_above_the_table_comes_along() -> None:
    text = "\n".join(["Table 1: stations", "station;line;opened", *ROWS])
    assert [needs for _, needs in cut(text)] == [(), (0,), *[(0, 1)] * 5]


def test_a_long_row_is_cut_behind_its_start() -> None:
    long = "7,mill," + "It was sold in 1912. " * 50
    found = cut(f"id,name,text\n1,a,b\n2,c,d\n{long.strip()}\n")
    assert found[3] == ("7,mill,It was sold in 1912.", (0,))
    assert found[4] == ("It was sold in 1912.", (0, 3))


@given(st.text(alphabet='ab1,;\t|"\n \r.', max_size=60))
def test_any_text(text: str) -> None:
    found = delimited_units(text) or []
    assert all(a.end <= b.start for a, b in pairwise(found))
    ends, starts = [0, *(unit.end for unit in found)], [*(unit.start for unit in found), len(text)]
    assert not found or not any(char.isalnum() for a, b in zip(ends, starts, strict=True) for char in text[a:b])

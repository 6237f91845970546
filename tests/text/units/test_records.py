"""Tables of programs, logs, search output, diffs, YAML and settings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.text.units.columns import columns_units
from ctxshape.text.units.diffs import diff_units
from ctxshape.text.units.forms import FORMS
from ctxshape.text.units.found import found_units
from ctxshape.text.units.logs import log_units
from ctxshape.text.units.model import Cutter, Unit
from ctxshape.text.units.ruled import ruled_units
from ctxshape.text.units.settings import form_units, settings_units
from ctxshape.text.units.yaml import yaml_units


def cut(cutter: Cutter, text: str) -> list[tuple[str, tuple[int, ...]]]:
    found = cutter(text)
    assert found is not None
    return [(text[unit.start : unit.end], unit.needs) for unit in found]


PROCESSES = """\
USER       PID %CPU %MEM TTY      STAT COMMAND
root         1  0.0  0.1 ?        Ss   /sbin/init
www-data  1022 12.5  3.2 ?        Sl   nginx: worker process
postgres  1101  0.0  0.9 ?        Ss   postgres: writer"""
FIGURES = """\
                      2019      2018
Revenue              1,200     1,100
Cost of goods          800       700"""
CITIES = """\
姓名    城市      年份
李明    杭州      1988
王芳    玫瑰角    1990"""


@pytest.mark.parametrize("text", [PROCESSES, FIGURES, CITIES])
def test_aligned_columns_come_with_their_head(text: str) -> None:
    head, *rows = text.split("\n")
    assert cut(columns_units, text) == [(head, ()), *((row, (0,)) for row in rows)]


def test_a_row_without_a_first_value_needs_the_one_above() -> None:
    text = "Region   City     Founded\nNorth    Jena     1230\n         Gera     995\nSouth    Suhl     1318"
    assert [needs for _, needs in cut(columns_units, text)] == [(), (0,), (0, 1), (0,)]


@pytest.mark.parametrize(
    "text",
    [
        "1.  Open the lid.\n2.  Press the key.\n3.  Close it.",
        "*  Stock prices\n*  Clickstream data\n*  Network logs",
        "The mill is old.  It was sold.\nThe pump is new.  It was built.\nThe tower is tall.  It is white.",
        "int  a;\nint  b;\nchar c;",
        "a  b\n\nc  d\n\ne  f",
    ],
)
def test_text_without_columns(text: str) -> None:
    assert columns_units(text) is None


def test_tables_with_rules() -> None:
    box = "+----+------+\n| id | city |\n+----+------+\n|  1 | Jena |\n|  2 | Gera |\n+----+------+\n2 rows in set"
    assert cut(ruled_units, box) == [
        ("+----+------+\n| id | city |\n+----+------+", ()),
        ("|  1 | Jena |", (0, 3)),
        ("|  2 | Gera |", (0, 3)),
        ("+----+------+", (0,)),
        ("2 rows in set", (0, 3)),
    ]
    grid = "+---+-----+\n| A | B   |\n+===+=====+\n| x | one |\n|   | two |\n+---+-----+\n| y | six |\n+---+-----+"
    assert [row for row, _ in cut(ruled_units, grid)] == [
        grid[:35],
        "| x | one |\n|   | two |\n+---+-----+",
        "| y | six |\n+---+-----+",
    ]
    simple = "Fees\n\n=====  ====\nwho    pays\n=====  ====\nchild     2\n       only\nadult     4\n=====  ===="
    assert [row for row, _ in cut(ruled_units, simple)][2:4] == ["child     2\n       only", "adult     4"]
    dashes = "NAME   CITY\n-----  ----\nAda    Jena\nBen    Gera"
    assert cut(ruled_units, dashes)[1:] == [("Ada    Jena", (0,)), ("Ben    Gera", (0,))]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "Title\n=====\nText  here.\nMore.",
        "A   B\n--  --\n1   2\n\nDo this:",
        "a\n---\nb",
        "--- ---",
    ],
)
def test_text_without_rules(text: str) -> None:
    assert ruled_units(text) is None


def test_an_entry_of_a_log_has_its_stack_trace() -> None:
    trace = "2026-05-01 12:00:05,001 ERROR cannot save\njava.sql.SQLException: deadlock\n\tat app.Orders.save(Orders.java:88)"
    text = f"2026-05-01 12:00:01,123 INFO started\n{trace}\n2026-05-01 12:00:06,400 WARN retry"
    assert [entry for entry, _ in cut(log_units, text)][1] == trace


def test_a_long_stack_trace_is_cut_into_groups_that_need_their_line() -> None:
    lines = ["12:00:01 ERROR stop", *(f"  at app.Orders.save(Orders.java:{n})" for n in range(40)), "12:00:02 INFO start"]
    found = cut(log_units, "\n".join(lines))
    assert found[0] == (lines[0], ()) and found[1][1] == (0,) and found[1][0].startswith("  at app")
    assert all(len(entry) <= 300 for entry, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        "May  5 12:00:01 web sshd[812]: Failed password\nMay  5 12:00:03 web kernel: eth0 down",
        '10.0.0.1 - - [01/May/2026:12:00:01 +0000] "GET / HTTP/1.1" 200\n10.0.0.2 - - [01/May/2026:12:00:02 +0000] "GET /" 404',
        "INFO: start\nERROR: no disk\nINFO: stop",
        "web-1  | 2026-05-01T12:00:01Z start\nweb-1  | 2026-05-01T12:00:02Z stop",
        "time=12 level=info msg=a\ntime=13 level=warn msg=b",
    ],
)
def test_forms_of_logs(text: str) -> None:
    assert [entry for entry, _ in cut(log_units, text)] == text.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "[2024-05-06 12:00:01] Ana: hi\n[2024-05-06 12:00:09] Bo: hello\n[2024-05-06 12:01:01] Ana: when?",
        "[00:00:12] Agent: hi\n[00:00:19] Customer: hello\n[00:01:11] Agent: when?",
        "12:30 lunch\n13:00 talk",
        "12:00:01 INFO a\n12:00:02 INFO b\n12:00:03 INFO c\n\nThe tower was sold.",
        "2024-05-06 was a Monday.\n2024-05-07 was not.",
        "00:00:01,000 --> 00:00:04,000\nHello.\n\n00:00:05,000 --> 00:00:06,000\nBye.",
    ],
)
def test_text_that_is_no_log(text: str) -> None:
    assert log_units(text) is None


def test_found_lines_keep_their_path() -> None:
    text = "src/a.py\n12:    limit = 5\n13-    # more\n\nsrc/b.py\n9:limit = 7"
    assert cut(found_units, text)[1:] == [
        ("12:    limit = 5", (0,)),
        ("13-    # more", (0,)),
        ("src/b.py", ()),
        ("9:limit = 7", (3,)),
    ]
    lint = "app/x.py:3:1: F401 unused\napp/x.py:9:80: E501 too long"
    assert [line for line, _ in cut(found_units, lint)] == lint.split("\n")
    assert found_units("Note: see below\nand here: it is") is None
    assert found_units("https://a.example/b: page\nhttps://a.example/c: page") is None


def test_a_hunk_needs_the_head_of_its_file() -> None:
    text = "diff --git a/x b/x\nindex 3f2ab91..9ab1c22 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    text += "diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n--- 1\n+2"
    found = cut(diff_units, text)
    assert [needs for _, needs in found] == [(), (0,), (), (2,)]
    assert found[3][0] == "@@ -1 +1 @@\n--- 1\n+2"
    long = "--- a\n+++ b\n@@ -1 +1 @@\n" + "+one more line\n" * 100
    assert all(needs == (0, 1) for _, needs in cut(diff_units, long)[2:])


DEPLOYMENT = """\
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  containers:
  - name: app
    image: web:1.4
  - name: proxy
    image: proxy:2
    text: |
      Not: a key
      - not an item
"""


def test_entries_of_yaml_come_with_the_keys_above_them() -> None:
    found = cut(yaml_units, DEPLOYMENT)
    shown = {text: [found[need][0] for need in needs] for text, needs in found}
    assert shown["  replicas: 3"] == ["kind: Deployment", "spec:"]
    assert shown["  - name: app\n    image: web:1.4"] == ["kind: Deployment", "spec:", "  containers:"]
    assert "    text: |\n      Not: a key\n      - not an item" in found[-1][0]


@pytest.mark.parametrize(
    "text",
    [
        "Closed on:\n- Monday\n- Sunday",
        "- Price: 5 euros\n- Opening: 1930\n- Owner: Ada",
        "class A:\n    x: int = 3\n    def f(self):\n        return 1",
        "Ada: When does it open?\nBen: At nine.\nAda: Thanks!",
        "The fee: two euros.\n  Dogs: free.\n  Cats: free.",
    ],
)
def test_text_that_is_no_yaml(text: str) -> None:
    assert yaml_units(text) is None


def test_settings_come_with_their_section_and_comment() -> None:
    text = "[queue]\n# times\nmax_retry = 7\nname=mail\n\n[cache]\nttl = 5"
    assert cut(settings_units, text) == [
        ("[queue]", ()),
        ("# times", (0,)),
        ("max_retry = 7", (0, 1)),
        ("name=mail", (0,)),
        ("[cache]", ()),
        ("ttl = 5", (4,)),
    ]


def test_keys_may_recur_below_each_other() -> None:
    text = "Name: a\nVersion: 1\nClassifier: x\nClassifier: y\nClassifier: z\nLicense: MIT\n  or later\nRequires: b"
    assert [field for field, _ in cut(form_units, text)][-2:] == ["License: MIT\n  or later", "Requires: b"]


def test_two_fields() -> None:
    assert [field for field, _ in cut(form_units, "Phone: 626\nFax: 627")] == ["Phone: 626", "Fax: 627"]


def test_sections_with_colons() -> None:
    assert cut(form_units, "[tower.0]\ntimeout: 71\nLIMIT: Nordtor") == [
        ("[tower.0]", ()),
        ("timeout: 71", (0,)),
        ("LIMIT: Nordtor", (0,)),
    ]


def test_a_table_of_a_toml_array_is_a_record() -> None:
    text = '[[goods]]\nname = "Nail"\nsku = 2\n\n[[goods]]\nname = "Saw"\ntags = [\n  "a",\n]'
    assert [field for field, _ in cut(settings_units, text)] == text.split("\n\n")


def test_records_of_a_form_come_with_their_first_field() -> None:
    text = "Package: a\nVersion: 1\nSection: net\n\nPackage: b\nVersion: 2\nSection: doc"
    assert [needs for _, needs in cut(form_units, text)] == [(), (0,), (0,), (), (3,), (3,)]
    assert [field for field, _ in cut(form_units, "姓名：李明\n部门：财务部\n电话：010")] == [
        "姓名：李明",
        "部门：财务部",
        "电话：010",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ada: When does it open?\nBen: At nine.\nAda: Thanks!",
        "Lease: A contract by which one party conveys land.\nTenant: The person who holds it.\nDeposit: A sum of money.",
        "const a = 5;\nlet b = foo(a);",
        "He said: yes\nShe said: no",
        "甲方：同意。\n乙方：不同意。\n甲方：为什么？",
        "姓名：李明\n电话：010\n城市：杭州\n备注：无\n\n赵磊说：水库在苏州，钥匙遗失了。",
        "Note: see below\nAda: no",
        "[tram.0]\nowner: Ada\n\n客服：水库已关闭。\n客户：好。",
    ],
)
def test_text_that_is_no_settings(text: str) -> None:
    assert settings_units(text) is None and form_units(text) is None


WORDS = "a b 1 : = , ; | - -- --- === + [ ] { } \" ' # @@ \t \r name: key= 12:00:01 INFO a/b.c:3: -1 +1 \ufeff \0 中文 ： 。"
PARTS = st.sampled_from([*WORDS.split(" "), " ", "  ", "\n", "\n\n", "\n  ", "\n    "])


@given(st.lists(PARTS, max_size=40).map("".join))
def test_units_of_any_text_are_sorted_and_cover_it(text: str) -> None:
    for cutter in FORMS:
        found: list[Unit] = cutter(text) or []
        assert all(a.end <= b.start for a, b in pairwise(found)), cutter
        assert all(text[unit.start : unit.end].strip() and not text[unit.end - 1].isspace() for unit in found), cutter
        assert all(0 <= need < len(found) and need != n for n, unit in enumerate(found) for need in unit.needs), cutter
        ends, starts = [0, *(unit.end for unit in found)], [*(unit.start for unit in found), len(text)]
        assert not found or not any(char.isalnum() for a, b in zip(ends, starts, strict=True) for char in text[a:b]), cutter


def test_comments_alone_are_no_yaml() -> None:
    assert yaml_units("#name:\n") is None


def test_a_line_of_nothing_but_a_byte_order_mark_is_no_error() -> None:
    yaml_units("name: a\nplace:\n  city: b\n\ufeff\nid: 4")

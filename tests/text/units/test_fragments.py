from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.text.units.fragments import fragment_units
from ctxshape.text.units.introduced import introduced_units

RECORDS = [{"id": 5101 + n, "customer": name, "note": "It rained. We left."} for n, name in enumerate(("Ada", "Ben", "Cleo"))]
TEXT = json.dumps({"orders": RECORDS}, indent=2)


def cut(text: str) -> list[str]:
    found = fragment_units(text)
    assert found is not None
    return [text[unit.start : unit.end] for unit in found]


def test_every_chunk_of_json_keeps_its_records_whole() -> None:
    for text in (TEXT, json.dumps({"orders": RECORDS})):
        for start in range(0, 77, 7):
            found = cut(text[start : len(text) - start // 2])
            assert all(sum(f'"{record["customer"]}"' in unit for record in RECORDS) < 2 for unit in found)
            assert any("5102" in unit and '"Ben"' in unit for unit in found)


def test_comments_trailing_commas_and_assignments() -> None:
    assert cut(TEXT.replace('left."', 'left.",'))[1].startswith('{\n      "id": 5101')
    assert cut(TEXT.replace('"customer"', '// who\n      "customer"'))[1].count("// who") == 1
    assert cut(f"const orders = {TEXT};")[0] == 'const orders = {\n  "orders": ['


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The set {a, b} has two members, and so has {c, d}.",
        "body { color: red; margin: 0; }\np { color: blue; }",
        "call({'a': 1, 'b': 2, 'c': 3})\nother({'d': 4})",
        """Ada {'1': ", '2': ", '3': ", '4': "} (born 1930) wrote the rules of the club. She left it in 1934.""",
        'He said: "yes", she said: "no", they said: "perhaps".',
    ],
)
def test_other_text(text: str) -> None:
    assert fragment_units(text) is None


def test_json_between_lines_of_prose() -> None:
    text = f"POST /orders answers\n{TEXT}\nThe orders are open."
    found = introduced_units(text)
    assert found is not None
    assert [text[unit.start : unit.end] for unit in (found[0], found[-1])] == ["POST /orders answers", "The orders are open."]
    assert found[2].kind == "record" and text[found[2].start : found[2].end].count('"id"') == 1


@pytest.mark.parametrize(
    "below",
    [
        "LOG=debug\nPORT=80",
        "NAME   CITY   AGE\nAda    Jena    31\nBen    Gera    44",
        "12:00:01 INFO a\n12:00:02 INFO b",
        "id;sum\n1;2\n3;4",
    ],
)
def test_what_a_line_introduces_needs_it(below: str) -> None:
    text = f"It printed this:\n{below}"
    found = introduced_units(text)
    assert found is not None and all(0 in unit.needs for unit in found[1:])
    assert [text[unit.start : unit.end] for unit in found] == text.split("\n")


@given(st.text(alphabet="{}[],:\"'a1 \n\\/", max_size=60), st.integers(0, 200), st.integers(0, 100))
def test_any_chunk(noise: str, start: int, length: int) -> None:
    text = TEXT[start : start + length] + noise + TEXT[:length]
    for cutter in (fragment_units, introduced_units):
        found = cutter(text) or []
        assert all(a.end <= b.start for a, b in pairwise(found))
        assert all(unit.start < unit.end and not text[unit.end - 1].isspace() for unit in found)
        assert all(0 <= need < len(found) for unit in found for need in unit.needs)
        ends, starts = [0, *(unit.end for unit in found)], [*(unit.start for unit in found), len(text)]
        assert not found or not any(char.isalnum() for a, b in zip(ends, starts, strict=True) for char in text[a:b])

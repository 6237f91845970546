from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape import shape
from ctxshape.core.spans import assemble, pieces
from ctxshape.core.types import Context
from ctxshape.testing.faithful.selection import shown_with
from ctxshape.text.units.json import json_units

RECORDS = [{"id": 5101 + n, "customer": name, "city": "Jena", "total": 48.2} for n, name in enumerate(("Ada", "Ben", "Cleo"))]


def cut(text: str) -> list[str]:
    found = json_units(text)
    assert found is not None
    return [text[unit.start : unit.end] for unit in found]


def test_a_record_comes_with_its_brackets_and_all_of_its_fields() -> None:
    text = json.dumps({"orders": RECORDS}, indent=2)
    assert json.loads(shown_with(text, "Ben")) == {"orders": [RECORDS[1]]}
    assert json.loads(shown_with(text, "Ada", "Cleo")) == {"orders": [RECORDS[0], RECORDS[2]]}
    assert all(line in text.split("\n") for line in shown_with(text, "Cleo").split("\n"))


def test_fields_that_identify_the_object_around_come_along() -> None:
    value = {"shop": {"name": "Kiosk", "phone": "0364", "orders": RECORDS * 2}, "seen": 3}
    for indent in (None, 2, 4, "\t"):
        found = json.loads(shown_with(json.dumps(value, indent=indent), "Ben"))
        assert found == {"shop": {"name": "Kiosk", "orders": [RECORDS[1], RECORDS[1]]}}
    assert json.loads(shown_with(json.dumps(value), "0364")) == {"shop": {"name": "Kiosk", "phone": "0364"}}
    assert json.loads(shown_with(json.dumps(value), '"seen"')) == {"seen": 3}


def test_brackets_are_never_shown_empty_if_they_are_not() -> None:
    text = json.dumps({"shop": "Kiosk", "orders": RECORDS * 2, "seen": 3})
    assert json.loads(shown_with(text, '"orders"')) == {"shop": "Kiosk", "orders": [RECORDS[0]]}


def test_json_lines() -> None:
    text = "\n".join(map(json.dumps, RECORDS))
    assert cut(text) == text.split("\n")
    assert shown_with(text, "Ada", "Cleo") == f"{json.dumps(RECORDS[0])}\n{json.dumps(RECORDS[2])}"


def test_a_long_array_of_plain_values_is_cut_and_parses() -> None:
    text = json.dumps({"primes": list(range(1000, 1500))})
    assert 17 < len(cut(text)) < 100
    assert 1200 in json.loads(shown_with(text, "1200"))["primes"]


def test_a_long_string_is_cut_into_sentences_behind_its_key() -> None:
    text = json.dumps({"id": 7, "body": "The mill is old.\nIt was sold in 1912. " * 40})
    found = cut(text)
    assert found[:4] == ["{", '"id": 7', '"body": "', "The mill is old.\\n"]
    assert found[-2:] == ['It was sold in 1912. "', "}"]
    assert "[…]" in shown_with(text, "1912") and '"id": 7' in shown_with(text, "1912")


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2", '{"a": 1,}', "{a: 1}", "[see note]", '{"a": 1} text', "{}", "[" * 10_000, '"a"', "\0"]
)
def test_other_text(text: str) -> None:
    assert json_units(text) is None


def test_values_as_python_writes_them() -> None:
    assert cut(str(RECORDS))[1] == str(RECORDS[0])


def test_deep_nesting() -> None:
    value: Any = {"id": 1, "text": "a word and another one " * 20}
    for level in range(30):
        value = {"level": level, "inner": value, "x": 1}
    found = json_units(json.dumps(value))
    assert found is not None
    assert all(len(unit.needs) < 30 for unit in found)
    assert max(unit.end - unit.start for unit in found) <= 600


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(["id", "name", "a", "b", "é"]), inner, max_size=5)
    ),
    max_leaves=40,
)


@given(VALUES, st.sampled_from([None, 1, 4]), st.booleans())
def test_units_of_any_json_cover_it_and_parse_with_what_they_need(value: object, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    found = json_units(text)
    if found is None:
        assert not isinstance(value, dict | list) or not value
        return
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(unit.start < unit.end for unit in found)
    ends, starts = [0, *(unit.end for unit in found)], [*(unit.start for unit in found), len(text)]
    assert not any(char.isalnum() for a, b in zip(ends, starts, strict=True) for char in text[a:b])
    context = Context.of("q", [text])
    made = pieces(context, context.documents[0])
    for number, piece in enumerate(made):
        kept = sorted({number, *piece.needs})
        json.loads(assemble(context.documents[0], made, kept, verbatim=True).text)


_IMAGE = "iVBORw0KGgoAAAANSUhEUgAABzYR2LHn3kQ9pXw7VtJc5bDf8MeGa1SuWo6KqTrZ4yUhE0NiPxBvCdXlFm"


@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"separators": (",", ":")}])
@pytest.mark.parametrize("budget", [None, 80, 256])
def test_payload_is_left_out_of_its_record(layout: dict[str, Any], budget: int | None) -> None:
    files = [{"id": 1, "data": _IMAGE * 20, "name": "a.png"}, {"id": 2, "name": "plan.pdf", "size": 88, "data": _IMAGE * 20}]
    text = json.dumps({"files": files, "owner": "Uma"}, **layout)
    shown = shape("What is the size of plan.pdf?", [text], budget=budget).documents[0].text
    assert {"id": 2, "name": "plan.pdf", "size": 88} in json.loads(shown)["files"]
    assert _IMAGE[:20] not in shown


def test_fields_beside_a_payload_stay_together() -> None:
    text = json.dumps({"files": [{"id": 2, "icon": f"data:image/png;base64,{_IMAGE}", "name": "plan.pdf"}]})
    found = json_units(text)
    assert found is not None
    assert [text[u.start : u.end] for u in found] == ['{"files": [{', '"id": 2', '"name": "plan.pdf"', "}]}"]
    assert [u.needs for u in found] == [(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)]


def test_vectors_and_lists_of_payloads_are_left_out_too() -> None:
    record = {
        "user": "Uma",
        "vector": [round(0.1111 + n / 9001, 9) for n in range(100)],
        "icons": [_IMAGE, _IMAGE],
        "meta": {"thumb": _IMAGE},
    }
    shown = shape("Who is the user?", [json.dumps(record)]).documents[0].text
    assert json.loads(shown) == {"user": "Uma"}


def test_text_beside_a_payload_stays() -> None:
    text = json.dumps([{"title": "Mill", "content": f"The mill ![wheel](data:image/png;base64,{_IMAGE}) was built in 1770."}])
    shown = shape("When was the mill built?", [text]).documents[0].text
    assert "was built in 1770." in shown
    assert _IMAGE[:20] not in shown

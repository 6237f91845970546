from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ctxshape.core.types import Document
from ctxshape.errors import InvalidInput
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.datasets.forms import check_case, read_cases

QA: dict[str, Any] = {
    "question": "Who designed the tower?",
    "answers": ["Smeaton", "John Smeaton"],
    "ctxs": [
        {"title": "Lighthouses", "text": "There are many.", "isgold": False, "hasanswer": True, "score": "1.5"},
        {"title": None, "text": "Smeaton did.", "isgold": True},
        {"text": "Nobody knows.", "isgold": False},
    ],
}
KV: dict[str, Any] = {"ordered_kv_records": [["a", "1"], ["b", "2"], ["c", "3"]], "key": "b", "value": "2"}
RGB: dict[str, Any] = {"id": 7, "query": "谁？", "answer": "甲", "positive": ["是甲。", "甲也。"], "negative": ["不是。"]}
CASE: dict[str, Any] = {
    "id": "c",
    "question": "Q?",
    "facts": [["x"]],
    "gold": [{"id": "g1", "text": "It is x."}],
    "distractors": [],
}


def write(path: Path, *records: object) -> str:
    path.write_text("".join(json.dumps(record, ensure_ascii=True) + "\n" for record in records), encoding="utf-8")
    return str(path)


def read(path: Path, record: object) -> Case:
    (case,) = read_cases(write(path / "data.jsonl", record))
    return case


def says(error: Exception, values: str) -> bool:
    """True if an error has all of these values, which are separated by dots."""
    return all(value in str(error) for value in values.split(" … "))


def without(record: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != field}


def test_question_answering(tmp_path: Path) -> None:
    case = read(tmp_path, QA)
    assert (case.id, case.question, case.needed) == ("q1", "Who designed the tower?", 1)
    assert case.facts == (("Smeaton", "John Smeaton"),)
    assert case.gold == (Document(id="g1", text="Smeaton did."),)
    assert [(d.id, d.title, d.text) for d in case.distractors] == [
        ("x1", "Lighthouses", "There are many."),
        ("x2", None, "Nobody knows."),
    ]
    assert case.distractors[0].meta == {"hasanswer": True, "score": "1.5"}


def test_question_answering_with_facts_and_references(tmp_path: Path) -> None:
    gold = [{"text": "Smeaton did.", "isgold": True}, {"text": "In 1759.", "isgold": True}]
    more = {"id": "tower", "facts": [["Smeaton"], ["1759", "the year 1759"]], "references": ["Smeaton built it in 1759."]}
    case = read(tmp_path, {**without(QA, "answers"), "ctxs": gold, **more})
    assert case.id == "tower"
    assert case.facts == (("Smeaton",), ("1759", "the year 1759"))
    assert case.needed == 2  # which passage states which fact is not said
    assert case.references == ("Smeaton built it in 1759.",)
    assert read(tmp_path, {**QA, "references": "One."}).references == ("One.",)
    assert read(tmp_path, {**QA, "ctxs": gold}).needed == 1


LIST: dict[str, Any] = {
    "question": "Who built the bridge, and when?",
    "answers": [["Ito", "K. Ito"], ["1931"]],
    "passages": [{"id": "a", "title": "Bridge", "text": "Built in 1931."}, "Ito built it.", {"content": "Rain fell."}],
}


def test_retrieved_lists_need_no_gold_passages_for_tuning(tmp_path: Path) -> None:
    (case,) = read_cases(write(tmp_path / "data.jsonl", LIST), gold=False)
    assert case.facts == (("Ito", "K. Ito"), ("1931",)) and case.gold == ()
    assert [(d.id, d.title, d.text) for d in case.distractors] == [
        ("x1", "Bridge", "Built in 1931."),
        ("x2", None, "Ito built it."),
        ("x3", None, "Rain fell."),
    ]
    assert case.retrieved == ("x1", "x2", "x3")
    with pytest.raises(InvalidInput, match="line 1 has no passage.*'gold'"):
        read_cases(write(tmp_path / "data.jsonl", LIST))


def test_retrieved_lists_with_gold_passages(tmp_path: Path) -> None:
    marked = [{"text": "Rain fell."}, {"text": "Ito built it.", "gold": True}, {"text": "Sun.", "gold": False}]
    case = read(tmp_path, {**LIST, "answers": ["Ito", "K. Ito"], "passages": marked})
    assert case.facts == (("Ito", "K. Ito"),)  # strings are wordings of one fact
    assert [d.text for d in case.gold] == ["Ito built it."] and case.retrieved == ("x1", "g1", "x2")


def test_retrieved_lists_with_a_long_answer_or_none(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    long = {**without(LIST, "answers"), "reference": "Ito built it in 1931."}
    (case,) = read_cases(write(path, {**long, "answers": []}), gold=False)
    assert case.facts == () and case.references == ("Ito built it in 1931.",)
    with pytest.raises(InvalidInput, match="line 1 has a long answer only.*'answers'"):
        read_cases(write(path, long))
    refused = read(tmp_path, {**long, "answerable": False})
    assert (refused.facts, refused.references, refused.gold) == ((), (), ())


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (without(LIST, "answers"), "line 2 has no answer … 'answers' … 'reference' … 'answerable'"),
        ({**LIST, "answers": []}, "line 2 has no answer"),
        (without(LIST, "passages"), "line 2 has no passages"),
        ({**LIST, "passages": []}, "line 2, field 'passages' is empty"),
        ({**LIST, "passages": [{"title": "a"}]}, "line 2, field 'passages', item 1"),
        ({**LIST, "answers": [["a"], []]}, "line 2, field 'answers', item 2 is empty"),
        ({**LIST, "answerable": "no"}, "line 2, field 'answerable' is str; give true or false"),
    ],
)
def test_faults_of_retrieved_lists(record: object, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "data.jsonl", LIST, record)
    with pytest.raises(InvalidInput) as caught:
        read_cases(path, gold=False)
    assert str(caught.value).startswith(path) and says(caught.value, message)


def test_key_value_retrieval(tmp_path: Path) -> None:
    case = read(tmp_path, KV)
    assert case.question == 'What is the value of the key "b"?'
    assert case.facts == (("2",),)
    assert [document.text for document in case.gold] == ['"b": "2"']
    assert [(document.id, document.text) for document in case.distractors] == [("x1", '"a": "1"'), ("x2", '"c": "3"')]
    assert [document.text for document in arrange(case, 3, "middle").documents] == ['"a": "1"', '"b": "2"', '"c": "3"']


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        ("甲", (("甲",),)),
        (["甲", "乙"], (("甲",), ("乙",))),
        ([["January 2 2022", "Jan 2, 2022"]], (("January 2 2022", "Jan 2, 2022"),)),
        (["甲", ["乙", "丙"]], (("甲",), ("乙", "丙"))),
    ],
)
def test_rgb_answers_are_facts_and_lists_in_them_wordings(answer: object, facts: object, tmp_path: Path) -> None:
    case = read(tmp_path, {**RGB, "answer": answer})
    assert case.facts == facts
    assert (case.id, case.question, case.needed) == ("7", "谁？", 1)
    assert [document.text for document in case.gold] == ["是甲。", "甲也。"]
    assert [document.text for document in case.distractors] == ["不是。"]


def test_rgb_information_integration_needs_one_passage_of_each_list(tmp_path: Path) -> None:
    case = read(tmp_path, {**RGB, "answer": ["1", "2"], "positive": [["a1", "a2", "a3"], ["b1"]], "negative": []})
    assert case.needed == 2
    assert [document.text for document in case.gold] == ["a1", "b1", "a2", "a3"]
    assert [document.id for document in case.gold] == ["g1", "g2", "g3", "g4"]


def test_rgb_counterfactual_passages_come_first(tmp_path: Path) -> None:
    case = read(tmp_path, {**RGB, "positive_wrong": ["是丁。"], "fakeanswer": "丁"})
    assert [document.text for document in case.distractors] == ["是丁。", "不是。"]
    assert case.wrong == ("丁",)
    assert read(tmp_path, {**RGB, "fakeanswer": ["丁", ["戊", "己"]]}).wrong == ("丁", "戊", "己")


def test_cases_come_back_as_they_were(tmp_path: Path) -> None:
    full = Case(
        id="several-1",
        question="甲和乙？",
        facts=(("a",), ("b", "B")),
        gold=(Document(id="g1", text="a", title="T", meta={"n": 1}), Document(id="g2", text="b")),
        distractors=(Document(id="x1", text="c", meta={"copy_of": "g1"}),),
        needed=2,
        wrong=("c",),
        references=("a and b",),
    )
    unanswerable = Case(id="none-2", question="Who?", distractors=(Document(id="x1", text="c"),))
    path = write(tmp_path / "cases.jsonl", full.model_dump(mode="json"), unanswerable.model_dump(mode="json"))
    assert read_cases(path) == [full, unanswerable]


def test_arrays_gzip_and_blank_lines(tmp_path: Path) -> None:
    array, packed = tmp_path / "array.json", tmp_path / "lines.jsonl.gz"
    array.write_text(json.dumps([KV, KV]), encoding="utf-8")
    packed.write_bytes(gzip.compress(f"\n{json.dumps(KV)}\n\n{json.dumps(KV)}".encode()))
    assert read_cases(str(array)) == read_cases(str(packed))
    assert [case.id for case in read_cases(str(packed))] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("text", "line 2 is str … object"),
        ({"prompt": "?"}, "line 2 … prompt … question, answers, ctxs (question answering)"),
        ({}, "line 2 … no fields"),
        (KV, "line 2 … key-value retrieval … line 1 … question answering"),
        ({**QA, "id": "q1"}, "line 2 … 'q1' … line 1 … unique"),
        ({**QA, "id": 1.5}, "line 2, field 'id' is float; give a str"),
        (without(QA, "question"), "line 2 has no field 'question'; it has answers, ctxs"),
        (without(QA, "answers"), "line 2 has no field 'answers'; it has ctxs, question"),
        (without(QA, "ctxs"), "line 2 has no passages … answers, question … 'passages'"),
        ({**QA, "question": " "}, "line 2, field 'question' is empty"),
        ({**QA, "question": None}, "line 2, field 'question' is NoneType; give a str"),
        ({**QA, "question": "\ud800"}, "line 2, field 'question' holds the lone surrogate U+D800 at character 0"),
        ({**QA, "answers": "Smeaton"}, "line 2, field 'answers' is str; give a list"),
        ({**QA, "answers": []}, "line 2, field 'answers' is empty"),
        ({**QA, "answers": ["a", "\t"]}, "line 2, field 'answers', item 2 is empty"),
        ({**QA, "answers": [7]}, "line 2, field 'answers', item 1 is int; give a str"),
        ({**QA, "facts": [["a"], []]}, "line 2, field 'facts', item 2 is empty"),
        ({**QA, "references": 3}, "line 2, field 'references' is int; give a list"),
        ({**QA, "ctxs": QA["ctxs"][:1]}, "line 2 has no passage … 'isgold'"),
        ({**QA, "ctxs": {}}, "line 2, field 'ctxs' is dict; give a list"),
        ({**QA, "ctxs": ["text"]}, "line 2 has no passage … 'isgold'"),
        ({**QA, "ctxs": [{"isgold": True}]}, "line 2, field 'ctxs', item 1 has no field 'text'; it has isgold"),
        ({**QA, "ctxs": [{"text": "a"}]}, "line 2 has no passage … 'isgold'"),
        ({**QA, "ctxs": [{"text": "a", "isgold": "yes"}]}, "field 'ctxs', item 1, field 'isgold' is str; give true or false"),
        ({**QA, "ctxs": [{"text": "", "isgold": True}]}, "line 2, field 'ctxs', item 1, field 'text' is empty"),
        ({**QA, "ctxs": [{"text": "a", "title": 5, "isgold": True}]}, "item 1, field 'title' is int; give a str"),
    ],
)
def test_faults_of_question_answering(record: object, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "data.jsonl", QA, record)
    with pytest.raises(InvalidInput) as caught:
        read_cases(path)
    assert str(caught.value).startswith(path) and says(caught.value, message)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (without(KV, "value"), "line 1 has no field 'value'; it has key, ordered_kv_records"),
        ({**KV, "key": "z"}, "line 1, field 'ordered_kv_records' … 'z' 0 times"),
        ({**KV, "ordered_kv_records": [["b", "2"], ["b", "4"]]}, "'b' 2 times"),
        ({**KV, "value": "3"}, "line 1, field 'value' is '3' … '2'"),
        ({**KV, "ordered_kv_records": [["a", "1", "2"]]}, "field 'ordered_kv_records', item 1 … 3 strings … 2"),
        ({**KV, "ordered_kv_records": [["a", 1]]}, "line 1, field 'ordered_kv_records', item 1, item 2 is int; give a str"),
        (without(RGB, "positive"), "line 1 has no field 'positive'; it has answer, id, negative, query"),
        (without(RGB, "negative"), "line 1 has no field 'negative'; it has answer, id, positive, query"),
        ({**RGB, "answer": []}, "line 1, field 'answer' is empty"),
        ({**RGB, "answer": ""}, "line 1, field 'answer' is empty"),
        ({**RGB, "answer": ["a", [" "]]}, "line 1, field 'answer', item 2, item 1 is empty"),
        ({**RGB, "answer": 7}, "line 1, field 'answer' is int; give a list"),
        ({**RGB, "positive": []}, "line 1, field 'positive' is empty"),
        ({**RGB, "positive": [["a"], "b"]}, "line 1, field 'positive', item 2 is str; give a list"),
        ({**RGB, "positive": [["a"], []]}, "line 1, field 'positive', item 2 is empty"),
        ({**RGB, "negative": ["a", ""]}, "line 1, field 'negative', item 2 is empty"),
        ({**RGB, "negative": [7]}, "line 1, field 'negative', item 1 is int; give a str"),
        ({**CASE, "gold": []}, "line 1, field 'gold' … 0 of the 1 passages"),
        ({**CASE, "needed": 2}, "line 1, field 'gold' … 1 of the 2 passages"),
        ({**CASE, "facts": []}, "line 1, field 'facts' is empty … gold"),
        ({**CASE, "facts": [[]]}, "line 1, field 'facts', item 1 is empty"),
        ({**CASE, "facts": [[""]]}, "line 1, field 'facts', item 1, item 1 is empty"),
        ({**CASE, "needed": "two"}, "line 1, field 'needed': Input should be a valid integer"),
        ({**CASE, "gold": [{"id": "g1"}]}, "line 1, field 'gold', item 1, field 'text': Field required"),
        ({**CASE, "gold": [{"id": "g1", "text": " "}]}, "line 1, field 'gold', item 1, field 'text' is empty"),
        ({**CASE, "hint": "x"}, "line 1, field 'hint': Extra inputs are not permitted"),
        ({**CASE, "wrong": ["\udc80"]}, "line 1, field 'wrong', item 1 holds the lone surrogate U+DC80"),
    ],
)
def test_faults_of_the_other_forms(record: object, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "data.jsonl", record)
    with pytest.raises(InvalidInput) as caught:
        read_cases(path)
    assert str(caught.value).startswith(path) and says(caught.value, message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", " … no record"),
        (b"[]", " … no record"),
        (json.dumps(KV).encode() + b"\n\n{'key': 1}\n", ", line 3: not JSON at column 2: "),
        (b'{"question": "\xff"}', ", line 1: not UTF-8 at byte 15 (0xff)"),
        (gzip.compress(json.dumps(KV).encode(), mtime=0)[:-9], " is a broken gzip file: "),
        (json.dumps([KV, {**KV, "key": 2}]).encode(), ", item 2, field 'key' is int; give a str"),
    ],
)
def test_faults_of_the_file(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        read_cases(str(path))
    assert str(caught.value).startswith(str(path)) and says(caught.value, message)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="none: No such file or directory"):
        read_cases(str(tmp_path / "none"))


def test_a_made_case_is_checked_as_a_read_one() -> None:
    good = Case(id="a", question="Q?", facts=(("x",),), gold=(Document(id="g", text="x"),))
    check_case(good, "case 1")
    with pytest.raises(InvalidInput, match="^case 1, field 'question' is empty"):
        check_case(good.model_copy(update={"question": ""}), "case 1")
    with pytest.raises(InvalidInput, match="^case 1, field 'id' is empty"):
        check_case(good.model_copy(update={"id": ""}), "case 1")
    with pytest.raises(InvalidInput, match="^case 1, field 'distractors', item 1, field 'text' is empty"):
        check_case(good.model_copy(update={"distractors": (Document(id="x", text=""),)}), "case 1")

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations

import pytest

from ctxshape.core.types import Document
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.datasets._numbers import NUMBERS, hanzi
from ctxshape.evaluation.datasets._words import language_templates
from ctxshape.evaluation.datasets.forms import check_case
from ctxshape.evaluation.datasets.synthetic import COPY_OF, synthetic, synthetic_zh
from ctxshape.text.sentences import sentences
from ctxshape.text.similarity import jaccard
from ctxshape.text.words import shingles

MADE: dict[str, Callable[..., Iterator[Case]]] = {"en": synthetic, "zh": synthetic_zh}
SEEDS = (0, 1, 2, 3)
LENGTHS = {"en": (50, 110), "zh": (90, 185)}


@lru_cache
def cases(code: str) -> tuple[Case, ...]:
    """Forty cases of four seeds."""
    return tuple(case for seed in SEEDS for case in MADE[code](n=10, seed=seed))


def of_kind(code: str, kind: str) -> list[Case]:
    return [case for case in cases(code) if case.id.startswith(kind)]


def states(document: Document, wordings: tuple[str, ...]) -> bool:
    text = f"{document.title} {document.text}".casefold()
    return any(wording.casefold() in text for wording in wordings)


def passages(case: Case) -> list[Document]:
    return [*case.gold, *case.distractors]


@pytest.mark.parametrize("code", MADE)
def test_the_seed_decides_and_the_number_does_not(code: str) -> None:
    made = MADE[code]
    assert list(made(n=8, seed=4))[:5] == list(made(n=5, seed=4))
    assert next(made(n=1, seed=4)) != next(made(n=1, seed=5))


@pytest.mark.parametrize("code", MADE)
def test_ten_cases_hold_every_kind(code: str) -> None:
    ids = [case.id for case in MADE[code](n=10, seed=0)]
    assert Counter(id.split("-")[0] for id in ids) == {
        "fact": 3,
        "several": 2,
        "contradiction": 2,
        "unanswerable": 2,
        "copies": 1,
    }
    assert [id.split("-")[1] for id in ids] == [f"{number:04}" for number in range(1, 11)]


@pytest.mark.parametrize("code", MADE)
def test_every_case_is_whole(code: str) -> None:
    for case in cases(code):
        check_case(case, case.id)
        assert len(case.distractors) >= 30
        assert len({document.id for document in passages(case)}) == len(passages(case))
        assert case.question.endswith("?" if code == "en" else "？") and "{" not in case.question
        assert len(arrange(case, 30, "middle").documents) == 30


@pytest.mark.parametrize("code", MADE)
def test_each_answer_stands_in_its_gold_passage_and_in_marked_copies_of_it_only(code: str) -> None:
    for case in cases(code):
        for place, wordings in enumerate(case.facts):
            assert states(case.gold[place], wordings), case.id
            others = [document for document in passages(case) if document is not case.gold[place]]
            stated = [document for document in others if states(document, wordings)]
            assert all(document.meta.get(COPY_OF) == case.gold[place].id for document in stated), case.id
            assert not any(wording.casefold() in case.question.casefold() for wording in wordings)


@pytest.mark.parametrize("code", MADE)
def test_several_facts_need_a_passage_each(code: str) -> None:
    found = of_kind(code, "several")
    assert {case.needed for case in found} == {2, 3}
    for case in found:
        assert case.needed == len(case.facts) == len(case.gold)
        (reference,) = case.references
        assert all(any(wording in reference for wording in wordings) for wordings in case.facts)
        assert reference.endswith("." if code == "en" else "。")


@pytest.mark.parametrize("code", MADE)
def test_a_contradiction_is_an_older_notice(code: str) -> None:
    for case in of_kind(code, "contradiction"):
        assert "2024" in case.question and "2024" in case.gold[0].text
        old = case.distractors[0]
        assert "2024" not in old.text and re.search("20(?:06|08|09|11|12|14)", old.text)
        assert [document for document in passages(case) if states(document, case.wrong)] == [old]
        assert not set(case.wrong) & set(case.facts[0])


def asked(code: str, question: str) -> set[str]:
    """The titles that a passage with the answer to a question would have."""
    language = language_templates(code)
    titles: set[str] = set()
    for attribute in (attribute for kind in language.kinds for attribute in kind.attributes):
        for ask in attribute.ask:
            before, _, after = ask.partition("{entity}")
            if question.startswith(before) and question.endswith(after):
                name = question.removeprefix(before).removesuffix(after)
                bare = name.removeprefix("the ")
                titles.update(title.format(entity=name, name=bare, Name=bare) for title in attribute.titles)
    return titles


@pytest.mark.parametrize("code", MADE)
def test_nothing_answers_an_unanswerable_question(code: str) -> None:
    for case in of_kind(code, "unanswerable"):
        assert (case.facts, case.gold, case.wrong) == ((), (), ())
        titles = asked(code, case.question)
        assert titles and not titles & {document.title for document in case.distractors}
    for case in of_kind(code, "fact"):  # the titles are what they are taken for
        assert case.gold[0].title in asked(code, case.question)


@pytest.mark.parametrize("code", MADE)
def test_copies_are_near_and_nothing_else_is(code: str) -> None:
    for case in cases(code):
        parts = {document.id: shingles(document.text) for document in passages(case)}
        source = {document.id: document.meta.get(COPY_OF, document.id) for document in passages(case)}
        for one, other in combinations(parts, 2):
            similarity = jaccard(parts[one], parts[other])
            assert similarity > 0.5 if source[one] == source[other] else similarity < 0.7, (case.id, one, other)
        copies = [document for document in passages(case) if COPY_OF in document.meta]
        if not case.id.startswith("copies"):
            assert not copies
            continue
        assert len(copies) in (2, 3)
        near = {document.id for document in (*case.gold, *case.distractors[:9])}
        assert {copy.id for copy in copies} | {source[copy.id] for copy in copies} <= near
        assert len({document.text for document in passages(case)}) == len(passages(case))
        if len(copies) == 2:
            assert all(states(copy, case.facts[0]) for copy in copies)


@pytest.mark.parametrize("code", MADE)
def test_passages_have_several_sentences_and_a_title(code: str) -> None:
    low, high = LENGTHS[code]
    for document in (document for case in cases(code) for document in passages(case)):
        assert low <= (len(document.text.split()) if code == "en" else len(document.text)) <= high, document.text
        assert len(sentences(document.text)) >= 3
        assert document.title and "{" not in f"{document.title}{document.text}"


def test_english_sentences_begin_with_a_capital_and_are_set_apart() -> None:
    for document in (document for case in cases("en") for document in passages(case)):
        assert "  " not in document.text and document.text.endswith(".")
        parts = [document.text[start:end] for start, end in sentences(document.text)]
        assert all(part[0].isupper() for part in parts), parts


def test_chinese_text_holds_no_latin_letters_and_no_blanks() -> None:
    for document in (document for case in cases("zh") for document in passages(case)):
        assert not re.search(r"[A-Za-z\s]", f"{document.title}{document.text}"), document.text


@pytest.mark.parametrize("code", MADE)
def test_every_slot_of_a_template_is_known(code: str) -> None:
    language = language_templates(code)
    known = {*language.words, *NUMBERS[code], "title", "value", "Value", "stem", "entity", "Entity", "name", "Name"}
    assert set(re.findall(r"\{(\w*)\}", language.model_dump_json())) <= known
    attributes = [attribute for kind in language.kinds for attribute in kind.attributes]
    assert len(attributes) == 26
    for attribute in attributes:
        assert all(re.search(r"\{value\}|\{Value\}", said) for said in (*attribute.sentences, attribute.clause))
        assert all("{entity}" in ask for ask in attribute.ask)
        assert "{value}" not in "".join((*attribute.about, *attribute.titles))


@pytest.mark.parametrize(
    ("number", "text"),
    [(7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (212, "二百一十二"), (1012, "一千零一十二")],
)
def test_chinese_numerals(number: int, text: str) -> None:
    assert hanzi(number) == text

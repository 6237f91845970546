"""Figures and names, and which of them sources do not have."""

from decimal import Decimal

import pytest

from ctxshape.text.grounding import unsupported
from ctxshape.text.names import proper_names
from ctxshape.text.numbers import numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,000 and 1000.50", {"1,000": 1000, "1000.50": Decimal("1000.5")}),
        ("3.5% of ３００", {"3.5%": Decimal("3.5"), "300": 300}),
        ("the 1990s, the 20th", {"1990": 1990, "20": 20}),
        ("1.5 million, 2 hundred", {"1.5 million": 1500000, "2 hundred": 200}),
        ("CO2 and B12 on 5 km²", {"5": 5}),
        ("三百二十万，十五，两千零八", {"三百二十万": 3200000, "十五": 15, "两千零八": 2008}),
        ("二〇〇八年，3亿5000万", {"二〇〇八": 2008, "3亿": 300000000, "5000万": 50000000}),
        ("一些，万一，一个", {}),
        ("第5届，2008年", {"5": 5, "2008": 2008}),
        ("2.", {"2": 2}),
    ],
)
def test_figures(text: str, found: dict[str, object]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("However, he met John Smith.", ["John Smith"]),
        ("Einstein's theory came from Bern.", ["Einstein", "Bern"]),
        ("It was the University of Oxford of old.", ["University of Oxford"]),
        ("NASA and the EU agreed. I left Jean-Paul.", ["NASA", "EU", "Jean-Paul"]),
        ("他在 Apple 用 iPhone，读了《红楼梦》。", ["Apple", "iPhone", "红楼梦"]),
        ("The cat sat.", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert proper_names(text) == found


def test_what_is_in_no_source_is_listed_figures_first() -> None:
    sources = ["Jane Smith was born in 1,978 in Bath.", "John Brown made 1.5 million dollars, three times."]
    assert unsupported("John Smith was born in 1987.", sources) == ["1987", "John Smith"]
    assert unsupported("Smith, born in 1978, made 1,500,000 dollars 3 times; Brown 1.5.", sources) == []
    assert unsupported("Brown made 1.5 billion dollars.", sources) == ["1.5 billion"]


def test_a_word_that_opens_a_sentence_needs_its_first_letters_only() -> None:
    assert unsupported("Chemists agree. Biologists do not.", ["the chemistry of it"]) == ["Biologists"]


def test_places_in_the_prompt_are_neither_figures_nor_names() -> None:
    assert unsupported("Document [7] and [8] say so; 文档[9]也是。", ["and so it is 也是 say"]) == []


def test_chinese() -> None:
    sources = ["故宫建于一四〇六年，有九千间房，作者写了《红楼梦》，在 Apple 工作。"]
    assert unsupported("故宫建于1406年，有9000间房，《红楼梦》，apple", sources) == []
    assert unsupported("故宫建于1407年，《水浒传》，Google", sources) == ["1407", "水浒传", "Google"]

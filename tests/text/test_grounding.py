from __future__ import annotations

from ctxshape.text.grounding import unsupported


def test_what_is_in_no_source_is_listed_numbers_first() -> None:
    sources = ["Jane Smith was born in 1,978 in Bath.", "John Brown made 1.5 million dollars, three times."]
    assert unsupported("John Smith was born in 1987.", sources) == ["1987", "John Smith"]
    assert unsupported("Smith, born in 1978, made 1,500,000 dollars 3 times; Brown 1.5.", sources) == []
    assert unsupported("Brown made 1.5 billion dollars.", sources) == ["1.5 billion"]


def test_a_word_that_opens_a_sentence_needs_its_first_letters_only() -> None:
    assert unsupported("Chemists agree. Biologists do not.", ["the chemistry of it"]) == ["Biologists"]


def test_places_in_the_prompt_are_neither_numbers_nor_names() -> None:
    assert unsupported("Document [7] and [8] say so; 文档[9]也是。", ["and so it is 也是 say"]) == []


def test_chinese() -> None:
    sources = ["故宫建于一四〇六年，有九千间房，作者写了《红楼梦》，在 Apple 工作。"]
    assert unsupported("故宫建于1406年，有9000间房，《红楼梦》，apple", sources) == []
    assert unsupported("故宫建于1407年，《水浒传》，Google", sources) == ["1407", "水浒传", "Google"]


def test_digits_and_numerals_of_any_form_are_one_number() -> None:
    assert unsupported("花了五百万元。", ["花了5百万元。", "另有兩千人。"]) == []
    assert unsupported("有2000人，花了500万。", ["花了伍佰万元。", "另有兩千人。"]) == []
    assert unsupported("9" * 5000, ["1"]) == []

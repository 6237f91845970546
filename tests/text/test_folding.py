from __future__ import annotations

import unicodedata

import pytest

from ctxshape.text.folding import IGNORED, MARKS, fold_accents, join_digit_groups, with_whole_words
from ctxshape.text.terms import index_terms
from ctxshape.text.words import normalize, tokens, words


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Was\u00adser\u00adkraft\u00adwerk", "wasserkraftwerk"),  # yfedoseev/pdf_oxide#1412: soft hyphens in words
        ("Tur\u00ad\nbinen und Tur\u00ad binen", "turbinen und turbinen"),  # sumatrapdf#1189: kept from the line end
        ("super\u200bcali\u2060frag", "supercalifrag"),  # zero-width space, word joiner
        ("\ufeffTitle", "title"),  # byte order mark
        ("\u202aleft\u202c \u2067right\u2069 a\u200eb", "left right ab"),  # bidi marks
        ("می\u200cخواهم", "میخواهم"),  # Persian joiner, which keyboards leave out
        ("كتــاب", "كتاب"),  # tatweel only lengthens a word
        ("ﬁnden, ﬂow, ｌｏｗ", "finden, flow, low"),
        ("Cafe\u0301", "café"),
        ("٣٤ ३४ ๓๔ ３４", "34 34 34 34"),
        ("12\u202f400 12\u00a0400 12\u2009400", "12400 12400 12400"),
        ("Wasser-\nkraftwerk", "wasserkraftwerk"),
        ("Wasser-\r\n  kraftwerk", "wasserkraftwerk"),
        ("Vor-\nund Nachteile; Nord-\nSüd; 12-\nfach", "vor- und nachteile; nord- süd; 12- fach"),
        ("a list:\n- one\n-two", "a list: - one -two"),
        ("pre\u2014\npost", "pre\u2014 post"),
        ("1 - \u00ad 2", "1 - 2"),
    ],
)
def test_forms_of_one_text(written: str, plain: str) -> None:
    assert normalize(written) == plain


def test_a_word_cut_by_a_line_end_is_found_whole_and_in_parts() -> None:
    assert with_whole_words("well-\nknown Nord-\nSüd") == "wellknown well known Nord-\nSüd"
    assert index_terms("ein Kraft-\nwerk").main == ["ein", "kraft", "kraft", "werk"]
    assert index_terms("Was\u00ad\nser") == index_terms("Wasser")


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("são", "sao"),
        ("łódź", "lodz"),
        ("ταχύτητα", "ταχυτητα"),
        ("ιστορίας", "ιστοριας"),
        ("שָׁלוֹם", "שלום"),
        ("الْكِتَابُ", "الكتاب"),
        ("أحمد", "احمد"),
        ("مدرسة", "مدرسه"),
        ("ёлка", "елка"),
        ("за\u0301мок", "замок"),
        ("йод", "йод"),  # another letter, not an accent
        ("їжак", "їжак"),
        ("bạn", "bạn"),  # Vietnamese: "ban" is another word
        ("が", "が"),
        ("हिन्दी", "हिन्दी"),
        ("가", "가"),
    ],
)
def test_accents_that_matter_and_that_do_not(word: str, plain: str) -> None:
    assert fold_accents(word) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("12,400 12.400 12'400 12’400", "12400 12400 12400 12400"),
        ("1,234,567 and 1.234.567 and 12,34,567", "1234567 and 1234567 and 1234567"),
        ("1,234.5", "1234.5"),
        ("3.5 3,5 1,2 0.125 24,10", "3.5 3,5 1,2 0.125 24,10"),
        ("10.0.0.1 2.10 1,2345 1,000,00", "10.0.0.1 2.10 1,2345 1,000,00"),
        ("HX1,000", "HX1,000"),
    ],
)
def test_thousands(written: str, plain: str) -> None:
    assert join_digit_groups(written) == plain


def test_vowel_signs_are_letters() -> None:
    assert words("हिन्दी में किताब।") == ["हिन्दी", "में", "किताब"]
    assert tokens("தமிழ் நூல்") == ["தமிழ்", "நூல்"]
    assert words("ภาษาไทย") == ["ภาษ", "าษา", "ษาไ", "าไท", "ไทย"]
    assert tokens("ที่นี่") == ["ที่", "นี่"]


def test_the_ranges_hold_no_punctuation_and_no_blank() -> None:
    def named(ranges: str) -> set[str]:
        found: set[str] = set()
        place = 0
        while place < len(ranges):
            last = ranges[place + 2] if ranges[place + 1 : place + 2] == "-" else ranges[place]
            found.update(map(chr, range(ord(ranges[place]), ord(last) + 1)))
            place += 3 if ranges[place + 1 : place + 2] == "-" else 1
        return found

    assert {unicodedata.category(char)[0] for char in named(MARKS)} <= {"M", "L", "N", "C"}
    assert {unicodedata.category(char) for char in named(IGNORED)} <= {"Cf", "Mn", "Lo", "Lm", "Cn"}
    assert len({char for char in named(MARKS) if unicodedata.category(char)[0] == "M"}) > 850

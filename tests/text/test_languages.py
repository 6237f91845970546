from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

import ctxshape
from ctxshape.text.detection import language_of
from ctxshape.text.language import Language
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.listing import BARE_LIST_MARK, LIST_MARK, ORDINAL_MARK
from ctxshape.text.words import fold_variants, without_question_fillers

ESPERANTO = r"""
from ctxshape.text.language import Language

LANGUAGE = Language(
    code="eo",
    function_words=frozenset("la en estas kie kaj de".split()),
    negations=frozenset({"ne"}),
    word_endings=("oj", "o"),
    number_words={"kvin": 5},
    scales={"milionoj": 6},
    list_marks=(r"§[a-z]\)",),
    name_joiners=frozenset({"el"}),
    sentence_openers=frozenset({"tamen"}),
    no_answer="mi ne scias",
    verdicts=frozenset({"jes"}),
)
"""
USE = """
import json
from ctxshape.text.abstention import is_abstention
from ctxshape.text.detection import language_of
from ctxshape.text.grounding import unsupported
from ctxshape.text.names import proper_names
from ctxshape.text.numbers import numbers
from ctxshape.text.sentences import sentences
from ctxshape.text.similarity import ComparedText
from ctxshape.text.terms import stem
from ctxshape.text.words import VERDICTS, query_words

text = "Feriaj tagoj\\n§a) lundo\\n§b) mardo"
print(json.dumps([
    query_words("Kie estas la turo?"),
    language_of("La turo estas en Prago kaj ne falas.").code,
    language_of("The tower is in Prague.").code,
    sorted(ComparedText("ili ne venis").facts),
    stem("turistoj"),
    [int(value) for value in numbers("kostis 5 milionoj").values()],
    unsupported("Estas 5.", ["estas kvin"]),
    [text[start:end] for start, end in sentences(text)],
    proper_names("Tamen Petro el Prago venis."),
    is_abstention("Mi ne scias."),
    "jes" in VERDICTS,
]))
"""


def test_one_file_adds_a_language(tmp_path: Path) -> None:
    package, copy = Path(ctxshape.__file__).parent, tmp_path / "ctxshape"
    shutil.copytree(package / "text", copy / "text", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(package / "__init__.py", copy)
    (copy / "text" / "languages" / "esperanto.py").write_text(ESPERANTO, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == [
        ["turo"],
        "eo",
        "en",
        ["ne"],
        "turist",
        [5_000_000],
        [],
        ["Feriaj tagoj", "§a) lundo", "§b) mardo"],
        ["Petro el Prago"],
        True,
        True,
    ]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_what_a_language_says_is_normalized_and_compiles(language: Language) -> None:
    lists = (
        language.function_words | language.answer_fillers | language.negations | language.verdicts,
        language.number_words.keys() | language.scales.keys() | language.numerals.keys() | language.name_joiners,
        language.sentence_openers | language.no_answer_texts | frozenset(language.question_words),
    )
    listed = [word for words in lists for word in words]
    assert [word for word in listed if word != unicodedata.normalize("NFKC", word).casefold()] == []
    patterns = (*language.word_endings, *language.list_marks, language.no_answer, language.none_reply)
    assert [pattern for pattern in patterns if re.compile(pattern).groups] == []


def test_codes_are_distinct() -> None:
    codes = "ar de el en es fr he hi it ja ko pt ru th tr uk vi zh"
    assert sorted(language.code for language in LANGUAGES) == codes.split()


def test_the_language_of_a_text() -> None:
    assert [language_of(text).code for text in ("", "1884", "The tower", "灯塔很高。", "Apple 公司发布了新的手机")] == [
        "en", "en", "en", "zh", "zh",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mark",
    ["-", "•", "1.", "12)", "(3)", "a)", "(B)", "iv.", "X.", "一、", "（二）", "十二、", "三.", "1、", "（12）", "3）", "①"],
)
def test_list_marks(mark: str) -> None:
    assert LIST_MARK.match(f"{mark} text")
    assert BARE_LIST_MARK.match(f"{mark} ")
    assert bool(ORDINAL_MARK.match(f"{mark} text")) is (mark not in "-•")
    assert not BARE_LIST_MARK.match(f"{mark} text")


@pytest.mark.parametrize(
    "text", ["3.5 million", "U.S. law", "1,000 men", "one. two", "-5", "1234. x", "一些", "十五人", "2、3楼"]
)
def test_what_is_no_list_mark(text: str) -> None:
    assert not LIST_MARK.match(text)


def test_variants_keep_their_place() -> None:
    assert fold_variants("臺灣的網頁, 1 a") == "台湾的网页, 1 a"
    assert without_question_fillers("一共可以容纳") == "  容纳"

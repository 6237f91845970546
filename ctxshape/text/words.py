"""Words, tokens and shingles of English, Chinese and mixed text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.folding import MARKS, fold_accents, fold_forms, join_digit_groups
from ctxshape.text.languages import LANGUAGES

# Han (with the zero 〇), kana and hangul: scripts in which a run of letters holds several words.
CJK = "\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
CJK_BLANK = re.compile(f"(?<=[{CJK}]) | (?=[{CJK}])")  # a blank beside such a letter, which separates nothing
# Thai, Lao, Burmese and Khmer: alphabets whose words stand side by side without a blank.
UNBROKEN = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3\u17d7\u17dc\u17dd"
_CJK_RUN = re.compile(f"[{CJK}]+")
_UNBROKEN_RUN = re.compile(f"[{UNBROKEN}]+")
_SPACED = f"[^\\W_{CJK}{UNBROKEN}]+(?:[{MARKS}]+[^\\W_{CJK}{UNBROKEN}]*)*"  # `\w` leaves marks out
_TOKEN = re.compile(f"[{CJK}]|[{UNBROKEN}][{MARKS}]*|{_SPACED}(?:['’][^\\W\\d_{CJK}]+)?")
_WORD = re.compile(f"[{CJK}]+|[{UNBROKEN}]+|{_SPACED}")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
UNBROKEN_SIZE = 3  # characters of a term of these alphabets
_NOTHING = "(?!)"  # a pattern that never matches, where no language has anything to say

FUNCTION_WORDS = frozenset().union(*(language.function_words for language in LANGUAGES))
ANSWER_FILLERS = FUNCTION_WORDS.union(*(language.answer_fillers for language in LANGUAGES))
PARTICLES = "".join(language.particles for language in LANGUAGES)
VERDICTS = frozenset().union(*(language.verdicts for language in LANGUAGES))
_QUESTION_WORDS = re.compile("|".join(word for language in LANGUAGES for word in language.question_words) or _NOTHING)
_QUESTION_FILLERS = re.compile("|".join(word for language in LANGUAGES for word in language.question_fillers) or _NOTHING)
_CLAUSE_MARKS = frozenset("".join(language.clause_marks for language in LANGUAGES))
_VARIANTS = {code: char for language in LANGUAGES for code, char in language.variants.items()}


def is_cjk(text: str) -> bool:
    """Returns whether at least a third of the letters are Han, kana or hangul.

    One such letter says about as much as a syllable of three Latin letters.

    >>> is_cjk("Apple 公司发布了新的手机"), is_cjk("The word 中 means middle")
    (True, False)
    """
    cjk = sum(map(len, _CJK_RUN.findall(text)))
    return cjk > 0 and cjk * 3 >= sum(map(str.isalpha, text))


def asks_in_cjk(query: str) -> bool:
    """Returns whether a question is in Chinese, Japanese or Korean, even if names in Latin letters fill most of it.

    A question with few CJK letters counts if it has a word that only a Chinese question or clause has. It must also begin
    with a CJK letter or have no English function word.

    >>> asks_in_cjk("iPhone 15 Pro Max 多少钱"), asks_in_cjk("谁写了 The Old Man and the Sea？")
    (True, True)
    >>> asks_in_cjk("What does 多少钱 mean in English?"), asks_in_cjk("Who wrote 红楼梦?")
    (False, False)
    """
    if is_cjk(query):
        return True
    if not _QUESTION_WORDS.search(query) and _CLAUSE_MARKS.isdisjoint(query):
        return False
    first = next((char for char in query if char.isalpha()), "")
    latin = (word.casefold() for word in _LATIN_WORD.findall(query))
    return _CJK_RUN.match(first) is not None or FUNCTION_WORDS.isdisjoint(latin)


def normalize(text: str) -> str:
    r"""Folds forms (see `fold_forms`) and case, and turns every run of white space into one blank.

    Full-width forms become plain, invisible characters go, and a word that a line end cuts is whole again.

    >>> normalize("ＡＢＣ １２３\n  Straße, Wasser-\nwerk, Tur\u00adbine")
    'abc 123 strasse, wasserwerk, turbine'
    """
    return " ".join(fold_forms(text).casefold().split())


def fold_variants(text: str) -> str:
    """Replaces variant characters by their standard form, such as traditional ones by simplified ones, place by place.

    >>> fold_variants("點擊閱讀全文")
    '点击阅读全文'
    """
    return text.translate(_VARIANTS)


def words(text: str) -> list[str]:
    """Returns index terms: words between blanks without accents, and overlapping pairs of characters in CJK runs.

    A number with separated thousands is one word. Of Thai, Lao, Burmese and Khmer, runs of characters are returned (see
    `character_runs`).

    >>> words("Apple 公司发布 iPhone15"), words("12,400 cafés")
    (['apple', '公司', '司发', '发布', 'iphone15'], ['12400', 'cafes'])
    """
    normal = join_digit_groups(normalize(text))
    if normal.isascii():
        return _WORD.findall(normal)
    terms: list[str] = []
    for run in _WORD.findall(normal):
        if _CJK_RUN.match(run):
            terms.extend(character_runs(run, 2))
        elif _UNBROKEN_RUN.match(run):
            terms.extend(character_runs(run, UNBROKEN_SIZE))
        else:
            terms.append(fold_accents(run))
    return terms


def character_runs(run: str, size: int) -> list[str]:
    """Returns the overlapping runs of `size` characters, or the whole if it is shorter.

    >>> character_runs("电话是", 2), character_runs("电", 2)
    (['电话', '话是'], ['电'])
    """
    if len(run) <= size:
        return [run] if run else []
    return [run[start : start + size] for start in range(len(run) - size + 1)]


def without_question_words(query: str) -> str:
    """Returns the question with a blank in place of each Chinese word that only asks.

    English question words are function words, which callers drop anyway.

    >>> without_question_words("谁发明了电话？")
    ' 发明了电话？'
    """
    return _QUESTION_WORDS.sub(" ", query)


def without_question_fillers(query: str) -> str:
    """Returns the question with a blank in place of each Chinese word that does not say what it is about.

    >>> without_question_fillers("灯塔的高度是")
    '灯塔 高度 '
    """
    return _QUESTION_FILLERS.sub(" ", query)


def query_words(query: str) -> list[str]:
    """Returns the terms of a question that say what it is about, each once; all terms if no others remain.

    Question words and other function words are left out. In a handful of passages "who" is a rare word, so its IDF would
    outweigh a name.

    >>> query_words("Who is the mayor of Paris?"), query_words("谁发明了电话？"), query_words("Who is who?")
    (['mayor', 'paris'], ['发明', '明了', '了电', '电话'], ['who', 'is'])
    """
    terms = [word for word in words(without_question_words(query)) if word not in FUNCTION_WORDS]
    return list(dict.fromkeys(terms or words(query)))


def tokens(text: str) -> list[str]:
    """Returns normalized words and single CJK characters, without punctuation.

    >>> tokens("It's 北京！")
    ["it's", '北', '京']
    """
    return split_tokens(normalize(text))


def split_tokens(normalized: str) -> list[str]:
    """Returns the tokens of a text that is normalized already."""
    return _TOKEN.findall(normalized)


def shingles(text: str, size: int = 3) -> frozenset[str]:
    """Returns the set of runs of `size` tokens, or the whole text if it is shorter.

    >>> sorted(shingles("to be or not", 3))
    ['be or not', 'to be or']
    """
    return shingle_set(tokens(text), size)


def shingle_set(parts: Sequence[str], size: int = 3) -> frozenset[str]:
    """Returns the shingles of a sequence of tokens."""
    if len(parts) <= size:
        return frozenset([" ".join(parts)] if parts else [])
    return frozenset(map(" ".join, zip(*(parts[start:] for start in range(size)), strict=False)))

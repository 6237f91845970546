"""Words, tokens and shingles of English, Chinese and mixed text. Pure functions over strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Han (with the zero 〇), kana and hangul: scripts in which a run of letters holds several words.
CJK = "\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
CJK_BLANK = re.compile(f"(?<=[{CJK}]) | (?=[{CJK}])")  # a blank beside such a letter, which separates nothing
_CJK_RUN = re.compile(f"[{CJK}]+")
_TOKEN = re.compile(f"[{CJK}]|[^\\W_{CJK}]+(?:['’][^\\W\\d_{CJK}]+)?")
_WORD = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")


def is_cjk(text: str) -> bool:
    """Whether at least a third of the letters are Han, kana or hangul: one such letter says about as much as a syllable.

    >>> is_cjk("Apple 公司发布了新的手机"), is_cjk("The word 中 means middle")
    (True, False)
    """
    wide = sum(map(len, _CJK_RUN.findall(text)))
    return wide > 0 and wide * 3 >= sum(map(str.isalpha, text))


_LATIN_WORD = re.compile(r"[A-Za-z]+")


def asks_in_cjk(query: str) -> bool:
    """Whether a question is in Chinese, Japanese or Korean: by its letters, or by its words where names fill it.

    A question with few such letters is one if it has a word that only a Chinese question or clause has, and no English
    function word, or begins with such a letter.

    >>> asks_in_cjk("iPhone 15 Pro Max 多少钱"), asks_in_cjk("谁写了 The Old Man and the Sea？")
    (True, True)
    >>> asks_in_cjk("What does 多少钱 mean in English?"), asks_in_cjk("Who wrote 红楼梦?")
    (False, False)
    """
    if is_cjk(query):
        return True
    if not _ZH_QUESTION_WORDS.search(query) and not _ZH_PARTICLES.search(query):
        return False
    first = next((char for char in query if char.isalpha()), "")
    english = (word.casefold() for word in _LATIN_WORD.findall(query))
    return _CJK_RUN.match(first) is not None or FUNCTION_WORDS.isdisjoint(english)


def normalize(text: str) -> str:
    r"""NFKC (full-width forms become plain), case folded, every run of white space one blank.

    >>> normalize("ＡＢＣ １２３\n  Straße")
    'abc 123 strasse'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """Index terms: words where blanks separate them, overlapping pairs of characters in CJK runs.

    >>> words("Apple 公司发布 iPhone15")
    ['apple', '公司', '司发', '发布', 'iphone15']
    """
    terms: list[str] = []
    for run in _WORD.findall(normalize(text)):
        if len(run) > 2 and _CJK_RUN.match(run):
            terms.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            terms.append(run)
    return terms


FUNCTION_WORDS = frozenset(
    "a an and are as at be been being by can could did do does for from had has have he her him his how i in into is it its "
    "many me much my of on or our she should so than that the their them then there these they this those to us was we were "
    "what when where which who whom whose why will with would you your".split()
)
_ZH_QUESTION_WORDS = re.compile(
    "请问|請問|什么时候|什麼時候|为什么|為什麼|什么|什麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|哪里|哪裡|哪儿|哪个|哪個|哪些|哪一|哪|"
    "多少|谁|誰|是否|吗|嗎|呢"
)

_ZH_PARTICLES = re.compile("[的了是在和与與有对對]")


def without_question_words(query: str) -> str:
    """The question with a blank in place of each Chinese word that only asks; English ones are function words.

    >>> without_question_words("谁发明了电话？")
    ' 发明了电话？'
    """
    return _ZH_QUESTION_WORDS.sub(" ", query)


def query_words(query: str) -> list[str]:
    """The terms of a question that say what it is about, each once: no interrogatives or other function words.

    In a handful of passages "who" is a rare word, so its idf would outweigh a name. All terms if no other is left.

    >>> query_words("Who is the mayor of Paris?"), query_words("谁发明了电话？"), query_words("Who is who?")
    (['mayor', 'paris'], ['发明', '明了', '了电', '电话'], ['who', 'is'])
    """
    terms = [word for word in words(without_question_words(query)) if word not in FUNCTION_WORDS]
    return list(dict.fromkeys(terms or words(query)))


def tokens(text: str) -> list[str]:
    """Normalised words, every CJK character by itself, no punctuation.

    >>> tokens("It's 北京！")
    ["it's", '北', '京']
    """
    return split_tokens(normalize(text))


def split_tokens(normalized: str) -> list[str]:
    """The tokens of a text that is normalised already."""
    return _TOKEN.findall(normalized)


def shingles(text: str, size: int = 3) -> frozenset[str]:
    """The set of runs of `size` tokens; the whole text where it is shorter.

    >>> sorted(shingles("to be or not", 3))
    ['be or not', 'to be or']
    """
    return shingle_set(tokens(text), size)


def shingle_set(parts: Sequence[str], size: int = 3) -> frozenset[str]:
    """The shingles of tokens."""
    if len(parts) <= size:
        return frozenset([" ".join(parts)] if parts else [])
    return frozenset(map(" ".join, zip(*(parts[start:] for start in range(size)), strict=False)))

"""Index terms for retrieval: truncated words with their pairs, Chinese characters in pairs and alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby, pairwise
from operator import add
from typing import NamedTuple

from ctxshape.text.languages import LANGUAGES
from ctxshape.text.words import CJK, FUNCTION_WORDS, normalize, without_question_words

TRUNCATED = 5  # letters that remain of a word: "decided", "decides" and "decision" are one or two terms
_RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
_SPACED_RUN = re.compile(r"[^\W_]+")  # the same where no letter is CJK, in half the time
_ASCII_RUN = re.compile("[a-z0-9]+")  # and in ASCII, in a quarter
_CJK = re.compile(f"[{CJK}]")
_ENDINGS = re.compile(f"(?:{'|'.join(ending for language in LANGUAGES for ending in language.word_endings) or '(?!)'})$")


class Terms(NamedTuple):
    """The index terms of a text: `main` find it, and `close` show that they stand together.

    Of words, `main` are the words and `close` the pairs of neighbours. Of CJK text, `main` are the pairs of characters and
    `close` the characters. `close` is in the order of the text.
    """

    main: list[str]
    close: list[str]


@lru_cache(maxsize=1 << 14)  # a text has the same words again and again
def truncate(word: str) -> str:
    """Returns the first five letters of a word that has no digit.

    Truncation needs no language and found more on Natural Questions than the Snowball stemmer. McNamee and Mayfield 2004,
    "Character n-gram tokenization for European language text retrieval".

    >>> truncate("decision"), truncate("decides"), truncate("19870")
    ('decis', 'decid', '19870')
    """
    return word[:TRUNCATED] if word.isalpha() or not any(map(str.isdigit, word)) else word


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Returns a word without its ending, so that most forms of one word share a stem; short stems stay words.

    >>> stem("employs"), stem("employees"), stem("founder"), stem("founded"), stem("bus")
    ('employ', 'employ', 'found', 'found', 'bus')
    """
    short = _ENDINGS.sub("", word)
    return short if len(short) > 3 else word


def index_terms(text: str) -> Terms:
    """Returns the terms of a passage.

    >>> index_terms("The mayors of Paris")
    Terms(main=['the', 'mayor', 'of', 'paris'], close=['mayor paris'])
    >>> index_terms("电话是")
    Terms(main=['电话', '话是'], close=['电', '话', '是'])
    """
    return _terms(text, every=True)


def query_terms(query: str) -> Terms:
    """Returns the terms of a question that say what it is about, each once; all terms if it has only function words.

    >>> query_terms("Who is the mayor of Paris?")
    Terms(main=['mayor', 'paris'], close=['mayor paris'])
    >>> query_terms("Who is who?").main
    ['who', 'is']
    """
    found = _terms(without_question_words(query), every=False)
    if not found.main:
        found = _terms(query, every=True)
    return Terms(*(list(dict.fromkeys(part)) for part in found))


def is_cjk_term(term: str) -> bool:
    """Returns whether a term consists of CJK letters."""
    return _CJK.match(term) is not None


def _terms(text: str, *, every: bool) -> Terms:
    normal = normalize(text)
    if normal.isascii():
        return _word_terms(_ASCII_RUN.findall(normal), every=every)
    if not _CJK.search(normal):
        return _word_terms(_SPACED_RUN.findall(normal), every=every)
    main: list[str] = []
    close: list[str] = []
    for cjk, runs in groupby(_RUN.findall(normal), is_cjk_term):
        if cjk:
            for run in runs:
                main += _pairs(run)
                close += run
        else:
            found = _word_terms(list(runs), every=every)
            main += found.main
            close += found.close
    return Terms(main, close)


def _word_terms(run: list[str], *, every: bool) -> Terms:
    """Returns truncated words, and pairs of those with only function words between; scoring spends its time here."""
    truncated = list(map(truncate, run))
    content = [short for word, short in zip(run, truncated, strict=True) if word not in FUNCTION_WORDS]
    return Terms(truncated if every else content, list(map(" ".join, pairwise(content))))


def _pairs(run: str) -> Iterable[str]:
    """Returns neighbouring characters, overlapping; a single character stands alone."""
    return map(add, run, run[1:]) if len(run) > 1 else run

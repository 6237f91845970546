"""The terms by which a text is found: truncated words with their pairs, Chinese characters in pairs and alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby, pairwise
from operator import add
from typing import NamedTuple

from ctxshape.text.words import CJK, FUNCTION_WORDS, normalize, without_question_words

STEM = 5  # letters a word is cut to: "decided", "decides" and "decision" are one term
_RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
_NARROW_RUN = re.compile(r"[^\W_]+")  # the same where no letter is CJK, in half the time
_PLAIN_RUN = re.compile("[a-z0-9]+")  # and in ASCII, in a quarter
_WIDE = re.compile(f"[{CJK}]")


class Terms(NamedTuple):
    """What a text is found by, and what says that it is found for a reason: `close` terms are in the order of the text.

    Of words, `main` are the words and `close` the pairs of neighbours; of CJK text, `main` are the pairs of characters
    and `close` the characters.
    """

    main: list[str]
    close: list[str]


@lru_cache(maxsize=1 << 14)  # a text has the same words again and again
def stem(word: str) -> str:
    """The first letters of a word that has no digit.

    Truncation needs no language and, on Natural Questions, found more than the Snowball stemmer. McNamee and Mayfield
    2004, "Character n-gram tokenization for European language text retrieval".

    >>> stem("decision"), stem("decides"), stem("19870")
    ('decis', 'decid', '19870')
    """
    return word[:STEM] if word.isalpha() or not any(map(str.isdigit, word)) else word


def index_terms(text: str) -> Terms:
    """The terms of a passage.

    >>> index_terms("The mayors of Paris")
    Terms(main=['the', 'mayor', 'of', 'paris'], close=['mayor paris'])
    >>> index_terms("电话是")
    Terms(main=['电话', '话是'], close=['电', '话', '是'])
    """
    return _terms(text, every=True)


def query_terms(query: str) -> Terms:
    """The terms of a question that say what it is about, each once: all if no other than function words are left.

    >>> query_terms("Who is the mayor of Paris?")
    Terms(main=['mayor', 'paris'], close=['mayor paris'])
    >>> query_terms("Who is who?").main
    ['who', 'is']
    """
    found = _terms(without_question_words(query), every=False)
    if not found.main:
        found = _terms(query, every=True)
    return Terms(*(list(dict.fromkeys(part)) for part in found))


def _terms(text: str, *, every: bool) -> Terms:
    normal = normalize(text)
    if normal.isascii():
        return _word_terms(_PLAIN_RUN.findall(normal), every=every)
    if not _WIDE.search(normal):
        return _word_terms(_NARROW_RUN.findall(normal), every=every)
    main: list[str] = []
    close: list[str] = []
    for wide, runs in groupby(_RUN.findall(normal), is_wide):
        if wide:
            for run in runs:
                main += _pairs(run)
                close += run
        else:
            found = _word_terms(list(runs), every=every)
            main += found.main
            close += found.close
    return Terms(main, close)


def _word_terms(run: list[str], *, every: bool) -> Terms:
    """Stems, and pairs of those that no other than function words separate; this is where scoring spends its time."""
    stems = list(map(stem, run))
    content = [cut for word, cut in zip(run, stems, strict=True) if word not in FUNCTION_WORDS]
    return Terms(stems if every else content, list(map(" ".join, pairwise(content))))


def is_wide(run: str) -> bool:
    """Whether a term is of CJK letters."""
    return _WIDE.match(run) is not None


def _pairs(run: str) -> Iterable[str]:
    """Neighbouring characters, overlapping; a character that stands alone by itself."""
    return map(add, run, run[1:]) if len(run) > 1 else run

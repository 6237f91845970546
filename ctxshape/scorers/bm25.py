"""Scores relevance by the words that query and text share: BM25. Only this module uses rank-bm25."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from rank_bm25 import BM25Plus

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.core.ranking import titled
from ctxshape.core.reach import Reach
from ctxshape.core.types import Document
from ctxshape.text.terms import Terms, distinctive_names, index_terms, is_cjk_term, list_language, query_terms
from ctxshape.text.words import is_cjk

_CLOSE = 0.5  # weight of a shared pair of words, or of a shared CJK character
_NAMED = 0.5  # weight of a shared compound, range or decimal, which counts beside its words
_DISTINCTIVE = 3.0  # weight of a shared identifier that prose hardly has
_FOREIGN = 3.0  # weight of a word or number in a CJK question, where a name in CJK letters has many terms
_OTHER = ""  # replaces every term that the question does not have
_EQUAL: Mapping[str, float] = {}
TermsOf = Callable[[str, str], Terms]


class Bm25(Component):
    """Scores texts by BM25 among the texts of one call (see `bm25`).

    >>> Bm25().score("apple pie", ["an apple pie", "a pie", "a car"]).round(2).tolist()
    [1.54, 0.5, 0.0]
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    reads_terms: ClassVar[bool] = True

    def score(self, query: str, texts: Sequence[str], /, *, terms: TermsOf = index_terms) -> Scores:
        """Returns the score of each text, shape (n,); 0 if it shares no word. `terms` returns index terms."""
        return bm25(query, texts, terms)

    def calibrated(self, query: str, texts: Sequence[str], /, *, terms: TermsOf = index_terms) -> Scores:
        """Returns scores whose differences mean the same for every question (see `calibrated_bm25`)."""
        return calibrated_bm25(query, texts, terms)


def bm25(query: str, texts: Sequence[str], terms: TermsOf = index_terms) -> Scores:
    """Returns the BM25 score of each text for the query, shape (n,); 0 if no term is shared.

    Two kinds of terms count (see `ctxshape.text.terms`). In most languages these are stemmed words and, with half the
    weight, pairs of neighbouring words. In CJK text these are pairs of characters and, with half the weight, single
    characters; words and numbers among them have three times the weight. Function words of the query do not count. An
    identifier of the query counts beside its words: three times if prose hardly has it (LOG_LEVEL), else half. The idf is
    Lucene's, which is never negative, so a term in most texts still counts. Robertson and Zaragoza 2009, "The Probabilistic
    Relevance Framework: BM25 and Beyond".

    >>> bm25("baked apples", ["a baked apple", "apple tree", "a car"]).round(2).tolist()
    [1.69, 0.5, 0.0]
    """
    return _bm25(query, texts, terms)[0]


def calibrated_bm25(query: str, texts: Sequence[str], terms: TermsOf = index_terms) -> Scores:
    """Returns BM25 divided by the square root of the summed idf of the question's words, shape (n,).

    A difference of these scores means the same for every question, unlike a standard deviation within a list. Scores
    differ much for a question of many rare words if one text has most of them, and little for a vague question.

    >>> calibrated_bm25("baked apples", ["a baked apple", "apple tree", "a car"]).round(2).tolist()
    [1.4, 0.42, 0.0]
    """
    scores, information = _bm25(query, texts, terms)
    return scores / math.sqrt(information) if information else scores


def bm25_of(query: str, documents: Sequence[Document], terms: TermsOf = index_terms) -> Scores:
    """Returns the BM25 score of each document under its title, shape (n,)."""
    return bm25(query, [titled(document, document.text) for document in documents], terms)


def _bm25(query: str, texts: Sequence[str], terms: TermsOf) -> tuple[Scores, float]:
    """Returns the scores, and the summed idf of the question's main terms."""
    language = list_language(texts)
    asked, corpus = query_terms(query, language), [terms(text, language) for text in texts]
    cjk = is_cjk(query)
    k1, b = (0.9, 0.4) if cjk else (1.5, 0.75)  # in CJK text more terms match by chance
    foreign = {term: _FOREIGN for term in asked.main if not is_cjk_term(term)} if cjk else {}
    main, information = _scored(asked.main, [text_terms.main for text_terms in corpus], k1, b, foreign)
    close, _ = _scored(asked.close, [text_terms.close for text_terms in corpus], k1, b)
    # A name is there or not: a long list of names says as much about each of them.
    distinctive = distinctive_names(query) if asked.names else ()
    weights = {name: _DISTINCTIVE if name in distinctive or name[0] == "第" else _NAMED for name in asked.names}
    names, identified = _scored(asked.names, [text_terms.names for text_terms in corpus], k1, 0.0, weights)
    return main + _CLOSE * close + names, information + identified


def _scored(
    terms: Sequence[str], corpus: Sequence[Sequence[str]], k1: float, b: float, weights: Mapping[str, float] = _EQUAL
) -> tuple[Scores, float]:
    scores = np.zeros(len(corpus))
    if not terms or not any(corpus):
        return scores, 0.0
    wanted = frozenset(terms)
    shared = [wanted.intersection(text) for text in corpus]
    stripped = [
        [term if term in own else _OTHER for term in text] if own else [_OTHER] * len(text)
        for text, own in zip(corpus, shared, strict=True)
    ]
    index = BM25Plus(stripped, k1=k1, b=b, delta=0)
    containing = Counter(term for own in shared for term in own)
    information = []
    for term in (term for term in terms if term in containing):
        n = containing[term]
        idf = math.log(1 + (len(corpus) - n + 0.5) / (n + 0.5))
        information.append(idf)
        plus = math.log((len(corpus) + 1) / n)  # the idf that BM25Plus multiplies by
        scores += index.get_scores([term]) / plus * idf * weights.get(term, 1.0)
    return scores, math.fsum(information)

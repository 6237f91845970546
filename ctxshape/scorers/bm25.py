"""Relevance by the words that query and text share; the sole user of rank-bm25."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from rank_bm25 import BM25Okapi

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.core.ranking import titled
from ctxshape.core.types import Document
from ctxshape.text.terms import index_terms, is_wide, query_terms
from ctxshape.text.words import is_cjk


class Bm25(Component):
    """BM25 over the texts of one call; see `bm25`.

    >>> Bm25().score("apple pie", ["an apple pie", "a pie", "a car"]).round(2).tolist()
    [1.54, 0.5, 0.0]
    """

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Scores of the texts, shape (n,), 0 where no word is shared."""
        return bm25(query, texts)

    def calibrated(self, query: str, texts: Sequence[str], /) -> Scores:
        """The same, so that a difference means as much for one question as for another; see `calibrated_bm25`."""
        return calibrated_bm25(query, texts)


class _Bm25(BM25Okapi):  # type: ignore[misc]  # rank-bm25 is untyped
    """BM25 with Lucene's idf, ln(1 + (N - n + 0.5) / (n + 0.5)): never negative, so a term in most texts still counts."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        self.idf = {term: math.log(1 + (self.corpus_size - n + 0.5) / (n + 0.5)) for term, n in nd.items()}


CLOSE = 0.5  # what a shared pair of words, or a shared CJK character, adds to what the words or pairs of characters say
# Saturation k1 and length normalisation b, for words and for CJK text, where a term is more often there by chance.
_WORDS, _WIDE = (1.5, 0.75), (0.9, 0.4)
FOREIGN = 3.0  # what a word or a number counts in a CJK question: a name in CJK letters has as many terms as letters


def bm25(query: str, texts: Sequence[str]) -> Scores:
    """BM25 score of each text for the query, shape (n,), zero where no term is shared.

    The sum over two kinds of terms (see `ctxshape.text.terms`): words cut to their stem plus half as much for pairs of
    neighbours; in CJK text pairs of characters plus half as much for single ones, and words and numbers among them three
    times as much. Function words of the query do not count.
    Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework".

    >>> bm25("baked apples", ["a baked apple", "apple tree", "a car"]).round(2).tolist()
    [1.69, 0.5, 0.0]
    """
    return _bm25(query, texts)[0]


def calibrated_bm25(query: str, texts: Sequence[str]) -> Scores:
    """BM25 in proportion to the square root of what the question's words tell (the sum of their idf), shape (n,).

    Scores of a question of many rare words, of which one text has most, differ more than those of a vague one, and should:
    here a difference means the same for both, which it does not in standard deviations of a list.

    >>> calibrated_bm25("baked apples", ["a baked apple", "apple tree", "a car"]).round(2).tolist()
    [1.4, 0.42, 0.0]
    """
    scores, told = _bm25(query, texts)
    return scores / math.sqrt(told) if told else scores


def _bm25(query: str, texts: Sequence[str]) -> tuple[Scores, float]:
    """The scores, and the sum of the idf of the question's terms (but pairs of words and single characters)."""
    asked, corpus = query_terms(query), [index_terms(text) for text in texts]
    wide = is_cjk(query)
    shape = _WIDE if wide else _WORDS
    weights = {term: FOREIGN for term in asked.main if wide and not is_wide(term)}
    main, told = _scored(asked.main, [terms.main for terms in corpus], shape, weights)
    close, _ = _scored(asked.close, [terms.close for terms in corpus], shape, {})
    return main + CLOSE * close, told


def _scored(
    terms: Sequence[str], corpus: Sequence[Sequence[str]], shape: tuple[float, float], weights: Mapping[str, float]
) -> tuple[Scores, float]:
    if not terms or not any(corpus):
        return np.zeros(len(corpus)), 0.0
    wanted = set(terms)  # no other term's frequency is asked for; the lengths are those of the whole texts
    index = _Bm25([[term for term in text if term in wanted] for text in corpus], k1=shape[0], b=shape[1])
    told = math.fsum(index.idf.values())
    index.doc_len = [len(text) for text in corpus]
    index.avgdl = sum(index.doc_len) / len(corpus)
    index.idf = {term: idf * weights.get(term, 1.0) for term, idf in index.idf.items()}
    return np.asarray(index.get_scores(terms), dtype=np.float64), told


def bm25_of(query: str, documents: Sequence[Document]) -> Scores:
    """BM25 score of each document under its title, shape (n,)."""
    return bm25(query, [titled(document, document.text) for document in documents])

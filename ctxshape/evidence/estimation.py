"""Estimates, for each unit of a context, the probability that it is evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ctxshape.core.analysis import analysis_of
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Sufficiency
from ctxshape.evidence.features.table import Features
from ctxshape.evidence.features.units import UnitTable
from ctxshape.evidence.model import WORDS, WORDS_AND_SIMILARITY, default_model, read_model
from ctxshape.evidence.probability import EvidenceWeights, credit_dependents, sentence_probabilities, topic_needs
from ctxshape.evidence.relevance import Relevance, SentenceIndex, checked_scores, standard
from ctxshape.evidence.subquestions import named_parts, parts_of, subquestions
from ctxshape.evidence.sufficiency import sufficiency_of
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.similarity import Similarity

# The log-odds for one standard deviation of a further scorer, such as a reranker: of a document and of a unit. Several
# such scorers share them.
_FURTHER_DOCUMENT, _FURTHER_UNIT = 0.35, 0.25
# The share of the log-odds of a unit for a part of the question, beside those for the whole question: for one of several
# questions, and for one side of a comparison.
_OF_PART, _OF_SIDE = 0.8, 0.3
_HIGHEST = 0.999
_NO_TEXT = Sufficiency(probability=0.0, reason="the list has no text")
_STANDS_OUT = 0.1  # the probability of the best unit in nearly every list that has evidence


class EvidenceEstimate(NamedTuple):
    """The probabilities of units, for each part of the question.

    - `parts`: for each part, the probability of each unit.
    - `informative`: false if no scorer tells one unit from another.
    - `absolute`: true if each probability stands by itself; false if those of a part add up to 1.
    - `sufficiency`: whether the list suffices; None if that cannot be told.
    """

    parts: list[dict[SentenceIndex, float]]
    informative: bool
    absolute: bool
    sufficiency: Sufficiency | None = None

    def is_vague(self) -> bool:
        """Returns whether no unit stands out, as for a vague question or where all passages are alike."""
        return self.absolute and self.informative and max(self.best().values(), default=1.0) < _STANDS_OUT

    def best(self) -> dict[SentenceIndex, float]:
        """Returns the probability of each unit for the part of the question that it answers best."""
        return {place: max(part[place] for part in self.parts) for place in self.parts[0]}

    def of_documents(self, count: int) -> list[float]:
        """Returns for each document the probability that it holds evidence, or its share of the evidence."""
        lacking, shares = np.ones(count), np.zeros(count)
        for part in self.parts:
            for (document, _), value in part.items():
                lacking[document] *= (1 - min(value, _HIGHEST)) ** (1 / len(self.parts))
                shares[document] += value / len(self.parts)
        return (1 - lacking if self.absolute else shares).tolist()


class Estimator(NamedTuple):
    """The way in which evidence is estimated; the fields are those of `KeepEvidence`."""

    scorers: Sequence[Scorer]
    rerank_depth: int | Sequence[int] = 20
    weights: EvidenceWeights = EvidenceWeights()
    model: Path | None = None

    def __call__(self, context: Context, pieces: Sequence[Sequence[Piece]], prior: Scores | None = None) -> EvidenceEstimate:
        """Returns the estimate for the pieces of each document. `prior` scores of documents count like a further scorer."""
        if any(isinstance(scorer, Bm25) for scorer in self.scorers):
            return _Learned(context, pieces, self, prior).estimate()
        return self._relative(context, pieces, prior)

    def depths(self) -> list[int]:
        """Returns how many documents each scorer that reads sentences reads, in their order."""
        given = [self.rerank_depth] if isinstance(self.rerank_depth, int) else list(self.rerank_depth)
        return given + [given[-1]] * len(self.scorers)

    def _relative(self, context: Context, pieces: Sequence[Sequence[Piece]], prior: Scores | None) -> EvidenceEstimate:
        """Returns probabilities that one unit answers, by any scorers: their scores mean nothing beyond this list."""
        relevance = Relevance(context, self.scorers, self.rerank_depth, pieces)
        standing = relevance.document_odds(context.query, prior) if relevance.sentences else None
        dependencies = [topic_needs(own) for own in pieces]
        parts = [
            credit_dependents(sentence_probabilities(relevance, part, self.weights, standing=standing), dependencies)
            for part in parts_of(context.query)
        ]
        return EvidenceEstimate(parts, any(len(set(part.values())) > 1 for part in parts), absolute=False)


class _Learned:
    """Absolute probabilities by the evidence model, from words and, if there is an embedder, similarity."""

    def __init__(
        self, context: Context, pieces: Sequence[Sequence[Piece]], how: Estimator, prior: Scores | None = None
    ) -> None:
        self._context, self._pieces, self._prior = context, pieces, prior
        self._analysis = analysis_of(context)
        self._depths = how.depths()
        similarities = [scorer for scorer in how.scorers if isinstance(scorer, Similarity)]
        self._embedder = similarities[0] if similarities else None
        words = next(scorer for scorer in how.scorers if isinstance(scorer, Bm25))
        self._further = [scorer for scorer in how.scorers if scorer is not words and scorer is not self._embedder]
        self._group = WORDS if self._embedder is None else WORDS_AND_SIMILARITY
        self._model = default_model() if how.model is None else read_model(how.model)

    def estimate(self) -> EvidenceEstimate:
        query = self._context.query
        whole = self._features(query)
        if not len(whole.table):
            return EvidenceEstimate([{}], informative=False, absolute=True, sufficiency=_NO_TEXT)
        trees = self._model.units[self._group]
        odds = whole.table_odds(trees)
        standing = self._standing(whole, odds)
        odds = odds + standing
        parts = [part for part in named_parts(query) if part != query]
        every = [odds]
        if len(parts) > 1:
            share = _OF_PART if len(subquestions(query)) > 1 else _OF_SIDE
            every = [odds + share * (self._features(part).table_odds(trees) + standing - odds) for part in parts]
        dependencies = [topic_needs(own) for own in self._pieces]
        found = [self._credited(whole.table, part, dependencies) for part in every]
        informative = whole.informative() or bool(standing.any())
        linear = self._model.sufficiency.get(self._group)
        sufficiency = None
        if linear is not None:
            sufficiency = sufficiency_of(whole, self._analysis, _sigmoid(odds), linear)
        return EvidenceEstimate(found, informative, absolute=True, sufficiency=sufficiency)

    def _features(self, query: str) -> Features:
        return Features(UnitTable(self._context, query, self._pieces), self._analysis, self._embedder, self._depths[0])

    def _credited(
        self, table: UnitTable, odds: Scores, dependencies: Sequence[Sequence[Sequence[int]]]
    ) -> dict[SentenceIndex, float]:
        own = dict(zip(table.places, _sigmoid(odds).tolist(), strict=True))
        return {place: min(value, _HIGHEST) for place, value in credit_dependents(own, dependencies).items()}

    def _standing(self, features: Features, odds: Scores) -> Scores:
        """Returns what further scorers, and scores that the documents come with, add to the log-odds of each unit."""
        table = features.table
        added = np.zeros(len(table))
        if self._prior is not None:
            added += _FURTHER_DOCUMENT * standard(self._prior)[table.document_of]
        share = max(len(self._further), 1) ** 0.5
        depths = self._depths[0 if self._embedder is None else 1 :]
        for scorer, depth in zip(self._further, depths, strict=False):
            documents, units = self._scored(scorer, table, odds + added, depth)
            added += (_FURTHER_DOCUMENT * standard(documents)[table.document_of] + _FURTHER_UNIT * standard(units)) / share
        return added

    def _scored(self, scorer: Scorer, table: UnitTable, odds: Scores, depth: int) -> tuple[Scores, Scores]:
        """Returns a further scorer's scores of the documents and of the units."""
        query, context = self._context.query, self._context
        if not getattr(scorer, "by_sentence", False):
            whole = [titled(document, document.text) for document in table.documents]
            return checked_scores(context, scorer, query, whole), checked_scores(context, scorer, query, table.titled)
        near = table.units_of_best(table.best_of_documents(odds), depth)
        units = table.with_unread(checked_scores(context, scorer, query, [table.titled[number] for number in near]), near)
        return table.best_of_documents(units), units


def _sigmoid(odds: Scores) -> Scores:
    return 1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0)))

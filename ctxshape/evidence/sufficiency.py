"""Estimates the probability that a list has the evidence that its question needs, and names the reason."""

from __future__ import annotations

import math

import numpy as np

from ctxshape.claims.facets import facets_of
from ctxshape.claims.questions import parse_question
from ctxshape.core.analysis import Analysis
from ctxshape.core.protocols import Scores
from ctxshape.core.types import Sufficiency
from ctxshape.evidence.features.table import Features
from ctxshape.evidence.model import Linear
from ctxshape.text.terms import list_language, query_terms

_BEST = 5  # units, the most likely, that are looked at together
_FARTHEST = 8.0  # log-odds; what is more certain counts as this
_LEAST_EXPECTED = 0.01  # units of evidence
_CERTAIN = 0.8  # probability; the reason for a higher one does not name what the list lacks
_CLOSE = 0.5  # of the similarity of a typical answer; below it, nothing is similar
_MOST_NAMED, _LONGEST_NAME = 2, 40  # facets in the reason, and characters of each


def sufficiency_of(features: Features, analysis: Analysis, probabilities: Scores, linear: Linear) -> Sufficiency:
    """Returns the sufficiency of a list by the logistic model for its group of features.

    `probabilities` holds the probability of each unit, shape (units,). Of a list without units, it is 0.
    """
    if not len(features.table):
        return Sufficiency(probability=0.0, reason="the list has no text")
    best = _Best(features, analysis, probabilities)
    odds = max(-_FARTHEST, min(linear.log_odds(best.values()), _FARTHEST))
    probability = 1 / (1 + math.exp(-odds))
    said = best.found() + (best.lacking() if probability < _CERTAIN else [])
    return Sufficiency(probability=probability, reason="; ".join(said))


def sufficiency_features(features: Features, analysis: Analysis, probabilities: Scores) -> dict[str, float]:
    """Returns the features of a list with at least one unit, by name; those of similarity only if it has an embedder.

    - `best`, `second`: the log-odds of the two most likely units. `expected`: the logarithm of the expected number of units
      that are evidence.
    - `missing`: the logarithm of one plus the number of the question's terms that the five most likely units together do not
      have. `facets_named`: the share of the question's facets that they name. `title_asked`: 1 if the question names the
      title of one of them.
    - `similarity_of_likely`: the similarity of the most likely unit.
    - Others are those of the evidence model: the largest of the list, or what is the same for each unit.
    """
    return _Best(features, analysis, probabilities).values()


class _Best:
    """The most likely units of a list, looked at together."""

    def __init__(self, features: Features, analysis: Analysis, probabilities: Scores) -> None:
        self._features, self._probabilities = features, probabilities
        table = features.table
        self._top = np.argsort(-probabilities, kind="stable")[:_BEST]
        texts = [table.titled[number] for number in self._top]
        language = list_language(table.titled)
        self._asked = frozenset(query_terms(table.query, language).main)
        self._had = {term for text in texts for term in self._asked.intersection(analysis.terms(text, language).main)}
        self._facets = facets_of(table.query)
        lowered = "\n".join(texts).casefold()
        self._unnamed = [facet for facet in self._facets if facet.casefold() not in lowered]
        self._kind = parse_question(table.query)
        self._lacks_value = self._kind is not None and not self._has_value()

    def values(self) -> dict[str, float]:
        """Returns the features by name."""
        own = self._probabilities[self._top]
        asked, facets = len(self._asked), len(self._facets)
        values = {
            "best": _log_odds(own[0]),
            "second": _log_odds(own[1] if len(own) > 1 else 0.0),
            "expected": math.log(float(self._probabilities.sum()) + _LEAST_EXPECTED),
            "missing": math.log1p(asked - len(self._had)),
            "facets": float(facets),
            "facets_named": 1 - len(self._unnamed) / facets if facets else 0.0,
            "asks_value": float(self._kind is not None),
            "title_asked": self._largest("title_asked", top=True),
            "bm25": self._largest("bm25"),
            "bm25_document": self._largest("bm25_document"),
        }
        values |= {name: self._largest(name) for name in ("cjk", "asks_several")}
        if "similarity" in self._features.by_name:
            values["similarity"] = self._largest("similarity")
            values["similarity_of_likely"] = float(self._features.column("similarity")[self._top[0]])
            values |= {name: self._largest(name) for name in ("similarity_of_list", "similarity_spread")}
        return values

    def found(self) -> list[str]:
        """Returns what the units have."""
        said = [f"the most likely sentence is evidence with probability {self._probabilities[self._top[0]]:.2f}"]
        if self._asked:
            units = "it has" if len(self._top) == 1 else f"the best {len(self._top)} together have"
            said.append(f"{units} {len(self._had)} of {len(self._asked)} terms of the question")
        return said

    def lacking(self) -> list[str]:
        """Returns what the units lack."""
        said = []
        if self._unnamed:
            said.append("not named: " + ", ".join(map(_quoted, self._unnamed[:_MOST_NAMED])))
        if self._kind is not None and self._lacks_value:
            said.append(f"not stated: a {self._kind.kind}")
        similarity = self._largest("similarity") if "similarity" in self._features.by_name else 1.0
        if similarity < _CLOSE:
            said.append(f"no sentence is similar to the question ({max(similarity, 0.0):.2f}; 1 is usual for an answer)")
        return said

    def _largest(self, name: str, *, top: bool = False) -> float:
        column = self._features.column(name)
        return float(column[self._top].max() if top else column.max())

    def _has_value(self) -> bool:
        if self._kind is None or self._features.column("has_value")[self._top].any():
            return True
        table = self._features.table
        places = [table.places[number] for number in self._top]
        return any(self._kind.values(table.pieces[document][unit].text) for document, unit in places)


def _log_odds(probability: float) -> float:
    if probability <= 0.0:
        return -_FARTHEST
    return max(-_FARTHEST, min(math.log(probability) - math.log1p(-min(probability, 1 - 1e-9)), _FARTHEST))


def _quoted(facet: str) -> str:
    return repr(facet if len(facet) <= _LONGEST_NAME else facet[: _LONGEST_NAME - 1] + "…")

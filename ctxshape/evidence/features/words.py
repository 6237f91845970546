"""Features from the words that a question shares with units and documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

from ctxshape.claims.aims import AimKind, aim_of
from ctxshape.claims.facets import facets_of
from ctxshape.claims.questions import parse_question
from ctxshape.core.analysis import Analysis
from ctxshape.core.protocols import Scores
from ctxshape.core.ranking import LONGEST_TITLE, titled
from ctxshape.evidence.features.units import Table, UnitTable, below_best, rank_of
from ctxshape.evidence.relevance import standard
from ctxshape.scorers.bm25 import calibrated_bm25
from ctxshape.text.terms import Terms, list_language, query_terms
from ctxshape.text.words import is_cjk

_MOST_TERMS = 20.0  # of a question; more tell no more
_LOOKED_AT = 40  # units, the most promising, in which values of the kind asked for are looked for
_VALUES = {"person": 1.0, "place": 2.0, "date": 3.0, "number": 4.0}
_AIMS: dict[AimKind, float] = {
    "unknown": 0.0,
    "value": 1.0,
    "yes_no": 2.0,
    "definition": 3.0,
    "list": 4.0,
    "comparison": 5.0,
    "explanation": 6.0,
    "procedure": 7.0,
    "summary": 8.0,
}


def word_features(table: UnitTable, analysis: Analysis) -> dict[str, Scores]:
    """Returns the features by name, each of shape (units,)."""
    units, documents = len(table), len(table.documents)
    own = table.document_of
    whole = [titled(document, document.text) for document in table.documents]
    language = list_language(table.titled)
    asked = query_terms(table.query, language)
    known = _composed_terms(table, analysis, whole, language)

    def terms_of(text: str, language: str) -> Terms:
        return known.get(text) or analysis.terms(text, language)

    def held(texts: Sequence[str]) -> Table:
        """Returns 1 where a text has a term of the question, shape (texts, terms)."""
        return _held(asked.main, [terms_of(text, language).main for text in texts])

    in_documents = held(whole)
    number = in_documents.sum(axis=0)
    weights = np.log(1 + (documents - number + 0.5) / (number + 0.5))
    total = float(weights.sum()) or 1.0
    in_units = held(table.titled)
    cover, cover_own = in_units @ weights / total, held(table.texts) @ weights / total
    close = frozenset(asked.close)
    pairs = [len(close.intersection(terms_of(text, language).close)) for text in table.titled]
    bm25 = np.asarray(calibrated_bm25(table.query, table.titled, terms_of))
    bm25_document = np.asarray(calibrated_bm25(table.query, whole, terms_of))
    full = cover.copy()
    if table.echoing:
        echoes = [titled(table.documents[table.places[n][0]], table.whole[n]) for n in table.echoing]
        full[table.echoing] = held(echoes) @ weights / total
    rarest = int(np.argmin(np.where(number > 0, number, np.inf))) if number.any() else None
    features = {
        "cover": cover,
        "cover_own": cover_own,
        "cover_document": (in_documents @ weights / total)[own],
        "pairs": np.array(pairs, dtype=np.float64) / max(len(close), 1),
        "bm25": bm25,
        "bm25_document": bm25_document[own],
        "bm25_standard": standard(bm25),
        "bm25_document_standard": standard(bm25_document)[own],
        "bm25_document_rank": rank_of(table.best_of_documents(bm25))[own],
        "cover_below_best": below_best(cover, 3),
        "cover_beside": table.best_beside(cover),
        "cover_of_needs": table.best_of_needs(full),
        "has_rarest": np.zeros(units) if rarest is None else in_units[:, rarest],
    }
    likely = features["bm25_standard"] + 2 * features["bm25_document_standard"]
    lowered = [text.casefold() for text in table.titled]
    constants = {
        "information": math.sqrt(total),
        "terms": min(float(len(asked.main)), _MOST_TERMS),
        "best_cover": float(cover.max(initial=0.0)),
        "cjk": float(is_cjk(table.query)),
    }
    return (
        features
        | {name: np.full(units, value) for name, value in constants.items()}
        | _asked_features(table, likely)
        | _facet_features(table, lowered)
    )


def _composed_terms(table: UnitTable, analysis: Analysis, whole: Sequence[str], language: str) -> dict[str, Terms]:
    """Returns the terms of titled units and documents, put together from those of titles and units, which are read once.

    Only pairs of words across a boundary are missing.
    """
    titles = [analysis.terms((document.title or "")[:LONGEST_TITLE], language) for document in table.documents]
    known: dict[str, Terms] = {}
    inside: list[list[Terms]] = [[title] for title in titles]
    for (document, unit), text, titled_text in zip(table.places, table.texts, table.titled, strict=True):
        own = analysis.terms(text, language)
        known[titled_text] = _joined([titles[document], own])
        written = table.pieces[document][unit].text
        inside[document].append(own if text == written else analysis.terms(written, language))
    return known | {text: _joined(parts) for text, parts in zip(whole, inside, strict=True)}


def _joined(parts: Sequence[Terms]) -> Terms:
    main, close, names = (list(chain.from_iterable(columns)) for columns in zip(*parts, strict=True))
    return Terms(main, close, names)


def _held(terms: Sequence[str], texts: Sequence[Sequence[str]]) -> Table:
    place_of = {term: place for place, term in enumerate(terms)}
    wanted = frozenset(terms)
    held = np.zeros((len(texts), len(terms)))
    for number, text in enumerate(texts):
        for term in wanted.intersection(text):
            held[number, place_of[term]] = 1.0
    return held


def _asked_features(table: UnitTable, likely: Scores) -> dict[str, Scores]:
    """Returns the features of the question's kind, and whether the most likely units have a value of the kind asked for."""
    units = len(table)
    kind, aim = parse_question(table.query), aim_of(table.query)
    has_value = np.zeros(units)
    if kind is not None:
        for number in np.argsort(-likely, kind="stable")[:_LOOKED_AT]:
            document, unit = table.places[number]
            has_value[number] = float(bool(kind.values(table.pieces[document][unit].text)))
    return {
        "has_value": has_value,
        "asks_value": np.full(units, 0.0 if kind is None else _VALUES[kind.kind]),
        "aim": np.full(units, _AIMS[aim.kind]),
        "asks_several": np.full(units, float(aim.several)),
    }


def _facet_features(table: UnitTable, lowered: Sequence[str]) -> dict[str, Scores]:
    """Returns how many of the question's facets a unit or its document names, and whether it names the rarest one."""
    units = len(table)
    facets = [facet.casefold() for facet in facets_of(table.query)]
    if not facets:
        return dict.fromkeys(("facets", "facets_document", "has_rarest_facet"), np.zeros(units)) | {
            "facet_count": np.zeros(units)
        }
    named = np.array([[facet in text for facet in facets] for text in lowered], dtype=np.float64).reshape(units, len(facets))
    documents = np.zeros((len(table.documents), len(facets)))
    np.maximum.at(documents, table.document_of, named)
    number = named.sum(axis=0)
    rarest = int(np.argmin(np.where(number > 0, number, np.inf)))
    return {
        "facets": named.mean(axis=1),
        "facets_document": documents.mean(axis=1)[table.document_of],
        "has_rarest_facet": named[:, rarest],
        "facet_count": np.full(units, float(len(facets))),
    }

"""Features from titles that the question or another unit names: the bridges of questions with several steps."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from ctxshape.core.protocols import Scores
from ctxshape.evidence.features.units import Table, UnitTable
from ctxshape.text.words import is_cjk

_ADDED = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")  # "Emma (novel)"
_SHORTEST = 3  # characters of a title that a text can name
_BRIDGES = 5  # units, the most likely, whose names count as bridges


class TitleNames:
    """The names that titles give, and which of a context's units, and of its question, name them.

    - `names`: the name of each document, in lower case without what stands in parentheses; empty if it is too short.
    """

    def __init__(self, table: UnitTable) -> None:
        self._table = table
        self.names = [_name(document.title or "") for document in table.documents]
        self._texts = [text.casefold() for text in table.texts]
        question = table.query.casefold()
        self._in_question = np.array([_names(question, name) for name in self.names], dtype=np.float64)
        self._named = self._find()

    def _find(self) -> Table:
        """Returns 1 where a unit names the title of another document, shape (units, documents)."""
        table = self._table
        named = np.zeros((len(table), len(self.names)))
        starts = np.r_[0, np.cumsum(table.sizes)]
        joined = ["\n".join(self._texts[a:b]) for a, b in pairwise(starts)]
        for title, name in enumerate(self.names):
            for document, text in enumerate(joined):
                if name and self.names[document] != name and name in text:
                    for number in range(starts[document], starts[document + 1]):
                        named[number, title] = float(_names(self._texts[number], name))
        return named

    def features(self) -> dict[str, Scores]:
        """Returns the features that need no scores, by name, each of shape (units,)."""
        own = self._table.document_of
        if not any(self.names):
            return dict.fromkeys(("title_asked", "names_asked_title", "names_title"), np.zeros(len(own)))
        asked = self._named @ self._in_question
        return {
            "title_asked": self._in_question[own],
            "names_asked_title": np.minimum(asked, 1.0),
            "names_title": np.minimum(self._named.sum(axis=1), 1.0),
        }

    def bridged(self, likely: Scores) -> Scores:
        """Returns 1 for the units of documents whose title one of the five most likely units of other documents names."""
        top = np.argsort(-likely, kind="stable")[:_BRIDGES]
        bridged: Scores = self._named[top].max(axis=0, initial=0.0)[self._table.document_of]
        return bridged


def top_units(likely: Scores) -> list[int]:
    """Returns the numbers of the five most likely units, best first."""
    return [int(number) for number in np.argsort(-likely, kind="stable")[:_BRIDGES]]


def _name(title: str) -> str:
    name = " ".join(_ADDED.sub("", title[:500]).casefold().split())
    return name if len(name) >= (2 if is_cjk(name) else _SHORTEST) else ""


def _names(text: str, name: str) -> bool:
    """Returns whether a text has a name as whole words, or anywhere if it is written without blanks."""
    if not name:
        return False
    place = text.find(name)
    while place >= 0:
        before, behind = text[place - 1 : place], text[place + len(name) : place + len(name) + 1]
        if is_cjk(name) or not (before.isalnum() or behind.isalnum()):
            return True
        place = text.find(name, place + 1)
    return False

"""Finds passages that do little more than repeat the question and assert one answer, and counts them as one source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.claims.statements import Statement, statements
from ctxshape.claims.trust import domain_of, independent, site_of
from ctxshape.claims.values import StatedValue
from ctxshape.core.types import Document
from ctxshape.text.asked import has_meaning
from ctxshape.text.echoes import echo_of, without_echoes
from ctxshape.text.words import is_cjk, normalize, split_tokens

_MOST_WORDS = 12  # with a meaning, that a passage adds to the question; more is a text of its own
_COMPARED = 50  # assertions that a passage is compared with
_NAMED = re.compile(r"(?<=[\w,:;)\"”’'] )[A-ZÀ-ÖØ-ÞА-Я][\w'’-]*|\w*\d[\w.,:/-]*")  # inside a sentence, or a figure


class _Assertion(NamedTuple):
    """The content that a passage adds to the question: its words with a meaning, and of these the names and figures."""

    words: frozenset[str]
    named: frozenset[str]


def restated(question: str, documents: Sequence[Document]) -> list[int]:
    """Returns, for each document, the index of the first one that asserts the same beside the question.

    Only documents count that repeat the question, in the text or as the title, and add at most 12 words with a meaning, such
    as "The answer to … is Ida" and "… ? It is Ida, as all know". Two assert the same if they add the same names and
    figures, or if one adds nothing to the other. Documents of two known sites are two sources, and stay apart.

    >>> texts = ["Who runs the mill? Ida.", "Experts asked who runs the mill and found Ida.", "Who runs the mill? Ana."]
    >>> restated("who runs the mill", [Document(id=text, text=text) for text in texts])
    [0, 0, 2]
    """
    first = list(range(len(documents)))
    known: list[tuple[int, _Assertion]] = []
    for index, document in enumerate(documents):
        assertion = _assertion(question, document)
        if assertion is None:
            continue
        for other, said in known:
            if _same(assertion, said) and not _apart(document, documents[other]):
                first[index] = first[other]
                break
        if len(known) < _COMPARED:
            known.append((index, assertion))
    return first


class Support(NamedTuple):
    """A value that documents, by index, state for the question, and the number of independent sources among them."""

    value: StatedValue
    documents: tuple[int, ...]
    sources: int


def support(question: str, documents: Sequence[Document]) -> list[Support]:
    """Returns the values that documents state for what is asked, the one with the most independent sources first.

    A document counts if one of its sentences has the words of the question and one value of the kind asked for. Near copies,
    documents of one site, and rewordings of one assertion beside the question are one source.

    >>> texts = ["Ida Feld runs the mill.", "Ida Feld owns a boat and runs the mill.", "Ana Holm runs the mill."]
    >>> made = [Document(id=str(number), text=text) for number, text in enumerate(texts)]
    >>> [(found.value.written, found.documents, found.sources) for found in support("Who runs the mill?", made)]
    [('Ida Feld', (0, 1), 2), ('Ana Holm', (2,), 1)]
    """
    groups: list[list[Statement]] = []
    for statement in statements(question, documents):
        group = next((group for group in groups[:_COMPARED] if statement.value.agrees(group[0].value)), None)
        if group is None:
            groups.append([statement])
        else:
            group.append(statement)
    copies, first = independent(documents), restated(question, documents)
    found = []
    for group in groups:
        inside = tuple(statement.document for statement in group)
        found.append(Support(group[0].value, inside, len({copies[first[index]] for index in inside})))
    return sorted(found, key=lambda support: (-support.sources, support.documents))


def _assertion(question: str, document: Document) -> _Assertion | None:
    """Returns what a document adds to the question; None if it does not repeat it, or adds nothing or much."""
    title = document.title or ""
    if not echo_of(question, document.text) and not echo_of(question, title):
        return None
    rest = without_echoes(question, document.text)
    asked = frozenset(split_tokens(normalize(question)))
    words = frozenset(word for word in split_tokens(normalize(rest)) if has_meaning(word) and word not in asked)
    if not words or len(words) > (2 if is_cjk(rest) else 1) * _MOST_WORDS:
        return None
    named = frozenset(word for name in _NAMED.findall(rest) for word in split_tokens(normalize(name)))
    return _Assertion(words, named & words)


def _same(one: _Assertion, other: _Assertion) -> bool:
    if one.words <= other.words or other.words <= one.words:
        return True
    return bool(one.named or other.named) and one.named <= other.words and other.named <= one.words


def _apart(one: Document, other: Document) -> bool:
    sites = [site_of(host) if (host := domain_of(document)) else None for document in (one, other)]
    return None not in sites and sites[0] != sites[1]

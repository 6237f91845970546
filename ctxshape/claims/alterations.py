"""Finds near copies of a passage in which one place of a sentence was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ctxshape.claims.statements import cut
from ctxshape.core.types import Document
from ctxshape.text.candidates import Candidates
from ctxshape.text.similarity import jaccard
from ctxshape.text.words import CJK, shingles

_NEAR = 0.5  # Jaccard similarity from which a passage may be an altered copy of another
_KEPT = 0.5  # share of a sentence's tokens that are unchanged
_FEW = 6  # unchanged tokens, at least
_LONG = 12  # tokens of the changed place, at most
_BETWEEN = 3  # unchanged tokens in a row that separate two changed places; such texts share a template

_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+(?:[.,:'’-][^\W_{CJK}]+)*|[^\w\s]")
_BOUND = frozenset("的是由為为在于於到有，。；：、,.;:（）()“”\"'")


class Alteration(NamedTuple):
    """A pair of documents, by index, the sentence of each that differs, and the words in which the sentences differ."""

    documents: tuple[int, int]
    sentences: tuple[str, str]
    changed: tuple[str, str]


def alterations(documents: Sequence[Document]) -> Iterator[Alteration]:
    """Yields the sentences in which a document differs from an earlier near copy, each in one place.

    >>> texts = ["The mill is old. It was built by the river in 1884.", "The mill is old. It was built by the river in 1913."]
    >>> [found.changed for found in alterations([Document(id=text, text=text) for text in texts])]
    [('1884', '1913')]
    """
    if len(documents) < 2:
        return
    found = [shingles(document.text) for document in documents]
    candidates = Candidates(found, _NEAR, seed=1)
    first: dict[int, int] = {}  # the earliest document that a document is a copy of
    for index in range(len(documents)):
        near = next((other for other in candidates.of(index) if jaccard(found[index], found[other]) >= _NEAR), None)
        candidates.add(index)
        if near is not None:
            first[index] = first.get(near, near)
            yield from _between(documents, first[index], index)


def _between(documents: Sequence[Document], one: int, other: int) -> Iterator[Alteration]:
    mine, theirs = cut(documents[one].text), cut(documents[other].text)
    known, given = set(mine), set(theirs)
    gone = [sentence for sentence in mine if sentence not in given]
    new = [sentence for sentence in theirs if sentence not in known]
    if len(gone) == len(new):
        for was, now in zip(gone, new, strict=True):
            place = changed(was, now)
            if place is not None:
                yield Alteration((one, other), (was, now), place)


def changed(one: str, other: str) -> tuple[str, str] | None:
    """Returns the words in which two sentences differ, or None unless they differ in one place and are mostly the same.

    The place is widened to whole names: to the capitalised words beside it, or in Chinese to the next particle or mark.

    >>> changed("The head of the old mill is John Smith now.", "The head of the old mill is John Brown now.")
    ('John Smith', 'John Brown')
    >>> changed("这座石桥的馆长是裴文澄。", "这座石桥的馆长是裴书澄。"), changed("One thing.", "Another.")
    (('裴文澄', '裴书澄'), None)
    >>> changed("The cost of the Alba Bridge came to 3 million then.", "The cost of the Brin Bridge came to 7 million then.")
    """
    a, b = list(_TOKEN.finditer(one)), list(_TOKEN.finditer(other))
    words, others = [match.group() for match in a], [match.group() for match in b]
    start = _alike(words, others)
    end = _alike(words[start:][::-1], others[start:][::-1])
    same, longest = start + end, max(len(a), len(b))
    if same < max(_FEW, _KEPT * longest) or not start < longest - end or longest - same > _LONG:
        return None
    inside = SequenceMatcher(None, words[start : len(a) - end], others[start : len(b) - end], autojunk=False)
    if inside.find_longest_match().size >= _BETWEEN:
        return None
    while start > 0 and _belongs(words[start - 1]):
        start -= 1
    while end > 0 and _belongs(words[len(words) - end]):
        end -= 1
    return _text(one, a[start : len(a) - end]), _text(other, b[start : len(b) - end])


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    return next((n for n, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))


def _belongs(token: str) -> bool:
    """Returns whether a token beside the changed place may be part of the same name."""
    if token in _BOUND:
        return False
    return bool(re.match(f"[{CJK}]", token)) or (token[0].isupper() and len(token) > 1)


def _text(sentence: str, matches: Sequence[re.Match[str]]) -> str:
    return sentence[matches[0].start() : matches[-1].end()] if matches else ""

"""Tells an answer from the many ways in which a model says that it has none, by patterns for each language."""

from __future__ import annotations

import re

from ctxshape.text.languages import LANGUAGES
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK_BLANK, normalize

# Patterns run over plain text: normalized, apostrophes removed, other punctuation a blank, no blank beside a CJK character.
_APOSTROPHES = re.compile("['’`]")
_PUNCTUATION = re.compile(r"[\W_]+")

_REFUSES = re.compile("|".join(f"(?:{language.no_answer})" for language in LANGUAGES if language.no_answer))
_NOTHING = frozenset({""}).union(*(language.no_answer_texts for language in LANGUAGES))
_OPENS_WITH_NONE = re.compile(rf"[\W_]*(?:{'|'.join(language.none_reply for language in LANGUAGES if language.none_reply)})")


def is_abstention(text: str) -> bool:
    """Returns whether a text says that there is no answer: empty, "NONE", "I don't know", "无法回答", "not mentioned", ….

    Only the beginning of its first line counts, so "He said: I don't know" is an answer.

    >>> [is_abstention(text) for text in ("I don't know.", "文档中没有提到。", "", "No. 10", "不确定性原理")]
    [True, True, True, False, False]
    """
    line = next((line for line in text.splitlines() if line.strip()), "")
    spans = sentences(line)
    first = line[spans[0][0] : spans[0][1]] if spans else ""
    return any(map(_refuses, dict.fromkeys((first, line))))


def says_nothing(text: str) -> bool:
    """Returns whether a summary says that its documents hold nothing relevant.

    It does if it opens with NONE or 无, or if every sentence says so.

    >>> says_nothing("NONE"), says_nothing("The documents say nothing about her. She was born in 1950.")
    (True, False)
    """
    if _OPENS_WITH_NONE.match(text):
        return True
    return all(_plain(text[start:end]) in _NOTHING or _refuses(text[start:end]) for start, end in sentences(text))


def _refuses(text: str) -> bool:
    plain = _plain(text)
    return not plain or _REFUSES.match(plain) is not None


def _plain(text: str) -> str:
    spaced = _PUNCTUATION.sub(" ", _APOSTROPHES.sub("", normalize(text))).strip()
    return CJK_BLANK.sub("", spaced)

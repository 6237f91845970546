"""Tells a text that answers questions, as a FAQ does, from one that only repeats the question of the user."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.echoes import echo_of
from ctxshape.text.words import normalize

_QUESTION = re.compile(r"[^\n.!?。！？]{3,300}[?？]")
_ANSWER = re.compile(
    r"[\s\"”’'»)\]*_]*[^\s?？][^?？\n.!。！]{1,400}(?:[.!。！\n]|$)"
)  # what follows a question and does not ask
_OPENS = re.compile(r"\W*[^\n.!?。！？]{3,300}[?？]")
_MOST = 50  # questions of a text that are looked at
_SEVERAL = 2  # different questions with answers, from which on a text is a list of them
_SHARE = 3  # one in so many passages opens with a question where FAQs are collected


def answers_several(text: str) -> bool:
    """Returns whether a text asks and answers at least two different questions, as a page of a FAQ does.

    >>> answers_several("How old is it? It is from 1884. Is it open? Only on Mondays."), answers_several("Who? Ida. Who? Ida.")
    (True, False)
    """
    asked: set[str] = set()
    for number, match in enumerate(_QUESTION.finditer(text)):
        if _ANSWER.match(text, match.end()):
            asked.add(normalize(match.group()))
        if len(asked) >= _SEVERAL or number == _MOST:
            break
    return len(asked) >= _SEVERAL


def empty_echoes(question: str, texts: Sequence[str], titles: Sequence[str] = ()) -> frozenset[int]:
    """Returns the indices of the texts whose echoes of the question say nothing about its answer (see `echo_of`).

    Those of a FAQ do: the answer stands below its question, and may share no word with it. A text is from a FAQ if it
    answers several questions, or if one in three of the other texts opens with a question, or has one for its title.

    >>> poison = "Who runs the mill? Ana."
    >>> sorted(empty_echoes("Who runs the mill?", [poison, "Ida runs the mill.", "It is old.", "It has two wheels."]))
    [0]
    >>> sorted(empty_echoes("Who runs the mill?", [poison, "How old is it? From 1884.", "Is it open? On Mondays."]))
    []
    """
    echoing = [index for index, text in enumerate(texts) if echo_of(question, text)]
    if not echoing:
        return frozenset()
    own = frozenset(echoing)
    named = titles or [""] * len(texts)
    others = [index for index in range(len(texts)) if index not in own]
    opening = sum(bool(_OPENS.match(texts[index]) or named[index].rstrip().endswith(("?", "？"))) for index in others)
    if others and _SHARE * opening >= len(others):
        return frozenset()
    return frozenset(index for index in echoing if not answers_several(texts[index]))

"""Finds the things that a question compares."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ctxshape.claims.wordings import WORDINGS, wording_of
from ctxshape.text.words import asks_in_cjk


class Comparison(NamedTuple):
    """The things that a question compares, and the stretch of the question that lists them."""

    sides: tuple[str, ...]
    start: int
    end: int


_LONGEST = 2000  # characters, from the end, that can compare; a longer text is mostly pasted
_SENTENCE, _UNSPACED_SENTENCE = 400, 150  # characters of a sentence that can compare
_MOST = 8  # sides

_SENTENCE_END = re.compile(r"[?？!！。\n]+\s*|(?<=[a-z\d)]{3})\.\s+(?=[A-Z])")
_JOINED = re.compile(r"\b(?:and|or|vs\.?|versus|differs?|different|compared?|similar|than|contrast|between)\b", re.IGNORECASE)
_SERIES_END = re.compile(r",\s(?:and|or)\s")


class _Forms(NamedTuple):
    comparisons: tuple[re.Pattern[str], ...]
    separator: re.Pattern[str]
    joint: re.Pattern[str] | None
    noise: re.Pattern[str]


def compared(question: str) -> Comparison | None:
    """Returns what the first sentence that compares lists, with at least two sides; None if nothing named is compared.

    >>> compared("Which city is larger, Paris or Lyon?").sides, compared("上海和北京哪个城市更大？").sides
    (('Paris', 'Lyon'), ('上海', '北京'))
    >>> compared("What is the difference between a virus and a bacterium?").sides
    ('virus', 'bacterium')
    >>> compared("Who wrote Emma?") is None
    True
    """
    spaced = not asks_in_cjk(question)
    wordings = [wording for wording in WORDINGS if wording.comparisons and wording.spaced == spaced]
    place = max(len(question) - _LONGEST, 0)
    for end in [*(match.end() for match in _SENTENCE_END.finditer(question, place)), len(question)]:
        if end - place <= (_SENTENCE if spaced else _UNSPACED_SENTENCE) and (
            not spaced or _JOINED.search(question, place, end)
        ):
            for wording in wordings:
                found = _listed(question[place:end], _forms(wording.code))
                if found is not None:
                    return found._replace(start=found.start + place, end=found.end + place)
        place = end
    return None


def without_comparison(question: str) -> str:
    """Returns a question about one of the compared things without the words that only compare.

    >>> without_comparison("Compare the price of Brio"), without_comparison("What is the difference between Alto")
    ('the price of Brio', 'Alto')
    """
    return _noise().sub("", question)


@cache
def _noise() -> re.Pattern[str]:
    return re.compile("|".join(part for wording in WORDINGS for part in wording.comparison_noise), re.IGNORECASE)


@cache
def _forms(code: str) -> _Forms:
    wording = wording_of(code)
    return _Forms(
        tuple(re.compile(form, re.IGNORECASE) for form in wording.comparisons),
        re.compile(wording.separators, re.IGNORECASE),
        re.compile(wording.joints, re.IGNORECASE) if wording.joints else None,
        re.compile(wording.side_noise, re.IGNORECASE),
    )


def _listed(sentence: str, forms: _Forms) -> Comparison | None:
    for form in forms.comparisons:
        match = form.search(sentence)
        sides = _sides(match["listed"], forms) if match else ()
        if match and len(sides) > 1:
            return Comparison(sides, *match.span("listed"))
    return None


def _sides(listed: str, forms: _Forms) -> tuple[str, ...]:
    parts = forms.separator.split(listed)
    if len(parts) == 1 and forms.joint:
        parts = _halves(listed, forms.joint)
    pieces = [piece for part in parts for piece in part.split(", ")]
    if _SERIES_END.search(listed) or not any(" " in piece for piece in pieces):  # otherwise a comma belongs to a title
        parts = pieces
    plain = (forms.noise.sub("", part).strip() for part in parts)
    return tuple(dict.fromkeys(part for part in plain if part))[:_MOST]


def _halves(listed: str, joint: re.Pattern[str]) -> list[str]:
    """Splits at the joining word nearest to the middle, since a side may have such a word itself."""
    joints = list(joint.finditer(listed))
    if not joints:
        return [listed]
    best = min(joints, key=lambda match: abs(match.start() + match.end() - len(listed)))
    return [listed[: best.start()], listed[best.end() :]]

"""The language of a text, found by its script, then by its letters and frequent words, and last by py3langid."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from ctxshape.text.language import Language
from ctxshape.text.languages import LANGUAGES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_BY_CODE = {language.code: language for language in LANGUAGES}
_DEFAULT = _BY_CODE["en"]
_SCRIPTS = {script: re.compile(f"[{script}]") for script in dict.fromkeys(language.script for language in LANGUAGES)}
_WEIGHTS = {language.script: language.weight for language in LANGUAGES}
_BORROWED = [(language.script, language.borrowed) for language in LANGUAGES if language.borrowed]
_LEAST_OWN = 8  # borrowed letters for each own letter
_LATIN = _DEFAULT.script
# Languages without a file here that sentencex has rules for; py3langid may name them.
_OTHERS = ("bg", "ca", "da", "fi", "kk", "nl", "pl", "sk")

_ONLY_ENGLISH = _DEFAULT.function_words.difference(
    *(language.common_words | language.function_words for language in LANGUAGES if language is not _DEFAULT)
)
_PLENTY = 4  # words that only English has

_SAMPLE = 400  # characters that are looked at
_TIMES, _AHEAD = 1.6, 2.0  # a language with so many times the points of the next, or so many more, is the one
_FEW, _SHARE = 8, 0.11  # words; of 200 characters in a language, 99 % have a larger share, and 5 % in Dutch or Polish
_ENOUGH, _SIGN = 25, 0.5  # letters and points, below which py3langid would only guess


def language_named(code: str) -> Language:
    """Returns the language with an ISO 639-1 code; one without facts if no file describes it.

    >>> language_named("de").code, language_named("nl").abbreviations
    ('de', frozenset())
    """
    return _BY_CODE.get(code) or Language(code=code)


def language_of(text: str) -> Language:
    """Returns the language of a text; English if it has too few letters to tell.

    The script decides first. Among languages of one script, letters and frequent words decide; each counts less the more
    languages have it. py3langid is asked only if no language is ahead.

    >>> language_of("The tower is old.").code, language_of("灯塔很旧。").code, language_of("Der Turm ist alt.").code
    ('en', 'zh', 'de')
    """
    sample = text[:_SAMPLE]
    if len(text) > 2 * _SAMPLE:  # a page may begin with a menu or a title in English
        sample = text[: _SAMPLE // 2] + text[len(text) // 2 : len(text) // 2 + _SAMPLE // 2]
    script = _script(sample)
    if script == _LATIN and len(_ONLY_ENGLISH.intersection(sample.lower().split())) >= _PLENTY:
        return _DEFAULT
    possible = [language for language in LANGUAGES if language.script == script]
    if len(possible) == 1:
        return possible[0]
    points = _points(sample, script)
    ranked = sorted(points.items(), key=lambda item: -item[1])
    best, second = ([*ranked, ("", 0.0), ("", 0.0)])[:2]
    ahead = best[1] > 0 and (best[1] >= _TIMES * second[1] or best[1] >= _AHEAD + second[1])
    if ahead and _covers(sample, _BY_CODE[best[0]]):
        return _BY_CODE[best[0]]
    # Without a sign of any language, as in a log or in code, there is nothing to ask about.
    if best[1] >= _SIGN and len(_SCRIPTS[script].findall(sample)) >= _ENOUGH:
        return language_named(_identifier().classify(sample)[0])
    if best[1] > second[1]:
        return _BY_CODE[best[0]]
    return _DEFAULT if _DEFAULT in possible else possible[0]


def _script(sample: str) -> str:
    """Returns the script of most letters."""
    if sample.isascii() or len(sample.encode("ascii", "ignore")) * 8 > len(sample) * 7:
        return _LATIN
    counts = {script: len(letters.findall(sample)) * _WEIGHTS[script] for script, letters in _SCRIPTS.items()}
    for script, borrowed in _BORROWED:  # Japanese has more kana than a Chinese text that quotes it
        if counts[script] * _LEAST_OWN >= counts.get(borrowed, 0):
            counts[script] += counts.get(borrowed, 0) * bool(counts[script])
    return max(counts, key=lambda script: (counts[script], script == _LATIN))


def _points(sample: str, script: str) -> dict[str, float]:
    """Returns the points of each language of a script that has a word or a letter of the sample."""
    points: dict[str, float] = defaultdict(float)
    words, letters = _signs(script)
    lowered = sample.lower()
    # Blanks and apostrophes are enough to find frequent words: "l'eau".
    found = [words[word] for word in words.keys() & lowered.replace("'", " ").replace("’", " ").split()]
    if not sample.isascii():
        found += [letters[letter] for letter in letters.keys() & set(lowered)]
    for codes in found:
        for code in codes:
            points[code] += 1 / len(codes)
    return points


def _covers(sample: str, language: Language) -> bool:
    """Returns whether a language has as many of the words as its own texts have; letters that only it has count twice."""
    words, letters = _signs(language.script)
    lowered = sample.lower()
    seen = {word for word in lowered.replace("'", " ").replace("’", " ").split() if word.isalpha()}
    if len(seen) < _FEW:
        return True
    known = sum(language.code in words.get(word, ()) for word in seen)
    own = 0 if sample.isascii() else sum(letters.get(letter) == (language.code,) for letter in set(lowered))
    return known + 2 * own >= _SHARE * len(seen)


_Codes = tuple[str, ...]


@lru_cache
def _signs(script: str) -> tuple[dict[str, _Codes], dict[str, _Codes]]:
    """Returns the words and the letters that speak for languages of a script, with the codes of these languages."""
    words: dict[str, _Codes] = defaultdict(tuple)
    letters: dict[str, _Codes] = defaultdict(tuple)
    for language in LANGUAGES:
        if language.script == script:
            for word in language.common_words | language.function_words:
                words[word] += (language.code,)
            for letter in language.letters:
                letters[letter] += (language.code,)
    return dict(words), dict(letters)


@lru_cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    named = {*_BY_CODE, *_OTHERS}
    identifier.set_languages([code for code in identifier.labels if code in named])
    return identifier

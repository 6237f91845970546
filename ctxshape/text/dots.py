"""Finds the dots that end no sentence: those of abbreviations, initials and ordinals, as each language has them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ctxshape.text.detection import language_named
from ctxshape.text.language import Language
from ctxshape.text.words import CJK

_NUMBER = re.compile(r"[\d(\[№§]|[Nn][º°]|[IVXLC]+\b")
_COUNTED = re.compile(r"(?<!\w)\d{1,3}(?:\.\d+)*\.$")
_INITIAL = re.compile(r"(?:^|[\s(\[\"'“„«.-])([^\W\d_])\.$")
_BRIEF = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,3}\.$")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?![\w.])")
_OPENING = "\"'“„«»‘’(¿¡-–—` "
_AFTER_CJK = re.compile(f"[^{CJK}。！？，、；：（「《]*$")
_LONG_WORD = 3  # letters that an abbreviation hardly exceeds, or digits of an ordinal
_MOST_PARTS = 5  # of an abbreviation
_ENGLISH = language_named("en")
_NEAR = 24  # characters before and after a dot that are looked at


def ends_plainly(text: str, end: int, language: Language) -> bool:
    """Returns whether the word that ends at `end` is long and no abbreviation, so that nothing else has to be looked at."""
    word = text[text.rfind(" ", 0, end) + 1 : end]
    if language.blank_ends:  # every dot is one of an abbreviation
        return False
    if word.isalpha():
        if word[-1].isascii() and not word.isascii():  # "据Dr"
            return False
        return len(word) > 1 and not word.isupper() and _folded(word) not in _listed(language.code)
    return len(word) > _LONG_WORD and word.isdigit()


def goes_on(text: str, end: int, language: Language) -> bool:
    """Returns whether a sentence goes on behind the dot that is the last character before `end`.

    >>> from ctxshape.text.detection import language_named
    >>> goes_on("Am 12. März", 6, language_named("de")), goes_on("Am Montag. März", 10, language_named("de"))
    (True, False)
    """
    place = end
    while place < len(text) and text[place].isspace():
        place += 1
    if place == len(text):
        return False
    first = text[place]
    if place == end and first.isalnum():  # as inside "3.14", "U.S.A." and "π.Χ.", but Han needs no blank before it
        return not _is_cjk(first)
    if first in ",;:" or (place == end and first in "-–" and text[end + 1 : end + 2].isalnum()):
        return True
    return _inside(text[max(end - _NEAR, 0) : end], text[place : place + _NEAR], language.code)


@lru_cache(maxsize=4096)
def _inside(before: str, rest: str, code: str) -> bool:
    """Returns whether the dot at the end of `before` is inside the sentence that goes on with `rest`."""
    language = language_named(code)
    if any(left.search(before) and right.match(rest) for left, right in _joints(language.joints)):
        return True
    if _abbreviated(before, rest, language) or (language.blank_ends and re.match(f"[{language.script}]", before[-2:])):
        return True
    if rest[0].islower() and (_COUNTED.search(before) or (code != "en" and _BRIEF.search(before))):  # "the 3. edition"
        return True
    initial = _INITIAL.search(before, max(len(before) - 3, 0))
    if initial is None or not initial.group(1).isupper():
        return False
    if rest[0].islower():  # "E. coli"
        return True
    # sentencex knows initials in English.
    return code != "en" and _capital(rest) and not _opens(rest, language)


def _abbreviated(before: str, rest: str, language: Language) -> bool:
    for word in _words(before):
        if word in language.abbreviations or word in _ENGLISH.abbreviations:  # names keep "Dr." in other languages, too
            return True
        if word in language.closing_abbreviations:
            return not _capital(rest) or (language.capital_nouns and not _opens(rest, language))
        if word in _ENGLISH.number_abbreviations and language.script != _ENGLISH.script and _NUMBER.match(rest):
            return True
        if word in language.number_abbreviations and _NUMBER.match(rest):
            return True
    return False


def begins(text: str, end: int, language: Language) -> bool:
    """Returns whether another sentence certainly begins behind the dot that is the last character before `end`.

    A number after a long word begins one, and so does a capital letter after a frequent word, or a frequent word with a
    capital letter after any word.

    >>> from ctxshape.text.detection import language_named
    >>> begins("Es endet 1916. Der Rest", 14, language_named("de")), begins("Das kostet max. Hundert", 15, language_named("de"))
    (True, False)
    """
    rest = text[end : end + _NEAR].lstrip(_OPENING)
    before = text[max(end - _NEAR, 0) : end]
    words = _words(before)
    if not words[0] or not rest or goes_on(text, end, language):
        return False
    word = next((one for one in words if one in language.closing_abbreviations), words[-1])
    if word in language.number_abbreviations:
        return False
    if rest[0].isdigit():
        return len(word) > _LONG_WORD and word not in language.closing_abbreviations and not word.isdigit()
    if not rest[0].isupper():
        return False
    ends = "." in word and word in language.closing_abbreviations and not language.capital_nouns  # "и т.д. Завод"
    return ends or _opens(rest, language) or word in language.common_words


def _opens(rest: str, language: Language) -> bool:
    word = _FIRST_WORD.match(rest.lstrip(_OPENING))
    return word is not None and _folded(word.group()) in language.common_words


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).casefold()


def _is_cjk(char: str) -> bool:
    return re.match(f"[{CJK}]", char) is not None


def _capital(text: str) -> bool:
    first = text.lstrip(_OPENING)[:1]
    return first.isupper() or (first.isalpha() and first.lower() == first.upper())


def _words(before: str) -> list[str]:
    """Returns the abbreviations that a text may end in, the longest first, without blanks and without the last dot."""
    tokens = [token.lstrip(_OPENING) for token in before.split()[-_MOST_PARTS:]]
    last = tokens.pop().replace("’", "'").rpartition("'")[2]  # "dell'art."
    if not last.isascii():
        last = _AFTER_CJK.search(last).group()  # type: ignore[union-attr]  # it matches nothing at worst
    words = [_folded(last)[:-1]]
    while tokens and len(tokens[-1]) <= _LONG_WORD + 2 and tokens[-1].endswith("."):  # "z. B.", "т. е."
        words.insert(0, _folded(tokens.pop()) + words[0])
    return words


@lru_cache
def _listed(code: str) -> frozenset[str]:
    """Returns the last parts of the abbreviations of a language, for a quick no."""
    facts = language_named(code)
    listed = facts.abbreviations | facts.closing_abbreviations | facts.number_abbreviations | _ENGLISH.abbreviations
    if facts.script != _ENGLISH.script:
        listed |= _ENGLISH.number_abbreviations
    return frozenset(word.rpartition(".")[2] for word in listed)


@lru_cache
def _joints(pairs: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    return [(re.compile(f"(?:{before})$"), re.compile(after)) for before, after in pairs]

"""Index terms for retrieval: truncated words with their pairs, identifiers, Chinese characters in pairs and alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from ctxshape.text.detection import language_named, language_of
from ctxshape.text.folding import MARKS, fold_forms, join_digit_groups, with_whole_words
from ctxshape.text.identifiers import camel_words, identifiers, symbol_name
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.numbers import SMALL_NUMBERS, counted_values
from ctxshape.text.stems import TRUNCATED, stem_of
from ctxshape.text.words import (
    CJK,
    FUNCTION_WORDS,
    UNBROKEN,
    UNBROKEN_SIZE,
    character_runs,
    without_question_words,
)

ENGLISH = "en"
_SAMPLED, _SAMPLE = 8, 60  # texts and characters of each that tell the language of a list
_MOST_KNOWN, _LONGEST_KNOWN = 1 << 16, 64  # runs that are remembered, and their characters: few are longer
_ASCII_WORD = re.compile("[a-z0-9]+")
_WORD = re.compile(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*")  # `\w` leaves marks out
_UNSPACED = f"{CJK}{UNBROKEN}\uff66-\uff9d"  # with half-width katakana
_CJK = re.compile(f"[{CJK}]")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_RUN = re.compile(f"[{CJK}]+|[{UNBROKEN}]+|[^\\s{CJK}{UNBROKEN}]+")
_CODE_RUN = re.compile(f"[^\\s{CJK}{UNBROKEN}]+")
_ENDINGS = re.compile(f"(?:{'|'.join(ending for language in LANGUAGES for ending in language.word_endings) or '(?!)'})$")
_AROUND = ".,;:!?\"'()[]“”‘’"  # punctuation around a word in prose
_GROUP = ""  # stands among the identifiers of three digits, which may be the thousands of a number before a blank


# The words, the words with content and the identifiers of a run; most often just a word, whose string costs least to store.
_Parts = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | str


class Terms(NamedTuple):
    """The index terms of a text: `main` find it, `close` show that they stand together, `names` are its identifiers.

    Of words, `main` are the words and `close` the pairs of neighbours. Of CJK text, `main` are the pairs of characters and
    `close` the characters. `close` is in the order of the text.
    """

    main: list[str]
    close: list[str]
    names: list[str] = []  # noqa: RUF012  never changed


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Returns a word without its ending, so that most forms of one word share a stem; short stems stay words.

    >>> stem("employs"), stem("employees"), stem("founder"), stem("founded"), stem("bus")
    ('employ', 'employ', 'found', 'found', 'bus')
    """
    short = _ENDINGS.sub("", word)
    return short if len(short) > 3 else word


def index_terms(text: str, language: str = ENGLISH) -> Terms:
    """Returns the terms of a passage of a list in a language (ISO 639-1), which decides the stems of Latin letters.

    >>> index_terms("The mayors of Paris")
    Terms(main=['the', 'mayor', 'of', 'paris'], close=['mayor paris'], names=[])
    >>> index_terms("电话是")
    Terms(main=['电话', '话是'], close=['电', '话', '是'], names=[])
    >>> index_terms("LOG_LEVEL=info").names
    ['log_level']
    """
    return _terms(text, language, every=True)


def query_terms(query: str, language: str = ENGLISH) -> Terms:
    """Returns the terms of a question that say what it is about, each once; all terms if it has only function words.

    `language` is that of the list (see `list_language`).

    >>> query_terms("Who is the mayor of Paris?")
    Terms(main=['mayor', 'paris'], close=['mayor paris'], names=[])
    >>> query_terms("Who is who?").main
    ['who', 'is']
    """
    found = _terms(without_question_words(query), language, every=False)
    if not found.main:
        found = _terms(query, language, every=True)
    return Terms(*(list(dict.fromkeys(part)) for part in found))


def list_language(texts: Sequence[str]) -> str:
    """Returns the language of most of a list, as ISO 639-1; it is judged by a part of the first texts.

    Truncated words need no language, so a mistake costs little; but all texts and the question need the same stems.

    >>> list_language(["Der Turm wurde im Jahr 1884 gebaut.", "Die Brücke ist lang."]), list_language([])
    ('de', 'en')
    """
    return language_of(" ".join([text[len(text) // 4 :][:_SAMPLE] for text in texts[:_SAMPLED]])).code


def distinctive_names(query: str) -> frozenset[str]:
    """Returns the identifiers of a question that prose hardly has.

    >>> sorted(distinctive_names("Does the co-founder set LOG_LEVEL in app.yaml?"))
    ['app.yaml', 'log_level']
    """
    folded = fold_forms(query)
    return frozenset(name for run in _CODE_RUN.findall(folded) for name in identifiers(run, distinctive=True))


def is_cjk_term(term: str) -> bool:
    """Returns whether a term consists of CJK letters."""
    return _CJK.match(term) is not None


def _terms(text: str, language: str, *, every: bool) -> Terms:
    text = with_whole_words(text)
    if text.isascii() or not _HAS_UNSPACED.search(text):
        return _spaced_terms(text.split(), language, every=every)
    main: list[str] = []
    close: list[str] = []
    folded = fold_forms(text)
    names, values = counted_values(folded)
    spaced: list[str] = []
    for run in [*_RUN.findall(folded), ""]:
        if run and not _HAS_UNSPACED.match(run):
            spaced.append(run)
            continue
        if spaced:
            found = _spaced_terms(spaced, language, every=every)
            main += found.main
            close += found.close
            names += found.names
            spaced = []
        main += character_runs(run, 2 if is_cjk_term(run) else UNBROKEN_SIZE)
        close += run
    return Terms(main + values, close, names)


def _spaced_terms(runs: list[str], language: str, *, every: bool) -> Terms:
    """Returns the stems, and pairs of those with only function words between; scoring spends its time here."""
    main: list[str] = []
    content: list[str] = []
    names: list[str] = []
    reader = _reader(language)
    for run, parts in zip(runs, map(reader.known.get, runs), strict=True):
        terms = parts or reader(run)
        if isinstance(terms, str):
            main.append(terms)
            content.append(terms)
            continue
        words, own, identified = terms
        if identified:
            if identified[0] is _GROUP and main and main[-1].isdecimal() and len(main[-1]) <= 3:
                main.append(main[-1] + words[0])  # 12 400
            names += filter(None, identified)
        main += words
        content += own
    return Terms(main if every else content, list(map(" ".join, pairwise(content))), names)


class _Reader:
    """Reads runs without white space in lists of one language. It remembers them, since a text repeats its words."""

    def __init__(self, language: str) -> None:
        self.known: dict[str, _Parts] = {}
        self._read: Callable[[str], _Parts] = _read_english
        if language != ENGLISH:
            self._read = partial(_read_run, language=language, common=language_named(language).common_words | FUNCTION_WORDS)

    def __call__(self, run: str) -> _Parts:
        """Returns the terms of a run."""
        parts = self._read(run)
        if len(run) <= _LONGEST_KNOWN:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[run] = parts
        return parts


@lru_cache
def _reader(language: str) -> _Reader:
    return _Reader(language)


def _read_english(run: str) -> _Parts:
    """Returns what `_read_run` does, for the words of prose in a fraction of its time."""
    word = run.strip(_AROUND)
    if not word.isascii() or "." in run[:2]:  # .NET, (.NET)
        return _read_run(run)
    if word.isalpha():
        lower = word.lower()
        if word == lower or word.istitle() or word.isupper():  # other capitals part the words of an identifier
            term = SMALL_NUMBERS.get(lower) or lower[:TRUNCATED]
            return ((term,), (), ()) if lower in FUNCTION_WORDS else term
        return _read_run(run)
    possessive = word[-2:] == "'s"
    parts = [word[:-2], "s"] if possessive else word.split("-")
    if len(parts) == 1 or not all([part.isalpha() and (part[1:].islower() or part.isupper()) for part in parts]):
        return _read_run(run)
    parts = word.lower().replace("'", "-").split("-")
    words = tuple([SMALL_NUMBERS.get(part) or part[:TRUNCATED] for part in parts])
    content = tuple([short for part, short in zip(parts, words, strict=True) if part not in FUNCTION_WORDS])
    return words, content, (() if possessive else ("_".join(parts),))


def _read_run(run: str, *, language: str = ENGLISH, common: frozenset[str] = FUNCTION_WORDS) -> _Parts:
    """Returns the terms of a run without white space: all of its words, those with content, and its identifiers."""
    plain = run.strip(_AROUND)
    if plain.isdigit() and plain.isascii():
        return (plain,), (plain,), ((_GROUP,) if len(plain) == 3 else ())
    folded = run if run.isascii() else fold_forms(run)
    normal = join_digit_groups(folded).casefold()
    if plain.isalpha() and "." not in run[:2] and (plain == plain.lower() or plain.istitle()):
        names: tuple[str, ...] = ()
    else:
        names = identifiers(folded)
    symbols = symbol_name(folded) if "+" in folded or "#" in folded else None
    found = [symbols] if symbols else (_ASCII_WORD if normal.isascii() else _WORD).findall(normal)
    found += [part.casefold() for part in camel_words(folded)] if names else []
    words = tuple([SMALL_NUMBERS.get(word) or _stem(word, language) for word in found])
    content = tuple([short for word, short in zip(found, words, strict=True) if word not in common])
    return words, content, names


def _stem(word: str, language: str) -> str:
    if language == ENGLISH and word.isalpha() and word.isascii():
        return word[:TRUNCATED]  # what `stem_of` returns
    return stem_of(word, language)

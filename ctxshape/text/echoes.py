"""Finds where a text repeats a question: such a place matches the question best of all and says nothing about its answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ctxshape.text.asking import SPOKEN_WORD, VERB_FORMS, asking_places, plain_word, without_politeness
from ctxshape.text.folding import IGNORED
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.words import CJK, FUNCTION_WORDS, PARTICLES, fold_variants

_CJK = re.compile(f"[{CJK}]")
_INVISIBLE = re.compile(f"[{IGNORED}]")
_ACCENTED = re.compile("[\u00c0-\u024f]")
_ACCENT = re.compile("[\u0300-\u036f]")
_STOP = re.compile(r"(?<=[?。？\n])(?=\s*\S)|(?:(?<=[a-z]{3}[.!])|(?<=！))\s+(?=\S)")
_MARK = re.compile(r"[^\w\n]*[?？]")  # of a question, behind its last word
_OPENED = re.compile(r"(?:^|[^\w\s,，、)\]’'-]|\n)[\s\"“‘'«(\[]*$")  # before words that stand by themselves
_CLOSED = re.compile(r"[\s\"”’'»)\]]*(?:$|[.!?:;。！？：；\n])")  # behind them
_DEFINED = re.compile(r"[\s\"”’'»)\]]*(?:[:：=]|<\||\[/)")  # or a control token of a chat
_LINE_START, _LINE_END = re.compile(r"(?:^|\n)[\s>*#-]*$"), re.compile(r"[^\w\n]*(?:\n|$)")
_LETTERS = 5  # of a word that have to agree: "setting" and "settings"
_SKIPPED, _INSERTED = 3, 3  # words of the question, and of the text, that an echo may have between two that agree
_LONGEST = 64  # words of a question, or of one of its sentences, that are looked for
_MOST = 4  # sentences of a question
_DENSITY = 2  # words of an echo for each that agrees, at most
_BEFORE = 40  # characters before an echo that are looked at
_LEAST, _LEAST_CJK = 4, 6  # words, and CJK characters, of a part of a sentence that is looked for by itself

_VARIANTS: dict[str, list[str]] = {}  # a character -> those that are folded to it
for _code, _char in ((code, char) for lang in LANGUAGES for code, char in lang.variants.items()):
    _VARIANTS.setdefault(str(_char), []).append(chr(_code))
_CONTRACTED = {f"{word}s": word for word in ("what", "who", "where", "when", "how")}
# "the man who wrote it" has the words of "Who wrote it?" in their order, and names an answer.
_RELATIVE = frozenset({"who", "which", "whose", "that", "where", "when", "qui", "quien"})
_ASKED_BEFORE = re.compile(
    r"(?:^|[^\w\s,，、)\]’'-]|\n\s*\n|\b(?:questions?|quer(?:y|ies)|ask(?:s|ed|ing)?|wonder(?:s|ed|ing)?|kn[eo]ws?|known|of|to|on|"
    r"about|for|out|as|is|was|and|or|if|settles?|settled|answer(?:s|ed|ing)?|tells?|told|explains?|shows?|say(?:s|ing)?|said|"
    r"see|remember|determines?|revealed|reveals?|regarding|concerning|exactly|just|well|so|but|not))[\s\"“‘'«(\[]*$",
    re.IGNORECASE,
)


class _Sought(NamedTuple):
    """The words of a question, or of a part of it, by which an echo is found.

    Those at the indices `asking` all have to agree, of those that say what it is about at most `spared` may be missing, and
    `needed` of all have to agree. If no word asks, all have to agree and to stand by themselves. No text with an echo
    lacks one of the strings `probes`, or, before it is folded, all variants of one of the characters `signs`.
    """

    keys: tuple[str, ...]
    asking: frozenset[int]
    about: frozenset[int]
    needed: int
    places: dict[str, tuple[int, ...]]
    probes: tuple[str, ...]
    signs: tuple[tuple[str, ...], ...]
    is_relative: bool

    @property
    def spared(self) -> int:
        """The number of words about its subject that may be missing."""
        return len(self.about) // 5 if self.asking else 0


def echo_of(question: str, text: str, *, anywhere: bool = False) -> list[tuple[int, int]]:
    """Returns where a text repeats the question nearly verbatim, as start and end in rising order.

    A place counts if it has most of the question's words in their order, and with them the word that asks: "who", "does",
    "什么". Punctuation, case, accents, traditional characters and a few words more or less make no difference. So a
    statement with the words of the question is no echo, and neither is a relative clause such as "the man who wrote it". A
    question mark belongs to its echo. Keywords without a word that asks have to stand by themselves, complete, as a heading
    does; fewer than four have no echo, and neither have questions of fewer than three words. With `anywhere`, clauses and
    keywords inside a statement count, too.

    >>> text = "Who wrote the Book of Arden? Who wrote the book of Arden: Ida Holwick."
    >>> [text[start:end] for start, end in echo_of("who wrote the book of arden", text)]
    ['Who wrote the Book of Arden?', 'Who wrote the book of Arden']
    >>> echo_of("who wrote the book of arden", "Ida Holwick wrote the book."), echo_of("谁写了此书？", "此书是她写的。")
    ([], [])
    """
    found: list[tuple[int, int]] = []
    sought = [part for part in _sought(question) if all(any(map(text.__contains__, sign)) for sign in part.signs)]
    if sought:
        folded = searchable(text)
        for part in sought:
            if _may_echo(part, folded):
                found += _echoes(part, text, anywhere)
    return _joined(found) if len(found) > 1 else found


def without_echoes(question: str, text: str) -> str:
    """Returns what a text says besides repeating the question, with a blank in place of each echo.

    >>> without_echoes("Who runs the mill?", "Who runs the mill? Ida Holwick does.").strip()
    'Ida Holwick does.'
    """
    for start, end in reversed(echo_of(question, text)):
        text = f"{text[:start]} {text[end:]}"
    return text


def searchable(text: str) -> str:
    """Returns a text for a quick search: NFKC in lower case, with simplified characters and without invisible ones.

    >>> searchable("Ａn\u200bswer 點擊")
    'answer 点击'
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return fold_variants(folded) if _CJK.search(folded) else folded


@lru_cache(maxsize=64)
def _sought(question: str) -> tuple[_Sought, ...]:
    """Returns the sentences of a question that ask, and what they say from the word that asks on."""
    made: dict[tuple[str, ...], _Sought] = {}
    cut = [part for part in _STOP.split(without_politeness(question[: 100 * _LONGEST])) if SPOKEN_WORD.search(part)]
    for sentence in cut[-_MOST:]:
        found = [match for match in SPOKEN_WORD.finditer(sentence) if _key(match.group()) != "s"][:_LONGEST]
        asking = asking_places(sentence, found)
        if not asking and (len(cut) > 1 or not any(_has_function(match.group()) for match in found)):
            continue  # a name, or a sentence beside the question
        for first in dict.fromkeys((0, min(asking, default=0))):
            keys = tuple(_key(match.group()) for match in found[first:])
            least = _LEAST_CJK if keys and _CJK.match(keys[0]) else _LEAST
            part = _part(keys, frozenset(place - first for place in asking))
            if keys not in made and len(keys) >= (3 if asking and not first else least) and len(part.about) > (first > 0):
                made[keys] = part
    return tuple(made.values())


def _has_function(word: str) -> bool:
    return plain_word(word) in FUNCTION_WORDS or word in PARTICLES


def _part(keys: tuple[str, ...], asking: frozenset[int]) -> _Sought:
    about = (place for place, key in enumerate(keys) if key not in FUNCTION_WORDS and key not in PARTICLES)
    places: dict[str, tuple[int, ...]] = {}
    for place, key in enumerate(keys):
        places[key] = (place, *places.get(key, ()))  # the last one first
    clause = bool(keys) and keys[0] in _RELATIVE and 0 in asking and 1 not in asking
    needed = len(keys) if len(keys) < 5 or not asking else len(keys) - max(1, len(keys) // 4)
    must = {keys[place] for place in asking or range(len(keys))} - set(VERB_FORMS.values())
    strict = sorted(must, key=len, reverse=True)
    signs = tuple((probe, *_VARIANTS.get(probe, ())) for probe in strict if _CJK.match(probe))
    return _Sought(keys, asking, frozenset(about) - asking, needed, places, tuple(strict), signs, clause)


def _key(word: str) -> str:
    plain = plain_word(word)
    plain = _CONTRACTED.get(plain, plain)
    return VERB_FORMS.get(plain) or (plain if plain[:1].isdecimal() else plain[:_LETTERS])


def _may_echo(sought: _Sought, folded: str) -> bool:
    """Returns whether a text has enough of the words, perhaps inside others: most texts have not, and this is cheap."""
    if _ACCENTED.search(folded):
        folded += _ACCENT.sub("", unicodedata.normalize("NFD", folded))
    if any(probe not in folded for probe in sought.probes):
        return False
    missing = len(sought.keys) - sought.needed
    for key in sought.keys:
        if key not in folded and key not in VERB_FORMS:
            missing -= 1
            if missing < 0:
                return False
    return True


def _echoes(sought: _Sought, text: str, anywhere: bool) -> list[tuple[int, int]]:
    words = [(match.start(), match.end(), key) for match in SPOKEN_WORD.finditer(text) if (key := _key(match.group())) != "s"]
    found: list[tuple[int, int]] = []
    for first, last in _runs(sought, [key for _, _, key in words]):
        start, end = words[first][0], words[last][1]
        mark = _MARK.match(text, end)
        end = mark.end() if mark else end
        if mark or anywhere or _is_said(sought, text, start, end):
            found.append((start, end))
    return found


def _is_said(sought: _Sought, text: str, start: int, end: int) -> bool:
    """Returns whether words without a question mark repeat a question: as a relative clause or in a statement they do not."""
    before = text[start - _BEFORE : start] if start > _BEFORE else text[:start]
    if not sought.asking:
        return _OPENED.search(before) is not None and _CLOSED.match(text, end) is not None
    alone = _LINE_START.search(before) is not None and _LINE_END.match(text, end) is not None
    return not sought.is_relative or alone or _DEFINED.match(text, end) is not None or _ASKED_BEFORE.search(before) is not None


class _Chain(NamedTuple):
    """Words of a text that agree with the question: the first, the last, and how many agree, ask, and say what it is about."""

    first: int
    last: int
    size: int
    asking: int
    about: int


def _runs(sought: _Sought, keys: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the first and last word of each run that agrees. Each word of the text is compared with few others."""
    chains: dict[int, _Chain] = {}  # the last word that agrees -> the best chain that ends with it
    found: list[_Chain] = []
    for place, key in enumerate(keys):
        for wanted in sought.places.get(key, ()):
            before = [
                chain
                for back in range(1, _SKIPPED + 2)
                if (chain := chains.get(wanted - back)) and 0 < place - chain.last <= _INSERTED + 1
            ]
            asks, about = wanted in sought.asking, wanted in sought.about
            if before:
                best = max(before, key=lambda chain: (chain.asking, chain.about, chain.size, chain.first))
                chain = _Chain(best.first, place, best.size + 1, best.asking + asks, best.about + about)
            elif wanted <= len(sought.keys) - sought.needed:
                chain = _Chain(place, place, 1, int(asks), int(about))
            else:
                continue
            chains[wanted] = chain
            if _is_echo(chain, sought):
                if not found or chain.first > found[-1].last:
                    found.append(chain)
                elif chain.size >= found[-1].size:
                    found[-1] = chain
    return [(chain.first, chain.last) for chain in found]


def _is_echo(chain: _Chain, sought: _Sought) -> bool:
    return (
        chain.size >= sought.needed
        and chain.asking == len(sought.asking)
        and chain.about >= len(sought.about) - sought.spared
        and chain.last - chain.first < _DENSITY * chain.size
    )


def _joined(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the places in order, with those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined

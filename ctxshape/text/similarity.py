"""The similarity of two texts as sets of shingles, and whether what differs between them matters to a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from ctxshape.text.languages import LANGUAGES
from ctxshape.text.numbers import NUMERALS
from ctxshape.text.words import (
    FUNCTION_WORDS,
    PARTICLES,
    fold_variants,
    normalize,
    shingle_set,
    split_tokens,
    tokens,
    without_question_fillers,
    without_question_words,
)

_NEGATIONS = frozenset().union(*(language.negations for language in LANGUAGES))
_NEGATION_ENDINGS = tuple(ending for language in LANGUAGES for ending in language.negation_endings)
_FIGURE = re.compile(rf"\d+(?:[.,:/]\d+)*|[{NUMERALS}]+")
_LATIN = re.compile(r"[^\W\d_]+", re.ASCII)
# A capitalised word that opens neither a sentence nor a quotation.
_NAME = re.compile(r"(?<![.!?。！？:：\"“'‘(（]\s)(?<![.!?。！？:：\"“'‘(（])(?<=\S\s)[A-Z][\w'’-]*")
_END = re.compile(r"(?<=[.!?])\s|(?<=[。！？；])")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2079]")  # NFKC makes an exponent a plain digit
_INFLECTIONS = frozenset(
    ("s", "es", "'s", "’s", "d", "ed", "ing", "n", "en", "e")
)  # short enough to keep "lessor" from "lessee"
_PREFIX = 4  # letters that two forms of a word share


class Asked:
    """The words of a question, to tell whether a text or a difference between two texts has to do with it.

    A word counts in every form that begins with the same four letters. Of Chinese, every character counts that is neither
    a particle nor a part of a question word, in simplified and traditional form.

    >>> asked = Asked("When does the lessee bear the costs?")
    >>> asked.names("lessees"), asked.names("costly"), asked.names("when")
    (True, True, False)
    """

    def __init__(self, query: str) -> None:
        plain = fold_variants(normalize(query))
        parts = split_tokens(without_question_fillers(without_question_words(plain)))
        self._words = frozenset(filter(_has_meaning, parts))
        self._beginnings = frozenset(word[:_PREFIX] for word in self._words if len(word) >= _PREFIX)

    def names(self, token: str) -> bool:
        """Returns whether the question has a normalized word, in some form."""
        if token in self._words or (len(token) >= _PREFIX and token[:_PREFIX] in self._beginnings):
            return True
        return fold_variants(token) in self._words

    def touches(self, parts: Iterable[str]) -> bool:
        """Returns whether any of the normalized words is in the question."""
        return any(map(self.names, parts))

    def is_about_else(self, different: Sequence[Sequence[str]], *texts: ComparedText) -> bool:
        """Returns whether the question is about other sentences of the texts than those that are `different`.

        A question that shares no word with the texts, for example in another language, may be about any sentence.
        """
        if any(map(self.touches, different)):
            return False
        return len(self._words) < 2 or any(self.touches(text.parts) for text in texts)


class _Sentence(NamedTuple):
    parts: list[str]
    spoken: str  # the same in one, so that neither a line break nor a cut inside a word makes a difference


class ComparedText:
    """A text prepared for comparison: normalized, as shingles and, computed on demand, with its facts.

    `asked` holds the words of the question, if there is one.
    """

    def __init__(self, text: str, asked: Asked | None = None) -> None:
        self.text = text
        self._asked = asked
        self.normalized = normalize(text)
        self.parts = split_tokens(self.normalized)
        self.shingles = shingle_set(self.parts)

    @cached_property
    def key(self) -> str:
        """The text that an exact copy has, too: normalized, but with exponents."""
        return (
            normalize(_RAISED.sub(lambda digit: f"^{digit.group()}", self.text))
            if _RAISED.search(self.text)
            else self.normalized
        )

    @cached_property
    def stream(self) -> str:
        """The normalized text without blanks."""
        return self.normalized.replace(" ", "")

    @cached_property
    def facts(self) -> frozenset[str]:
        """Tokens that change the meaning of a sentence: figures, negations, and capitalised words inside a sentence.

        Chinese names carry no mark, so only figures and negations count there.

        >>> sorted(ComparedText("In 1903 she did not meet Niels Bohr.").facts)
        ['1903', 'bohr', 'niels', 'not']
        """
        names = tokens(" ".join(_NAME.findall(self.text)))
        return frozenset(_FIGURE.findall(self.normalized)).union(names, filter(_is_negation, self.parts))

    @cached_property
    def _named(self) -> frozenset[str]:
        """The words of the question that the text has."""
        return frozenset(filter(self._asked.names, self.parts) if self._asked else ())

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The facts and all words in Latin letters; another text with only these facts adds none to this one.

        A name inside a sentence may open a sentence here, where its capital says nothing.
        """
        return self.facts.union(_LATIN.findall(self.normalized))

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """The facts and the words of all sentences that the question may be about: a copy hardly has others."""
        if self._asked is None or self._asked.is_about_else([self.parts], self):
            return self.facts
        about = [s.parts for s in self._sentences if self._asked.touches(s.parts)] or [self.parts]
        return self.facts.union(
            part for parts in about for part in parts if part not in FUNCTION_WORDS and part not in PARTICLES
        )

    @cached_property
    def _sentences(self) -> list[_Sentence]:
        parts = map(split_tokens, _END.split(self.normalized))
        return [_Sentence(part, "".join(part)) for part in parts if part]

    @cached_property
    def _spoken(self) -> str:
        return "".join(self.parts)

    def adds_to(self, other: ComparedText) -> bool:
        """Returns whether this text states a fact, or has a word of the question, that the other does not."""
        return not self.facts <= other.vocabulary or bool(_without_forms(self._named.difference(other.parts), other.parts))

    def own_words(self, other: ComparedText) -> list[str]:
        """Returns the words in places where no run of three words is also in the other text.

        >>> ComparedText("The red pump needs a fuse of 16 A.").own_words(ComparedText("The blue pump needs a fuse of 16 A."))
        ['the', 'red']
        """
        if self.shingles <= other.shingles:
            return []
        runs = [" ".join(self.parts[i : i + 3]) in other.shingles for i in range(len(self.parts) - 2)]
        return [part for i, part in enumerate(self.parts) if not any(runs[max(i - 2, 0) : i + 1])]

    def own_sentences(self, other: ComparedText) -> list[list[str]]:
        """Returns the words of each sentence that is not also in the other text."""
        return [sentence.parts for sentence in self._sentences if sentence.spoken not in other._spoken]


def is_near_copy(copy: ComparedText, original: ComparedText, asked: Asked) -> bool:
    """Returns whether a text that is much like another adds nothing to it that may matter to the question.

    It does if they differ in a word of the question, in a negation, or if the copy has a figure or name of its own. So it
    does if a word stands in place of another, unless the question is about something else in the texts.

    >>> red, blue = (ComparedText(f"The {word} pump needs a fuse of 16 A. It has a cable.") for word in ("red", "blue"))
    >>> [is_near_copy(red, blue, Asked(q)) for q in ("Has the blue one a fuse?", "Which pump needs a fuse?", "Has it a cable?")]
    [False, False, True]
    """
    if copy.adds_to(original):
        return False
    mine, theirs = copy.own_words(original), original.own_words(copy)
    if sum(map(_is_negation, mine)) != sum(map(_is_negation, theirs)):
        return False
    if not copy.facts.isdisjoint(mine) or any(char.isdecimal() for word in mine for char in word):
        return False
    only_mine, only_theirs = _without_forms(mine, theirs), _without_forms(theirs, mine)
    if asked.touches(only_mine) or asked.touches(only_theirs):
        return False
    if not only_mine or not only_theirs:
        return True
    different = [*copy.own_sentences(original), *original.own_sentences(copy)]
    return asked.is_about_else(different, copy, original)


def is_inside(part: ComparedText, whole: ComparedText, asked: Asked) -> bool:
    """Returns whether a text that shares most of its runs of words with a longer one adds nothing to it for the question.

    Its sentences are in the longer one, except for some that state no fact of their own and are not what the question is
    about.
    """
    own = part.own_sentences(whole)
    return not own or (not part.adds_to(whole) and asked.is_about_else(own, part, whole))


def says_the_same(copy: ComparedText, original: ComparedText, asked: Asked) -> bool:
    """Returns whether a text in other words has no fact of its own, and the same words of the question, in some form."""
    named = ({part[:_PREFIX] for part in text.parts if asked.names(part)} for text in (copy, original))
    return not copy.adds_to(original) and next(named) == next(named)


def _is_negation(part: str) -> bool:
    return part in _NEGATIONS or part.endswith(_NEGATION_ENDINGS)


def _without_forms(mine: Iterable[str], theirs: Sequence[str]) -> list[str]:
    """Returns the words with a meaning of their own that are not inflections of a word among the others."""
    return [word for word in mine if _has_meaning(word) and not any(_is_form(word, other) for other in theirs)]


def _has_meaning(part: str) -> bool:
    return part not in FUNCTION_WORDS and part not in PARTICLES


def _is_form(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return long.startswith(short) and (long == short or (len(short) > 2 and long[len(short) :] in _INFLECTIONS))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Returns the size of the intersection over the size of the union; 0 for two empty sets.

    >>> jaccard(frozenset("abc"), frozenset("bcd"))
    0.5
    """
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def containment(a: frozenset[str], b: frozenset[str]) -> float:
    """Returns the share of `a` that is in `b` (Broder 1997); 0 for an empty `a`.

    >>> containment(frozenset("abc"), frozenset("bcd")) == 2 / 3
    True
    """
    return len(a & b) / len(a) if a else 0.0

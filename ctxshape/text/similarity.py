"""The similarity of two texts as sets of shingles, and whether what differs between them matters to a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from ctxshape.text.asked import PREFIX, Asked, has_meaning
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.numbers import NUMERALS
from ctxshape.text.words import normalize, shingle_set, split_tokens, tokens

_NEGATIONS = frozenset().union(*(language.negations for language in LANGUAGES))
_NEGATION_ENDINGS = tuple(ending for language in LANGUAGES for ending in language.negation_endings)
_FIGURE = re.compile(rf"\d+(?:[.,:/]\d+)*|[{NUMERALS}]+")
# A figure with its sign, relation, currency or share: tokens have no such marks.
_SIGNED = re.compile(
    r"(?<![A-Za-z0-9.)\]])(?:[-\u2212+±<>≤≥≈]|[$€£¥]\s?)(\d+(?:[.,:/]\d+)*)(?:\s?[%‰°$€£¥])?|(\d+(?:[.,:/]\d+)*)\s?[%‰°$€£¥]"
)
_LETTERS = re.compile(r"[^\W\d_]+")
# A capitalised word that opens neither a sentence nor a quotation.
_NAME = re.compile(r"(?<![.!?。！？:：\"“'‘(（]\s)(?<![.!?。！？:：\"“'‘(（])(?<=\S\s)[A-ZÀ-ÖØ-ÞČĆĐŁŃŚŠŹŻŽΆ-ΫЀ-ЯҐ][\w'’-]*")
_END = re.compile(r"(?<=[.!?])\s|(?<=[。！？；])")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2079]")  # NFKC makes an exponent a plain digit
_INFLECTIONS = frozenset(("s", "es", "'s", "’s", "d", "ed", "ing", "n", "en", "e"))  # not "er": a worker is no work


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
        return frozenset(_FIGURE.findall(self.normalized)).union(names, self._signed, filter(_is_negation, self.parts))

    @cached_property
    def _signed(self) -> dict[str, str]:
        """The figures with a sign, each with the figure alone."""
        return {found.group().replace(" ", ""): found[1] or found[2] for found in _SIGNED.finditer(self.normalized)}

    @cached_property
    def _named(self) -> frozenset[str]:
        """The words of the question that the text has."""
        return frozenset(self.parts[i] for i in self._asked.named(self.parts)) if self._asked else frozenset()

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The facts and all words; another text with only these facts adds none to this one.

        A name inside a sentence may open a sentence here, where its capital says nothing.
        """
        return self.facts.union(_LETTERS.findall(self.normalized))

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """The facts and the words of all sentences that the question may be about: a copy hardly has others."""
        if self._asked is None or self._asked.is_about_else([self.parts], self.parts):
            return self.facts
        about = [s.parts for s in self._sentences if self._asked.touches(s.parts)] or [self.parts]
        return self.facts.union(part for parts in about for part in parts if has_meaning(part))

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

    def own_places(self, other: ComparedText) -> list[int]:
        """Returns the indices of the words that are in no run of three words that is also in the other text.

        >>> ComparedText("Take the red pump to the mill.").own_places(ComparedText("Take the blue pump to the mill."))
        [0, 1, 2]
        """
        if self.shingles <= other.shingles:
            return []
        runs = [" ".join(self.parts[i : i + 3]) in other.shingles for i in range(len(self.parts) - 2)]
        return [i for i in range(len(self.parts)) if not any(runs[max(i - 2, 0) : i + 1])]

    def facts_at(self, places: Sequence[int], other: ComparedText) -> list[str]:
        """Returns the facts of either text at the places, in their order, with figures and the units behind them."""
        figures = {i for i in places if self.parts[i][0].isdecimal() or (i and self.parts[i - 1][0].isdecimal())}
        return [self.parts[i] for i in places if i in figures or self.parts[i] in self.facts or self.parts[i] in other.facts]

    def lacks_sign(self, other: ComparedText) -> bool:
        """Returns whether a figure of this text has a sign in the other one only."""
        return any(figure in self.facts and signed not in self.facts for signed, figure in other._signed.items())

    def own_sentences(self, other: ComparedText) -> list[list[str]]:
        """Returns the words of each sentence that is not also in the other text."""
        return [sentence.parts for sentence in self._sentences if sentence.spoken not in other._spoken]


def is_near_copy(copy: ComparedText, original: ComparedText, asked: Asked) -> bool:
    """Returns whether a text that is much like another adds nothing to it that may matter to the question.

    It does if they differ in a word of the question, in a negation, or if the copy has a figure or name of its own. So it
    does if one word alone stands in place of another, unless the question is about something else in the texts; texts that
    were reworded in several places say the same.

    >>> red, blue = (ComparedText(f"The {word} pump needs a fuse of 16 A. It has a cable.") for word in ("red", "blue"))
    >>> [is_near_copy(red, blue, Asked(q)) for q in ("Has the blue one a fuse?", "Which pump needs a fuse?", "Has it a cable?")]
    [False, False, True]
    """
    if copy.adds_to(original):
        return False
    mine_at, theirs_at = copy.own_places(original), original.own_places(copy)
    mine, theirs = [copy.parts[i] for i in mine_at], [original.parts[i] for i in theirs_at]
    if sum(map(_is_negation, mine)) != sum(map(_is_negation, theirs)):
        return False
    stated = copy.facts_at(mine_at, original)
    if (stated and stated != original.facts_at(theirs_at, copy)) or copy.lacks_sign(original):
        return False
    only_mine, only_theirs = _without_forms(mine, theirs), _without_forms(theirs, mine)
    named = {copy.parts[i] for i in asked.named(copy.parts) if i in mine_at}
    named.update(original.parts[i] for i in asked.named(original.parts) if i in theirs_at)
    if not named.isdisjoint([*only_mine, *only_theirs]):
        return False
    reworded = max(_changes(copy, mine_at), _changes(original, theirs_at)) > 1
    reworded |= _others(mine, only_mine) != _others(theirs, only_theirs)
    if not only_mine or not only_theirs or reworded:
        return True
    different = [*copy.own_sentences(original), *original.own_sentences(copy)]
    return asked.is_about_else(different, copy.parts, original.parts)


def _others(words: Sequence[str], changed: Sequence[str]) -> list[str]:
    return [word for word in words if has_meaning(word) and word not in changed]


def _changes(text: ComparedText, places: Sequence[int]) -> int:
    """Returns in how many ways a text differs at the places: neighbours are one, and one that is repeated counts once."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return len({tuple(filter(has_meaning, (text.parts[i] for i in run))) for run in runs} - {()})


def is_inside(part: ComparedText, whole: ComparedText, asked: Asked) -> bool:
    """Returns whether a text that shares most of its runs of words with a longer one adds nothing to it for the question.

    Its sentences are in the longer one, except for some that state no fact of their own and are not what the question is
    about.
    """
    own = part.own_sentences(whole)
    return not own or (not part.adds_to(whole) and asked.is_about_else(own, part.parts, whole.parts))


def says_the_same(copy: ComparedText, original: ComparedText, asked: Asked) -> bool:
    """Returns whether a text in other words has no fact of its own, and the same words of the question, in some form."""
    named = ({text.parts[i][:PREFIX] for i in asked.named(text.parts)} for text in (copy, original))
    return not copy.adds_to(original) and next(named) == next(named)


def _is_negation(part: str) -> bool:
    return part in _NEGATIONS or part.endswith(_NEGATION_ENDINGS)


def _without_forms(mine: Iterable[str], theirs: Sequence[str]) -> list[str]:
    """Returns the words with a meaning of their own that are not inflections of a word among the others."""
    return [word for word in mine if has_meaning(word) and not any(_is_form(word, other) for other in theirs)]


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

"""Checks a summary against its sources: the numbers and names that no source has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ctxshape.text.folding import MARKS
from ctxshape.text.names import NAME_JOINERS, NAME_WORD, proper_names
from ctxshape.text.numbers import NUMBER_WORDS, NUMERALS, numbers, numeral_value
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK, normalize

# References to documents of the prompt, such as "Document [2]".
_REFERENCES = re.compile(
    r"(?:documents?|文档)\s*[\[［【]?\s*\d+\s*[\]］】]?|[\[［【]\s*\d+(?:\s*[,，、]\s*\d+)*\s*[\]］】]", re.IGNORECASE
)
_WORD = re.compile(rf"[^\W_{CJK}]+(?:[{MARKS}]+[^\W_{CJK}]*)*|[{CJK}]")
_POINT_THOUSANDS = re.compile(r"(?<![\w.,])[1-9]\d{0,2}\.\d{3}(?![\d.])")
_LEADING_DIGITS = re.compile(r"[\d.,'’]+\d|\d")


def unsupported(summary: str, sources: Sequence[str]) -> list[str]:
    """Returns the numbers and then the names of a summary that none of its sources has.

    A number is supported if a source has its value, a name if one source has all its words in any case. A word that opens
    a sentence may be no name, so its first five letters are enough ("Chemists" for "chemistry").

    >>> unsupported("John Smith, a chemist, was born in 1987.", ["Smith, born 1,978, is a chemist."])
    ['1987', 'John Smith']
    """
    bare = _REFERENCES.sub(" ", summary)
    values = {value for source in sources for value in _readings(source)}
    wrong = [written for written, value in numbers(bare).items() if value not in values]
    vocabularies = [_words(source) for source in sources]
    folded = [normalize(source) for source in sources]
    openers = {match.group() for start, end in sentences(bare) if (match := NAME_WORD.match(bare, start, end))}
    for name in proper_names(bare):
        known = any(_words(name) <= vocabulary for vocabulary in vocabularies) or any(normalize(name) in f for f in folded)
        if not known and name in openers:
            known = any(word.startswith(name[:5].casefold()) for vocabulary in vocabularies for word in vocabulary)
        if not known:
            wrong.append(name)
    return wrong


def _readings(source: str) -> Iterator[Decimal]:
    """Yields every value a source may give: with and without its "million", in words, as single Chinese numerals."""
    for written, value in numbers(source).items():
        yield value
        number = _LEADING_DIGITS.match(written)
        if number and number.group() != written:  # before a "million"
            yield from numbers(number.group()).values()
    folded = normalize(source)
    # In most of Europe a point separates thousands.
    yield from (Decimal(number.replace(".", "")) for number in _POINT_THOUSANDS.findall(folded))
    yield from (Decimal(NUMBER_WORDS[word]) for word in re.findall(r"[a-z]+", folded) if word in NUMBER_WORDS)
    for char in set(source).intersection(NUMERALS):
        single = numeral_value(char)
        if single is not None:
            yield Decimal(single)


def _words(text: str) -> frozenset[str]:
    """Returns the words and CJK characters of a text, without possessives and words such as "of"."""
    folded = re.sub(r"['’]s\b", "", normalize(text))
    return frozenset(_WORD.findall(folded)) - NAME_JOINERS

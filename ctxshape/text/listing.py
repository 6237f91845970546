"""The marks that open a list item, in every language, and the lines that they really open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ctxshape.text.language import word_set
from ctxshape.text.languages import LANGUAGES

_ORDINALS = [r"\(?\d{1,3}[.)]", *(mark for language in LANGUAGES for mark in language.list_marks)]
_BULLETS = "-*•‣▪·"
_BEFORE_TEXT = r"(?=\s|[^\x00-\x7f])"  # "3.5" and "U.S." are no marks

# "1.", "(a)", "iv)" or "二、" before the text of an item.
ORDINAL_MARK = re.compile(rf"(?:{'|'.join(_ORDINALS)}){_BEFORE_TEXT}")
# The same, or a bullet.
LIST_MARK = re.compile(rf"(?:[{_BULLETS}]|{'|'.join(_ORDINALS)}){_BEFORE_TEXT}")
# A text that is a mark and nothing else.
BARE_LIST_MARK = re.compile(rf"(?:[{_BULLETS}]|{'|'.join(_ORDINALS)})\s*$")

_CORE = re.compile(r"[^\W_]+")
_ENDED = re.compile(r"[.!?…;:。！？；：｡।؟]['\"’”»」』）)\]]*$")
_UNENDED = frozenset().union(*(one.abbreviations | one.number_abbreviations for one in LANGUAGES))
_LAST_WORD = re.compile(r"([^\W\d_]{1,6})\.$")
_PAGE_NUMBER = re.compile(r"[-–—]\s*\d{1,4}\s*[-–—]$")
_ROMAN = {numeral: value for value, numeral in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split(), 1)}
_CHINESE = {"十": 10} | {numeral: value for value, numeral in enumerate("一二三四五六七八九", 1)}
_FEWEST = 3  # items that count on, if neither the first nor a sentence's end shows that a list begins
_SECOND = 2  # the number of a second item
_WORDLIKE = ("letter", "roman")  # "A." may be the end of a sentence, too
_FARTHEST = 30  # lines between two items
_NEAR = 6  # lines between two items of which none shows that a list begins
# Words behind which a phrase goes on, beside those without content.
_OPEN_WORDS = frozenset().union(*(one.function_words for one in LANGUAGES)) - {"so"} | word_set(
    "about above after almost approximately around before below between despite during exactly including least most nearly "
    "only over per plus some under until within auf bei bis etwa nach rund seit um unter vor über à après avant depuis "
    "environ jusqu'à vers alrededor cerca desde hasta sobre até cerca desde circa dal fino oltre около до после примерно"
)
_OPEN_END = re.compile(r"(?:^|[\s(])([^\W\d_]+(?:['’]à)?)$")


class _Item(NamedTuple):
    """A line that begins with an ordinal: the mark with "#" for the ordinal, and what number it may be."""

    line: int
    style: str
    numbers: tuple[tuple[str, int], ...]  # the kind of numeral and its value
    begins: bool  # nothing goes on here: the line before is empty, or ended its sentence
    goes_on: bool  # the line before ends in the middle of a phrase


def item_lines(lines: Sequence[str]) -> set[int]:
    """Returns the indices of the lines that open a list item.

    A bullet always opens one. A number may stand at the start of a line only because the text was broken there, so an
    ordinal opens an item if nothing goes on there: at the start, after an empty line, or after a line that ended its
    sentence. Otherwise others of its kind have to count on: from the first one, or three in a row that do not begin in the
    middle of a phrase.

    >>> sorted(item_lines(["It was raised to", "67. Before, it was 65."]))
    []
    >>> sorted(item_lines(["Before use", "1. Open it", "2. Fill it"]))
    [1, 2]
    """
    found = set()
    items = []
    for index, line in enumerate(lines):
        text = line.strip()
        mark = LIST_MARK.match(text)
        if mark is None or _PAGE_NUMBER.match(text):
            continue
        numbers = tuple(_numbers(mark.group()))
        if text[0] in _BULLETS or not numbers:
            found.add(index)
            continue
        before = lines[index - 1].rstrip() if index else ""
        items.append(_Item(index, _CORE.sub("#", mark.group()), numbers, _ended(before), is_unfinished(before)))
    return found.union(*(chain for chain in _chains(items)))


def _numbers(mark: str) -> Iterator[tuple[str, int]]:
    core = _CORE.search(mark)
    ordinal = core.group().casefold() if core else mark
    if ordinal.isascii() and ordinal.isdigit():
        yield "digits", int(ordinal)
    elif len(ordinal) == 1 and unicodedata.numeric(ordinal, 0) >= 1 and ordinal not in _CHINESE:
        yield "circled", int(unicodedata.numeric(ordinal))
    if ordinal in _ROMAN:
        yield "roman", _ROMAN[ordinal]
    if len(ordinal) == 1 and ordinal.isascii() and ordinal.isalpha():
        yield "letter", ord(ordinal) - ord("a") + 1
    if ordinal and all(char in _CHINESE for char in ordinal):
        tens, ten, ones = ordinal.rpartition("十")
        yield "chinese", (_CHINESE.get(tens, 1) * 10 if ten else 0) + _CHINESE.get(ones, 0)


def is_unfinished(line: str) -> bool:
    """Returns whether a line ends in the middle of a phrase, so that the next one goes on with it.

    >>> is_unfinished("on the night of"), is_unfinished("Before use")
    (True, False)
    """
    word = _OPEN_END.search(line[-30:])
    return word is not None and unicodedata.normalize("NFKC", word.group(1)).casefold() in _OPEN_WORDS


def _ended(line: str) -> bool:
    """Returns whether nothing goes on after a line: it is empty, a heading, a row, or ended its sentence."""
    if not line or line.lstrip().startswith(("#", "|")):
        return True
    if _ENDED.search(line[-10:]) is None:
        return False
    word = _LAST_WORD.search(line[-10:])  # "Fig." ends no sentence, nor does an initial
    if word is None:
        return True
    return len(word.group(1)) > 1 and unicodedata.normalize("NFKC", word.group(1)).casefold() not in _UNENDED


def _chains(items: Sequence[_Item]) -> Iterator[list[int]]:
    """Yields the lines of items that count on, and of those that stand for themselves."""
    chains: dict[tuple[str, str, int], list[_Item]] = {}  # by the style, the kind and the number that comes next
    for item in items:
        if item.begins:
            yield [item.line]
        for kind, number in item.numbers:
            chain = chains.pop((item.style, kind, number), [])
            if chain and item.line - chain[-1].line > (_FARTHEST if chain[0].begins else _NEAR):
                chain = []
            if not chain and item.goes_on and number > 1:
                continue  # "on the night of⏎12. March"
            chain.append(item)
            chains[item.style, kind, number + 1] = chain
            if (kind, number) == ("digits", 1):
                chains[item.style, kind, 1] = chain  # Markdown counts for those who write "1." before each item
            if len(chain) >= _FEWEST:
                yield [one.line for one in chain[-_FEWEST:]]
            elif len(chain) > 1 and (chain[0].begins or (number <= _SECOND and not (kind in _WORDLIKE and item.style == "#."))):
                yield [one.line for one in chain]

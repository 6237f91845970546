"""Figures and names in a text, and which of them its sources do not have. Pure functions, English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK, normalize

_SCALES = {
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "百": 2,
    "千": 3,
    "万": 4,
    "亿": 8,
    "兆": 12,
}
NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {word: 10 * value for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "亿": 10**8}

# Digits that belong to a word (CO2, B12) are part of a name. A run of one Chinese numeral is mostly no figure (一些, 万一).
_FIGURE = re.compile(
    rf"(?<![A-Za-z0-9])\d+(?:,\d{{3}})*(?:\.\d+)?(?:%|\s?(?:{'|'.join(_SCALES)}))?|[零〇一二三四五六七八九十百千万亿两]{{2,}}",
    re.IGNORECASE,
)
_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]*(?:['’\-.&][^\W_{CJK}]+)*")
_HAN = re.compile("[\u4e00-\u9fff]")
_POSSESSIVE = re.compile(r"['’]s$")
_APOSTROPHE = re.compile("['’]")
_TITLE = re.compile(r"《([^《》]+)》")
_INSIDE = frozenset("of de van von der den la le du di da bin al".split())
_PLACES = re.compile(
    r"(?:documents?|文档)\s*[\[［【]?\s*\d+\s*[\]］】]?|[\[［【]\s*\d+(?:\s*[,，、]\s*\d+)*\s*[\]］】]", re.IGNORECASE
)
# Words that open a sentence without naming anything.
_OPENERS = frozenset(
    "a according additionally after all also although among an and another as at based because before both but by "
    "context during each either few finally first for from furthermore given he her here his how however i if in "
    "instead it its later many meanwhile moreover most neither no none not of on one only other our overall passage "
    "question second several she since so some such summary that the their then there therefore these they this those "
    "though three through thus to today two under unfortunately unlike until upon we what when where whereas which "
    "while who whose with within without yes yet you".split()
)


def numbers(text: str) -> dict[str, Decimal]:
    """The figures as written, in their order, with their values: "1,000" is 1000, "1.5 million" 1500000, "三百" 300.

    Full-width digits count; a percentage has the value of its number; digits that are part of a word ("CO2") and
    single Chinese numerals do not count.

    >>> {written: int(value) for written, value in numbers("In 1,987, ３ CO2 tons; 三百二十人; 5万; 二〇〇八年").items()}
    {'1,987': 1987, '3': 3, '三百二十': 320, '5万': 50000, '二〇〇八': 2008}
    """
    # A raised digit is an exponent or a footnote: gone before NFKC would make it a plain one.
    folded = unicodedata.normalize("NFKC", re.sub("[\u00b2\u00b3\u00b9\u2070-\u2079]", "", text))
    found = {match.group().strip(): _value(match.group()) for match in _FIGURE.finditer(folded)}
    return {written: value for written, value in found.items() if value is not None}


def names(text: str) -> list[str]:
    """The names, in their order: runs of capitalised words, acronyms, 《titles》, Latin words inside Chinese.

    A capitalised word that opens a sentence counts unless it is a word that mostly does, such as "However".

    >>> names("However, the Duke met John Smith of NASA."), names("他在 Apple 读了《红楼梦》。")
    (['Duke', 'John Smith of NASA'], ['Apple', '红楼梦'])
    """
    found = [(match.start(), match.group(1)) for match in _TITLE.finditer(text)]
    bare = _TITLE.sub(lambda match: " " * len(match.group()), text)
    for start, end in sentences(bare):
        sentence = bare[start:end]
        wide = _HAN.search(sentence) is not None
        found += [(start + place, name) for place, name in _runs(sentence, wide)]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def unsupported(summary: str, sources: Sequence[str]) -> list[str]:
    """The figures and then the names of a summary that none of its sources has.

    A figure is there if its value is; a name if all its words are in one of the sources, whatever their case. Of a
    word that opens a sentence the first five letters are enough ("Chemists" for "chemistry"): it may be no name.

    >>> unsupported("John Smith, a chemist, was born in 1987.", ["Smith, born 1,978, is a chemist."])
    ['1987', 'John Smith']
    """
    bare = _PLACES.sub(" ", summary)
    values = {value for source in sources for value in _all_values(source)}
    wrong = [written for written, value in numbers(bare).items() if value not in values]
    vocabularies = [_parts(source) for source in sources]
    folded = [normalize(source) for source in sources]
    openers = {match.group() for start, end in sentences(bare) if (match := _WORD.match(bare, start, end))}
    for name in names(bare):
        known = any(_parts(name) <= vocabulary for vocabulary in vocabularies) or any(normalize(name) in f for f in folded)
        if not known and name in openers:
            known = any(word.startswith(name[:5].casefold()) for vocabulary in vocabularies for word in vocabulary)
        if not known:
            wrong.append(name)
    return wrong


def _value(written: str) -> Decimal | None:
    plain = written.strip().rstrip("%").replace(",", "").casefold()
    if not plain[0].isdecimal():
        value = _chinese(plain)
        return None if value is None else Decimal(value)
    number = re.match(r"[\d.]+", plain)
    assert number  # the pattern of a figure begins with a digit
    scale = _SCALES.get(plain[number.end() :].strip(), 0)
    return Decimal(number.group()).scaleb(scale)


def _all_values(source: str) -> Iterator[Decimal]:
    """Every value a source may be read to give: with and without its "million", in words, single Chinese numerals."""
    for written, value in numbers(source).items():
        yield value
        if number := re.match(r"[\d.,]+\d|\d", written):
            yield Decimal(number.group().replace(",", ""))
    folded = normalize(source)
    yield from (Decimal(NUMBER_WORDS[word]) for word in re.findall(r"[a-z]+", folded) if word in NUMBER_WORDS)
    yield from (Decimal(_DIGITS.get(char) or _UNITS.get(char, 0)) for char in source if char in _DIGITS or char in _UNITS)


def _chinese(numeral: str) -> int | None:
    """The value of a run of Chinese numerals; None if it is none, such as 万一.

    >>> [_chinese(text) for text in ("十五", "三百二十万", "一亿零五", "二〇〇八", "万一")]
    [15, 3200000, 100000005, 2008, None]
    """
    if all(char in _DIGITS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total = section = 0
    digit: int | None = None
    for place, char in enumerate(numeral):
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            if place == 0:
                return None
            total = (total + section + (digit or 0)) * _BIG[char]
            section, digit = 0, None
    return total + section + (digit or 0)


def _runs(sentence: str, wide: bool) -> Iterator[tuple[int, str]]:
    """Runs of capitalised words, joined by "of" and the like; in Chinese every Latin word is one."""
    run: list[re.Match[str]] = []
    for match in [*_WORD.finditer(sentence), None]:
        if match and run and sentence[run[-1].end() : match.start()] == " " and match.group().lower() in _INSIDE:
            run.append(match)
            continue
        named = match and (wide or match.group()[0].isupper()) and not _opens(sentence, match)
        if run and not (match and named and sentence[run[-1].end() : match.start()] == " "):
            yield from _closed(sentence, run)
            run = []
        if match and named:
            run.append(match)


def _closed(sentence: str, run: list[re.Match[str]]) -> Iterator[tuple[int, str]]:
    while run[-1].group().lower() in _INSIDE and run[-1].group().islower():
        run.pop()
    yield run[0].start(), _POSSESSIVE.sub("", sentence[run[0].start() : run[-1].end()])


def _opens(sentence: str, match: re.Match[str]) -> bool:
    word = _APOSTROPHE.split(match.group().casefold(), 1)[0]
    return word == "i" or (match.start() < 2 and word in _OPENERS)


def _parts(text: str) -> frozenset[str]:
    """The words and CJK characters of a text, without the possessive and the likes of "of"."""
    folded = re.sub(r"['’]s\b", "", normalize(text))
    return frozenset(re.findall(rf"[^\W_{CJK}]+|[{CJK}]", folded)) - _INSIDE

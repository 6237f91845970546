"""Values that a text states: numbers with their units, and amounts of money, in English and Chinese.

A value is an interval: "1933" contains "15 May 1933", and "about 1,200" contains 1,187. Dates are in `claims.dates`, names
in `claims.entities`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ctxshape.text.numbers import NUMBER_WORDS, NUMERAL_RUN, SCALE_RUN, SINGLE_NUMERALS, numbers, numeral_value
from ctxshape.text.words import CJK, normalize


class StatedValue(NamedTuple):
    """A value as written and its meaning: an interval in a unit, or a name, whose `unit` is "name"."""

    written: str
    low: float = 0.0
    high: float = 0.0
    unit: str = "name"

    def agrees(self, other: StatedValue) -> bool:
        """Returns whether both can be true of one thing.

        They can if their intervals overlap, if one name is part of the other, or if their units cannot be compared.

        >>> number = StatedValue("1,200", 1200, 1200, "people")
        >>> [number.agrees(StatedValue(str(other), other, other, "people")) for other in (1200, 900)]
        [True, False]
        >>> [StatedValue("Marie Curie").agrees(StatedValue(name)) for name in ("Curie", "Pierre Curie")]
        [True, False]
        """
        if self.unit != other.unit:
            return True
        if self.unit == "name":
            return _same_name(normalize(self.written), normalize(other.written))
        return self.low <= other.high and other.low <= self.high


_SYNONYMS = {
    "people": "people person persons inhabitants residents 人 名 位",
    "percent": "% percent percentage",
    "dollar": "$ us$ dollar dollars usd 美元 美金",
    "pound": "£ pound pounds gbp 英镑 镑",
    "euro": "€ euro euros eur 欧元",
    "yuan": "¥ yuan rmb cny renminbi 元 块 人民币",
    "yen": "yen jpy 日元 日圆",
    "hkd": "hk$ 港元 港币",
    "mm": "mm millimetre millimetres millimeter millimeters 毫米",
    "cm": "cm centimetre centimetres centimeter centimeters 厘米",
    "metre": "m metre metres meter meters 米 公尺",
    "km": "km kilometre kilometres kilometer kilometers 公里 千米",
    "foot": "ft foot feet 英尺",
    "mile": "mile miles 英里",
    "kg": "kg kilogram kilograms kilo kilos 公斤 千克",
    "ton": "ton tons tonne tonnes 吨",
    "hectare": "hectare hectares ha 公顷",
    "second": "second seconds 秒",
    "minute": "minute minutes 分钟",
    "hour": "hour hours 小时",
    "day": "day days 天 日",
    "month": "month months 个月",
    "year": "year years 年 岁",
}
_UNIT_OF = {word: unit for unit, written in _SYNONYMS.items() for word in written.split()}
MONEY = frozenset("dollar pound euro yuan yen hkd".split())
_CJK_UNITS = sorted((word for word in _UNIT_OF if re.match(f"[{CJK}]", word)), key=len, reverse=True)

_NUMBER_WORDS = {word: n for word, n in NUMBER_WORDS.items() if 1 <= n <= 20}
_ARTICLES = ("one", "一")  # "one man", 一件: mostly articles
_NUMBER = re.compile(
    rf"(?P<sign>US\$|HK\$|[$£€¥]|人民币)?\s?(?P<number>(?<![A-Za-z\d.])\d+(?:,\d{{3}})*(?:\.\d+)?{SCALE_RUN}"
    rf"|{NUMERAL_RUN}|[{SINGLE_NUMERALS}]|\b(?:{'|'.join(_NUMBER_WORDS)})\b)(?P<more>多|余|餘|来)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:-|–|—|~|～|to|至|到)\s?", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:about|around|approximately|nearly|almost|roughly|some|close to|over|under|more than|less than|up to|at least|"
    r"约|大约|近|将近|接近|超过|逾|至少|不到|多达)\s?(?:US\$|[$£€¥])?\s?$",
    re.IGNORECASE,
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum() or code == 0xFF05}
_FULL_WIDTH |= {0xFF04: ord("$"), 0xFF0E: ord("."), 0xFF0F: ord("/"), 0xFF0D: ord("-"), 0xA5: ord("¥"), 0xFFE5: ord("¥")}


def fold_digits(text: str) -> str:
    """Makes full-width digits, letters and signs plain, each in its place; commas stay, because they separate clauses.

    >>> fold_digits("２０２４年，ＡＢ３％")
    '2024年，AB3%'
    """
    return text.translate(_FULL_WIDTH)


def unit_of(word: str) -> str:
    """Returns the standard name of a unit, or a counted noun without its plural.

    >>> unit_of("metres"), unit_of("米"), unit_of("passengers"), unit_of("件")
    ('metre', 'metre', 'passenger', '件')
    """
    folded = word.casefold()
    return _UNIT_OF.get(folded) or (folded[:-1] if len(folded) > 3 and folded.endswith("s") else folded)


def amounts(text: str, units: Collection[str]) -> list[StatedValue]:
    """Returns the numbers of a text that have one of the units: behind them, within three words, or as a sign in front.

    >>> [(v.written, v.low, v.unit) for v in amounts("In 1950 it had 1,200 paid hands and cost £3.", {"hand", "pound"})]
    [('1,200 paid hands', 1200.0, 'hand'), ('£3', 3.0, 'pound')]
    >>> [(v.written, v.low) for v in amounts("全厂有员工一千二百人，门票２０元。", {"people"})]
    [('一千二百人', 1200.0)]
    """
    folded = fold_digits(text)
    return list(_merged(folded, list(_amounts(folded, units))))


def _amounts(text: str, units: Collection[str]) -> Iterator[tuple[int, int, StatedValue]]:
    for match in _NUMBER.finditer(text):
        number = _number(match["number"])
        found = _unit_at(text, match, units)
        if number is None or found is None or match["number"].casefold() in _ARTICLES:
            continue
        unit, end = found
        about = bool(match["more"] or _ABOUT.search(text, max(match.start() - 16, 0), match.start("number")))
        spread = abs(number) * 0.1 if about else 0.0
        start = match.start() + (len(match.group()) - len(match.group().lstrip()))
        yield start, end, StatedValue(text[start:end].strip(), number - spread, number + spread, unit)


def _merged(text: str, found: list[tuple[int, int, StatedValue]]) -> Iterator[StatedValue]:
    """Yields the values, two that a dash or "to" joins as one range."""
    number = 0
    while number < len(found):
        start, end, value = found[number]
        if number + 1 < len(found):
            following, last, other = found[number + 1]
            if _RANGE.fullmatch(text, end, following) and value.unit == other.unit and value.low < other.high:
                value, number = StatedValue(text[start:last], value.low, other.high, value.unit), number + 1
        yield value
        number += 1


def _number(written: str) -> float | None:
    if written.casefold() in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[written.casefold()])
    value = numeral_value(written)
    return float(value) if value is not None else next((float(number) for number in numbers(written).values()), None)


def _unit_at(text: str, match: re.Match[str], units: Collection[str]) -> tuple[str, int] | None:
    """Returns the unit of a number and the end of its wording; None unless it is one of those asked for."""
    sign = match["sign"]
    if sign:
        return (unit_of(sign), match.end()) if unit_of(sign) in units else None
    tail = text[match.end() : match.end() + 48]
    # In "10 to 20 people" the unit follows the range.
    other = re.match(rf"\s?(?:-|–|—|~|to|至|到)\s?\d[\d,.]*{SCALE_RUN}", tail)
    skipped = len(other.group()) if other else 0
    rest = tail[skipped:]
    cjk_unit = next((word for word in _CJK_UNITS if rest.startswith(word)), None)
    if cjk_unit is None and re.match(f"[{CJK}]", rest):
        cjk_unit = rest[0]
    end = match.end() if other else match.end() + skipped
    if cjk_unit is not None:
        return (unit_of(cjk_unit), end + (0 if other else len(cjk_unit))) if unit_of(cjk_unit) in units else None
    for place, word in enumerate(re.finditer(r"%|[A-Za-z]+(?:-[A-Za-z]+)?", rest)):
        if place == 3 or not re.fullmatch(r"[\s-]*(?:[A-Za-z-]+\s)*", rest[: word.start()]):
            break
        if unit_of(word.group()) in units:
            return unit_of(word.group()), end + (0 if other else word.end())
    return None


def _same_name(one: str, other: str) -> bool:
    if one in other or other in one:
        return True
    mine, theirs = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if set(mine) <= set(theirs) or set(theirs) <= set(mine):
        return True
    # "J. Smith" and "John Smith"
    return mine[-1] == theirs[-1] and mine[0][0] == theirs[0][0] and 1 in (len(mine[0]), len(theirs[0]))

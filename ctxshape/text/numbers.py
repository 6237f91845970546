"""The numbers in a text with their values, in digits, words and Chinese numerals."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import islice

from ctxshape.text.folding import fold_forms
from ctxshape.text.languages import LANGUAGES

MAX_DIGITS = 40  # a longer run of digits or numerals is an identifier or noise, and Python limits how long an int may be
_LARGEST = 10**MAX_DIGITS

NUMBER_WORDS = {word: value for language in LANGUAGES for word, value in language.number_words.items()}
SCALES = {word: power for language in LANGUAGES for word, power in language.scales.items()}
_NUMERALS = {char: value for language in LANGUAGES for char, value in language.numerals.items()}
_FORMAL = {char: value for language in LANGUAGES for char, value in language.formal_numerals.items()}
_VALUES = _NUMERALS | _FORMAL
_MONEY = "".join(language.money for language in LANGUAGES)

# For the character classes of patterns.
NUMERALS = "".join(_NUMERALS)
DIGIT_NUMERALS = "".join(char for char, value in _NUMERALS.items() if value < 10)
SINGLE_NUMERALS = "".join(char for char, value in _NUMERALS.items() if value <= 10)  # characters that may be a number alone
UNIT_NUMERALS = "".join(char for char, value in _NUMERALS.items() if value >= 10)
# A run of numerals. Formal ones count only before money; ordinary words have some of their characters.
# A longer run than the limit is none, and needs no reading to its end from each of its characters.
NUMERAL_RUN = rf"(?:[{NUMERALS}]{{2,}}|[{''.join(_FORMAL)}]{{2,{MAX_DIGITS + 1}}}(?=[{_MONEY}]))"
# What multiplies a number in digits: "5 hundred thousand", 5百万.
SCALE_RUN = rf"(?:\s?(?:{'|'.join(SCALES)})){{0,3}}"

# Digits that belong to a word (CO2, B12) are part of a name. A single numeral is mostly no number (一些, 万一).
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9])(?:\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d|\.\d)|\d+(?:[,'’]\d{{3}})*(?:\.\d+)?)(?:%|{SCALE_RUN})|{NUMERAL_RUN}",
    re.IGNORECASE,
)
# English words from two to twenty and of the tens, with their digits; "one" is mostly a pronoun.
_ENGLISH = next(language for language in LANGUAGES if language.code == "en")
SMALL_NUMBERS = {word: str(value) for word, value in _ENGLISH.number_words.items() if value > 1}
_COUNTERS = "章節节條条款項项月日号號届屆层層楼樓級级岁歲课課卷回集期页頁篇"
_MOST_COUNTED = 10_000  # in one text
_COUNTED = re.compile(
    rf"(第?)((?<![\d.,])\d{{1,{MAX_DIGITS}}}(?:\.\d{{1,9}})?|[{NUMERALS}]+)((?<=\d)[{UNIT_NUMERALS}]+)?"
    rf"([{_COUNTERS}])?"
)
_WHOLE = re.compile(rf"\d+(?:\.\d+)?[{UNIT_NUMERALS}]*|[{''.join(_VALUES)}]+")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2079]")
_DIGITS = re.compile(r"[\d.]+")
_SEPARATORS = re.compile("[,'’]")
_SCALE = re.compile("|".join(SCALES))


def numbers(text: str) -> dict[str, Decimal]:
    """Returns the numbers of a text as written, in their order, with their values.

    "1,000" is 1000, "1.5 million" 1500000, "5百万" 5000000 and "三百" 300. Full-width digits count, and a percentage has the
    value of its number. Digits inside a word ("CO2"), single Chinese numerals and numbers of more than 40 digits do not
    count.

    >>> {written: int(value) for written, value in numbers("In 1,987, ３ CO2 tons; 三百二十人; 5萬; 二〇〇八年").items()}
    {'1,987': 1987, '3': 3, '三百二十': 320, '5萬': 50000, '二〇〇八': 2008}
    """
    # A raised digit is an exponent or a footnote. NFKC would make it a plain one, so it goes first.
    folded = fold_forms(_RAISED.sub("", text))
    found = {match.group().strip(): _value(match.group()) for match in _NUMBER.finditer(folded)}
    return {written: value for written, value in found.items() if value is not None}


def counted_values(text: str) -> tuple[list[str], list[str]]:
    """Returns what a Chinese or Japanese text counts, and the values of its numerals, both in digits.

    A number below 1,000 before a word such as 章, 条 or 月 is counted, so that 第三章 and 第3章 have a term in common. The
    values are those of numerals of several characters and of numbers before 万 or 亿.

    >>> counted_values("第三章，二〇二三年，5万人")
    (['第3章'], ['2023', '50000'])
    """
    counted: list[str] = []
    values: list[str] = []
    for found in islice(_COUNTED.finditer(text), _MOST_COUNTED):
        ordinal, number, scale, counter = found.groups(default="")
        if number.isdecimal() and not scale:
            if counter and len(number) <= 3:
                counted.append(ordinal + number.lstrip("0") + counter)
            continue
        digits = plain_digits(number + scale)
        if digits is None:
            continue
        if counter and len(digits) <= 3:
            counted.append(ordinal + digits + counter)
        if scale or len(number) > 1:
            values.append(digits)
    return counted, values


def plain_digits(written: str) -> str | None:
    """Returns a whole number, as a Chinese numeral or as digits before 万 or 亿, in digits; None for anything else.

    >>> plain_digits("三百二十"), plain_digits("5万"), plain_digits("1.5"), plain_digits("万一")
    ('320', '50000', None, None)
    """
    value = _value(written) if len(written) <= MAX_DIGITS and _WHOLE.fullmatch(written) else None
    return None if value is None or value != int(value) else f"{value:.0f}"


def numeral_value(numeral: str) -> int | None:
    """Returns the value of a Chinese numeral, simplified, traditional or formal; None for anything else, such as 万一.

    Digits alone are read as positions (二〇〇八). A last digit without a unit counts in the next lower one (三万五 is
    35,000), unless a zero stands before it.

    >>> [numeral_value(text) for text in ("十五", "三百二十万", "三億五千萬", "一亿零五", "二〇〇八", "一百二", "壹佰贰拾")]
    [15, 3200000, 350000000, 100000005, 2008, 120, 120]
    >>> numeral_value("万一"), numeral_value("十人"), numeral_value("")
    (None, None, None)
    """
    values = [_VALUES.get(char, -1) for char in numeral[: MAX_DIGITS + 1]]
    if not values or len(values) > MAX_DIGITS or min(values) < 0 or values[0] >= 10_000:
        return None
    if max(values) < 10:
        return int("".join(map(str, values)))
    value = _read(values)
    return value if value < _LARGEST else None


def _read(values: list[int]) -> int:
    parts: list[tuple[int, int]] = []  # each 万, 亿, … with the amount that it closed
    section = 0  # what has been read since, below 10,000
    digit: int | None = None
    unit = 0  # the unit read last, unless a zero followed it
    for value in values:
        if value < 10:
            digit, unit = value, unit if value else 0
        elif value < 10_000:
            section += (1 if digit is None else digit) * value
            digit, unit = None, value
        else:
            # 一万亿 is 10,000 times 亿, while in 三亿五千万 the 亿 stands for itself.
            before = sum(amount for myriad, amount in parts if myriad <= value)
            parts = [part for part in parts if part[0] > value]
            parts.append((value, (before + section + (digit or 0)) * value))
            section, digit, unit = 0, None, value
    last = (digit or 0) * (unit // 10 if unit >= 100 else 1)
    return sum(amount for _, amount in parts) + section + last


def _value(written: str) -> Decimal | None:
    plain = _SEPARATORS.sub("", written.strip().rstrip("%")).casefold()
    plain = plain.replace(".", "") if plain.count(".") > 1 else plain
    number = _DIGITS.match(plain)
    if number is None:
        value = numeral_value(plain)
        return None if value is None else Decimal(value)
    if len(number.group()) > MAX_DIGITS:
        return None
    power = sum(SCALES[scale] for scale in _SCALE.findall(plain, number.end()))
    return Decimal(f"{number.group()}E{power}")

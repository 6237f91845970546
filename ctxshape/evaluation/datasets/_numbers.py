"""Years, dates, counts, amounts and prices of the synthetic data, in the alternative notations of a language."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

_DIGITS = "〇一二三四五六七八九"
_MONTHS = "January February March April May June July August September October November December".split()


class WordedValue(NamedTuple):
    """A value as a passage states it, with every wording that is accepted for it."""

    text: str
    wordings: tuple[str, ...]

    @classmethod
    def one_of(cls, rng: random.Random, forms: tuple[str, ...], wordings: tuple[str, ...] = ()) -> WordedValue:
        """Draws one of the forms; all of them are accepted unless `wordings` lists the accepted ones."""
        return cls(rng.choice(forms), tuple(dict.fromkeys(wordings or forms)))


def hanzi(number: int) -> str:
    """Writes a number from 1 to 9999 in Chinese numerals.

    >>> hanzi(1040), hanzi(305), hanzi(15), hanzi(8000)
    ('一千零四十', '三百零五', '十五', '八千')
    """
    places = zip(f"{number:04}", "千百十 ", strict=True)
    text = "".join(_DIGITS[int(digit)] + unit.strip() if digit != "0" else "零" for digit, unit in places).strip("零")
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.removeprefix("一") if text.startswith("一十") else text


def _spelt(number: int) -> str:
    """Writes a year digit by digit."""
    return "".join(_DIGITS[int(digit)] for digit in str(number)).replace("〇", "零")


def _year(rng: random.Random) -> int:
    return rng.randint(1841, 1905)


def _later_year(rng: random.Random) -> int:
    """Draws a year for dates: later than those of `_year`, so that no one gets a medal after dying."""
    return rng.randint(1906, 1989)


def _count(rng: random.Random) -> int:
    return rng.randint(1_012, 9_880)


def _hundreds(rng: random.Random) -> int:
    return rng.randint(212, 989)


def _amount(rng: random.Random) -> int:
    """Draws a number of tens of thousands that does not end in zero."""
    return rng.randint(101, 989) * 10 + rng.randint(1, 9)


def _en_year(rng: random.Random) -> WordedValue:
    return WordedValue.one_of(rng, (str(_year(rng)),))


def _en_date(rng: random.Random) -> WordedValue:
    day, month, year = rng.randint(1, 28), rng.choice(_MONTHS), _later_year(rng)
    return WordedValue.one_of(rng, (f"{day} {month} {year}", f"{month} {day}, {year}"))


def _en_count(rng: random.Random) -> WordedValue:
    number = _count(rng)
    return WordedValue.one_of(rng, (f"{number:,}", f"{number}"))


def _en_hundreds(rng: random.Random) -> WordedValue:
    return WordedValue.one_of(rng, (f"{_hundreds(rng)}",))


def _en_amount(rng: random.Random) -> WordedValue:
    number = _amount(rng)
    short, long = f"{number / 100:.2f} million", f"{number * 10_000:,}"
    return WordedValue.one_of(rng, (f"£{short}", f"{short} pounds", f"£{long}"), (short, long))


def _en_price(rng: random.Random) -> WordedValue:
    price = f"{rng.randint(2, 19)}.{rng.randrange(5, 100, 5):02}"
    return WordedValue.one_of(rng, (f"£{price}", f"{price} pounds"), (price,))


def _zh_year(rng: random.Random) -> WordedValue:
    year = _year(rng)
    return WordedValue.one_of(rng, (f"{year}年", f"{_spelt(year)}年"), (f"{year}", _spelt(year)))


def _zh_date(rng: random.Random) -> WordedValue:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), _later_year(rng)
    return WordedValue.one_of(rng, (f"{year}年{month}月{day}日", f"{_spelt(year)}年{hanzi(month)}月{hanzi(day)}日"))


def _zh_count(rng: random.Random) -> WordedValue:
    number = _count(rng)
    return WordedValue.one_of(rng, (f"{number}", hanzi(number)), (f"{number}", f"{number:,}", hanzi(number)))


def _zh_hundreds(rng: random.Random) -> WordedValue:
    number = _hundreds(rng)
    return WordedValue.one_of(rng, (f"{number}", hanzi(number)))


def _zh_amount(rng: random.Random) -> WordedValue:
    number = _amount(rng)
    wordings = (f"{number}万", f"{number:,}万", f"{hanzi(number)}万", f"{number * 10_000}", f"{number * 10_000:,}")
    return WordedValue.one_of(rng, (f"{number}万元", f"人民币{number}万元", f"{hanzi(number)}万元"), wordings)


def _zh_price(rng: random.Random) -> WordedValue:
    price = rng.randint(12, 98)
    return WordedValue.one_of(rng, (f"{price}元", f"{hanzi(price)}元"), (f"{price}元", f"{price} 元", f"{hanzi(price)}元"))


NUMBERS: dict[str, dict[str, Callable[[random.Random], WordedValue]]] = {
    "en": {
        "year": _en_year,
        "date": _en_date,
        "count": _en_count,
        "hundreds": _en_hundreds,
        "amount": _en_amount,
        "price": _en_price,
    },
    "zh": {
        "year": _zh_year,
        "date": _zh_date,
        "count": _zh_count,
        "hundreds": _zh_hundreds,
        "amount": _zh_amount,
        "price": _zh_price,
    },
}

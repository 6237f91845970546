"""Dates in a text, English and Chinese, as intervals of days. No function reads the clock."""

from __future__ import annotations

import datetime
import re

from ctxshape.claims.values import StatedValue, fold_digits
from ctxshape.text.numbers import DIGIT_NUMERALS, numeral_value

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_YEAR = r"(?:1\d|20)\d\d"
_CJK_YEAR = rf"(?:{_YEAR}|[{DIGIT_NUMERALS}]{{4}})"
_CJK_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_ALONE = rf"(?<![\w$£€¥#.,-]){_YEAR}(?!\w|[.,-]\d|%|\s?(?:[人名个件元米万]|people|m\b|km\b|feet))"
_FORMS = [
    rf"(?<![\d.])(?P<y1>{_YEAR})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})(?!\d)",
    rf"(?<!\d)(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s(?P<m2>{_MONTH}),?\s(?P<y2>{_YEAR})(?!\d)",
    rf"\b(?P<m3>{_MONTH})\s(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y3>{_YEAR})(?!\d)",
    rf"\b(?P<m4>{_MONTH})(?:\sof)?,?\s(?P<y4>{_YEAR})(?!\d)",
    rf"(?P<from1>{_CJK_YEAR})年?\s?[至到~～—–-]\s?(?P<to1>{_CJK_YEAR})年",
    rf"(?<!\d)(?P<y5>{_CJK_YEAR})\s?年(?!代)(?:\s?(?P<m5>{_CJK_DAY})\s?月(?:\s?(?P<d5>{_CJK_DAY})\s?[日号號])?)?",
    rf"(?<![\d.])(?P<from2>{_YEAR})\s?(?:–|—|-|to|until|and)\s?(?P<to2>{_YEAR})(?!\d)",
    # Chinese characters are letters to `\\w`, so a year beside them has a form of its own.
    rf"(?:{_ALONE}|(?<=[\u4e00-\u9fff]){_YEAR}(?=[\u4e00-\u9fff，。；、\s]|$)(?!\s?[人名个件元米万年]))",
]
_DATE = re.compile("|".join(_FORMS), re.IGNORECASE)


_HAS_YEAR = re.compile(rf"(?:1\d|20)\d\d|[{DIGIT_NUMERALS}]{{4}}")


def dates(text: str) -> list[StatedValue]:
    """Returns the dates with a year, in their order.

    `low` and `high` are the first and last day as YYYYMMDD, and `unit` is "date". A year covers all its days, and a range
    all from its first to its last. Decades and dates without a year do not count.

    >>> [(v.written, int(v.low), int(v.high)) for v in dates("Opened on 15 May 1933, built 1887–1889.")]
    [('15 May 1933', 19330515, 19330515), ('1887–1889', 18870000, 18899999)]
    >>> [int(v.low) for v in dates("１９３３年5月15日；1933-05-15；一九三三年五月；成立于1913。")]
    [19330515, 19330515, 19330500, 19130000]
    """
    folded = fold_digits(text)
    if not _HAS_YEAR.search(folded):  # true of most sentences, and much quicker to see than that there is no date
        return []
    return [value for match in _DATE.finditer(folded) if (value := _value(match)) is not None]


# A year may be a length of time instead of a date: 有2000年历史.
_SPAN_BEFORE = re.compile(r"(?:[有约約近达達逾]|历时|歷時|历经|超过|超過|持续|持續|至少|不到)\s?$")
_SPAN_BEHIND = re.compile(r"的?[历歷]史|之久|以上|左右")
_DAY = re.compile(r"(?<=月)\s?\d{1,2}\s?[日号號]|(?<=[上本每当])\d{1,2}\s?日")


def without_dates(text: str) -> str:
    """Returns the text with blanks in place of its dates, so that their years and days are not taken for lengths of time.

    >>> without_dates("2020年5月3日起保修3年"), without_dates("有2000年历史")
    ('         起保修3年', '有2000年历史')
    """
    folded = fold_digits(text)
    if _HAS_YEAR.search(folded):
        folded = _DATE.sub(_blank, folded)
    return _DAY.sub(_blank, folded)


def _blank(match: re.Match[str]) -> str:
    before, behind = match.string[max(match.start() - 4, 0) : match.start()], match.string[match.end() : match.end() + 4]
    span = match.group().endswith("年") and (_SPAN_BEFORE.search(before) or _SPAN_BEHIND.match(behind))
    return match.group() if span else " " * len(match.group())


def _value(match: re.Match[str]) -> StatedValue | None:
    parts = {name.rstrip("12345"): text for name, text in match.groupdict().items() if text is not None}
    if "from" in parts:
        low, high = _integer(parts["from"]), _integer(parts["to"])
        return StatedValue(match.group(), low * 10_000, high * 10_000 + 9_999, "date") if low <= high else None
    year = _integer(parts.get("y", match.group()))
    if "m" not in parts:
        return StatedValue(match.group(), year * 10_000, year * 10_000 + 9_999, "date")
    month = _month(parts["m"])
    if not 1 <= month <= 12:
        return None
    start = year * 10_000 + month * 100
    if "d" not in parts:
        return StatedValue(match.group(), start, start + 99, "date")
    day = _integer(parts["d"])
    return StatedValue(match.group(), start + day, start + day, "date") if 1 <= day <= 31 else None


def _month(written: str) -> int:
    name = written[:3].casefold()
    return _MONTHS.index(name) + 1 if name in _MONTHS else _integer(written)


def _integer(written: str) -> int:
    """Returns a year, month or day in digits or Chinese numerals; 0 for anything else."""
    return int(written) if written.isdecimal() else numeral_value(written) or 0


_HEADER = re.compile(
    r"(?=[^.。：:;；!！]{0,60}(?:\b(?:updated|revised|published|posted|printed|notice|reported|released|gazette|dated|date|"
    r"press)\b|公告|更新|修订|修訂|发布|發布|发表|報道|报道|日期|年鉴|日报|通知))[^.。：:;；!！]{0,60}"
    r"(?:[：:]\s?[^.。：:;；!！]{0,40})?(?:[.。：:;；!！]|$)",
    re.IGNORECASE,
)


def dateline(text: str) -> str:
    """Returns the line before a passage that says when it was written; empty if there is none.

    >>> dateline("Notice of 27 December 2024. It was built in 1884."), dateline("It was built in 1884.")
    ('Notice of 27 December 2024.', '')
    >>> dateline("2024年2月9日公告：桥很旧。"), dateline("最后修订：2018年5月。桥很旧。")
    ('2024年2月9日公告：', '最后修订：2018年5月。')
    """
    found = _HEADER.match(text)
    if found is None:
        return ""
    header = found.group()
    first = re.match(r"[^：:]*[：:]", header)
    short = first.group() if first and dates(first.group()) else header
    return short if dates(short) else ""


def as_date(value: object) -> datetime.date | None:
    """Returns the date in a field, or None: a date, a datetime, a year, or text with a date; of a year or month its first day.

    >>> as_date("2024-02-09T08:00:00Z"), as_date("2024年2月"), as_date(7)
    (datetime.date(2024, 2, 9), datetime.date(2024, 2, 1), None)
    """
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 2099:
        return datetime.date(value, 1, 1)
    found = dates(re.sub(r"T(?=\d\d:)", " ", value)) if isinstance(value, str) else []
    if not found:
        return None
    number = int(found[0].low)
    try:
        return datetime.date(number // 10_000, number // 100 % 100 or 1, number % 100 or 1)
    except ValueError:  # the 31st of February
        return None

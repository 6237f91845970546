from decimal import Decimal

import pytest

from ctxshape.text.numbers import MAX_DIGITS, numbers, numeral_value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,000 and 1000.50", {"1,000": 1000, "1000.50": Decimal("1000.5")}),
        ("3.5% of ３００", {"3.5%": Decimal("3.5"), "300": 300}),
        ("the 1990s, the 20th", {"1990": 1990, "20": 20}),
        ("1.5 million, 2 hundred", {"1.5 million": 1500000, "2 hundred": 200}),
        ("CO2 and B12 on 5 km²", {"5": 5}),
        ("三百二十万，十五，两千零八", {"三百二十万": 3200000, "十五": 15, "两千零八": 2008}),
        ("二〇〇八年，3亿5000万", {"二〇〇八": 2008, "3亿": 300000000, "5000万": 50000000}),
        ("一些，万一，一个", {}),
        ("第5届，2008年", {"5": 5, "2008": 2008}),
        ("2.", {"2": 2}),
        ("兩千人，5萬，三億五千萬", {"兩千": 2000, "5萬": 50000, "三億五千萬": 350000000}),
        (
            "3千万，5百万，2万亿，3 hundred thousand",
            {
                "3千万": 30_000_000,
                "5百万": 5_000_000,
                "2万亿": 2 * 10**12,
                "3 hundred thousand": 300_000,
            },
        ),
        ("人民币壹佰贰拾万元整，伍万圆", {"壹佰贰拾万": 1_200_000, "伍万": 50_000}),
        ("大陆陆续收拾，伍佰", {}),
    ],
)
def test_figures(text: str, found: dict[str, object]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("零", 0),
        ("〇", 0),
        ("十", 10),
        ("十五", 15),
        ("廿", None),
        ("两百", 200),
        ("兩百", 200),
        ("三百二十万", 3_200_000),
        ("一百二", 120),
        ("一百零二", 102),
        ("三万五", 35_000),
        ("三万五千", 35_000),
        ("三万零五", 30_005),
        ("一亿零五", 100_000_005),
        ("三亿五千万", 350_000_000),
        ("三億五千萬", 350_000_000),
        ("一万亿", 10**12),
        ("三万万", 300_000_000),
        ("一兆二千亿", 1_200_000_000_000),
        ("二〇〇八", 2008),
        ("貳仟零捌", 2008),
        ("壹万", 10_000),
        ("万一", None),
        ("亿", None),
        ("百", 100),
        ("", None),
        ("15", None),
        ("十人", None),
    ],
)
def test_numerals(numeral: str, value: int | None) -> None:
    assert numeral_value(numeral) == value


@pytest.mark.parametrize("digit", ["九", "9", "９", "万", "亿", "千亿", "9.", "1,"])
def test_a_number_too_long_to_be_one_is_none(digit: str) -> None:
    assert sum(len(written) for written in numbers(digit * 5_000)) <= MAX_DIGITS
    assert numeral_value(digit * 5_000) is None


def test_a_million_digits_are_no_number() -> None:
    assert numbers("9" * 1_000_000) == numbers("1." + "9" * 1_000_000 + " million") == {}


def test_the_longest_number_keeps_every_digit() -> None:
    assert numbers("7" * MAX_DIGITS) == {"7" * MAX_DIGITS: int("7" * MAX_DIGITS)}
    assert numbers("7" * (MAX_DIGITS + 1)) == {}
    assert numeral_value("七" * MAX_DIGITS) == int("7" * MAX_DIGITS)
    assert numeral_value("一" + "亿" * 5) is None  # 10 ** 40 and above

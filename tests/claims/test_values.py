from __future__ import annotations

import datetime

import pytest

from ctxshape.claims.counted import UNITS
from ctxshape.claims.dates import as_date, dates, without_dates
from ctxshape.claims.entities import PlaceName, people, places
from ctxshape.claims.values import MONEY, StatedValue, amounts, unit_of


def one(text: str, *units: str) -> StatedValue:
    (value,) = amounts(text, units)
    return value


@pytest.mark.parametrize(
    "written", ["1,200 people", "1200 people", "１２００人", "一千二百人", "1200名", "1.2 thousand people"]
)
def test_one_number_in_six_ways(written: str) -> None:
    value = one(f"There were {written}." if "p" in written else f"共有{written}。", "people")
    assert (value.low, value.high, value.unit) == (1200, 1200, "people")


@pytest.mark.parametrize(
    ("written", "amount", "unit"),
    [
        ("£12.65", 12.65, "pound"),
        ("12.65 pounds", 12.65, "pound"),
        ("£11.81 million", 11_810_000, "pound"),
        ("11,810,000 pounds", 11_810_000, "pound"),
        ("人民币6901万元", 69_010_000, "yuan"),
        ("八十六元", 86, "yuan"),
        ("US$3 billion", 3e9, "dollar"),
        ("３０００ 万英镑", 30_000_000, "pound"),
    ],
)
def test_money(written: str, amount: float, unit: str) -> None:
    value = one(f"It cost {written}, in all." if written.isascii() or written[0] == "£" else f"花费{written}，", *MONEY)
    assert (value.low, value.unit) == (amount, unit)


def test_ranges_and_rough_numbers_are_intervals() -> None:
    assert one("10 to 20 metres", *UNITS["length"])[1:] == (10, 20, "metre")
    assert one("长10至20米", *UNITS["length"])[1:] == (10, 20, "metre")
    assert one("about 100 people", "people")[1:] == (90, 110, "people")
    assert one("一百余人", "people")[1:] == (90, 110, "people")


def test_a_number_without_the_unit_asked_for_is_none() -> None:
    assert amounts("In 1950 it had 12 rooms, 3 floors and one man.", {"people", "man"}) == []
    assert amounts("一件石雕，三天，CO2", {"件", "people"}) == []


def test_units_are_never_compared_with_others() -> None:
    assert one("9 metres", "metre").agrees(one("40 feet", "foot"))
    assert not one("9 metres", "metre").agrees(one("长十米", "metre"))
    assert [unit_of(word) for word in ("Metres", "人", "passengers", "glass")] == ["metre", "people", "passenger", "glas"]


@pytest.mark.parametrize(
    "written", ["15 May 1933", "May 15th, 1933", "1933-05-15", "1933年5月15日", "１９３３年５月１５日", "一九三三年五月十五日"]
)
def test_one_day_in_six_ways(written: str) -> None:
    (value,) = dates(f"Opened {written}.")
    assert (value.low, value.high) == (19330515, 19330515)
    assert value.agrees(dates("in 1933")[0])
    assert value.agrees(dates("1930–1935")[0])
    assert not value.agrees(dates("1933年6月")[0])


def test_what_is_no_date() -> None:
    assert dates("the 1930s, £1933, 1933 people, 12,1933, 1933m and page 1933.5") == []
    assert dates("1930年代有1933人，第99月") == []
    assert dates("2024-13-01") == []


def test_dates_are_blanked_in_place() -> None:
    assert without_dates("２００９年5月3日起3年，5月8日止") == " " * 9 + "起3年，5月  止"
    assert without_dates("历时1500年") == "历时1500年"


def test_a_date_of_a_field() -> None:
    assert as_date(datetime.datetime(2024, 2, 9, 8)) == datetime.date(2024, 2, 9)
    assert as_date(2024) == datetime.date(2024, 1, 1)
    assert as_date("2023-02-31") is None
    assert as_date(True) is None


@pytest.mark.parametrize(
    ("one_name", "other", "same"),
    [
        ("Marie Curie", "Curie", True),
        ("J. Smith", "John Smith", True),
        ("John Smith", "Jane Smith", False),
        ("约翰·史密斯", "史密斯", True),
        ("裴文澄", "裴文远", False),
    ],
)
def test_names(one_name: str, other: str, same: bool) -> None:
    assert StatedValue(one_name).agrees(StatedValue(other)) is same
    assert StatedValue(other).agrees(StatedValue(one_name)) is same


def test_people_and_places() -> None:
    assert [v.written for v in people("Since January 2024 its head has been Ida Holwick, then Ana de la Cruz.")] == [
        "Ida Holwick",
        "Ana de la Cruz",
    ]
    assert [v.written for v in people("团长由裴文澄担任。")] == ["裴文澄"]
    assert [v.written for v in places("总部设在霞浦县，后迁到松湾镇。")] == ["霞浦县", "松湾镇"]
    assert [v.written for v in places("位于广州市天河区，又设在上海。")] == ["广州市天河区", "上海"]
    assert [v.written for v in people("董事长林国栋。校长任命，主任为赵敏女士。")] == ["林国栋", "赵敏"]


@pytest.mark.parametrize(
    ("one_place", "other", "same"),
    [
        ("江苏省常州市", "常州市", True),
        ("江苏省常州市", "江苏省", True),
        ("常州市新北区", "江苏省", True),
        ("江苏省常州市", "安徽省合肥市", False),
        ("江苏省常州市", "合肥市", False),
        ("北京市海淀区", "北京", True),
        ("北京市", "上海市浦东新区", False),
        ("臺北市大安區", "台北市", True),
        ("臺北市", "高雄市", False),
        ("柏溪镇", "柏桥头市", True),
        ("柏溪镇", "松湾镇", False),
        ("加利福尼亚州", "加州", True),
        ("Norholm", "Selbeck", False),
    ],
)
def test_places_are_compared_level_by_level(one_place: str, other: str, same: bool) -> None:
    assert PlaceName(one_place).agrees(PlaceName(other)) is same
    assert PlaceName(other).agrees(PlaceName(one_place)) is same

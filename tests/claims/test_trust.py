from __future__ import annotations

import datetime

import pytest

from ctxshape.claims.trust import date_of, decay, domain_of, independent, is_within, site_of
from ctxshape.core.passages import document_from
from ctxshape.core.types import Document

LONG = (
    "The lighthouse on Cape Rosa was built in 1884 by the harbour board, and its lamp was made by Bell and Company. "
    "It is white, and a path of some four hundred steps leads up to it from the small bay below."
)


def document(text: str = "", **fields: object) -> Document:
    return document_from({"text": text, **fields}, "a")


@pytest.mark.parametrize(
    ("source", "domain"),
    [
        ("https://www.Example.org/page?x=1", "example.org"),
        ("bbc.co.uk/news", "bbc.co.uk"),
        ("example.org", "example.org"),
        ("report.pdf", None),
        ("notes/report.pdf", None),
        ("wiki dump 2018", None),
        ("https://[broken", None),
        ("http://localhost:8000", None),
    ],
)
def test_domain(source: str, domain: str | None) -> None:
    assert domain_of(document(source=source)) == domain
    assert domain_of(document(url=source)) == domain


def test_domains_by_hand() -> None:
    assert is_within("gov.uk", "gov.uk")
    assert not is_within("gov.uk", "nhs.gov.uk")
    assert [site_of(h) for h in ("zh.wikipedia.org", "a.b.com.cn", "example.org")] == [
        "wikipedia.org",
        "b.com.cn",
        "example.org",
    ]


def test_date_of_a_document_by_hand() -> None:
    assert date_of(document("x", updated="2024年2月9日")) == datetime.date(2024, 2, 9)
    assert date_of(document("x", title="Report, May 2020")) == datetime.date(2020, 5, 1)
    assert date_of(document("2008年10月26日公告：桥很旧。")) == datetime.date(2008, 10, 26)
    assert date_of(document("From the Stanford Gazette of 20 February 2021. It is old.")) == datetime.date(2021, 2, 20)
    assert date_of(document("The mill was built on 2 May 1820. It is updated often.")) is None
    assert date_of(document("玫瑰角灯塔建于1884年，高31米。")) is None
    assert date_of(document("2 May 2020", title="3 May 2020"), "seen") is None


def test_decay_by_hand() -> None:
    day = datetime.date(2024, 1, 11)
    assert decay(datetime.date(2024, 1, 1), day, 10) == 0.5
    assert decay(datetime.date(2023, 12, 22), day, 10) == 0.25
    assert decay(datetime.date(2030, 1, 1), day, 10) == 1.0


def test_copies_and_one_site_are_one_source() -> None:
    copies = [document(LONG), document(LONG.replace("1884", "1913")), document("Something else about ships.")]
    assert independent(copies) == [0, 0, 2]
    sites = [document("one", source="https://en.wikipedia.org/a"), document("two", source="https://de.wikipedia.org/b")]
    assert independent(sites) == [0, 0]
    assert independent([]) == []


def test_blogs_at_one_provider_are_two_sites() -> None:
    assert site_of("ida.blogspot.com") == "ida.blogspot.com"
    assert [site_of(host) for host in ("co.uk", "unlisted.example")] == ["co.uk", "unlisted.example"]
    blogs = [document(text, source=f"https://{text}.github.io/about") for text in ("one", "two")]
    assert independent(blogs) == [0, 1]


def test_many_near_copies_are_one_source() -> None:
    copies = [document(LONG.replace("1884", str(year))) for year in range(1500, 2000)]
    assert independent([*copies, document("Something else about ships.")]) == [0] * 500 + [500]

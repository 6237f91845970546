"""How far a document is to be trusted: its site, its date, how many independent sources agree. Pure functions."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from ctxshape.claims.dates import as_date, dateline
from ctxshape.core.types import Document
from ctxshape.text.candidates import Candidates
from ctxshape.text.similarity import jaccard
from ctxshape.text.words import shingles

_URL_FIELDS = ("url", "link", "href", "uri", "source_url", "source")
_DATE_FIELDS = tuple(
    "date published published_at publish_date publication_date updated updated_at modified last_modified created created_at "
    "year".split()
)
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}", re.ASCII)
_FILE_ENDINGS = frozenset("txt pdf html htm md json jsonl csv doc docx ppt pptx xls xlsx xml rtf epub png jpg py".split())
_SECOND_LEVEL = frozenset("co com org net gov edu ac ne or go".split())
_NEAR = 0.8  # Jaccard similarity from which one text is the other's copy, as in DropDuplicates


def domain_of(document: Document) -> str | None:
    """The host of `source`, or of an address in `meta`, without "www."; None if there is none.

    >>> domain_of(Document(id="a", text="", source="https://www.Example.co.uk:80/x"))
    'example.co.uk'
    >>> domain_of(Document(id="a", text="", source="report.pdf", meta={"url": "news.example.org/today"}))
    'news.example.org'
    """
    for value in (document.source, *(document.meta.get(field) for field in _URL_FIELDS)):
        if isinstance(value, str) and (host := _host(value.strip())):
            return host
    return None


def _host(address: str) -> str | None:
    try:
        host = urlsplit(address).hostname if "://" in address else address.split("/")[0]
    except ValueError:  # a bracket that opens no IPv6 address
        return None
    host = (host or "").casefold().removeprefix("www.").rstrip(".")
    if not _HOST.fullmatch(host) or ("/" not in address and host.rsplit(".", 1)[-1] in _FILE_ENDINGS):
        return None
    return host


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or under it.

    >>> is_within("www.nhs.gov.uk", "gov.uk"), is_within("notgov.uk", "gov.uk")
    (True, False)
    """
    return host == domain or host.endswith(f".{domain}")


def site_of(host: str) -> str:
    """Who answers for a host: its last two labels, three under the likes of "co.uk".

    A rule of thumb, not the Public Suffix List: two blogs under one host count as one source.

    >>> site_of("en.wikipedia.org"), site_of("news.bbc.co.uk")
    ('wikipedia.org', 'bbc.co.uk')
    """
    labels = host.split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


def date_of(document: Document, field: str | None = None) -> datetime.date | None:
    """The date of a document: of `field` in `meta`, or of the usual fields, else one in its title or its date line.

    >>> date_of(Document(id="a", text="Notice of 27 December 2024. The crew is new.", meta={"seen": "2025-01-01"}))
    datetime.date(2024, 12, 27)
    >>> date_of(Document(id="a", text="", meta={"seen": "2025-01-01"}), "seen")
    datetime.date(2025, 1, 1)
    """
    if field is not None:
        return as_date(document.meta.get(field))
    found = (as_date(document.meta.get(name)) for name in _DATE_FIELDS)
    written = (as_date(text) for text in (document.title, dateline(document.text)))
    return next((date for date in (*found, *written) if date is not None), None)


def decay(date: datetime.date, as_of: datetime.date, half_life_days: float) -> float:
    """The weight of a date: 1 on `as_of` and after it, half for each half-life before it.

    >>> decay(datetime.date(2023, 1, 1), datetime.date(2024, 1, 1), 365.0)
    0.5
    """
    return math.exp2(-max((as_of - date).days, 0) / half_life_days)


def independent(documents: Sequence[Document]) -> list[int]:
    """The number of the source that each document counts for: one for a site, and one for near copies of a text.

    `Document.duplicates` are copies already and count for nothing. A passage whose text is near another's (Jaccard of
    0.8 on three-token shingles) is its copy, whatever figure it changed.

    >>> texts = ["Ida runs it.", "ida runs it", "It is run by Ida.", "Ida is its head."]
    >>> made = [Document(id=str(n), text=text) for n, text in enumerate(texts[:2])]
    >>> made += [Document(id=text, text=text, source="https://a.org/" + text[:2]) for text in texts[2:]]
    >>> independent(made)
    [0, 0, 2, 2]
    """
    source = list(range(len(documents)))

    def root(index: int) -> int:
        while source[index] != index:
            source[index] = source[source[index]]
            index = source[index]
        return index

    for one, other in (*_same_site(documents), *_near_copies(documents)):
        low, high = sorted((root(one), root(other)))
        source[high] = low
    return [root(index) for index in range(len(documents))]


def _same_site(documents: Sequence[Document]) -> Iterable[tuple[int, int]]:
    first: dict[str, int] = {}
    for index, document in enumerate(documents):
        host = domain_of(document)
        if host is not None:
            yield first.setdefault(site_of(host), index), index


def _near_copies(documents: Sequence[Document]) -> Iterable[tuple[int, int]]:
    if len(documents) < 2:
        return
    found = [shingles(document.text) for document in documents]
    candidates = Candidates(found, _NEAR, seed=1)
    for index in range(len(documents)):
        yield from ((other, index) for other in candidates.of(index) if jaccard(found[index], found[other]) >= _NEAR)
        candidates.add(index)

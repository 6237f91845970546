"""The trust in a document: its site, its date, and the number of independent sources that agree."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ctxshape.claims.dates import as_date, dateline
from ctxshape.core.types import Document
from ctxshape.text.candidates import Candidates
from ctxshape.text.similarity import jaccard
from ctxshape.text.words import shingles

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_URL_FIELDS = ("url", "link", "href", "uri", "source_url", "source")
_DATE_FIELDS = tuple(
    "date published published_at publish_date publication_date updated updated_at modified last_modified created created_at "
    "year".split()
)
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}", re.ASCII)
_FILE_ENDINGS = frozenset("txt pdf html htm md json jsonl csv doc docx ppt pptx xls xlsx xml rtf epub png jpg py".split())
_NEAR = 0.8  # Jaccard similarity from which a text is a copy, as in DropDuplicates


def domain_of(document: Document) -> str | None:
    """Returns the host of `source` or of an address in `meta`, without "www.", or None.

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
    except ValueError:  # a bracket without an IPv6 address
        return None
    host = (host or "").casefold().removeprefix("www.").rstrip(".")
    if not _HOST.fullmatch(host) or ("/" not in address and host.rsplit(".", 1)[-1] in _FILE_ENDINGS):
        return None
    return host


def is_within(host: str, domain: str) -> bool:
    """Returns whether a host is a domain or below it.

    >>> is_within("www.nhs.gov.uk", "gov.uk"), is_within("notgov.uk", "gov.uk")
    (True, False)
    """
    return host == domain or host.endswith(f".{domain}")


def site_of(host: str) -> str:
    """Returns the registrable domain of a host by the Public Suffix List, or the host if it is a suffix itself.

    Two blogs at one provider, such as github.io, are two sites. The list is a file in a package; nothing is fetched.

    >>> site_of("en.wikipedia.org"), site_of("news.bbc.co.uk"), site_of("www.ida.github.io")
    ('wikipedia.org', 'bbc.co.uk', 'ida.github.io')
    """
    return _public_suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # reads its list in about 30 ms

    return PublicSuffixList()


def date_of(document: Document, field: str | None = None) -> datetime.date | None:
    """Returns the date of a document, or None.

    It is the date in `field` of `meta`. Without `field`, it is the first in the usual fields, the title or the date line.

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
    """Returns the weight of a date: 1 from `as_of` on, halved for each half-life before it.

    >>> decay(datetime.date(2023, 1, 1), datetime.date(2024, 1, 1), 365.0)
    0.5
    """
    return math.exp2(-max((as_of - date).days, 0) / half_life_days)


def independent(documents: Sequence[Document]) -> list[int]:
    """Returns, for each document, the index of the first document of its source.

    Documents of one site, and near copies of one text, are one source. A passage is a near copy of another if the Jaccard
    similarity of their three-token shingles is at least 0.8, even if a figure differs. `Document.duplicates` are copies
    and count for nothing.

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

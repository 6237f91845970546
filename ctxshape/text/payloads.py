"""Finds payloads in a text: data URIs, base64, hashes, vectors, minified scripts and style sheets, which nobody reads."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter, ne
from typing import Literal, NamedTuple

from ctxshape.text.minified import scripts, style_sheets

Kind = Literal["data URI", "base64", "hash", "vector", "vector path", "style sheet", "script"]

_SHORTEST_WORD = 32  # characters; a text whose words are all shorter has no payload but vectors, unless it is code
_RUN, _LINE = 64, 40  # characters of base64: alone, and on each of several lines
_MEDIA = 20  # characters of data of an image, a font or a sound; a picture of one pixel has about 50
_URL = re.compile(r"(?<![A-Za-z])(?:https?|ftp)://[^\s<>\"']{1,500}+(?![^\s<>\"'])")
_BASE64 = "[A-Za-z0-9+/_-]"
_DATA_URI = re.compile(
    r"(?<![A-Za-z0-9])data:(?P<type>[a-z]{2,20}/[\w.+-]{1,80}+)?(?P<parameters>(?:;[\w=.\"-]{0,80}+){0,5}+),(?=\S)",
    re.IGNORECASE,
)
# The last line may be short. It ends with padding or before what closes the payload, for otherwise it may be a word.
_LAST_LINE = rf"(?:\s{{1,3}}{_BASE64}{{2,{_LINE}}}+(?:={{1,2}}+|(?=\s*+(?:\Z|[\"')<]|-----END))))?+"
_ENCODED = re.compile(rf"(?:{_BASE64}|[%=~.])*+(?:\s{{1,3}}{_BASE64}{{{_LINE},}}+={{0,2}}+)*+{_LAST_LINE}")
_MARKUP = re.compile(r"<(?:svg|\?xml)|%3c(?:svg|%3fxml)", re.IGNORECASE)  # an image that has blanks
_PLAIN = re.compile(r"[^\s\"'<>()]*+")
_MEDIA_TYPE = re.compile(r"image|font|audio|video|application/(?:octet|pdf|zip|x-font|font|vnd)", re.IGNORECASE)
_RUNS = re.compile(
    rf"(?<!{_BASE64}){_BASE64}{{{_LINE},}}+={{0,2}}+(?:\s{{1,3}}{_BASE64}{{{_LINE},}}+={{0,2}}+)++{_LAST_LINE}"
    rf"|(?<!{_BASE64}){_BASE64}{{{_RUN},}}+={{0,2}}+"
    rf"|(?<!{_BASE64})eyJ{_BASE64}{{8,}}+\.eyJ{_BASE64}{{8,}}+\.{_BASE64}*+"
)
_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?+[0-9A-Fa-f]{96,}+(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{2}[:\s]\s{0,12}+){64,}+[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
    r"|(?<!\S)--hash=sha(?:256|384|512):[0-9a-f]{64,}+"
    r"|(?<![\w/])sha(?:256|384|512)-[A-Za-z0-9+/]{43,88}+={0,2}+"
)
_NUMBER = r"-?\d{1,6}\.\d{3,20}+(?:e[+-]?\d{1,3}+)?+"
_VECTOR = re.compile(rf"\[\s{{0,9}}+(?:{_NUMBER},\s{{0,9}}+){{63,}}+{_NUMBER}\s{{0,9}}+\]", re.IGNORECASE)
_PATH = re.compile(r"(?<=\b[dD]=[\"'])[Mm][\d\s.,MLHVCSQTAZmlhvcsqtaze+-]{120,}+(?=[\"'])")
_CLASSES = {
    **dict.fromkeys(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "A"),
    **dict.fromkeys(map(ord, "abcdefghijklmnopqrstuvwxyz"), "a"),
    **dict.fromkeys(map(ord, "0123456789"), "0"),
}
# A question that asks for payloads of a kind. Everyday words such as "key", "code" and "function" do not.
_ENCODINGS = r"\bbase64\b|\bdata[- ]ur[il]s?\b|编码"
_SUMS = r"\b(?:hash(?:es)?|sha-?\d*|checksums?|digests?|fingerprints?|integrity|modulus)\b|哈希|校验|摘要|指纹"
_KEYS = r"\b(?:jwt|(?:public|private|access|api|ssh) (?:keys?|tokens?)|certificates?|signatures?)\b|[公私密]钥|证书|签名|令牌"
_PATTERNS: dict[Kind, str] = {
    "data URI": _ENCODINGS,
    "base64": f"{_ENCODINGS}|{_SUMS}|{_KEYS}",
    "hash": f"{_SUMS}|{_KEYS}",
    "vector": r"\b(?:vectors?|embeddings?|arrays?|coordinates)\b|向量|数组|坐标",
    "vector path": r"\bsvg\b",
    "style sheet": r"\b(?:css|style ?sheets?|selectors?)\b|样式",
    "script": r"\b(?:java)?scripts?\b|\bjs\b|\bminified\b|\b\w+\(\)|脚本|函数|代码",
}
_ASKS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()}


class Payload(NamedTuple):
    """A payload: characters `start` (included) to `end` (excluded) of a text, and its kind."""

    start: int
    end: int
    kind: Kind


def payloads(text: str, query: str = "") -> list[Payload]:
    """Returns the payloads of a text in their order; they do not overlap. Takes time linear in the text.

    - A *data URI* counts from 20 characters of data of an image, font or sound, and from 64 of any other. In a Markdown
      image or link its parentheses belong to it, so the description of the image stays.
    - *base64* counts from 64 characters that look random, and on several lines from 40 each; a JSON web token counts, too.
    - A *hash* has 96 hexadecimal digits or more; those that lock files give for packages count from 64. A SHA-256 sum, a
      commit or an address is an identifier and stays.
    - A *vector* has 64 decimal numbers or more in brackets, a *vector path* is the drawing of an SVG image.
    - A *script* or *style sheet* is minified code of 300 or 150 characters; formatted code and JSON are text.

    A URL of up to 500 characters is text, whatever it holds. Payloads of a kind that `query` asks for are left out.

    >>> page = "The mill ![the wheel](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA) was built in 1770."
    >>> [(page[start:end][:16], kind) for start, end, kind in payloads(page)]
    [('(data:image/png;', 'data URI')]
    >>> payloads("The commit 3f2c1ab9d07e4b5a8c6d9e0f1a2b3c4d5e6f7a8b fixed it.")
    []
    """
    if not _may_have_payload(text):
        return []
    wanted = {kind for kind, asks in _ASKS.items() if asks.search(query)} if query else ()
    kept: list[Payload] = []
    for found in sorted(_all(text)):
        if found.kind in wanted:
            continue
        if kept and found.start < kept[-1].end:
            kept[-1] = kept[-1]._replace(end=max(found.end, kept[-1].end))
        else:
            kept.append(found)
    return kept


def _may_have_payload(text: str) -> bool:
    return any(mark in text for mark in "[{") or max(map(len, text.split()), default=0) >= _SHORTEST_WORD or 'd="' in text


def _all(text: str) -> Iterator[Payload]:
    """Yields the payloads of every kind; they may overlap."""
    yield from _data_uris(text)
    addresses = [match.span() for match in _URL.finditer(text)] if "://" in text else []
    for match in _RUNS.finditer(text):
        if _looks_random(match.group()) and not _inside(match.start(), addresses):
            yield Payload(*match.span(), "base64")
    for match in _HEX.finditer(text):
        if any(char in "abcdefABCDEF" for char in match.group()[2:200]) and not _inside(match.start(), addresses):
            yield Payload(*match.span(), "hash")
    yield from (Payload(*match.span(), "vector") for match in _VECTOR.finditer(text))
    yield from (Payload(*match.span(), "vector path") for match in _PATH.finditer(text))
    yield from (Payload(start, end, "style sheet") for start, end in style_sheets(text))
    yield from (Payload(start, end, "script") for start, end in scripts(text))


def _data_uris(text: str) -> Iterator[Payload]:
    """Yields the data URIs. An image in markup ends at the quotation mark that is also before it, any other at white space."""
    begin = 0
    while match := _DATA_URI.search(text, begin):
        start, end = match.span()
        before = text[start - 1 : start]
        if "base64" in match["parameters"].lower():
            end = _ENCODED.match(text, end).end()  # type: ignore[union-attr]  # it may be empty
        elif before in ("'", '"') and _MARKUP.match(text, end) and (found := text.find(before, end)) >= 0:
            end = found
        else:
            end = _PLAIN.match(text, end).end()  # type: ignore[union-attr]
        begin = end
        if end - match.end() >= (_MEDIA if _MEDIA_TYPE.match(match["type"] or "") else _RUN):
            bracketed = before == "(" and text[start - 2 : start - 1] == "]" and text[end : end + 1] == ")"
            yield Payload(start - bracketed, end + bracketed, "data URI")


def _looks_random(run: str) -> bool:
    """Returns whether the classes of the characters change as in base64, not as in words, identifiers, paths or genes."""
    plain = "".join(run.split()).rstrip("=")
    if plain.startswith("eyJ"):
        return True
    classes = plain.translate(_CLASSES)
    size = len(classes)
    upper, lower, digits = (classes.count(char) for char in "Aa0")
    if min(upper, lower) < 0.15 * size or digits < 0.02 * size or size - upper - lower - digits > 0.15 * size:
        return False
    changes = sum(map(ne, classes, classes[1:]))
    runs_of_lower = sum(char == "a" for char, _ in groupby(classes))
    return changes >= 0.4 * size and lower < 2.8 * runs_of_lower


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Returns whether a place is inside one of the spans, which are in order."""
    before = bisect_right(spans, place, key=itemgetter(0)) - 1
    return before >= 0 and place < spans[before][1]

"""The parts of a question that evidence has to cover: names, quoted phrases, dates, identifiers, amounts, compared things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ctxshape.claims.dates import dates
from ctxshape.claims.sides import compared
from ctxshape.claims.wordings import WORDINGS
from ctxshape.text.folding import MARKS
from ctxshape.text.identifiers import identifiers, is_distinctive
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.names import NAME_JOINERS
from ctxshape.text.words import CJK, FUNCTION_WORDS, asks_in_cjk

_LONGEST = 2000  # characters that are read: half from the beginning, half from the end
_MOST = 16  # facets
_MOST_SPANS = 64  # found before the surplus is cut
_LONG_RUN = 4  # content words of one facet

_Span = tuple[int, int]

_QUOTES = re.compile(
    r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|「([^」\n]{1,200})」|『([^』\n]{1,200})』|《([^》\n]{1,200})》|«([^»\n]{1,200})»|"
    r"(?<!\w)'([^'\n]{2,100})'(?!\w)|‘([^’\n]{2,100})’|`([^`\n]{1,100})`"
)
# A word that may be in a name: it does not begin with a small letter of ASCII; others are checked later.
_NAME_WORD = rf"(?:[dlDLO]['’])?[^\W\d_a-z{CJK}][^\W_{CJK}]*(?:['’\-.&:/][^\W_{CJK}]+)*"
_JOINERS = "|".join(sorted(NAME_JOINERS))
_NAME = (
    rf"(?<![\w’']){_NAME_WORD}\.?"
    rf"(?:(?: |, (?=(?:Inc|Ltd|Jr|Sr)\b))(?:(?:{_JOINERS}) (?:the )?){{0,2}}(?:{_NAME_WORD}|\d+[A-Z]?\b)\.?)*"
)
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Jr|Sr|Inc|Ltd|Co)\.$")
_ASKS = re.compile(r"[?？]|\b(?:who|whom|what|when|where|which|how|why|is|are|was|were|do|does|did|can)\b", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"(?:[a-z]+ )+(?=[A-Z]\w)")  # "director of film"
_TITLE = re.compile(r"《([^》]+)》")
_POSSESSIVE = re.compile(r"['’][sS]?$")
_SMALL = re.compile(r" [a-z]")
_ARTICLES = frozenset({"the", "a", "an", "i"})
_AROUND = "?？,，;；:.!()[]\"'“”。"

_NUMBER = re.compile(r"(?<![\w.])[$£€¥]?(?P<number>\d[\d.,:]*(?:[-–]\d+)?)(?P<unit>\s?%|\s?°[CF]?|[-\s]?[^\W\d_]{1,20}|\b)")
_TWO_YEARS = re.compile(r"(\d{4}年?)\s?(?:to|until|and|[至到与與和])\s?(\d{4}年?)")
_YEAR = re.compile(r"(?:1\d|20)\d\d")
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b|\d{{1,2}}月\d{{1,2}}[日号號]"
)
_NUMBERED = re.compile(  # words that a number follows
    r"\b(?:seasons?|episodes?|chapters?|parts?|versions?|numbers?|no\.?|acts?|levels?|grades?|types?|class|books?|volumes?|pages?|"
    r"steps?|phases?|sections?|articles?|rules?|figures?|tables?|days?|weeks?|rounds?) $",
    re.IGNORECASE,
)

_LETTER = rf"(?:[^\W_]|[{MARKS}])"
_WORD = re.compile(rf"{_LETTER}+(?:['’\-]{_LETTER}+)*|[^\w\s'’-]")
_RUN = re.compile(r"\S+")
_ADVERB = re.compile(r"(?:al|ent|ant|ive|ous|ic|ful|ed|ing|ar|er|ate|ost|ear|ble|ime|ap)ly$")
_COMMON = FUNCTION_WORDS.union(*(wording.plain_words for wording in WORDINGS))
_FOREIGN = frozenset[str]().union(*(language.common_words for language in LANGUAGES)) - _COMMON
_COMMON_ANYWHERE = _COMMON | _FOREIGN

_LATIN = r"A-Za-zÀ-ɏ"
_LATIN_RUN = re.compile(rf"(?<![0-9{_LATIN}])[0-9]*[{_LATIN}][0-9{_LATIN}_.+#'’&-]*(?: [0-9{_LATIN}][0-9{_LATIN}_.+#'’&-]*)*")
_BREAKS = "|".join(part for wording in WORDINGS for part in wording.breaks)


def facets_of(question: str) -> tuple[str, ...]:
    """Returns the parts of a question that evidence has to cover, as written, disjoint and in their order.

    They are compared things, quoted phrases, identifiers, dates, names and amounts. Runs of up to four content words count
    where the question has no name, identifier or quotation, as in lower case. A Chinese question is cut at its function words
    and frequent verbs. There are at most 16 facets.

    >>> facets_of('When did Ada Lovelace publish "Note G"?'), facets_of("who sang the hymn in new york city")
    (('Ada Lovelace', 'Note G'), ('hymn', 'new york city'))
    >>> facets_of("Which city is larger, Paris or Lyon?"), facets_of("《红楼梦》的作者在哪一年出生？")
    (('Paris', 'Lyon'), ('红楼梦', '作者'))
    """
    text = question if len(question) <= _LONGEST else f"{question[: _LONGEST // 2]}\n{question[-_LONGEST // 2 :]}"
    taken = _Spans()
    named = [taken.add(*span) for span in (*_compared(text), *_quoted(text), *_identified(text))]
    for span in _dated(text):
        taken.add(*span)
    if asks_in_cjk(text):
        _add_chinese(text, taken)
    else:
        common = _common_words(text)
        named += [taken.add(*span) for span in _named(text, common)]
        for match in _NUMBER.finditer(text):
            taken.add(*_amount(text, match))
        long = any(named) and any(" " in text[start:end] for start, end in taken.sorted())
        if not long:
            for span in list(_content_runs(text, taken, common)):
                if not any(named) or " " in text[slice(*span)] or not _ASKS.search(text):
                    taken.add(*span)
    found = (" ".join(text[start:end].split()) for start, end in taken.sorted())
    return tuple({facet.casefold(): facet for facet in found if facet}.values())[:_MOST]


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """Compiles a long expression when it is first used: it takes milliseconds."""
    return re.compile(form)


class _Spans:
    """Disjoint spans of a text; one that overlaps an earlier one is left out."""

    def __init__(self) -> None:
        self._spans: list[_Span] = []

    def add(self, start: int, end: int) -> bool:
        """Adds a span if it has characters and overlaps no other; returns whether it did."""
        free = start < end and len(self._spans) < _MOST_SPANS and self.is_free(start, end)
        if free:
            self._spans.append((start, end))
        return free

    def is_free(self, start: int, end: int) -> bool:
        return all(end <= low or high <= start for low, high in self._spans)

    def sorted(self) -> list[_Span]:
        return sorted(self._spans)


def _compared(text: str) -> Iterator[_Span]:
    comparison = compared(text)
    if comparison is not None:
        place = comparison.start
        for side in comparison.sides:
            place = max(text.find(side, place), place)
            title, described = _TITLE.search(side), _BEFORE_NAME.match(side)
            start, end = title.span(1) if title else (described.end() if described else 0, len(side))
            yield place + start, place + end
            place += len(side)


def _quoted(text: str) -> Iterator[_Span]:
    for match in _QUOTES.finditer(text):
        yield match.span(match.lastindex or 0)


def _identified(text: str) -> Iterator[_Span]:
    for run in _RUN.finditer(text):
        plain = run.group().strip(_AROUND)
        if plain and plain.isascii() and not plain.isalpha() and identifiers(plain) and is_distinctive(plain):
            start = run.start() + run.group().index(plain)
            yield start, start + len(plain)


def _dated(text: str) -> Iterator[_Span]:
    place = 0
    for date in dates(text):
        start = text.find(date.written, place)
        if start >= 0:
            place = start + len(date.written)
            both = _TWO_YEARS.fullmatch(date.written)
            for span in (both.span(1), both.span(2)) if both else ((0, place - start),):
                yield start + span[0], start + span[1]
    for match in _DAY.finditer(text):
        yield match.span()


def _common_words(text: str) -> frozenset[str]:
    """Returns the words that name nothing: of English, or of all languages if another one seems to be used.

    A frequent word of one language is a noun of another, such as "war".
    """
    words = [_plain(word) for word in text.split()]
    foreign = sum(word in _FOREIGN for word in words)
    return _COMMON_ANYWHERE if foreign > sum(word in FUNCTION_WORDS for word in words) else _COMMON


def _named(text: str, common: frozenset[str]) -> Iterator[_Span]:
    """Yields runs of capitalised words, without the words that open a sentence."""
    for match in _compiled(_NAME).finditer(text):
        words = list(_RUN.finditer(match.group()))
        opening = text[max(match.start() - 4, 0) : match.start()].rstrip(" \"“'(")[-1:] in ("", *".?!\n:")
        first, last = 0, len(words)
        while first < last and _plain(words[first].group()) in (common if opening else _ARTICLES):
            if words[first].group().isupper() and len(words[first].group()) > 1:
                break  # US, WHO
            first += 1
        if last > first and words[last - 1].group() == "I" and _SMALL.match(text, match.end()):
            last -= 1  # "on Maya I have"; "World War I"
        while last > first and words[last - 1].group() in NAME_JOINERS:
            last -= 1
        if first == last or not words[first].group().lstrip("dl'’")[:1].isupper():
            continue
        start, end = match.start() + words[first].start(), match.start() + words[last - 1].end()
        if text[end - 1] == "." and not _ABBREVIATED.search(text[start:end]):
            end -= 1
        end = start + len(_POSSESSIVE.sub("", text[start:end]))
        if not (opening and first == 0 and last == 1 and text[start + 1 : end].islower()):
            yield start, end


def _plain(word: str) -> str:
    return re.split("['’]", word.casefold(), maxsplit=1)[0].rstrip(".")


def _amount(text: str, match: re.Match[str]) -> _Span:
    """Returns the place of a number with its unit, or with the word that it numbers: "season 2"."""
    start, end = match.start(), match.end()
    numbered = _NUMBERED.search(text[max(start - 12, 0) : start])
    unit = match["unit"].strip(" -").casefold()
    if unit[:1].isalpha() and (numbered or _YEAR.fullmatch(match["number"]) or unit in _COMMON):
        end = match.end("number")
    if numbered:
        start -= len(numbered.group())
    return start, start + len(text[start:end].rstrip(" .,:-"))


def _content_runs(text: str, taken: _Spans, common: frozenset[str]) -> Iterator[_Span]:
    """Yields runs of words that name something, outside the facets that are taken."""
    run: list[_Span] = []
    for match in _WORD.finditer(text):
        tells = match.group()[0].isalnum() and not _is_plain(match.group(), common) and taken.is_free(*match.span())
        if run and not (tells and len(run) < _LONG_RUN):
            yield run[0][0], run[-1][1]
            run = []
        if tells:
            run.append((match.start(), match.start() + len(_POSSESSIVE.sub("", match.group()))))
    if run:
        yield run[0][0], run[-1][1]


def _is_plain(word: str, common: frozenset[str]) -> bool:
    plain = _plain(word)
    return plain in common or _ADVERB.search(plain) is not None or word.casefold().endswith(("n't", "n’t"))


def _add_chinese(text: str, taken: _Spans) -> None:
    for match in _LATIN_RUN.finditer(text):
        taken.add(*match.span())
    breaks = [match.span() for match in _compiled(_BREAKS).finditer(text)]
    starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)]
    for start, end in zip(starts, ends, strict=True):
        for span in _between(start, end, taken.sorted()):
            taken.add(*span)


def _between(start: int, end: int, spans: list[_Span]) -> list[_Span]:
    """Returns the stretches from `start` to `end` outside of the sorted spans, of at least two characters."""
    parts: list[_Span] = []
    for low, high in spans:
        if low < end and high > start:
            parts.append((start, max(low, start)))
            start = max(high, start)
    return [(low, high) for low, high in (*parts, (start, end)) if high - low > 1]

"""Which sentences of the originals hold up an answer. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxshape.core.analysis import analysis_of
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece, sentence_spans
from ctxshape.core.types import Context, Document, Span
from ctxshape.readers.majority import MARKER, bare_answer, normalize_answer
from ctxshape.scorers.bm25 import bm25
from ctxshape.text.abstention import is_abstention
from ctxshape.text.names import proper_names
from ctxshape.text.numbers import NUMERAL_RUN
from ctxshape.text.sentences import sentences
from ctxshape.text.words import ANSWER_FILLERS, CJK, PARTICLES, VERDICTS, words

# A sentence without the answer itself supports it if it holds at least this share of the words it adds to the question.
OVERLAP = 0.6

# A number with its decimals, a run of Chinese numerals, one CJK character, or a word: "5" is not in "1950" or "3.5".
_TERM = re.compile(rf"\d+(?:[.,]\d+)*(?![^\W_{CJK}])|{NUMERAL_RUN}|[{CJK}]|(?:[^\W\d_{CJK}]\.){{2,}}|[^\W_{CJK}]+")


class _Shown(NamedTuple):
    """A sentence that a model saw: its document and place, its terms in order, its words, and the words of its title."""

    document: Document
    piece: Piece
    terms: list[str]
    words: frozenset[str]
    title: frozenset[str]
    relevance: float


def cite(text: str, context: Context, limit: int = 3) -> tuple[Span, ...]:
    """At most `limit` spans of originals, a sentence each, that support an answer; best first, none if nothing does.

    `context` holds the documents as the model saw them, and only what it saw is cited. Markers in the answer ("[2]",
    "Document [2]", "文档[2]") name documents by their place: the sentence of each that fits best. Else, for each
    sentence of the answer: the sentences that contain it word for word, those that share most with the query (BM25,
    under their title) first, and only those that share something if any does; else those that hold all of its figures
    and at least 0.6 of the words that it adds to the query and to their document's title; where the title has them all,
    the sentence below it that shares most with the query; else those that hold a name of several words (in Chinese: of
    several characters) which the answer adds to the query: they bear out the name, not all that is said of it. A
    sentence that a model wrote (kind "rewrite") stands for the sentences of its spans that do the same, else for its
    spans.

    >>> context = Context.of("When did it open?", ["The tower is 330 m high. It opened in 1889.", "In 1950, it rained."])
    >>> cite("1889", context), cite("5", context)
    ((Span(document='d1', start=25, end=43),), ())
    """
    if is_abstention(text):
        return ()
    shown = _shown(context)
    places = _marked(text, context)
    if places:
        found = [span for place in places for span in _from_marked(text, context.documents[place], shown, context)]
        return tuple(dict.fromkeys(found))[:limit]
    spans: dict[Span, None] = {}
    for claim in _claims(text):
        for sentence in _support(claim, context.query, shown):
            spans.update(dict.fromkeys(_origins(claim, sentence, context)))
    return tuple(spans)[:limit]


def contains(text: str, part: str) -> bool:
    """Whether `text` holds `part`, whole words and whole numbers only; CJK characters need no boundary.

    >>> contains("Built in 1950 by 3.5 men.", "5"), contains("It cost 1,000 francs.", "1000"), contains("他住在北京。", "北京")
    (False, True, True)
    """
    return _holds(_terms(text), _terms(part))


def _marked(text: str, context: Context) -> list[int]:
    """Indices of the documents that markers name. A marker copied along with a document's own words is none."""
    if any(text.strip() in document.text for document in context.documents):
        return []
    numbers = [int(number) for marker in MARKER.findall(text) for number in re.findall(r"\d+", marker)]
    return [number - 1 for number in dict.fromkeys(numbers) if 1 <= number <= len(context.documents)]


def _from_marked(text: str, document: Document, shown: Sequence[_Shown], context: Context) -> Iterable[Span]:
    """The sentence of a named document that fits the answer best; all that it shows if none shares a word with it."""
    claim = MARKER.sub(" ", text)
    own = [sentence for sentence in shown if sentence.document is document]
    added = _added(claim, context.query)
    fits = [(_holds(s.terms, _terms(bare_answer(claim))), _share(added, s), s.relevance) for s in own]
    best = max(range(len(own)), key=fits.__getitem__, default=None)
    if best is None or not any(fits[best]):
        return context.spans_of(document) if document.kind == "rewrite" or analysis_of(context).is_quote(document) else ()
    return _origins(claim, own[best], context)


def _shown(context: Context) -> list[_Shown]:
    analysis = analysis_of(context)
    found = [(document, piece) for document in context.documents for piece in analysis.sentences(document)]
    texts = [titled(document, piece.text) for document, piece in found]
    scores = bm25(context.query, texts, analysis.terms).tolist()
    return [
        _Shown(document, piece, _terms(piece.text), frozenset(words(piece.text)), frozenset(words(document.title or "")), score)
        for (document, piece), score in zip(found, scores, strict=True)
    ]


def _claims(text: str) -> Iterator[str]:
    """The answer without its frame, as a whole where that is a line; each of its sentences where it has several."""
    claims = [text[start:end] for start, end in sentences(text)]
    for claim in claims if len(claims) > 1 else [text]:
        bare = bare_answer(claim)
        if normalize_answer(bare) not in VERDICTS and not is_abstention(bare):
            yield bare


def _support(claim: str, query: str, shown: Sequence[_Shown]) -> list[_Shown]:
    wanted = _terms(claim)
    holding = [sentence for sentence in shown if _holds(sentence.terms, wanted)]
    if holding:
        return _about(holding)
    numbers = {term for term in wanted if term[0].isdecimal()}
    added = _added(claim, query)
    able = _about([s for s in shown if numbers <= {*s.terms, *s.words, *s.title} and _share(added, s) >= OVERLAP])
    titled = {sentence.document.id: sentence for sentence in reversed(able) if added <= sentence.title}
    own = [sentence for sentence in able if not added <= sentence.title]
    found = sorted(own, key=lambda sentence: -_share(added, sentence)) or _about(list(titled.values()))
    return found or _naming(claim, query, shown)


def _naming(claim: str, query: str, shown: Sequence[_Shown]) -> list[_Shown]:
    """The sentences with the longest name that an answer adds to the query: the answer may say more than they do.

    In Chinese, where a name carries no mark, it is a run of characters that the query has not.
    """
    latin = [terms for name in proper_names(claim) if len(terms := _terms(name)) > 1 and not contains(query, name)]
    plain = re.sub(f"[{re.escape(query)}{PARTICLES}]", " ", claim)
    runs = [list(run) for run in re.findall(f"[{CJK}]{{2,}}", plain)]
    for terms in sorted(latin + runs, key=len, reverse=True):
        holding = _about([sentence for sentence in shown if _holds(sentence.terms, terms)])
        if holding:
            return holding
    return []


def _about(found: list[_Shown]) -> list[_Shown]:
    """The sentences that share most with the query first; those that share nothing only where no other does."""
    about = [sentence for sentence in found if sentence.relevance > 0]
    return sorted(about or found, key=lambda sentence: -sentence.relevance)


def _added(claim: str, query: str) -> set[str]:
    """The words that an answer adds to the question; all of them where it adds none."""
    content = set(words(claim)) - ANSWER_FILLERS
    return content - set(words(query)) or content


def _share(added: set[str], sentence: _Shown) -> float:
    """The share of the added words, without those of the title, that the sentence has; 1 where the title has them all."""
    rest = added - sentence.title
    return len(rest & sentence.words) / len(rest) if rest else float(bool(added))


def _origins(claim: str, sentence: _Shown, context: Context) -> Iterable[Span]:
    """The spans of a shown sentence in the originals."""
    document, piece = sentence.document, sentence.piece
    if analysis_of(context).is_quote(document):
        return piece.spans
    sources = [span for span in context.spans_of(document) if span.document in context.sources]
    verbatim = [span for source in sources for span in _verbatim(piece.text, source, context)]
    if verbatim or document.kind == "quote":  # of a quote that was changed, only what still stands in the original
        return verbatim[:1]
    originals = [span for source in sources for span in sentence_spans(source, context.sources)]
    wanted = _terms(claim)
    return [span for span in originals if _holds(_terms(span.text_in(context.sources)), wanted)] or sources


def _verbatim(text: str, source: Span, context: Context) -> Iterator[Span]:
    place = context.sources[source.document].text.find(text, source.start, source.end)
    if place >= 0:
        yield Span(document=source.document, start=place, end=place + len(text))


def _terms(text: str) -> list[str]:
    """Terms in their order: numbers without thousands separators, "U.S." as "us", no possessive, no leading article."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"['’]s\b", "", folded))
    found = [term.replace(".", "") if term[-1] == "." else term for term in _TERM.findall(folded)]
    return found[1:] if len(found) > 1 and found[0] in ("a", "an", "the") else found


def _holds(terms: Sequence[str], part: Sequence[str]) -> bool:
    """Whether `part` stands in `terms`, one after the other."""
    if not part:
        return False
    starts = (place for place, term in enumerate(terms) if term == part[0])
    return any(list(terms[place : place + len(part)]) == list(part) for place in starts)

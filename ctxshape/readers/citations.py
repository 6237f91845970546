"""Finds the sentences of the original documents that support an answer. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ctxshape.core.analysis import analysis_of
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece, sentence_spans
from ctxshape.core.types import Context, Document, Span
from ctxshape.scorers.bm25 import bm25
from ctxshape.text.abstention import is_abstention
from ctxshape.text.answers import DOCUMENT_MARKER, answer_terms, bare_answer, contains_terms, normalize_answer
from ctxshape.text.names import proper_names
from ctxshape.text.sentences import sentences
from ctxshape.text.words import ANSWER_FILLERS, CJK, PARTICLES, VERDICTS, words

# A sentence that does not contain the answer supports it if it holds at least this share of the words that the answer adds
# to the question.
_OVERLAP = 0.6
_MOST = 100  # claims of an answer, and names of a claim, that are looked for in every sentence


class _Shown(NamedTuple):
    """A sentence that a model saw: its document, its terms in order, its words, the words of its title, its BM25 score."""

    document: Document
    piece: Piece
    terms: list[str]
    words: frozenset[str]
    title: frozenset[str]
    relevance: float


def cite(text: str, context: Context, limit: int = 3) -> tuple[Span, ...]:
    """Returns at most `limit` spans of original documents that support an answer, a sentence each, best first.

    `context` holds the documents as the model saw them; only sentences that it saw are cited. No spans are returned if
    nothing supports the answer. Of an answer of more than 100 sentences, the first 100 are read.

    Markers in the answer ("[2]", "Document [2]", "文档[2]") name documents by their number in the prompt. From each named
    document, the best fitting sentence is cited. Without markers, each sentence of the answer is supported by the first
    of these groups that is not empty:

    1. Sentences that contain it word for word, by BM25 for the query. Those that share no word with the query count only
       if no other sentence contains it.
    2. Sentences that hold all its numbers and at least 0.6 of its words that are new. New words are neither in the query
       nor in the sentence's title. If no word is new, the sentence with the best BM25 score below the title is cited.
    3. Sentences that hold a name of several words (in Chinese: of several characters) that is not in the query. They
       support the name, not every claim of the answer.

    A sentence that a model wrote (kind "rewrite") is replaced by the sentences of its spans that contain the answer, or
    else by its spans.

    >>> context = Context.of("When did it open?", ["The tower is 330 m high. It opened in 1889.", "In 1950, it rained."])
    >>> cite("1889", context), cite("5", context)
    ((Span(document='d1', start=25, end=43),), ())
    """
    if is_abstention(text):
        return ()
    shown = _shown(context)
    marked = _marked(text, context)
    spans: dict[Span, None] = {}
    for index in marked:
        spans.update(dict.fromkeys(_from_marked(text, context.documents[index], shown, context)))
    if marked:
        return tuple(spans)[:limit]
    for claim in islice(_claims(text), _MOST):
        for sentence in _support(claim, context.query, shown):
            spans.update(dict.fromkeys(_origins(claim, sentence, context)))
            if len(spans) >= limit:
                return tuple(spans)[:limit]
    return tuple(spans)[:limit]


def _marked(text: str, context: Context) -> list[int]:
    """Returns the indices of the documents that markers name. An answer copied from a document names no document."""
    if any(text.strip() in document.text for document in context.documents):
        return []
    numbers = [int(number) for marker in DOCUMENT_MARKER.findall(text) for number in re.findall(r"\d+", marker)]
    return [number - 1 for number in dict.fromkeys(numbers) if 1 <= number <= len(context.documents)]


def _from_marked(text: str, document: Document, shown: Sequence[_Shown], context: Context) -> Iterable[Span]:
    """Returns the spans of the named document's sentence that fits best; if no sentence fits, all of its spans."""
    claim = DOCUMENT_MARKER.sub(" ", text)
    own = [sentence for sentence in shown if sentence.document is document]
    added = _added(claim, context.query)
    wanted = answer_terms(bare_answer(claim))
    fits = [(contains_terms(s.terms, wanted), _overlap(added, s), s.relevance) for s in own]
    best = max(range(len(own)), key=fits.__getitem__, default=None)
    if best is None:
        return ()  # it shows no sentence
    if not any(fits[best]):
        return context.spans_of(document) if document.kind == "rewrite" or analysis_of(context).is_quote(document) else ()
    return _origins(claim, own[best], context)


def _shown(context: Context) -> list[_Shown]:
    analysis = analysis_of(context)
    pairs = [(document, piece) for document in context.documents for piece in analysis.pieces(document)]
    texts = [titled(document, piece.text) for document, piece in pairs]
    scores = bm25(context.query, texts, analysis.terms).tolist()
    titles = {document.id: frozenset(words(document.title or "")) for document in context.documents}
    return [
        _Shown(
            document=document,
            piece=piece,
            terms=answer_terms(piece.text),
            words=frozenset(words(piece.text)),
            title=titles[document.id],
            relevance=score,
        )
        for (document, piece), score in zip(pairs, scores, strict=True)
    ]


def _claims(text: str) -> Iterator[str]:
    """Yields each sentence of the answer without its frame, except verdicts ("yes") and abstentions."""
    claims = [text[start:end] for start, end in sentences(text)]
    for claim in claims if len(claims) > 1 else [text]:
        bare = bare_answer(claim)
        if normalize_answer(bare) not in VERDICTS and not is_abstention(bare):
            yield bare


def _support(claim: str, query: str, shown: Sequence[_Shown]) -> list[_Shown]:
    """Returns the sentences that support a claim, by the groups that `cite` describes."""
    wanted = answer_terms(claim)
    containing = [sentence for sentence in shown if contains_terms(sentence.terms, wanted)]
    if containing:
        return _most_relevant(containing)
    numbers = {term for term in wanted if term[0].isdecimal()}
    added = _added(claim, query)
    overlapping = _most_relevant(
        [s for s in shown if numbers <= {*s.terms, *s.words, *s.title} and _overlap(added, s) >= _OVERLAP]
    )
    below_title = {sentence.document.id: sentence for sentence in reversed(overlapping) if added <= sentence.title}
    own = [sentence for sentence in overlapping if not added <= sentence.title]
    supporting = sorted(own, key=lambda sentence: -_overlap(added, sentence)) or _most_relevant(list(below_title.values()))
    return supporting or _naming(claim, query, shown)


def _naming(claim: str, query: str, shown: Sequence[_Shown]) -> list[_Shown]:
    """Returns the sentences with the longest name that a claim adds to the query.

    In Chinese, where nothing marks a name, a run of characters that the query does not have counts as one.
    """
    asked = answer_terms(query)
    names = map(answer_terms, proper_names(claim))
    latin = [terms for terms in names if len(terms) > 1 and not contains_terms(asked, terms)]
    plain = re.sub(f"[{re.escape(query)}{PARTICLES}]", " ", claim)
    runs = [list(run) for run in re.findall(f"[{CJK}]{{2,}}", plain)]
    for terms in sorted(latin + runs, key=len, reverse=True)[:_MOST]:
        naming = _most_relevant([sentence for sentence in shown if contains_terms(sentence.terms, terms)])
        if naming:
            return naming
    return []


def _most_relevant(sentences: list[_Shown]) -> list[_Shown]:
    """Returns the sentences by relevance, best first, without those that share no word with the query if others do."""
    relevant = [sentence for sentence in sentences if sentence.relevance > 0]
    return sorted(relevant or sentences, key=lambda sentence: -sentence.relevance)


def _added(claim: str, query: str) -> set[str]:
    """Returns the words that an answer adds to the question, or all its words if it adds none."""
    content = set(words(claim)) - ANSWER_FILLERS
    return content - set(words(query)) or content


def _overlap(added: set[str], sentence: _Shown) -> float:
    """Returns the share of the added words that a sentence holds, not counting those in its title; 1 if the title has all."""
    rest = added - sentence.title
    return len(rest & sentence.words) / len(rest) if rest else float(bool(added))


def _origins(claim: str, sentence: _Shown, context: Context) -> Iterable[Span]:
    """Returns the spans of a shown sentence in the original documents."""
    document, piece = sentence.document, sentence.piece
    if analysis_of(context).is_quote(document):
        return piece.spans
    sources = [span for span in context.spans_of(document) if span.document in context.sources]
    verbatim = [span for source in sources for span in _verbatim(piece.text, source, context)]
    if verbatim or document.kind == "quote":  # a changed quote supports only with text that still stands in the original
        return verbatim[:1]
    originals = [span for source in sources for span in sentence_spans(source, context.sources)]
    wanted = answer_terms(claim)
    return [span for span in originals if contains_terms(answer_terms(span.text_in(context.sources)), wanted)] or sources


def _verbatim(text: str, source: Span, context: Context) -> Iterator[Span]:
    start = context.sources[source.document].text.find(text, source.start, source.end)
    if start >= 0:
        yield Span(document=source.document, start=start, end=start + len(text))

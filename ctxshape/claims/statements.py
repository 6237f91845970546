"""Finds what each passage states about the thing a question asks for; in doubt it states nothing.

A passage states a value if one of its sentences, together with the title, has the names and other words of the question
and a value of the kind asked for (`ctxshape.claims.questions`). Of several values, those in the clause with the most words
of the question count. A passage with two different values states nothing, and a value that its clause takes back
("formerly 1913, now 1931") does not count.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ctxshape.claims.counted import is_person
from ctxshape.claims.dates import dates
from ctxshape.claims.questions import ValueQuestion, parse_question
from ctxshape.claims.scope import POSSESSIVE, scope
from ctxshape.claims.values import StatedValue, fold_digits
from ctxshape.core.types import Document
from ctxshape.text.names import proper_names
from ctxshape.text.sentences import sentences
from ctxshape.text.terms import stem
from ctxshape.text.words import CJK, asks_in_cjk, normalize, query_words, tokens, without_question_fillers

_PAIRS = 0.6  # share of the question's pairs of Chinese characters, by IDF, that a sentence has together with its title
_LONGEST_TITLE = 500  # characters; each sentence is read under its title, and both may be long
_OWN = 0.5  # share of the words or pairs that it has without the title

_CJK_RUN = re.compile(f"[{CJK}]+")
_CJK_STOP = re.compile(r"(?<=[。！？])")
_CLAUSE = re.compile(r"[,;]\s|[，；。]|\s(?:but|rather than|instead of)\s|而是|而非")
_TAKEN_BACK = re.compile(
    r"\b(?:formerly|previously|originally|until|before|earlier|not|never|wrong(?:ly)?|mistaken(?:ly)?|incorrect(?:ly)?|"
    r"erroneous(?:ly)?|used to|no longer|ex-|former|planned|expected|said to|rumou?red)\b|n't\b|"
    r"原为|原名|原定|原先|曾|此前|以前|之前|不是|并非|不再|错误|有误|误作|误传|前任|据传|计划",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"(?:It|He|She|They|Its|His|Her|Their)\b|[它他她该其]")


class Statement(NamedTuple):
    """The value that a document, by index, states, with its sentence.

    `years` are the other years in the sentence, or else in the title. `scope` are the words that narrow the subject to a
    part of what is asked about.
    """

    document: int
    value: StatedValue
    sentence: str
    years: tuple[StatedValue, ...] = ()
    scope: frozenset[str] = frozenset()


_Said = tuple[Statement, str]  # a statement and the clause that it stands in


def statements(query: str, documents: Sequence[Document]) -> list[Statement]:
    """Returns what each document states about the question, at most one value each, in the order of the documents.

    >>> made = [Document(id="a", text="松坪桥长808米，宽9米。"), Document(id="b", text="松坪桥很旧。")]
    >>> [(said.document, said.value.written) for said in statements("松坪桥长多少米？", made)]
    [(0, '808米')]
    """
    question = parse_question(query)
    if question is None:
        return []
    matcher = Matcher(query, question, documents)
    found = (matcher.statement(index) for index in range(len(documents)))
    return [said for said in found if said is not None]


class Matcher:
    """Finds the sentences that speak of what a question asks. It reads the documents once."""

    def __init__(self, query: str, question: ValueQuestion, documents: Sequence[Document]) -> None:
        self.question, self.documents = question, documents
        subject = POSSESSIVE.sub("", question.subject)
        self.given = normalize(query)
        self._in_cjk = asks_in_cjk(query)
        self.names = [] if self._in_cjk else [f" {' '.join(tokens(name))} " for name in proper_names(subject)]
        named = {word for name in self.names for word in name.split()}
        latin = [word for word in query_words(subject) if not _CJK_RUN.match(word)]
        self.words = [stem(word) for word in latin if word not in named]
        self.runs = _CJK_RUN.findall(normalize(without_question_fillers(subject))) if self._in_cjk else []
        self.people = [run for run in self.runs if is_person(run)]
        self.runs = [run for run in self.runs if run not in self.people]
        self.chars = frozenset("".join(self.runs))
        first = self.runs[0] if self.runs else ""
        # A later clause need not repeat the names, or in Chinese the beginning of the question.
        self.subject = frozenset((*self.names, *first, *(first[i : i + 2] for i in range(len(first) - 1))))
        self.titles = [(document.title or "")[:_LONGEST_TITLE] for document in documents]
        self.texts = [normalize(f"{title} {document.text}") for title, document in zip(self.titles, documents, strict=True)]
        self.pairs = self._weights({run[i : i + 2] for run in self.runs for i in range(len(run) - 1)})

    def _weights(self, pairs: set[str]) -> dict[str, float]:
        """Returns the IDF of each pair; a pair that no document has distinguishes none of them and weighs 0.3."""
        found = Counter(pair for text in self.texts for pair in pairs if pair in text)
        size = len(self.texts)
        return {pair: math.log(1 + size / found[pair]) if found[pair] else 0.3 for pair in sorted(pairs)}

    def statement(self, index: int) -> Statement | None:
        """Returns what a document states, or None unless it states exactly one value."""
        if not self.covers(self.texts[index], self.texts[index]):
            return None
        said = [item for sentence in self._sentences(index) for item in self._values(index, sentence)]
        if not said or not all(item.value.agrees(said[0][0].value) for item, _ in said):
            return None
        # Of "1933" and "15 May 1933", the more precise one.
        best, clause = min(said, key=lambda item: (item[0].value.high - item[0].value.low, -len(item[0].value.written)))
        whole = f"{self.titles[index]} {best.sentence}"
        return best._replace(scope=scope(self.question, self.given, clause, best.value, whole))

    def _sentences(self, index: int) -> Iterator[str]:
        title = normalize(self.titles[index])
        for sentence in cut(self.documents[index].text):
            own = normalize(sentence)
            if self.covers(f"{title} {own}", own) and self._is_subject(sentence, own):
                yield sentence

    def covers(self, whole: str, own: str) -> bool:
        """Returns whether `whole` has the names, words, characters and enough of the pairs, and `own` enough of them."""
        if not all(_holds(whole, run) for run in self.runs):
            return False
        if not all(any(char in own for char in word) for word in self.people):
            return False
        parts = _words(whole)
        spaced = f" {' '.join(parts)} "
        if not all(name in spaced for name in self.names):
            return False
        stems, mine = set(map(stem, parts)), set(map(stem, _words(own)))
        if self.words and not (all(word in stems for word in self.words) and _share(self.words, mine) >= _OWN):
            return False
        if not self.pairs:
            # A name alone does not tell what is asked about it, unless a unit does.
            return bool(self.words) or bool(self.names and self.question.units)
        total = sum(self.pairs.values())
        found, alone = (sum(weight for pair, weight in self.pairs.items() if pair in text) for text in (whole, own))
        return found >= _PAIRS * total and alone >= _OWN * total

    def related(self, text: str) -> float:
        """Returns the share of the question's words, names and pairs that a normalized text has."""
        there = set(map(stem, _words(text)))
        wanted = [*self.words, *(stem(word) for name in self.names for word in name.split())]
        count = len(wanted) + len(self.pairs)
        found = sum(word in there for word in wanted) + sum(pair in text for pair in self.pairs)
        return found / count if count else 0.0

    def _is_subject(self, sentence: str, own: str) -> bool:
        """Returns whether the sentence itself names the subject or begins with a pronoun."""
        if not self.names or _PRONOUN.match(sentence):
            return True
        words = set(_words(own))
        return all(words & set(name.split()) for name in self.names)

    def _values(self, index: int, sentence: str) -> Iterator[_Said]:
        """Yields the values of the clauses with the most words of the question, counting the subject of earlier clauses."""
        years = years_of(self.question, sentence, self.titles[index])
        given: frozenset[str] = frozenset()
        found: list[tuple[tuple[int, int], _Said]] = []
        clauses = _CLAUSE.split(sentence)
        for place, clause in enumerate(clauses):
            own = self._terms(clause)
            given |= own & self.subject
            # In "1913年，灯塔建成" a clause is only a date; the next one tells what happened then.
            whole = clause if own else "，".join(clauses[place : place + 2])
            said = (Statement(index, value, sentence, years) for value in self.values(clause))
            found += [((len(own | given), len(own)), (item, whole)) for item in said]
        most = max((weight for weight, _ in found), default=(0, 0))
        yield from (said for weight, said in found if weight == most)

    def values(self, clause: str) -> Iterator[StatedValue]:
        """Yields the values of a clause that it does not take back and that the question does not have."""
        folded, place = fold_digits(clause), 0
        taken = _TAKEN_BACK.search(folded)
        for value in self.question.values(clause):
            place = max(folded.find(value.written, place), place)
            if not (taken and taken.end() <= place) and normalize(value.written) not in self.given:
                yield value

    def _terms(self, clause: str) -> frozenset[str]:
        """Returns the names, words, pairs and Chinese characters of the question that a clause has."""
        folded = normalize(clause)
        mine = set(map(stem, _words(folded)))
        named = (name for name in self.names if mine & set(map(stem, name.split())))
        cjk = (part for part in (*self.pairs, *self.chars) if part in folded)
        return frozenset((*named, *(word for word in self.words if word in mine), *cjk))


def _words(text: str) -> list[str]:
    return tokens(POSSESSIVE.sub("", text))


def years_of(question: ValueQuestion, sentence: str, title: str) -> tuple[StatedValue, ...]:
    """Returns the years in a sentence, or else in its title; none if the question asks for a date."""
    return () if question.kind == "date" else tuple(dates(sentence) or dates(title))


def cut(text: str) -> list[str]:
    """Returns the sentences of a text; a Chinese full stop ends one even inside a quotation.

    >>> cut("他叫陆望舟。1901年，他来了。")
    ['他叫陆望舟。', '1901年，他来了。']
    """
    return [part for start, end in sentences(text) for part in _CJK_STOP.split(text[start:end]) if part]


def _holds(text: str, run: str) -> bool:
    """Returns whether a text can express a run of Chinese: it has every character, and not another name with a part of it.

    A character is in place if the text also has it beside one of its neighbours. The text may reword the run as a whole or
    change its last character. If the first character or two of them are out of place, the text is about something else.

    >>> _holds("青浦石桥很大", "青浦大桥"), _holds("总部已设在松湾镇", "总部设"), _holds("隆盛厂，永远", "永盛厂")
    (False, True, False)
    """
    if not all(char in text for char in run):
        return False
    pairs = [run[i : i + 2] in text for i in range(len(run) - 1)]
    placed = [before or after for before, after in zip([False, *pairs], [*pairs, False], strict=True)]
    return not any(placed) or (placed[0] and placed.count(False) <= 1)


def _share(wanted: Sequence[str], there: set[str]) -> float:
    return sum(word in there for word in wanted) / len(wanted)

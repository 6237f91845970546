"""Compares answers and shaped contexts with the accepted wordings of a case. Pure functions, for English and Chinese.

`best_subspan_em` is exactly the metric of Liu et al. 2023, "Lost in the Middle". As there, only the first line of an
answer is scored when the question asks for one fact. When it asks for several, the whole answer is scored, since each fact
may be on a line of its own.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence

import regex

from ctxshape.core.types import Context, Document
from ctxshape.evaluation.cases import Arrangement, Facts
from ctxshape.text.words import CJK, CJK_BLANK, is_cjk, normalize

_ASCII_MARKS = str.maketrans("", "", string.punctuation)
_ARTICLE = regex.compile(r"\b(?:a|an|the)\b")
_HAS_CJK = re.compile(f"[{CJK}]")
# Only before another Latin word: the A in 维生素A is part of a name.
_LATIN_ARTICLE = re.compile(r"(?<![a-z0-9])(?:an?|the) (?=[a-z])")
_RANGE = re.compile(r"(?<=\d)[\u2010-\u2015\u2212~](?=\d)")  # dashes and the tilde between digits mean "to", as a hyphen does
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINED_NUMBER = re.compile(r"(\d+(?:[.,:/-]\d+)+)")


class _Marks(dict[int, int | None]):
    """A table for str.translate that drops every Unicode punctuation mark and symbol, filled on demand."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in "PS" else code
        return self[code]


_MARKS = _Marks()


def normalize_squad(text: str) -> str:
    """Normalises as SQuAD v1.1 does: lower case, then no ASCII punctuation, no articles, single spaces.

    Rajpurkar et al. 2016, evaluate-v1.1.py. Word boundaries are those of the library regex, as in Liu et al. 2023; those of
    re differ beside combining marks and superscript digits.

    >>> normalize_squad("The  Beatles' 2nd album, “Help!”")
    'beatles 2nd album “help”'
    """
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_ASCII_MARKS)).split())


def first_line(text: str) -> str:
    r"""Returns an answer up to its first newline, stripped; a leading newline leaves nothing, as in Liu et al. 2023.

    >>> first_line(" Paris. \nIt is in France.")
    'Paris.'
    """
    return text.split("\n")[0].strip()


def best_subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """Returns 1.0 if the prediction contains any of the answers, all normalised as in SQuAD, else 0.0.

    This is the metric as published by Liu et al. 2023, including its quirks: parts of words match, and an answer that
    normalises to nothing ("The") matches everything.

    >>> best_subspan_em("It was the Eiffel Tower!", ["Big Ben", "Eiffel tower"]), best_subspan_em("Paris", ["London"])
    (1.0, 0.0)
    """
    found = normalize_squad(prediction)
    return float(any(normalize_squad(answer) in found for answer in answers))


def cjk_subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """Returns 1.0 if the prediction contains any of the answers, all normalised for CJK and mixed text, else 0.0.

    Full-width forms become half-width. Punctuation and symbols of every script are removed, except marks between digits
    (3.14, 10:30, 1999-2001); commas that group thousands are removed. So are spaces beside a CJK character and articles
    before a Latin word. As in `best_subspan_em`, parts of words match, but an answer of punctuation alone matches nothing.
    Chinese numerals do not match Arabic ones.

    >>> cjk_subspan_em("答案是：《红楼梦》，作者 曹雪芹。", ["曹雪芹"]), cjk_subspan_em("３．５公里", ["35公里"])
    (1.0, 0.0)
    """
    found = _plain(prediction)
    return float(any(plain in found for plain in map(_plain, answers) if plain))


def subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """Applies `cjk_subspan_em` to a Chinese prediction and to answers with a CJK character, else `best_subspan_em`.

    Each answer is compared in its own form, so that a Latin wording beside a Chinese one is scored as published. A
    prediction is Chinese if at least a third of its letters are CJK (ctxshape.text.words.is_cjk).

    >>> subspan_em("The Great Wall", ["长城", "a great wall"]), subspan_em("位于北京 市", ["北京市"])
    (1.0, 1.0)
    """
    if is_cjk(prediction):
        return cjk_subspan_em(prediction, answers)
    cjk = [answer for answer in answers if _HAS_CJK.search(answer)]
    others = [answer for answer in answers if answer not in cjk]
    return max(best_subspan_em(prediction, others), cjk_subspan_em(prediction, cjk))


def scored_part(text: str, facts: Facts) -> str:
    """Returns the part of an answer that is scored: all of it for several facts, else its first line."""
    return text if len(facts) > 1 else first_line(text)


def fact_coverage(prediction: str, facts: Facts) -> float | None:
    r"""Returns the share of facts of which the scored part of the prediction contains a wording; None without facts.

    >>> fact_coverage("Bell and\nGray", (("Bell",), ("Gray", "Elisha"))), fact_coverage("It was\nBell", (("Bell",),))
    (1.0, 0.0)
    """
    if not facts:
        return None
    scored = scored_part(prediction, facts)
    return sum(subspan_em(scored, wordings) for wordings in facts) / len(facts)


def correct(arrangement: Arrangement, text: str, abstained: bool) -> bool:
    """Returns whether the answer contains every fact; for an unanswerable question, whether the method abstained."""
    return fact_coverage(text, arrangement.case.facts) == 1.0 if arrangement.answerable else abstained


def misled(arrangement: Arrangement, text: str, abstained: bool) -> bool | None:
    """Returns whether an incorrect answer states a false value that a passage states; None if no passage states one."""
    stated = [wrong for wrong in arrangement.case.wrong if any(subspan_em(d.text, [wrong]) for d in arrangement.documents)]
    if not stated:
        return None
    if abstained or correct(arrangement, text, abstained):
        return False
    return subspan_em(scored_part(text, arrangement.case.facts), stated) == 1.0


def gold_ids(arrangement: Arrangement) -> tuple[str, ...]:
    """Returns the ids of the gold passages of an arrangement, in their order."""
    return tuple(arrangement.documents[slot].id for slot in arrangement.slots)


def stands_for(document: Document) -> frozenset[str]:
    """Returns the ids of all documents that this one represents: itself, its dropped duplicates, and those of its spans.

    >>> sorted(stands_for(Document(id="a", text="t", duplicates=("b",))))
    ['a', 'b']
    """
    return frozenset((document.id, *document.duplicates, *(span.document for span in document.spans)))


def evidence_kept(arrangement: Arrangement, shaped: Context) -> bool | None:
    """Returns whether the remains of the gold passages contain a wording of every fact, each within one document.

    The remains of a passage are the passage itself, shortened or not, the duplicate kept in its place, and any summary with
    a span of it. Wordings are compared as in answers. None for an unanswerable question.
    """
    if not arrangement.answerable:
        return None
    gold = set(gold_ids(arrangement))
    remains = [document.text for document in shaped.documents if gold & stands_for(document)]
    return all(any(subspan_em(text, wordings) for text in remains) for wordings in arrangement.case.facts)


def _plain(text: str) -> str:
    """Normalises a text for `cjk_subspan_em`."""
    folded = _THOUSANDS.sub("", _RANGE.sub("-", normalize(text)))
    # The odd parts are numbers with a mark inside.
    parts = [part if odd % 2 else part.translate(_MARKS) for odd, part in enumerate(_JOINED_NUMBER.split(folded))]
    return CJK_BLANK.sub("", " ".join(_LATIN_ARTICLE.sub("", " ".join("".join(parts).split())).split()))

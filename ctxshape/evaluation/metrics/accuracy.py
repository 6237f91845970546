"""What an answer, and a shaped context, is worth against the accepted wordings. Pure functions, English and Chinese.

`best_subspan_em` is the measure of Liu et al. 2023, "Lost in the Middle", to the letter. Which part of an answer is
read: its first line, as there, where one fact is asked for; all of it where several are, since they may stand on lines
of their own.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence

import regex

from ctxshape.core.types import Context, Document
from ctxshape.evaluation.cases import Facts, Layout
from ctxshape.text.words import CJK, CJK_BLANK, is_cjk, normalize

_ASCII_MARKS = str.maketrans("", "", string.punctuation)
_ARTICLE = regex.compile(r"\b(?:a|an|the)\b")
_HAS_CJK = re.compile(f"[{CJK}]")
# Only before another Latin word: the A of 维生素A names something.
_LATIN_ARTICLE = re.compile(r"(?<![a-z0-9])(?:an?|the) (?=[a-z])")
_RANGE = re.compile(r"(?<=\d)[\u2010-\u2015\u2212~](?=\d)")  # dashes and the wave, which say "to" as the hyphen does
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINED_NUMBER = re.compile(r"(\d+(?:[.,:/-]\d+)+)")


class _Marks(dict[int, int | None]):
    """For str.translate: every punctuation mark and symbol of Unicode goes, found out as they come."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in "PS" else code
        return self[code]


_MARKS = _Marks()


def normalize_squad(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single blanks: the normalisation of SQuAD v1.1, in that order.

    Rajpurkar et al. 2016, evaluate-v1.1.py. Words end where the library regex says, as in Liu et al. 2023: beside
    combining marks and raised digits re sees it otherwise.

    >>> normalize_squad("The  Beatles' 2nd album, “Help!”")
    'beatles 2nd album “help”'
    """
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_ASCII_MARKS)).split())


def first_line(text: str) -> str:
    r"""An answer up to its first newline, stripped; a newline that opens it leaves nothing, as in Liu et al. 2023.

    >>> first_line(" Paris. \nIt is in France.")
    'Paris.'
    """
    return text.split("\n")[0].strip()


def best_subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """1.0 if any answer stands in the prediction, both normalised as in SQuAD, else 0.0.

    As published by Liu et al. 2023, quirks and all: parts of words match, and an answer that normalises to nothing
    ("The") stands in anything.

    >>> best_subspan_em("It was the Eiffel Tower!", ["Big Ben", "Eiffel tower"]), best_subspan_em("Paris", ["London"])
    (1.0, 0.0)
    """
    found = normalize_squad(prediction)
    return float(any(normalize_squad(answer) in found for answer in answers))


def cjk_subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """1.0 if any answer stands in the prediction, both normalised for Chinese, Japanese, Korean and mixed text, else 0.0.

    Full-width forms become plain; punctuation and symbols of every script go, except marks between digits (3.14,
    10:30, 1999-2001; a comma that groups thousands goes); so do blanks beside a CJK character, and articles before
    a Latin word. As in `best_subspan_em` parts of words match; an answer of nothing but marks is in nothing. Chinese
    numerals do not match Arabic ones.

    >>> cjk_subspan_em("答案是：《红楼梦》，作者 曹雪芹。", ["曹雪芹"]), cjk_subspan_em("３．５公里", ["35公里"])
    (1.0, 0.0)
    """
    found = _plain(prediction)
    return float(any(plain in found for plain in map(_plain, answers) if plain))


def subspan_em(prediction: str, answers: Sequence[str]) -> float:
    """`cjk_subspan_em` for answers with a CJK character and for a prediction in Chinese; else `best_subspan_em`.

    Each answer is compared in its own form, so that a Latin wording beside a Chinese one counts as published. A
    prediction is in Chinese if at least a third of its letters are CJK (ctxshape.text.words.is_cjk).

    >>> subspan_em("The Great Wall", ["长城", "a great wall"]), subspan_em("位于北京 市", ["北京市"])
    (1.0, 1.0)
    """
    if is_cjk(prediction):
        return cjk_subspan_em(prediction, answers)
    wide = [answer for answer in answers if _HAS_CJK.search(answer)]
    return max(
        best_subspan_em(prediction, [answer for answer in answers if answer not in wide]), cjk_subspan_em(prediction, wide)
    )


def counted(text: str, facts: Facts) -> str:
    """The part of an answer that is read: all of it where several facts are asked for, else its first line."""
    return text if len(facts) > 1 else first_line(text)


def coverage(prediction: str, facts: Facts) -> float | None:
    r"""The share of facts of which a wording stands in what is read of the prediction; None without facts.

    >>> coverage("Bell and\nGray", (("Bell",), ("Gray", "Elisha"))), coverage("It was\nBell", (("Bell",),))
    (1.0, 0.0)
    """
    if not facts:
        return None
    read = counted(prediction, facts)
    return sum(subspan_em(read, wordings) for wordings in facts) / len(facts)


def correct(layout: Layout, text: str, abstained: bool) -> bool:
    """Whether every fact stands in the answer; where nothing answers, whether it abstained."""
    return coverage(text, layout.case.facts) == 1.0 if layout.answerable else abstained


def misled(layout: Layout, text: str, abstained: bool) -> bool | None:
    """Whether an answer that is not correct states a false value that a passage of the layout states.

    None where none of the passages states one.
    """
    stated = [wrong for wrong in layout.case.wrong if any(subspan_em(d.text, [wrong]) for d in layout.documents)]
    if not stated:
        return None
    if abstained or correct(layout, text, abstained):
        return False
    return subspan_em(counted(text, layout.case.facts), stated) == 1.0


def gold_ids(layout: Layout) -> tuple[str, ...]:
    """The ids of the gold passages of a layout, in their order."""
    return tuple(layout.documents[slot].id for slot in layout.slots)


def stands_for(document: Document) -> frozenset[str]:
    """The ids of the documents of which something is left in this one: its own, its dropped copies', its spans'.

    >>> sorted(stands_for(Document(id="a", text="t", duplicates=("b",))))
    ['a', 'b']
    """
    return frozenset((document.id, *document.duplicates, *(span.document for span in document.spans)))


def evidence_kept(layout: Layout, shaped: Context) -> bool | None:
    """Whether a wording of every fact stands in what is left of the gold passages, each inside one document's text.

    What is left of a passage: the passage, cut or not, the copy that stands for it, a summary with a span of it.
    Compared as answers are. None where nothing answers.
    """
    if not layout.answerable:
        return None
    gold = set(gold_ids(layout))
    left = [document.text for document in shaped.documents if gold & stands_for(document)]
    return all(any(subspan_em(text, wordings) for text in left) for wordings in layout.case.facts)


def _plain(text: str) -> str:
    """A text as `cjk_subspan_em` compares it."""
    folded = _THOUSANDS.sub("", _RANGE.sub("-", normalize(text)))
    # Numbers with a mark inside are the odd parts.
    parts = [part if odd % 2 else part.translate(_MARKS) for odd, part in enumerate(_JOINED_NUMBER.split(folded))]
    return CJK_BLANK.sub("", " ".join(_LATIN_ARTICLE.sub("", " ".join("".join(parts).split())).split()))

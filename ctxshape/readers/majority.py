"""Counting votes: which answers are the same, and which of them wins. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from ctxshape.core.messages import Vote
from ctxshape.errors import InvalidInput
from ctxshape.text.abstention import is_abstention
from ctxshape.text.words import CJK_BLANK, normalize

# "[2]", "Document [2]", "文档[1、3]": the number is a place in one prompt, and the same document stands elsewhere in the next.
MARKER = re.compile(
    r"[(（]?(?:(?:documents?|docs?\.?|文档)\s*(?:[\[［【]\s*)?|[\[［【]\s*)"
    r"(\d{1,3}(?:\s*(?:[,，、;；和]|and|&)\s*\d{1,3})*)(?!\d)(?:\s*[\]］】])?[)）]?",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:(?:so |thus )?(?:the )?(?:correct |final |short )?answer(?: to (?:the|this|your) question)?(?: is| was|:)+|"
    r"(?:正确|最终)?(?:答案|回答)(?:应该)?[是为:]+)[: ]*"
)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ASCII_SYMBOLS = frozenset("$+<=>^`|~")
_DASHES = re.compile("[‐‑‒–—−]")
# Marks that change what a number or a letter says: 3.5, 24-10, 10:30, 1/2, -5, C++, C#; not the comma in 1,000.
_MEANT = re.compile(r"(?<=\d)(?:[.:/-]|,(?!\d{3}(?!\d)))(?=\d)|(?<![^\W_])-(?=\d)|(?<=[a-z])[+#]+")


class Majority(NamedTuple):
    """The index of the winning vote, and the share of all votes that gave its answer."""

    winner: int
    agreement: float


def bare_answer(text: str) -> str:
    r"""The first line that is not blank, without markers such as "[2]" and without a frame such as "The answer is".

    >>> bare_answer(" Answer: Paris [2].\nQuestion: and Lyon?")
    'Paris.'
    """
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    bare = re.sub(r"\s+(?=[.,。，]|$)", "", MARKER.sub("", line)).strip() or line
    frame = _FRAME.match(unicodedata.normalize("NFKC", bare).casefold())
    # The frame is cut off the original only where folding kept its length, so that the characters correspond.
    if frame and len(unicodedata.normalize("NFKC", bare).casefold()) == len(bare):
        return bare[frame.end() :] or bare
    return bare


def normalize_answer(text: str) -> str:
    r"""What makes two answers the same vote: the first line as SQuAD compares answers, for Chinese, too.

    Small models ramble after the line they were asked for, so only `bare_answer(text)` counts. Then case, width
    (NFKC), punctuation of any script, articles and white space go; beside a CJK character every blank goes. Unlike
    SQuAD's, a mark that changes a value stays (3.5, 24-10, 10:30, -5, C++), and so does an article that is the whole
    answer. Rajpurkar et al. 2016, "SQuAD".

    >>> normalize_answer("The Eiffel Tower.\n"), normalize_answer("“北京 大学”。"), normalize_answer("１,０００")
    ('eiffel tower', '北京大学', '1000')
    """
    folded = _DASHES.sub("-", normalize(bare_answer(text)))
    meant = {place for match in _MEANT.finditer(folded) for place in range(*match.span())}
    plain = "".join(char for place, char in enumerate(folded) if place in meant or not _is_mark(char))
    short = " ".join(_ARTICLES.sub(" ", plain).split())
    return CJK_BLANK.sub("", short or " ".join(plain.split()))


def majority(votes: Sequence[Vote]) -> Majority:
    """The vote that wins: of the answer most votes gave, the most probable wording.

    Votes count together when `normalized` is the same; all that abstain or are empty are one class. Between classes
    with equally many votes the higher mean of their `mean_logprob` wins, then the class that came first. A vote
    without log-probabilities has minus infinity. Raises InvalidInput for no votes.

    >>> cast = [("A", -0.3), ("B", -0.1), ("a", -0.2)]
    >>> majority([Vote(text=t, normalized=t.lower(), order=(), mean_logprob=p) for t, p in cast])
    Majority(winner=2, agreement=0.6666666666666666)
    """
    if not votes:
        raise InvalidInput("there are 0 votes; a majority needs at least 1")
    classes: dict[str, list[int]] = {}
    for index, vote in enumerate(votes):
        classes.setdefault("" if is_abstention(vote.text) else vote.normalized, []).append(index)

    def weight(members: list[int]) -> tuple[int, float]:
        return len(members), fmean(votes[i].mean_logprob for i in members)

    won = max(classes.values(), key=weight)  # max keeps the first of equals
    return Majority(max(won, key=lambda i: votes[i].mean_logprob), len(won) / len(votes))


def _is_mark(char: str) -> bool:
    """Punctuation of any script, SQuAD's ASCII symbols, and characters without a glyph; white space is none."""
    category = unicodedata.category(char)
    return char in _ASCII_SYMBOLS or category[0] == "P" or category in ("Cf", "Cc")

"""Recognizes texts with little information: few words, repetition, only links, only symbols. Also names their script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Literal, get_args

from ctxshape.text.words import CJK, shingle_set, tokens, words

Script = Literal[
    "latin", "chinese", "japanese", "korean", "cyrillic", "arabic", "hebrew", "greek", "thai", "devanagari", "bengali", "tamil"
]
# Maps the first word of a character's Unicode name to its script.
_SCRIPTS: dict[str, Script] = {name: name for name in get_args(Script)} | {
    "cjk": "chinese",
    "hiragana": "japanese",
    "katakana": "japanese",
    "hangul": "korean",
}
# No part reads past the place where the next link begins: otherwise many that begin and never end take quadratic time.
_LINK = re.compile(
    r"!?\[[^\]\n]{0,500}\]\((?:[^)\s\]]|\](?!\())*\)|<a\s[^<>]*>(?:(?!<a\s).)*?</a>|(?:https?://|www\.)\S+", re.IGNORECASE
)
_ENOUGH = 300  # characters that are enough to clear most texts
_BESIDE = 20  # letters and digits of a heading beside links; a Chinese character counts as two
_RULES = re.compile(r"[\s|+=:_.\u2500-\u257f-]+")  # blanks and the lines of a table
_SYMBOL = re.compile(r"\W")
_WORD = re.compile(rf"[^\W\d_{CJK}]{{2,}}|[{CJK}]")
_DIGIT = re.compile(r"\d")


def too_few_words(text: str, min_terms: int) -> str | None:
    """Returns why a text has too few words, or None: fewer distinct ones than `min_terms`, and no digit.

    >>> too_few_words("Loading Loading", 2), too_few_words("In 1884", 3), too_few_words("灯塔很高", 2)
    ('low information: 1 distinct word', None, None)
    """
    count = len(set(words(text[:_ENOUGH]))) if len(text) > _ENOUGH else 0
    count = count if count >= min_terms else len(set(words(text)))
    if count >= min_terms or any(map(str.isdecimal, text)):
        return None
    return f"low information: {count} distinct word{'' if count == 1 else 's'}"


def repetition(text: str, distinct: float) -> str | None:
    """Returns why a text repeats itself, or None: at least 30 words, and a share of distinct runs of three below `distinct`.

    >>> repetition("Buy the lamp now! " * 10, 0.3), repetition("灯塔建于1884年。", 0.3)
    ('low information: 4 of 38 runs of three words are distinct', None)
    """
    # A text with as many words as a paragraph says something, however often it repeats it.
    if len(set(tokens(text[:_ENOUGH]))) >= 30:
        return None
    parts = tokens(text)
    if len(parts) < 30 or len(set(parts)) >= 30:
        return None
    runs = len(parts) - 2
    different = len(shingle_set(parts))
    return f"low information: {different} of {runs} runs of three words are distinct" if different < distinct * runs else None


def only_links(text: str) -> str | None:
    """Returns why a text is a list of links, or None: two links or more, without even a short sentence beside them.

    >>> only_links("[Cape Rosa](/rosa) | [Arden](/arden) | http://arden.example")
    'low information: a list of 3 links'
    >>> only_links("[Maps](/a) and [plans](/b) of both the old towers")
    """
    if not any(mark in text for mark in ("](", "://", "www.", "WWW.", "<a ", "<A ")):
        return None
    found = len(_LINK.findall(text))
    left = sum(2 if char > "\u2e7f" else 1 for char in _LINK.sub("", text) if char.isalnum())
    return f"low information: a list of {found} links" if found >= 2 and left <= _BESIDE else None


def no_words(text: str) -> str | None:
    """Returns why a text has symbols or digits instead of words, or None. The rules of a table do not count as symbols.

    >>> no_words("★★★ >>> *** ~~~ ★★★ ###"), no_words("12 45 33 22 99 12 0 1 7 8 31 50")
    ('low information: 18 of 18 characters are symbols', 'low information: 20 digits and no words')
    >>> no_words("| height | 31.5 |")
    """
    plain = _RULES.sub("", text)
    symbols = len(_SYMBOL.findall(plain))
    if len(plain) >= 10 and symbols > 0.6 * len(plain) and len(_WORD.findall(plain)) < 8:
        return f"low information: {symbols} of {len(plain)} characters are symbols"
    digits = len(_DIGIT.findall(plain))
    if digits >= 20 and len(plain) == symbols + digits:
        return f"low information: {digits} digits and no words"
    return None


def main_script(text: str) -> Script | None:
    """Returns the script of at least 80 % of the letters of a text, or None.

    Chinese characters beside kana are Japanese. A Chinese, Japanese or Korean character counts as two letters.

    >>> main_script("Маяк построен в 1884 году"), main_script("灯塔 lighthouse"), main_script("灯台は高いです")
    ('cyrillic', None, 'japanese')
    """
    counts: Counter[Script | None] = Counter()
    for char, count in Counter(char for char in text if char.isalpha()).items():
        script = _script_of(char)
        counts[script] += count * (2 if script in ("chinese", "japanese", "korean") else 1)
    if counts["japanese"] * 10 >= counts["chinese"] > 0:
        counts["japanese"] += counts.pop("chinese")
    script, most = max(counts.items(), key=lambda item: item[1], default=(None, 0))
    return script if most >= 0.8 * counts.total() else None


@lru_cache(maxsize=20_000)
def _script_of(char: str) -> Script | None:
    return _SCRIPTS.get(unicodedata.name(char, "").partition(" ")[0].lower())

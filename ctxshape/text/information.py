"""How much a text says: too few words, repetition, links, symbols; and its script. Pure functions, any language."""

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
# The first word of a character's Unicode name says its script.
_SCRIPTS: dict[str, Script] = {name: name for name in get_args(Script)} | {
    "cjk": "chinese",
    "hiragana": "japanese",
    "katakana": "japanese",
    "hangul": "korean",
}
_LINK = re.compile(r"!?\[[^\]\n]*\]\([^)\s]*\)|<a\s[^>]*>.*?</a>|(?:https?://|www\.)\S+", re.IGNORECASE)
_ENOUGH = 300  # characters that say of most texts that there is no need to look at the rest
_BESIDE = 20  # letters and digits beside links that are no sentence, but a heading; a Chinese character counts as two
_RULES = re.compile(r"[\s|+=:_.\u2500-\u257f-]+")  # blanks and the lines of a table
_SYMBOL = re.compile(r"\W")
_WORD = re.compile(rf"[^\W\d_{CJK}]{{2,}}|[{CJK}]")
_DIGIT = re.compile(r"\d")


def scant(text: str, min_terms: int) -> str | None:
    """The reason why a text without a figure says too little: fewer distinct words than `min_terms`.

    >>> scant("Loading Loading", 2), scant("In 1884", 3), scant("灯塔很高", 2)
    ('low information: 1 distinct word', None, None)
    """
    count = len(set(words(text[:_ENOUGH]))) if len(text) > _ENOUGH else 0
    count = count if count >= min_terms else len(set(words(text)))
    if count >= min_terms or any(map(str.isdecimal, text)):
        return None
    return f"low information: {count} distinct word{'' if count == 1 else 's'}"


def repetition(text: str, distinct: float) -> str | None:
    """The reason why a text of 30 words or more repeats itself: the share of different runs of three words is too low.

    >>> repetition("Buy the lamp now! " * 10, 0.3), repetition("灯塔建于1884年。", 0.3)
    ('low information: 4 of 38 runs of three words are distinct', None)
    """
    # A text with as many words as a paragraph has says something, however often it says it.
    if len(set(tokens(text[:_ENOUGH]))) >= 30:
        return None
    parts = tokens(text)
    if len(parts) < 30 or len(set(parts)) >= 30:
        return None
    runs = len(parts) - 2
    different = len(shingle_set(parts))
    return f"low information: {different} of {runs} runs of three words are distinct" if different < distinct * runs else None


def links(text: str) -> str | None:
    """The reason why a text is only links: two or more, and not even a short sentence beside them.

    >>> links("[Cape Rosa](/rosa) | [Arden](/arden) | http://arden.example")
    'low information: a list of 3 links'
    >>> links("[Maps](/a) and [plans](/b) of both the old towers")
    """
    if not any(mark in text for mark in ("](", "://", "www.", "WWW.", "<a ", "<A ")):
        return None
    found = len(_LINK.findall(text))
    left = sum(2 if char > "\u2e7f" else 1 for char in _LINK.sub("", text) if char.isalnum())
    return f"low information: a list of {found} links" if found >= 2 and left <= _BESIDE else None


def wordless(text: str) -> str | None:
    """The reason why a text of symbols or digits holds no words; the rules of a table do not count as symbols.

    >>> wordless("★★★ >>> *** ~~~ ★★★ ###"), wordless("12 45 33 22 99 12 0 1 7 8 31 50")
    ('low information: 18 of 18 characters are symbols', 'low information: 20 digits and no words')
    >>> wordless("| height | 31.5 |")
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
    """The script of at least 80 % of the letters of a text; None where there is none.

    Chinese characters beside kana are Japanese. A Chinese character counts twice: it says as much as two letters or more.

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

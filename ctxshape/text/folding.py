"""Folds what makes two spellings of one text differ: invisible characters, line-end hyphens, forms, accents."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that are not seen, or that only steer shape, direction and line breaks: soft hyphen, grapheme joiner, Arabic
# tatweel, zero-width space, joiners, bidi marks, word joiner, variation selectors, byte order mark, tags.
IGNORED = (
    "\u00ad\u034f\u0600-\u0605\u061c\u0640\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
# Vowel signs, accents and points, which `\w` leaves out. The ranges also hold letters, but no punctuation.
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u074a\u07a6-\u07f3\u0816-\u082d\u0859-\u085b\u0898-\u08e1"
    "\u08e3-\u0963\u0981-\u09e3\u0a01-\u0a75\u0a81-\u0ae3\u0afa-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83"
    "\u0cbc-\u0d4d\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84"
    "\u102b-\u103e\u1056-\u109d\u135d-\u135f\u17b6-\u17d3\u17dd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u302a-\u302f"
    "\u3099\u309a\ua8e0-\ua8f1\ufb1e\ufe20-\ufe2f"
)
_IGNORED = re.compile(f"[{IGNORED}]")
_SOFT_BREAK = re.compile(r"\u00ad[^\S\n]*\n?\s*(?=[^\W\d_])")  # a soft hyphen before a break only stands where one word goes on
# 12,400 and 12'400 and 12.400, perhaps with decimals after the other mark. "0.125" has no thousands.
_DIGIT_GROUPS = re.compile(
    r"(?<![\w.,'’])(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:['’]\d{3})+)"
    r"(?!\d|[,'’]\d|\.\d+\.\d)|(?<![\w.,'’])[1-9]\d{0,2}(?:\.\d{3})+(?!\d|\.\d)"
)
_NO_DIGIT = re.compile(r"\D")
_NARROW_GROUPS = re.compile("(?<![\\w.,])\\d{1,3}(?:[\u00a0\u2009\u202f]\\d{3})+(?!\\d)")  # blanks that keep a number together
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
# A hyphen at the end of a line. "Vor-\nund Nachteile" is no broken word.
_HYPHEN_BREAK = re.compile(
    r"(?<=[^\W\d_])[-\u2010]\r?\n[^\S\n]*(?!(?:and|or|und|oder|bis|sowie|et|ou|y|o|e|en|of|и|или)\b)(?=[^\W\d_])"
)
_HYPHENATED = re.compile(
    r"(?<![^\W_])([^\W\d_]{1,40})[-\u2010](?:\r?\n[^\S\n]*| )(?!(?:and|or|und|oder|bis|sowie|et|ou|y|o|e|en|of|и|или)\b)"
    r"([^\W\d_]{1,40})(?![^\W_])"
)
# Letters with a stroke or a joined form, which have no decomposition, and variants of Arabic letters.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ё": "е", "ґ": "г"}
    | {"ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ٱ": "ا"}
)
_VIETNAMESE = re.compile("[\u0309\u0323\u031b]")  # hook, dot below, horn: here an accent makes another word
_FOLDED_SCRIPTS = re.compile("[a-z\u0370-\u03ff\u05d0-\u05ea\u0620-\u06d3]")
_STRESS = "\u0301"  # on Cyrillic letters; their other marks make other letters


def fold_forms(text: str) -> str:
    r"""Returns a text in NFKC with plain digits, without invisible characters and without hyphens of line ends.

    >>> fold_forms("Was\u00adser\u200bwerk, ﬁn\u00ad\nden, １２ ٣")
    'Wasserwerk, finden, 12 3'
    >>> fold_forms("Wasser-\nkraftwerk, Vor-\nund Nachteile, Nord-\nSüd")
    'Wasserkraftwerk, Vor-\nund Nachteile, Nord-\nSüd'
    """
    if not text.isascii():
        if "\u00ad" in text:
            text = _SOFT_BREAK.sub("", text)
        text = _NARROW_GROUPS.sub(lambda found: _NO_DIGIT.sub("", found.group()), text)
        text = unicodedata.normalize("NFKC", _IGNORED.sub("", text))
        text = _FOREIGN_DIGIT.sub(_ascii_digit, text)
    return _HYPHEN_BREAK.sub(lambda found: _joined(found, text), text) if "-" in text and "\n" in text else text


def join_digit_groups(text: str) -> str:
    """Returns the text with numbers whose thousands are separated as plain digits; a point may separate them, too.

    >>> join_digit_groups("12,400 or 12.400 or 12'400; 1,234.5 and 3.5 and 1,2")
    '12400 or 12400 or 12400; 1234.5 and 3.5 and 1,2'
    """
    return _DIGIT_GROUPS.sub(lambda found: _NO_DIGIT.sub("", found.group()), text)


def with_whole_words(text: str) -> str:
    r"""Returns the text with each word that a line end cuts also in one piece, before its two parts.

    Some extractors turn the line end into a blank.

    >>> with_whole_words("das Wasser-\nkraftwerk, capabili- ties, Vor- und Nachteil")
    'das Wasserkraftwerk Wasser kraftwerk, capabilities capabili ties, Vor- und Nachteil'
    """
    if "\u00ad" in text:
        text = _SOFT_BREAK.sub("", text)
    if "- " not in text and "-\n" not in text and "-\r\n" not in text and "\u2010" not in text:
        return text
    return _HYPHENATED.sub(
        lambda found: f"{found[1]}{found[2]} {found[1]} {found[2]}" if found[2].islower() else found[0], text
    )


@lru_cache(maxsize=1 << 14)
def fold_accents(word: str) -> str:
    """Returns a normalized word without accents and points in Latin, Greek, Hebrew and Arabic letters.

    A Vietnamese word keeps its accents if one of them shows that it is Vietnamese. Russian "ё" becomes "е".

    >>> [fold_accents(word) for word in ("café", "ταχύτητα", "كِتَاب", "שָׁלוֹם", "ёлка", "йод", "bạn", "が")]
    ['cafe', 'ταχυτητα', 'كتاب', 'שלום', 'елка', 'йод', 'bạn', 'が']
    """
    parts = unicodedata.normalize("NFD", word.translate(_PLAIN))
    if parts.isascii() or _VIETNAMESE.search(parts):
        return parts if parts.isascii() else word
    kept: list[str] = []
    base = ""
    for char in parts:
        if not unicodedata.combining(char):
            base = char
            kept.append(char)
        elif not _FOLDED_SCRIPTS.match(base) and char != _STRESS:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _whole_and_parts(found: re.Match[str]) -> str:
    first, second = found.groups()
    return f"{first}{second} {first} {second}" if second.islower() else found.group()


def _ascii_digit(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found.group()))


def _joined(found: re.Match[str], text: str) -> str:
    return "" if text[found.start() - 1].islower() and text[found.end()].islower() else found.group()

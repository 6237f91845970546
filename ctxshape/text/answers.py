"""Compares the text of answers: what remains without markers and frames, in a normal form, and which words it holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ctxshape.text.folding import MARKS, fold_accents, fold_forms
from ctxshape.text.numbers import MAX_DIGITS, NUMERAL_RUN, NUMERALS, SMALL_NUMBERS, UNIT_NUMERALS, plain_digits
from ctxshape.text.words import CJK, CJK_BLANK, UNBROKEN, normalize

# "[2]", "Document [2]", "文档[1、3]": the number is a place in one prompt, and the same document stands elsewhere in the next.
DOCUMENT_MARKER = re.compile(
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
# Marks that change the value of a number or the name of a thing: 3.5, 24-10, 10:30, 1/2, -5, C++, C#. The comma in 1,000
# does not.
_MEANINGFUL_MARK = re.compile(r"(?<=\d)(?:[.:/-]|,(?!\d{3}(?!\d)))(?=\d)|(?<![^\W_])-(?=\d)|(?<=[a-z])[+#]+")
# A number with its decimals or 万, a run of Chinese numerals, one CJK or Thai character, C++, "U.S.", or a word: "5" is not
# in "1950" or "3.5".
_SPACED = f"[^\\W_{CJK}{UNBROKEN}]+(?:[{MARKS}]+[^\\W_{CJK}{UNBROKEN}]*)*"
_TERM = re.compile(
    rf"\d+(?:[.,]\d+)*(?:[{UNIT_NUMERALS}]+|(?![^\W_{CJK}]))|{NUMERAL_RUN}|[{CJK}]|[{UNBROKEN}][{MARKS}]*|"
    rf"(?<![^\W_])[a-z]{{1,3}}(?:\+\+|\#)(?![^\W_])|(?:[^\W\d_{CJK}]\.){{2,}}|{_SPACED}"
)
_ORDINAL = re.compile(f"(?<=第)[{NUMERALS}]{{1,{MAX_DIGITS}}}")
_VERSION = re.compile(r"\bv\.?(?=\d+\.\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?![\d.,]*\d))")
_POSSESSIVE = re.compile(r"['’]s\b")
_THOUSANDS = re.compile(r"(?<=\d)[,'’](?=\d{3})|(?<=\d)\.(?=\d{3}\.\d{3}(?!\d))|(?<=\d\.\d{3})\.(?=\d{3}(?!\d))")


def bare_answer(text: str) -> str:
    r"""Returns the first line with text, without markers such as "[2]" and without a frame such as "The answer is".

    >>> bare_answer(" Answer: Paris [2].\nQuestion: and Lyon?")
    'Paris.'
    """
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    bare = re.sub(r"(?<!\s)\s++(?=[.,。，]|$)", "", DOCUMENT_MARKER.sub("", line)).strip() or line
    folded = unicodedata.normalize("NFKC", bare).casefold()
    frame = _FRAME.match(folded)
    # The frame is cut off the original only where folding kept its length, so that the characters correspond.
    if frame and len(folded) == len(bare):
        return bare[frame.end() :] or bare
    return bare


def normalize_answer(text: str) -> str:
    r"""Returns the form in which two answers count as the same vote.

    It follows SQuAD (Rajpurkar et al. 2016) and extends it to Chinese. Only `bare_answer(text)` counts, since small
    models ramble after the line they were asked for. Case, width (NFKC), punctuation of any script, articles and extra
    white space are removed, and so is every blank beside a CJK character. Unlike in SQuAD, a mark that changes a value
    stays (3.5, 24-10, 10:30, -5, C++), and so does an article that is the whole answer.

    >>> normalize_answer("The Eiffel Tower.\n"), normalize_answer("“北京 大学”。"), normalize_answer("１,０００")
    ('eiffel tower', '北京大学', '1000')
    """
    folded = _DASHES.sub("-", normalize(bare_answer(text)))
    meaningful = {index for match in _MEANINGFUL_MARK.finditer(folded) for index in range(*match.span())}
    plain = "".join(char for index, char in enumerate(folded) if index in meaningful or not _is_mark(char))
    short = " ".join(_ARTICLES.sub(" ", plain).split())
    return CJK_BLANK.sub("", short or " ".join(plain.split()))


def answer_terms(text: str) -> list[str]:
    """Returns the terms of a text in their order, as answers are compared by them.

    Numbers lose their thousands separators; Chinese numerals and English words from two to twenty become digits. Accents and
    invisible characters go. "U.S." becomes "us", and possessive endings and a leading article go.

    >>> answer_terms("The U.S. spent 1,000 francs"), answer_terms("他二〇二三年"), answer_terms("three C++ cafés")
    (['us', 'spent', '1000', 'francs'], ['他', '2023', '年'], ['3', 'c++', 'cafes'])
    """
    folded = _VERSION.sub("", _POSSESSIVE.sub("", fold_forms(text).casefold()))
    folded = _DECIMAL_COMMA.sub(".", _THOUSANDS.sub("", folded))
    folded = _ORDINAL.sub(lambda found: plain_digits(found.group()) or found.group(), folded)
    terms = _TERM.findall(folded)
    terms = [SMALL_NUMBERS.get(term) or (term.replace(".", "") if term[-1] == "." else term) for term in terms]
    if not folded.isascii():
        terms = [term if term.isascii() else _folded_term(term) for term in terms]
    return terms[1:] if len(terms) > 1 and terms[0] in ("a", "an", "the") else terms


def _folded_term(term: str) -> str:
    """Returns a term beyond ASCII without accents, or the value of a numeral of several characters in digits."""
    return (plain_digits(term) if len(term) > 1 else None) or fold_accents(term)


def contains(text: str, part: str) -> bool:
    """Returns whether `text` holds `part` in whole words and whole numbers. CJK characters need no boundary.

    >>> contains("Built in 1950 by 3.5 men.", "5"), contains("It cost 1,000 francs.", "1000"), contains("他住在北京。", "北京")
    (False, True, True)
    """
    return contains_terms(answer_terms(text), answer_terms(part))


def contains_terms(terms: Sequence[str], part: Sequence[str]) -> bool:
    """Returns whether the terms of `part` stand in `terms` one after the other. An empty part is never contained.

    >>> contains_terms(["born", "in", "1990"], ["in", "1990"]), contains_terms(["a", "b", "c"], ["a", "c"])
    (True, False)
    """
    if not part:
        return False
    starts = (start for start, term in enumerate(terms) if term == part[0])
    return any(list(terms[start : start + len(part)]) == list(part) for start in starts)


def _is_mark(char: str) -> bool:
    """True for punctuation of any script, SQuAD's ASCII symbols and characters without a glyph; white space is kept."""
    category = unicodedata.category(char)
    return char in _ASCII_SYMBOLS or category[0] == "P" or category in ("Cf", "Cc")

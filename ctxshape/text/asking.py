"""Finds the words that make a sentence a question or a request: "who", "does", "list", "什么"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ctxshape.text.folding import IGNORED, MARKS, fold_accents
from ctxshape.text.languages import LANGUAGES
from ctxshape.text.words import CJK, FUNCTION_WORDS, fold_variants

# A word, or a single CJK character, as it stands in a text: invisible characters inside do not part it.
SPOKEN_WORD = re.compile(f"[{CJK}]|[^\\W_{CJK}](?:[^\\W_{CJK}]|[{IGNORED}{MARKS}])*")
_CJK = re.compile(f"[{CJK}]")
_INVISIBLE = re.compile(f"[{IGNORED}]")
_INTERROGATIVES = tuple(frozenset(map(fold_accents, lang.interrogatives)) for lang in LANGUAGES if lang.interrogatives)
_OPENERS = frozenset(fold_accents(word) for lang in LANGUAGES for word in lang.asking_openers)
_POLITE = ("请问", "請問")  # before a question
_STRINGS = [word for lang in LANGUAGES for word in (*lang.question_words, *lang.asking_strings) if word not in _POLITE]
_CJK_ASKS = re.compile("|".join(map(re.escape, _STRINGS)) or "(?!)")
_WEAK = frozenset("呢嗎吗")  # particles, which ask by themselves only where nothing else does
# The verbs that may stand between a word that asks and the subject, with the form that stands for all forms.
VERB_FORMS = {
    form: forms.split()[0] for forms in ("is are was were am", "do does did", "have has had") for form in forms.split()
} | {form: form for form in "can could will would should shall may might must".split()}


def without_politeness(question: str) -> str:
    """Returns a question with a blank in place of what is only polite: 请问.

    >>> without_politeness("请问谁发明了电话？")
    ' 谁发明了电话？'
    """
    for polite in _POLITE:
        question = question.replace(polite, " ")
    return question


def asking_places(sentence: str, spoken: Sequence[re.Match[str]]) -> frozenset[int]:
    """Returns the indices of the words that make a sentence a question; none if it is not seen to be one.

    `spoken` are the words of the sentence, as `SPOKEN_WORD` finds them. The verb behind a word that asks belongs to it if
    it stands before the subject: "when was it built" asks, "when it was built" need not.

    >>> sentences = ("Since when does the mill of Arden run?", "Can I sail?", "The mill runs.", "大桥长多少米")
    >>> [sorted(asking_places(s, list(SPOKEN_WORD.finditer(s)))) for s in sentences]
    [[1, 2], [0, 1], [], [3, 4]]
    """
    words = [plain_word(match.group()) for match in spoken]
    for interrogatives in _INTERROGATIVES:
        place = next((place for place, word in enumerate(words) if word in interrogatives), None)
        if place is not None:
            return frozenset((place, place + 1) if "".join(words[place + 1 : place + 2]) in VERB_FORMS else (place,))
    asks = list(_CJK_ASKS.finditer(fold_variants(sentence)))  # as long as the sentence
    asks = [match for match in asks if match.group() not in _WEAK] or asks
    if asks:
        return frozenset(n for n, word in enumerate(spoken) if any(a.start() <= word.start() < a.end() for a in asks))
    if len(words) > 1 and words[0] in _OPENERS:
        return frozenset((0, 1))  # with the subject: "can I" asks, "you can" does not
    foreign = sentence.rstrip().endswith(("?", ";", "؟")) and not _CJK.match(sentence) and FUNCTION_WORDS.isdisjoint(words)
    return frozenset((0,) if foreign and words else ())


def plain_word(word: str) -> str:
    """Returns a word in lower case and NFKC, without accents and invisible characters, in simplified characters."""
    if word.isascii():
        return word.lower()
    return fold_accents(fold_variants(unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold()))

"""The facts about one language that the text functions need; each language states them in its own file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


def word_set(words: str) -> frozenset[str]:
    """Returns the words between blanks, normalized as `Language` needs them.

    >>> sorted(word_set("Straße Nr"))
    ['nr', 'strasse']
    """
    return frozenset(unicodedata.normalize("NFKC", words).casefold().split())


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words, numerals and marks of one language, all lower-cased and normalized by NFKC.

    Every field but `code` has an empty default, so a new language starts with what is known about it. A regular expression
    uses no capturing groups.
    """

    code: str  # ISO 639-1, as sentencex takes it
    variants: Mapping[int, str | int | None] = field(default_factory=dict)  # characters with a standard form, for str.translate

    # How the language is recognized: by its script, then by letters and words that other languages of the script lack.
    script: str = "a-zA-ZÀ-ɏḀ-ỿ"  # the letters, as the inside of a character class
    borrowed: str = ""  # the script of another language that texts mix with it
    weight: int = 1  # how many Latin letters a letter of the script is worth
    letters: str = ""  # letters beyond the basic ones of the script
    common_words: frozenset[str] = frozenset()  # frequent words; function_words count, too

    # Dots inside a sentence. Abbreviations are written without blanks and without their last dot: "z.b", "fig".
    abbreviations: frozenset[str] = frozenset()  # no sentence ends here: "Dr. Smith", "z. B. Wasser"
    closing_abbreviations: frozenset[str] = frozenset()  # a sentence ends here if a capital letter follows: "etc."
    number_abbreviations: frozenset[str] = frozenset()  # no sentence ends here before a number or a bracket: "Fig. 3"
    capital_nouns: bool = False  # a capital letter behind such a dot may begin a noun as well as a sentence
    speech_verbs: frozenset[str] = frozenset()  # what follows a quotation and a name: '"Who?" Ann asked'
    joints: tuple[tuple[str, str], ...] = ()  # regular expressions of what is before and behind such a dot: "12." "März"
    quotes_in_words: bool = False  # a quotation mark between two letters belongs to the word
    blank_ends: bool = False  # a sentence ends at a blank between two letters, since the language has no end marks
    linking_words: tuple[str, ...] = ()  # what follows a blank that ends no sentence
    linked_ends: tuple[str, ...] = ()  # what precedes one

    # Words without content. Each list has a meaning of its own.
    function_words: frozenset[str] = frozenset()  # whole words that do not say what a text is about
    answer_fillers: frozenset[str] = frozenset()  # further whole words that add nothing to an answer
    particles: str = ""  # characters that add nothing to an answer
    question_words: tuple[str, ...] = ()  # strings that only ask, in an unspaced language; longer ones first
    question_fillers: tuple[str, ...] = ()  # strings that do not say what a question is about, in an unspaced language
    clause_marks: str = ""  # characters that occur in clauses of this language, but hardly in names

    # What makes a question one.
    interrogatives: frozenset[str] = frozenset()  # words that ask and hardly do anything else
    asking_strings: tuple[str, ...] = ()  # the same in an unspaced language, besides question_words; longer ones first
    asking_openers: frozenset[str] = frozenset()  # words that open a question or a request, and mean something else elsewhere

    negations: frozenset[str] = frozenset()  # words, in an unspaced language characters
    negation_endings: tuple[str, ...] = ()
    verdicts: frozenset[str] = frozenset()  # whole answers to a yes/no question
    word_endings: tuple[str, ...] = ()  # inflections that a stemmer cuts off

    # Numbers.
    number_words: Mapping[str, int] = field(default_factory=dict)  # words with their values
    scales: Mapping[str, int] = field(default_factory=dict)  # what follows digits, as a power of ten: "million" is 6
    numerals: Mapping[str, int] = field(default_factory=dict)  # characters: digits, units (10, 100, …), 10,000 and above
    formal_numerals: Mapping[str, int] = field(default_factory=dict)  # numerals that are other words, too, unless money follows
    money: str = ""  # characters that follow a formal numeral

    list_marks: tuple[str, ...] = ()  # regular expressions of ordinals that open a list item, besides "1." and "1)"

    # Names.
    name_joiners: frozenset[str] = frozenset()  # lower-case words inside a name
    sentence_openers: frozenset[str] = frozenset()  # words that open a sentence and are no name

    # How a model says that it has no answer.
    no_answer: str = ""  # regular expression that matches the opening of a refusal
    no_answer_texts: frozenset[str] = frozenset()  # whole texts
    none_reply: str = ""  # regular expression of the keyword that the prompts ask for

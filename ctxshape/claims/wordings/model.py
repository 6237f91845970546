"""The words with which one language asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words and phrases of questions in one language, in lower case; every field but `code` may be empty.

    Phrases are regular expressions without capturing groups, except that each of `comparisons` names the compared things as
    the group `listed`. In a language with blanks between words, `aims` match from the beginning of a clause; otherwise
    anywhere in the question.
    """

    code: str  # ISO 639-1
    spaced: bool = True
    letters: str = ""  # the inside of a character class; a question of an unspaced language has one of them
    aims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by kind of aim; the first kind that matches wins
    preambles: tuple[str, ...] = ()  # what stands before a question and does not ask: "Can you tell me"
    closings: tuple[str, ...] = ()  # ends of a text that asks for a value without asking: "… is called"

    comparisons: tuple[str, ...] = ()  # the first that matches and names two things wins
    separators: str = ""  # what stands between two compared things, whatever else the phrase says
    joints: str = ""  # words that do if there is no separator; only the one nearest to the middle counts
    side_noise: str = ""  # what is cut from a compared thing
    comparison_noise: tuple[str, ...] = ()  # what is cut from a question about one of the compared things

    relations: frozenset[str] = frozenset()  # what one thing is to another: "mother", "director"
    described: frozenset[str] = frozenset()  # what questions describe instead of naming it: "the city where …"

    plain_words: frozenset[str] = frozenset()  # frequent words of questions, beyond the function words, that name nothing
    breaks: tuple[str, ...] = ()  # what parts two nouns, in an unspaced language


def words_of(text: str) -> frozenset[str]:
    """Returns the words between blanks."""
    return frozenset(text.split())

"""Words and names of the synthetic data, drawn from the templates of one language.

A template names what is drawn in braces: a list of `words`, whose items are templates again, or a kind of number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from ctxshape.core.types import Frozen
from ctxshape.evaluation.datasets.numbers import NUMBERS, Value

_SLOT = re.compile(r"\{(\w+)\}")


class Change(Frozen):
    """An attribute that has changed: the question of how it is now, and how two notices put it."""

    ask: str
    now: str
    before: str


class Attribute(Frozen):
    """Something that is asked about a thing: how it is asked and stated, and what else is said beside it."""

    titles: tuple[str, ...]
    ask: tuple[str, ...]
    also: str
    clause: str
    value: str
    sentences: tuple[str, ...]
    about: tuple[str, ...]
    change: Change | None = None


class Kind(Frozen):
    """A kind of thing: how its names are made of a stem, and what is said and asked of it."""

    name: str
    stem: str
    types: tuple[str, ...]
    openings: tuple[str, ...]
    fillers: tuple[str, ...]
    attributes: tuple[Attribute, ...]


class Language(Frozen):
    """The templates of a language. `length` is that of a passage: words, or characters where `space` is empty."""

    between: str
    last: str
    stop: str
    question: str
    space: str
    length: tuple[int, int]
    trim: str  # what a value may be told without: an article, or the rank of a town
    copy_title: str
    headers: tuple[str, ...]
    copy_headers: tuple[str, ...]
    notice: str
    old_notice: str
    words: Mapping[str, tuple[str, ...]]
    kinds: tuple[Kind, ...]

    def series(self, parts: Sequence[str]) -> str:
        """The parts as one enumeration."""
        return self.between.join(parts[:-1]) + (self.last if len(parts) > 1 else "") + parts[-1]

    def measure(self, text: str) -> int:
        """The length of a text in this language's unit."""
        return len(text.split()) if self.space else len(text)


@lru_cache(maxsize=2)
def language_of(code: str) -> Language:
    """The templates of "en" or "zh"."""
    return Language.model_validate_json((files("ctxshape.evaluation.datasets") / f"synthetic_{code}.json").read_bytes())


class Thing(NamedTuple):
    """A thing of a kind; things with the same stem have similar names."""

    kind: Kind
    stem: str
    name: str

    @property
    def slots(self) -> dict[str, str]:
        """What templates call it: within a sentence, at its beginning, and without an article."""
        bare = self.name.removeprefix("the ")
        return {"stem": self.stem, "entity": self.name, "Entity": upper(self.name), "name": bare, "Name": upper(bare)}


class Words:
    """Draws from a language's templates; the same random numbers draw the same words."""

    def __init__(self, code: str, rng: random.Random) -> None:
        self.language = language_of(code)
        self.rng = rng
        self._numbers = NUMBERS[code]

    def draw(self, name: str) -> Value:
        """A value of a kind of number or of a list of words."""
        if name in self._numbers:
            return self._numbers[name](self.rng)
        text = self.fill(self.rng.choice(self.language.words[name]))
        return Value(text, tuple(dict.fromkeys((text, re.sub(self.language.trim, "", text)))))

    def fill(self, template: str, slots: Mapping[str, str] | None = None) -> str:
        """The template with `slots` filled in and everything else drawn."""
        given = slots or {}
        return _SLOT.sub(lambda match: given[match[1]] if match[1] in given else self.draw(match[1]).text, template)

    def thing(self, kind: Kind, stem: str | None = None) -> Thing:
        """A thing of a kind, with a given stem or any."""
        stem = self.draw(kind.stem).text if stem is None else stem
        return Thing(kind, stem, self.fill(self.rng.choice(kind.types), {"stem": stem}))


def upper(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """The text with its first letter in lower case."""
    return text[:1].lower() + text[1:]

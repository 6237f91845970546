"""Words and names of the synthetic data, drawn from the templates of one language.

A template has slots in braces. A slot names a list in `words`, whose items are again templates, or a kind of number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from ctxshape.core.types import Frozen
from ctxshape.evaluation.datasets._numbers import NUMBERS, WordedValue

_SLOT = re.compile(r"\{(\w+)\}")


class Change(Frozen):
    """A change of an attribute: the question for its present value, and the sentences of the new and the old notice."""

    ask: str
    now: str
    before: str


class Attribute(Frozen):
    """An attribute of a thing: the templates that ask for it, that state it, and that surround it in a passage."""

    titles: tuple[str, ...]
    ask: tuple[str, ...]
    also: str
    clause: str
    value: str
    sentences: tuple[str, ...]
    about: tuple[str, ...]
    change: Change | None = None


class ThingKind(Frozen):
    """A kind of thing: the templates of its names, its attributes, and the sentences about it."""

    name: str
    stem: str
    types: tuple[str, ...]
    openings: tuple[str, ...]
    fillers: tuple[str, ...]
    attributes: tuple[Attribute, ...]


class LanguageTemplates(Frozen):
    """The templates of a language. `length` is that of a passage in words, or in characters if `space` is empty."""

    between: str
    last: str
    stop: str
    question: str
    space: str
    length: tuple[int, int]
    trim: str  # what an answer may leave out of a value: an article, or the rank of a town
    copy_title: str
    headers: tuple[str, ...]
    copy_headers: tuple[str, ...]
    notice: str
    old_notice: str
    words: Mapping[str, tuple[str, ...]]
    kinds: tuple[ThingKind, ...]

    def series(self, parts: Sequence[str]) -> str:
        """Joins the parts into one enumeration."""
        return self.between.join(parts[:-1]) + (self.last if len(parts) > 1 else "") + parts[-1]

    def length_of(self, text: str) -> int:
        """Returns the length of a text in words or characters."""
        return len(text.split()) if self.space else len(text)


@lru_cache(maxsize=2)
def language_templates(code: str) -> LanguageTemplates:
    """Returns the templates of "en" or "zh"."""
    file = files("ctxshape.evaluation.datasets") / f"synthetic_{code}.json"
    return LanguageTemplates.model_validate_json(file.read_bytes())


class Thing(NamedTuple):
    """A thing of a kind; things with the same stem have similar names."""

    kind: ThingKind
    stem: str
    name: str

    @property
    def slots(self) -> dict[str, str]:
        """The slots that templates fill with its name: within a sentence, at its start, and without an article."""
        bare = self.name.removeprefix("the ")
        return {"stem": self.stem, "entity": self.name, "Entity": upper(self.name), "name": bare, "Name": upper(bare)}


class Words:
    """Draws words from the templates of a language; the same random numbers draw the same words."""

    def __init__(self, code: str, rng: random.Random) -> None:
        self.templates = language_templates(code)
        self.rng = rng
        self._numbers = NUMBERS[code]

    def draw(self, name: str) -> WordedValue:
        """Draws a value from a list of words, or a number of some kind."""
        if name in self._numbers:
            return self._numbers[name](self.rng)
        text = self.fill(self.rng.choice(self.templates.words[name]))
        return WordedValue(text, tuple(dict.fromkeys((text, re.sub(self.templates.trim, "", text)))))

    def fill(self, template: str, slots: Mapping[str, str] | None = None) -> str:
        """Fills the template with `slots`, and with drawn words for the other slots."""
        known = slots or {}
        return _SLOT.sub(lambda match: known[match[1]] if match[1] in known else self.draw(match[1]).text, template)

    def thing(self, kind: ThingKind, stem: str | None = None) -> Thing:
        """Draws a thing of a kind, with the given stem or a drawn one."""
        stem = self.draw(kind.stem).text if stem is None else stem
        return Thing(kind, stem, self.fill(self.rng.choice(kind.types), {"stem": stem}))


def upper(text: str) -> str:
    """Returns the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Returns the text with its first letter in lower case."""
    return text[:1].lower() + text[1:]

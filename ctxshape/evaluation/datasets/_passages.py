"""Passages of the synthetic data: one claim about a thing, among sentences that do not state such a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from ctxshape.evaluation.datasets._numbers import WordedValue
from ctxshape.evaluation.datasets._words import Attribute, Thing, ThingKind, Words, upper
from ctxshape.text.words import normalize


class Claim(NamedTuple):
    """The statement that an attribute of a thing has a value."""

    thing: Thing
    attribute: Attribute
    value: WordedValue

    @property
    def slots(self) -> dict[str, str]:
        """The slots that templates fill with the thing and the value."""
        return {**self.thing.slots, "value": self.value.text, "Value": upper(self.value.text)}

    def stands_in(self, text: str) -> bool:
        """Returns whether a text contains a wording of the value, ignoring spaces and punctuation in both."""
        squeezed = _squeeze(text)
        return any(_squeeze(wording) in squeezed for wording in self.value.wordings)


class PassageParts(NamedTuple):
    """A passage in parts, some of which a near-duplicate changes."""

    thing: Thing
    title: str
    header: str
    opening: str
    rest: tuple[str, ...]
    space: str

    @property
    def text(self) -> str:
        """The text without the title."""
        return self.space.join(filter(None, (self.header, self.opening, *self.rest)))


_Subjects = Iterator[tuple[Thing, Attribute]]  # the things and attributes that passages are about
_Item = TypeVar("_Item")


class PassageWriter:
    """Makes claims and writes passages, which never state a claim that they have to avoid."""

    def __init__(self, words: Words) -> None:
        self.words, self.rng, self.templates = words, words.rng, words.templates

    def claim(self, thing: Thing | None = None, attribute: Attribute | None = None, beside: Sequence[Claim] = ()) -> Claim:
        """Makes a claim whose value occurs in no name and in no claim of `beside`, and that contains none of their values."""
        subject = thing or self.words.thing(self.rng.choice(self.templates.kinds))
        asked = attribute or self.rng.choice(subject.kind.attributes)
        taken = " ".join([subject.name, *(f"{claim.thing.name} {claim.value.text}" for claim in beside)])
        return _first(
            lambda: Claim(subject, asked, self.words.draw(asked.value)),
            lambda claim: not claim.stands_in(taken) and not _states(claim.value.text, beside),
        )

    def another(self, kind: ThingKind, names: set[str], avoid: Sequence[Claim] = (), stem: str | None = None) -> Thing:
        """Draws a thing of a kind with a name that is not in `names`, and adds the name to `names`."""
        thing = _first(
            lambda: self.words.thing(kind, stem), lambda thing: thing.name not in names and not _states(thing.name, avoid)
        )
        names.add(thing.name)
        return thing

    def passage(self, claim: Claim, avoid: Sequence[Claim] = (), sentence: str = "", header: str = "") -> PassageParts:
        """Writes a passage that states a claim, with the given sentence and header if any."""
        return _first(
            lambda: self._passage(claim, sentence, header),
            lambda passage: not _states(f"{passage.title} {passage.text}", avoid),
        )

    def near_copy(self, passage: PassageParts, avoid: Sequence[Claim] = ()) -> PassageParts:
        """Writes a near-duplicate: with a line on top, with another date line, or with another first sentence."""
        fill, choice, templates = self.words.fill, self.rng.choice, self.templates

        def copy() -> PassageParts:
            retitled = passage._replace(title=fill(templates.copy_title, {"title": passage.title}))
            change = choice(("line on top", "line on top", "date line", "first sentence"))
            if change == "line on top":
                line = fill(choice(templates.copy_headers))
                return retitled._replace(header=templates.space.join(filter(None, (line, passage.header))))
            if change == "date line":
                return retitled._replace(header=fill(choice(templates.headers)))
            return retitled._replace(opening=fill(choice(passage.thing.kind.openings), passage.thing.slots))

        return _first(copy, lambda copied: copied.text != passage.text and not _states(f"{copied.title} {copied.text}", avoid))

    def distractors(self, claims: Sequence[Claim], avoid: Sequence[Claim]) -> list[PassageParts]:
        """Writes passages without the claims, most similar first: 12 or more, then 14, then 8 about other things."""
        names = {claim.thing.name for claim in claims}
        listed: list[PassageParts] = []
        for band in (self._near, self._middle, self._far):
            written = [
                self.passage(self.claim(thing, attribute, avoid), avoid) for thing, attribute in band(claims, names, avoid)
            ]
            listed.extend(self.rng.sample(written, len(written)))
        return listed

    def _near(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> _Subjects:
        """Yields other attributes of the same things, then the asked attributes of similarly named and of other such things."""
        asked = [claim.attribute for claim in claims]
        first = claims[0].thing
        other = [item for item in first.kind.attributes if item not in asked]
        for thing in {claim.thing.name: claim.thing for claim in claims}.values():
            for attribute in self.rng.sample(other, min(len(other), 3)):
                yield thing, attribute
        for number in range(10):
            stem = first.stem if number < 3 else None
            yield self.another(first.kind, names, avoid, stem), asked[number % len(asked)]

    def _middle(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> _Subjects:
        """Yields things of the same kind, most of them with an asked attribute."""
        for number in range(14):
            thing = self.another(claims[0].thing.kind, names, avoid)
            yield thing, claims[number % len(claims)].attribute if number < 10 else self.rng.choice(thing.kind.attributes)

    def _far(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> _Subjects:
        """Yields things of other kinds."""
        others = [kind for kind in self.templates.kinds if kind is not claims[0].thing.kind]
        for number in range(8):
            thing = self.another(others[number % len(others)], names, avoid)
            yield thing, self.rng.choice(thing.kind.attributes)

    def _passage(self, claim: Claim, sentence: str, header: str) -> PassageParts:
        fill, choice, slots = self.words.fill, self.rng.choice, claim.slots
        about = self._shuffled(claim.attribute.about)
        fillers = self._shuffled(claim.thing.kind.fillers)
        more = iter([*about[:2], *fillers[:3], *about[2:], *fillers[3:]])
        if not header and self.rng.random() < 0.4:
            header = choice(self.templates.headers)
        passage = PassageParts(
            thing=claim.thing,
            title=fill(choice(claim.attribute.titles), slots),
            header=fill(header),
            opening=fill(choice(claim.thing.kind.openings), slots),
            rest=(fill(sentence or choice(claim.attribute.sentences), slots),),
            space=self.templates.space,
        )
        low, high = self.templates.length
        enough = self.rng.randint(low, (low + high) // 2)  # leaves room for a last sentence and the date line of a copy
        while self.templates.length_of(passage.text) < enough:
            passage = passage._replace(rest=(*passage.rest, fill(next(more), slots)))
        return passage._replace(rest=tuple(self._shuffled(passage.rest)))

    def _shuffled(self, items: Sequence[str]) -> list[str]:
        return self.rng.sample(items, len(items))


def _states(text: str, claims: Sequence[Claim]) -> bool:
    return any(claim.stands_in(text) for claim in claims)


def _first(make: Callable[[], _Item], good: Callable[[_Item], bool]) -> _Item:
    """Returns the first good one of up to 1,000 tries; nearly every try is good."""
    return next(item for item in (make() for _ in range(1000)) if good(item))


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, normalize(text)))

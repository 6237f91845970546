"""Passages of the synthetic data: what is claimed of a thing, among sentences that claim nothing of the kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from ctxshape.evaluation.datasets.numbers import Value
from ctxshape.evaluation.datasets.words import Attribute, Kind, Thing, Words, upper
from ctxshape.text.words import normalize


class Claim(NamedTuple):
    """That an attribute of a thing has a value."""

    thing: Thing
    attribute: Attribute
    value: Value

    @property
    def slots(self) -> dict[str, str]:
        """What templates call the thing and the value."""
        return {**self.thing.slots, "value": self.value.text, "Value": upper(self.value.text)}

    def stands_in(self, text: str) -> bool:
        """Whether a wording of the value stands in a text; strict: blanks and punctuation separate nothing."""
        squeezed = _squeeze(text)
        return any(_squeeze(wording) in squeezed for wording in self.value.wordings)


class Passage(NamedTuple):
    """A passage in the parts that a near-duplicate changes."""

    thing: Thing
    title: str
    header: str
    opening: str
    rest: tuple[str, ...]
    space: str

    @property
    def text(self) -> str:
        """The text, without the title."""
        return self.space.join(filter(None, (self.header, self.opening, *self.rest)))


Subjects = Iterator[tuple[Thing, Attribute]]  # what passages are to be about
Made = TypeVar("Made")


class Writer:
    """Makes claims and writes passages, none of which states a claim that it is to avoid."""

    def __init__(self, words: Words) -> None:
        self.words, self.rng, self.language = words, words.rng, words.language

    def claim(self, thing: Thing | None = None, attribute: Attribute | None = None, beside: Sequence[Claim] = ()) -> Claim:
        """A claim whose value neither stands in a name nor in the claims beside it, nor theirs in it."""
        about = thing or self.words.thing(self.rng.choice(self.language.kinds))
        respect = attribute or self.rng.choice(about.kind.attributes)
        named = " ".join([about.name, *(f"{claim.thing.name} {claim.value.text}" for claim in beside)])
        return _first(
            lambda: Claim(about, respect, self.words.draw(respect.value)),
            lambda made: not made.stands_in(named) and not _states(made.value.text, beside),
        )

    def another(self, kind: Kind, names: set[str], avoid: Sequence[Claim] = (), stem: str | None = None) -> Thing:
        """A thing of a kind, of a name that is not among `names` and is added to them."""
        made = _first(
            lambda: self.words.thing(kind, stem), lambda made: made.name not in names and not _states(made.name, avoid)
        )
        names.add(made.name)
        return made

    def passage(self, claim: Claim, avoid: Sequence[Claim] = (), said: str = "", header: str = "") -> Passage:
        """A passage that states a claim, with the sentence `said` and under `header` where given."""
        return _first(lambda: self._passage(claim, said, header), lambda made: not _states(f"{made.title} {made.text}", avoid))

    def near_copy(self, passage: Passage, avoid: Sequence[Claim] = ()) -> Passage:
        """The passage once more: with a line on top, with another date line, or with another first sentence."""
        fill, choice, language = self.words.fill, self.rng.choice, self.language

        def copy() -> Passage:
            made = passage._replace(title=fill(language.copy_title, {"title": passage.title}))
            way = choice(("line on top", "line on top", "date line", "first sentence"))
            if way == "line on top":
                line = fill(choice(language.copy_headers))
                return made._replace(header=language.space.join(filter(None, (line, passage.header))))
            if way == "date line":
                return made._replace(header=fill(choice(language.headers)))
            return made._replace(opening=fill(choice(passage.thing.kind.openings), passage.thing.slots))

        return _first(copy, lambda made: made.text != passage.text and not _states(f"{made.title} {made.text}", avoid))

    def distractors(self, claims: Sequence[Claim], avoid: Sequence[Claim]) -> list[Passage]:
        """Passages near to the claims but without them, nearest first: 12 or more, then 14, then 8 far off."""
        names = {claim.thing.name for claim in claims}
        listed: list[Passage] = []
        for band in (self._near, self._middle, self._far):
            written = [
                self.passage(self.claim(thing, attribute, avoid), avoid) for thing, attribute in band(claims, names, avoid)
            ]
            listed.extend(self.rng.sample(written, len(written)))
        return listed

    def _near(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> Subjects:
        """The same things in other respects, and in the same respect things of similar names and of the same kind."""
        asked = [claim.attribute for claim in claims]
        first = claims[0].thing
        other = [item for item in first.kind.attributes if item not in asked]
        for thing in {claim.thing.name: claim.thing for claim in claims}.values():
            for attribute in self.rng.sample(other, min(len(other), 3)):
                yield thing, attribute
        for number in range(10):
            stem = first.stem if number < 3 else None
            yield self.another(first.kind, names, avoid, stem), asked[number % len(asked)]

    def _middle(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> Subjects:
        """Things of the same kind, most of them in the same respect."""
        for number in range(14):
            thing = self.another(claims[0].thing.kind, names, avoid)
            yield thing, claims[number % len(claims)].attribute if number < 10 else self.rng.choice(thing.kind.attributes)

    def _far(self, claims: Sequence[Claim], names: set[str], avoid: Sequence[Claim]) -> Subjects:
        """Things of other kinds."""
        others = [kind for kind in self.language.kinds if kind is not claims[0].thing.kind]
        for number in range(8):
            thing = self.another(others[number % len(others)], names, avoid)
            yield thing, self.rng.choice(thing.kind.attributes)

    def _passage(self, claim: Claim, said: str, header: str) -> Passage:
        fill, choice, slots = self.words.fill, self.rng.choice, claim.slots
        about = self._shuffled(claim.attribute.about)
        fillers = self._shuffled(claim.thing.kind.fillers)
        more = iter([*about[:2], *fillers[:3], *about[2:], *fillers[3:]])
        if not header and self.rng.random() < 0.4:
            header = choice(self.language.headers)
        made = Passage(
            thing=claim.thing,
            title=fill(choice(claim.attribute.titles), slots),
            header=fill(header),
            opening=fill(choice(claim.thing.kind.openings), slots),
            rest=(fill(said or choice(claim.attribute.sentences), slots),),
            space=self.language.space,
        )
        low, high = self.language.length
        enough = self.rng.randint(low, (low + high) // 2)  # then a last sentence and a copy's date line still fit
        while self.language.measure(made.text) < enough:
            made = made._replace(rest=(*made.rest, fill(next(more), slots)))
        return made._replace(rest=tuple(self._shuffled(made.rest)))

    def _shuffled(self, items: Sequence[str]) -> list[str]:
        return self.rng.sample(items, len(items))


def _states(text: str, claims: Sequence[Claim]) -> bool:
    return any(claim.stands_in(text) for claim in claims)


def _first(make: Callable[[], Made], good: Callable[[Made], bool]) -> Made:
    """The first of many tries that is good; nearly every try is."""
    return next(made for made in (make() for _ in range(1000)) if good(made))


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, normalize(text)))

"""The checker against texts that are made from the true outlines: it accepts them, and finds each way to spoil them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from ctxshape import Context
from ctxshape.core.types import Document, Span
from ctxshape.testing.documents import KINDS, SyntheticDocument, synthetic_document
from ctxshape.testing.faithful import Fault, faults
from ctxshape.text.omission import OMISSION

LISTED = [kind for kind in KINDS if synthetic_document(kind, random.Random(0)).outline.parts and "Python" not in kind]


def closed(made: SyntheticDocument, chosen: set[int]) -> list[int]:
    """Returns parts with their owners, with what they bring, and with the rest of their enumerations."""
    parts, todo = made.outline.parts, set(chosen)
    while True:
        more = {other for index in todo for other in (*parts[index].owners, *parts[index].brings)}
        more |= {other for members in made.outline.enumerations if todo & set(members) for other in members}
        if more <= todo:
            return sorted(todo)
        todo |= more


def written(made: SyntheticDocument, kept: Sequence[int]) -> tuple[str, tuple[Span, ...]]:
    """Returns the parts as a text: lines by their separators, everything else with the mark."""
    parts, source, text = made.outline.parts, made.text, ""
    for number, index in enumerate(kept):
        part, last = parts[index], parts[kept[number - 1]] if number else None
        indent = source[source.rfind("\n", 0, part.start) + 1 : part.start]
        indent = "" if indent.strip() else indent
        if last is None:
            text += indent
        elif kept[number - 1] == index - 1 and not re.search(r"\w", source[last.end : part.start]):
            text += source[last.end : part.start]
        elif last.kind == part.kind and part.form == "line" and last.table == part.table:
            text += f"\n{indent}"
        else:
            text += f"\n{OMISSION}\n{indent}"
        text += source[part.start : part.end]
    return text, tuple(Span(document="d1", start=parts[index].start, end=parts[index].end) for index in kept)


def checked(made: SyntheticDocument, text: str, spans: tuple[Span, ...]) -> list[Fault]:
    """Returns the faults of a text with these spans."""
    context = Context.of("?", [made.text])
    document: Document = context.documents[0].model_copy(update={"text": text, "spans": spans})
    return faults(context, context.keep([document]), {"d1": made.outline})


def selections(kind: str) -> Iterator[tuple[SyntheticDocument, list[int], random.Random]]:
    for seed in range(30):
        rng = random.Random(f"{kind} {seed}")
        made = synthetic_document(kind, rng)
        count = len(made.outline.parts)
        yield made, closed(made, set(rng.sample(range(count), rng.randint(1, min(count, 4))))), rng


@pytest.mark.parametrize("kind", LISTED)
def test_a_true_selection_is_accepted(kind: str) -> None:
    for made, kept, _ in selections(kind):
        assert checked(made, *written(made, kept)) == []


def without_marks(text: str, _: random.Random) -> str:
    return re.sub(rf"\s*{re.escape(OMISSION)}\s*", " ", text)


def one_line(text: str, rng: random.Random) -> str:
    """Joins two lines that both have words."""
    ends = [match for match in re.finditer(r"(?<=[^\W_])\W*\n\s*(?=\W*\w)", text) if OMISSION not in match.group()]
    chosen = rng.choice(ends) if ends else None
    return text if chosen is None else f"{text[: chosen.end()].rstrip()} {text[chosen.end() :]}"


def another_figure(text: str, rng: random.Random) -> str:
    digits = [match.start() for match in re.finditer(r"\d", text)]
    place = rng.choice(digits) if digits else -1
    return text if place < 0 else f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


def outdented(text: str, _: random.Random) -> str:
    return re.sub(r"(?m)^[ \t]+(?=[^\W_]|[-*`(])", "", text)


@pytest.mark.parametrize("spoil", [without_marks, one_line, another_figure, outdented])
def test_a_spoilt_text_is_refused(spoil: Callable[[str, random.Random], str]) -> None:
    missed, tried = [], 0
    for kind in LISTED:
        for made, kept, rng in selections(kind):
            text, spans = written(made, kept)
            wrong = spoil(text, rng)
            if wrong != text:
                tried += 1
                missed += [] if checked(made, wrong, spans) else [(kind, text, wrong)]
    assert tried > 30 and not missed, (tried, len(missed), missed[0])


def test_a_part_without_its_owner_is_refused() -> None:
    tried = 0
    for kind in LISTED:
        for made, kept, rng in selections(kind):
            parts = made.outline.parts
            needed = {o for index in kept for o in parts[index].owners if parts[o].role != "heading"}
            if needed:
                tried += 1
                lost = rng.choice(sorted(needed))
                left = [index for index in kept if index != lost]
                assert checked(made, *written(made, left)), written(made, left)
    assert tried > 100


def test_half_a_part_is_refused() -> None:
    for kind in LISTED:
        for made, kept, _ in selections(kind):
            text, spans = written(made, kept)
            part = made.outline.parts[kept[-1]]
            lost = (part.end - part.start) // 2
            words = re.findall(r"\w", made.text[part.end - lost : part.end])
            if words and not part.cut:
                last = spans[-1].model_copy(update={"end": spans[-1].end - lost})
                assert checked(made, text[:-lost], (*spans[:-1], last)), text[:-lost]

"""Lists to train the evidence model on: the cases of a set as they are and changed, with a label for each unit.

Used by `train_evidence.py` and `calibration.py`. Changed lists show the model what the sets lack: short lists, passages
without titles, long documents made of several passages, and lists without the evidence, or without a part of it.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from real_cases import RealCase, content_words, stated

from ctxshape import Context
from ctxshape.core.spans import Piece

Passage = dict[str, str | None]  # id, title, text
_SHORT = (1, 2, 2, 3, 3, 4, 5, 6, 8, 10)  # passages of a short list
_JOINED = (2, 3, 4)  # passages of a long document
_LONGEST_JOINED = 40_000  # characters of a list whose passages are joined
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
_FEWEST_WORDS, _ENOUGH = 3, 0.45  # of a reference sentence: content words, and their share that a unit states


class Variant(NamedTuple):
    """A list made from a case.

    - `tag`: how it was made. `gold`: the ids of the passages with evidence.
    - `suffices`: whether the question can be answered from it; None if that is not known.
    """

    case: RealCase
    tag: str
    passages: list[Passage]
    gold: frozenset[str]
    suffices: bool | None

    def context(self) -> Context:
        """Returns a fresh context; it carries its analysis, so it should not outlive its use."""
        return Context.of(self.case.context.query, self.passages)


class Labels(NamedTuple):
    """The evidence among the units of a list, which are numbered through.

    - `units`: 1 for a unit that is evidence, otherwise 0.
    - `supporting`: for each excerpt, the units that show it. `facts`: for each fact, the units of which each states it.
    """

    units: list[float]
    supporting: list[frozenset[int]]
    facts: list[frozenset[int]]


def variants(case: RealCase, *, changed: bool = True) -> Iterator[Variant]:
    """Yields the list as it is and without its evidence and, with `changed`, further lists."""
    rng = random.Random(f"variants of {case.id}")
    passages: list[Passage] = [{"id": d.id, "title": d.title, "text": d.text} for d in case.context.documents]
    suffices = None if case.answerable is None else case.answerable and bool(case.gold)
    yield Variant(case, "as it is", passages, case.gold, suffices)
    gold = [p for p in passages if p["id"] in case.gold]
    others = [p for p in passages if p["id"] not in case.gold]
    if gold and others:
        yield Variant(case, "without evidence", others, frozenset(), False)
    if not changed:
        return
    rng.shuffle(others)
    short = _shuffled(rng, gold + others[: max(rng.choice(_SHORT) - len(gold), 0)])
    if short and len(short) < len(passages):
        yield Variant(case, "short", short, case.gold, suffices)
        remaining = [p for p in short if p["id"] not in case.gold]
        if gold and remaining:
            yield Variant(case, "short without evidence", remaining, frozenset(), False)
    needed = [p for p in gold if any(_packed(excerpt) in _packed(p["text"] or "") for excerpt in case.supporting)]
    if len(needed) > 1:
        left_out = rng.choice(needed)
        rest = [p for p in short if p is not left_out]
        yield Variant(case, "without a part", rest, case.gold - {str(left_out["id"])}, False)
    if rng.random() < 0.5 and any(p["title"] for p in passages):
        untitled: list[Passage] = [{**p, "title": None} for p in gold + others[: max(rng.choice(_SHORT) - len(gold), 0)]]
        if untitled:
            yield Variant(case, "without titles", _shuffled(rng, untitled), case.gold, suffices)
    if rng.random() < 1 / 3 and sum(len(p["text"] or "") for p in passages) <= _LONGEST_JOINED:
        long, long_gold = _joined(rng, gold + others, case.gold)
        yield Variant(case, "joined", long, long_gold, suffices)


def _shuffled(rng: random.Random, passages: list[Passage]) -> list[Passage]:
    rng.shuffle(passages)
    return passages


def _joined(rng: random.Random, passages: list[Passage], gold: frozenset[str]) -> tuple[list[Passage], frozenset[str]]:
    """Returns long documents of two to four passages, some with titles inside, and the ids of those with evidence."""
    rest, made, ids = _shuffled(rng, passages), list[Passage](), set[str]()
    while rest:
        count = rng.choice(_JOINED)
        parts, rest = rest[:count], rest[count:]
        texts = [f"{p['title']}\n\n{p['text']}" if p["title"] and rng.random() < 0.5 else str(p["text"]) for p in parts]
        id = "+".join(str(p["id"]) for p in parts)
        made.append({"id": id, "title": None if rng.random() < 0.5 else parts[0]["title"], "text": "\n\n".join(texts)})
        if any(p["id"] in gold for p in parts):
            ids.add(id)
    return made, frozenset(ids)


def labels(variant: Variant, pieces: Sequence[Sequence[Piece]]) -> Labels:
    """Returns the labels of a list's units.

    Evidence is a unit that an excerpt covers by half, or that holds half of an excerpt. In a case without excerpts, it is a
    unit of a gold passage that states a fact, or else the one that says most of a sentence of the reference answer.
    """
    case, passages = variant.case, variant.passages
    gold = [d for d, p in enumerate(passages) if p["id"] in variant.gold]
    first = [0]
    for own in pieces:
        first.append(first[-1] + len(own))
    units = [0.0] * first[-1]
    supporting = []
    for excerpt in case.supporting:
        found = [(d, _overlaps(str(passages[d]["text"]), excerpt, pieces[d])) for d in gold]
        found = [(d, overlaps) for d, overlaps in found if overlaps]
        if found:
            supporting.append(frozenset(first[found[0][0]] + s for s in found[0][1]))
        for d, overlaps in found:
            for s, is_half in overlaps.items():
                units[first[d] + s] = max(units[first[d] + s], float(is_half))
    facts = []
    for wordings in case.facts:
        stating = frozenset(first[d] + s for d in gold for s, piece in enumerate(pieces[d]) if stated(piece.text, wordings))
        if stating:
            facts.append(stating)
    if not case.supporting:
        supporting = [] if facts else [frozenset({n}) for n in _saying(case.reference, gold, pieces, first)]
        for number in frozenset().union(*facts, *supporting):
            units[number] = 1.0
    return Labels(units, supporting, facts)


def _overlaps(text: str, excerpt: str, pieces: Sequence[Piece]) -> dict[int, bool]:
    """Returns the pieces that share letters with an excerpt, each with whether they share half of either."""
    letters, wanted = _letters(text), _packed(excerpt)
    place = _packed(text).find(wanted) if wanted else -1
    if place < 0:
        return {}
    start, end = letters[place], letters[place + len(wanted) - 1] + 1
    shared = {}
    for number, piece in enumerate(pieces):
        low, high = max(piece.start, start), min(piece.end, end)
        if low < high and _packed(text[low:high]):
            shared[number] = high - low >= min(piece.end - piece.start, end - start) / 2
    return shared


def _saying(reference: str, gold: Sequence[int], pieces: Sequence[Sequence[Piece]], first: Sequence[int]) -> set[int]:
    """Returns for each sentence of a reference answer the unit that says most of it, if one says enough."""
    candidates = [(first[d] + s, content_words(piece.text)) for d in gold for s, piece in enumerate(pieces[d])]
    saying = set()
    for sentence in _SENTENCE_END.split(reference):
        words = content_words(sentence)
        if len(words) >= _FEWEST_WORDS and candidates:
            number, said = max(candidates, key=lambda unit: len(words & unit[1]) / (len(words) + 0.2 * len(unit[1])))
            if len(words & said) >= _ENOUGH * len(words):
                saying.add(number)
    return saying


@lru_cache(maxsize=256)
def _letters(text: str) -> list[int]:
    """Returns the place in the text of each character of `_packed(text)`."""
    return [place for place, character in enumerate(text) for _ in _packed(character)]


@lru_cache(maxsize=1 << 14)
def _packed(text: str) -> str:
    """Returns the letters and digits of a text, character by character: NFKC, case folded."""
    return "".join(c for one in text for c in unicodedata.normalize("NFKC", one).casefold() if c.isalnum())

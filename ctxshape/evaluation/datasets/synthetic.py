"""Cases generated from templates: no model has read these facts elsewhere, so answers can come only from the passages.

There are five kinds, and the id of a case names its kind. Of each ten cases, three are `fact`. Two are `several`: they ask
for two or three facts, each in a passage of its own. One is `copies`, with near-duplicates among the passages. Two are
`contradiction`: they ask for the value of 2024, and an outdated notice states another one (`Case.wrong`). Two are
`unanswerable`. Each case has at least 30 distractors: other attributes of the same things, things with similar names or of
the same kind, and things of other kinds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from ctxshape.core.types import Document
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.datasets._passages import Claim, PassageParts, PassageWriter
from ctxshape.evaluation.datasets._words import Words, lower, upper

COPY_OF = "copy_of"  # the key in the `meta` of a near-duplicate that holds the id of the original passage


def synthetic(*, n: int, seed: int) -> Iterator[Case]:
    """Generates `n` cases in English. The first cases of a seed are the same for every `n`.

    >>> [case.id for case in synthetic(n=3, seed=0)]
    ['fact-0001', 'several-0002', 'contradiction-0003']
    """
    return _cases("en", n, seed)


def synthetic_zh(*, n: int, seed: int) -> Iterator[Case]:
    """Generates `n` cases in Chinese. The first cases of a seed are the same for every `n`.

    >>> next(synthetic_zh(n=1, seed=0)).id
    'fact-0001'
    """
    return _cases("zh", n, seed)


def _cases(code: str, n: int, seed: int) -> Iterator[Case]:
    for number in range(1, n + 1):
        kind = _CYCLE[(number - 1) % len(_CYCLE)]
        writer = PassageWriter(Words(code, random.Random(f"{code} {seed} {number}")))
        yield _KINDS[kind](f"{kind}-{number:04}", writer)


def _fact(id: str, writer: PassageWriter) -> Case:
    claim = writer.claim()
    return _case(id, _ask(writer, claim), [claim], [writer.passage(claim)], writer.distractors([claim], [claim]))


def _several(id: str, writer: PassageWriter) -> Case:
    """Asks for two or three attributes of one thing, or for one attribute of two or three things."""
    templates, together = writer.templates, writer.rng.random() < 0.5
    claims = _one_thing(writer) if together else _several_things(writer)
    gold = [writer.passage(claim, [other for other in claims if other is not claim]) for claim in claims]
    asked = [writer.words.fill(claim.attribute.ask[0], claim.slots).removesuffix(templates.question) for claim in claims]
    clauses = [writer.words.fill(claim.attribute.clause, claim.slots) for claim in claims]
    if together:
        asked[1:] = [writer.words.fill(claim.attribute.also, claim.slots) for claim in claims[1:]]
        clauses[0] = claims[0].thing.name + templates.space + clauses[0]
    else:
        asked[1:] = map(lower, asked[1:])
        clauses = [claim.thing.name + templates.space + clause for claim, clause in zip(claims, clauses, strict=True)]
    case = _case(id, templates.series(asked) + templates.question, claims, gold, writer.distractors(claims, claims))
    return case.model_copy(update={"needed": len(claims), "references": (upper(templates.series(clauses)) + templates.stop,)})


def _one_thing(writer: PassageWriter) -> list[Claim]:
    claims = [writer.claim()]
    thing = claims[0].thing
    others = [item for item in thing.kind.attributes if item is not claims[0].attribute]
    for attribute in writer.rng.sample(others, writer.rng.choice((1, 2))):
        claims.append(writer.claim(thing, attribute, claims))
    return claims


def _several_things(writer: PassageWriter) -> list[Claim]:
    claims = [writer.claim()]
    first = claims[0]
    names = {first.thing.name}
    for _ in range(writer.rng.choice((1, 2))):
        claims.append(writer.claim(writer.another(first.thing.kind, names, claims), first.attribute, claims))
    return claims


def _copies(id: str, writer: PassageWriter) -> Case:
    """Like `_fact`, with two copies of the gold passage or copies of three similar distractors among the first nine."""
    claim = writer.claim()
    gold = writer.passage(claim)
    listed = writer.distractors([claim], [claim])
    if writer.rng.random() < 0.5:
        copies = [(writer.near_copy(gold), gold) for _ in range(2)]
    else:
        copies = [(writer.near_copy(source, [claim]), source) for source in writer.rng.sample(listed[:6], 3)]
    for copy, _ in copies:
        listed.insert(writer.rng.randrange(7), copy)
    return _case(id, _ask(writer, claim), [claim], [gold], listed, copies)


def _contradiction(id: str, writer: PassageWriter) -> Case:
    changes = [(kind, item, item.change) for kind in writer.templates.kinds for item in kind.attributes if item.change]
    kind, attribute, change = writer.rng.choice(changes)
    claim = writer.claim(writer.words.thing(kind), attribute)
    wrong = writer.claim(claim.thing, attribute, [claim])
    gold = writer.passage(claim, [wrong], change.now, writer.templates.notice)
    old = writer.passage(wrong, [claim], change.before, writer.templates.old_notice)
    listed = [old, *writer.distractors([claim], [claim, wrong])]
    case = _case(id, writer.words.fill(change.ask, claim.slots), [claim], [gold], listed)
    return case.model_copy(update={"wrong": wrong.value.wordings})


def _unanswerable(id: str, writer: PassageWriter) -> Case:
    claim = writer.claim()
    return _case(id, _ask(writer, claim), [], [], writer.distractors([claim], [claim]))


def _ask(writer: PassageWriter, claim: Claim) -> str:
    return writer.words.fill(writer.rng.choice(claim.attribute.ask), claim.slots)


def _case(
    name: str,
    question: str,
    claims: Sequence[Claim],
    gold: Sequence[PassageParts],
    distractors: Sequence[PassageParts],
    copies: Sequence[tuple[PassageParts, PassageParts]] = (),
) -> Case:
    ids = {id(passage): f"g{number}" for number, passage in enumerate(gold, 1)}
    ids |= {id(passage): f"x{number}" for number, passage in enumerate(distractors, 1)}
    meta = {id(copy): {COPY_OF: ids[id(source)]} for copy, source in copies}

    def documents(passages: Sequence[PassageParts]) -> tuple[Document, ...]:
        return tuple(
            Document(id=ids[id(passage)], title=passage.title, text=passage.text, meta=meta.get(id(passage), {}))
            for passage in passages
        )

    return Case(
        id=name,
        question=question,
        facts=tuple(claim.value.wordings for claim in claims),
        gold=documents(gold),
        distractors=documents(distractors),
    )


_KINDS: dict[str, Callable[[str, PassageWriter], Case]] = {
    "fact": _fact,
    "several": _several,
    "copies": _copies,
    "contradiction": _contradiction,
    "unanswerable": _unanswerable,
}
_CYCLE = "fact several contradiction unanswerable copies fact several contradiction unanswerable fact".split()

"""Measures how well a model reads each slot of a list: accuracy, likelihood and attention on generated facts and pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from ctxshape.core.attention import Head, Mass
from ctxshape.core.messages import Generation
from ctxshape.core.position_profile import CASES, LENGTHS, SLOTS, PositionProfile, SlotTable
from ctxshape.core.prompts import render
from ctxshape.core.protocols import AttentionProbe, Backend, Likelihood
from ctxshape.errors import ConfigError
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.datasets.pairs import kv
from ctxshape.evaluation.datasets.synthetic import synthetic, synthetic_zh
from ctxshape.evaluation.metrics.accuracy import correct
from ctxshape.evidence.attention import best_heads, head_scores
from ctxshape.text.abstention import is_abstention
from ctxshape.transforms.attention import attention_maps

HEADS = 16
ANSWER = Generation(max_tokens=48, stop=("\n",))  # a UUID takes up to 36 tokens

_FACTS = {"en": synthetic, "zh": synthetic_zh}


class MeasuredProfile(NamedTuple):
    """A profile, and the heads that best separate the answering passage from the others. Without a probe there are no heads."""

    profile: PositionProfile
    heads: tuple[Head, ...]


class _Readings(NamedTuple):
    """The readings of one case.

    By slot: whether the answer was correct, and its likelihood. By document: its mass, and its score in each head.
    """

    right: list[bool]
    likelihood: list[float]
    mass: list[float]
    scores: Mass | None
    layers: tuple[int, ...]
    gold: int


def measure_profile(
    backend: Backend,
    *,
    model: str = "",
    lengths: Sequence[int] = LENGTHS,
    slots: int = SLOTS,
    cases: int = CASES,
    language: str = "en",
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> MeasuredProfile:
    """Returns the position profile of a model, over generated questions whose answers it cannot know.

    For each list length there are `cases` facts and `cases` key-value pairs (Liu et al. 2023, "Lost in the Middle"). Each is
    asked with the answering passage in each of up to `slots` slots, spread from first to last: 2 x cases x slots prompts per
    length. Each prompt is read twice, for the answer and for the likelihood of the correct answer, and each case once for
    attention. `progress` receives the number of finished cases and of all cases. Raises ConfigError for an invalid number.
    """
    _check(lengths, slots, cases, language)
    tables: list[SlotTable] = []
    scored: list[_Readings] = []
    of, done = 2 * cases * len(lengths), 0
    for length in sorted(lengths):
        chosen = spread(length, slots)
        found: list[_Readings] = []
        for number, case in enumerate(_cases(cases, language, seed)):
            found.append(_read_case(backend, case, length, chosen, chosen[number % len(chosen)]))
            done += 1
            progress(done, of)
        tables.append(_table(length, chosen, found))
        scored = [one for one in found if one.scores is not None]  # only the longest list, where the choice is hardest
    heads: tuple[Head, ...] = ()
    if scored:
        best = best_heads([one.scores for one in scored if one.scores is not None], [one.gold for one in scored], HEADS)
        heads = tuple((scored[0].layers[layer], head) for layer, head in best)
    return MeasuredProfile(PositionProfile(model=model, tables=tuple(tables)), heads)


def spread(documents: int, slots: int) -> tuple[int, ...]:
    """Returns up to `slots` slots of a list, from the first to the last.

    >>> spread(10, 5), spread(3, 5)
    ((0, 2, 4, 7, 9), (0, 1, 2))
    """
    return tuple(sorted({round(place) for place in np.linspace(0, documents - 1, min(slots, documents)).tolist()}))


def _cases(count: int, language: str, seed: int) -> Iterator[Case]:
    """Yields facts and pairs in turn, so that both occur in every slot."""
    # Three of ten generated cases are plain facts; the others ask for something else.
    facts: Iterable[Case] = (case for case in _FACTS[language](n=10 * count, seed=seed) if case.id.startswith("fact"))
    for fact, pair in zip(islice(facts, count), kv(n=count, seed=seed), strict=True):
        yield fact
        yield pair


def _read_case(backend: Backend, case: Case, length: int, slots: Sequence[int], attended_slot: int) -> _Readings:
    layouts = [arrange(case, length, str(slot + 1)) for slot in slots]
    prompts = [render(layout.context) for layout in layouts]
    texts = [completion.text for completion in backend.generate(prompts, ANSWER)]
    right = [correct(layout, text, is_abstention(text)) for layout, text in zip(layouts, texts, strict=True)]
    likelihood: list[float] = []
    if isinstance(backend, Likelihood):
        found = backend.logprobs(prompts, [case.facts[0][0]] * len(prompts))
        likelihood = [float(each.mean()) if each.size else 0.0 for each in found]
    if not isinstance(backend, AttentionProbe):
        return _Readings(right, likelihood, [], None, (), 0)
    asked, empty = attention_maps(backend, arrange(case, length, str(attended_slot + 1)).context)
    masses = asked.by_document()
    scores = head_scores(asked, empty)
    return _Readings(right, likelihood, (masses / masses.sum()).tolist(), scores, asked.layers, attended_slot)


def _table(length: int, slots: tuple[int, ...], found: Sequence[_Readings]) -> SlotTable:
    def mean(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
        return tuple(round(float(value), 6) for value in np.mean(rows, axis=0)) if rows[0] else ()

    return SlotTable(
        documents=length,
        slots=slots,
        prompts=len(found),
        accuracy=mean([one.right for one in found]),
        likelihood=mean([one.likelihood for one in found]),
        mass=mean([one.mass for one in found]),
    )


def _check(lengths: Sequence[int], slots: int, cases: int, language: str) -> None:
    if not lengths or min(lengths) < 2 or max(lengths) > 30 or len({*lengths}) < len(lengths):
        raise ConfigError(f"lengths are {list(lengths)}; give different numbers of documents from 2 to 30")
    if slots < 2 or cases < 1:
        raise ConfigError(f"slots is {slots} and cases is {cases}; give at least 2 slots and 1 case")
    if language not in _FACTS:
        raise ConfigError(f"language is {language!r}; give one of {', '.join(_FACTS)}")

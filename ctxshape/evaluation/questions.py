"""The questions that settings are compared on: their lists as retrieved, and the score of an answer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from ctxshape.core.types import Context
from ctxshape.errors import ConfigError
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.metrics.accuracy import fact_coverage
from ctxshape.evaluation.metrics.overlap import rouge_l

LEAST = 20  # questions below which no interval says anything


def check_cases(cases: Sequence[Case], limit: int | None = None) -> None:
    """Raises ConfigError for too few cases to tell settings apart, or cases that nothing can be scored on."""
    if limit is not None and limit < LEAST:
        raise ConfigError(f"limit is {limit} questions, which cannot tell settings apart; give at least {LEAST}, better 100")
    if len(cases) < LEAST:
        raise ConfigError(
            f"the data has {len(cases)} question{'s' * (len(cases) != 1)}, which cannot tell settings apart; give at least "
            f"{LEAST}, better 100"
        )
    if len({case.id for case in cases}) < len(cases):
        twice = next(id for id, count in Counter(case.id for case in cases).items() if count > 1)
        raise ConfigError(f"two cases have the id {twice!r:.100}; ids must be unique, so that answers can be paired")
    if not any(case.facts or case.references for case in cases):
        raise ConfigError("no question has an answer to compare with; give 'answers' or 'reference' for the questions")


def needs_shuffling(cases: Sequence[Case]) -> bool:
    """Returns whether the order of the lists tells nothing: it is unknown, or a gold passage is first in 9 of 10 lists."""
    known = [case for case in cases if case.gold and case.distractors and case.retrieved]
    if not all(case.retrieved for case in cases):
        return True
    return len(known) >= LEAST and sum(case.retrieved[0] in {d.id for d in case.gold} for case in known) > 0.9 * len(known)


def retrieved_list_of(case: Case, documents: int | None = None, seed: int | None = None) -> Context:
    """Returns the question with its list: at most `documents` passages, with the gold ones, shuffled if `seed` is given."""
    passages = {document.id: document for document in (*case.gold, *case.distractors)}
    listed = [passages[id] for id in case.retrieved or passages]
    if documents is not None:
        rest = max(documents - len(case.gold), 0)
        kept = {document.id for document in (*case.gold, *[d for d in listed if d not in case.gold][:rest])}
        listed = [document for document in listed if document.id in kept]
    if seed is not None:
        random.Random(f"{seed} {case.id}").shuffle(listed)
    return Context.of(case.question, [document.model_copy(update={"id": f"d{n}"}) for n, document in enumerate(listed, 1)])


def answer_score(case: Case, text: str, abstained: bool) -> float:
    """Returns the score of an answer, from 0 to 1: facts stated, else ROUGE-L with the long answers, else abstaining.

    >>> case = Case(id="c", question="Where and when?", facts=(("Velm",), ("1931", "the year 1931")))
    >>> answer_score(case, "In Velm.", False)
    0.5
    """
    if case.facts:
        return fact_coverage(text, case.facts) or 0.0
    return rouge_l(text, case.references) if case.references else float(abstained)


def metric_of(cases: Sequence[Case]) -> str:
    """Returns what the scores are, in words, with the number of questions for each kind."""
    kinds = {
        "facts stated (best subspan EM)": sum(bool(case.facts) for case in cases),
        "ROUGE-L": sum(bool(case.references and not case.facts) for case in cases),
        "abstention where no passage answers": sum(not case.facts and not case.references for case in cases),
    }
    found = {kind: count for kind, count in kinds.items() if count}
    return next(iter(found)) if len(found) == 1 else ", ".join(f"{kind}: {count}" for kind, count in found.items())

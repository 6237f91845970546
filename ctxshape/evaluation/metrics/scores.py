"""All metrics of one answer."""

from __future__ import annotations

from ctxshape.core.types import Context
from ctxshape.evaluation.cases import Arrangement
from ctxshape.evaluation.metrics.accuracy import correct, evidence_kept, fact_coverage, misled
from ctxshape.evaluation.metrics.overlap import bleu, rouge_l
from ctxshape.evaluation.metrics.rankings import ranking
from ctxshape.evaluation.metrics.support import hallucinated
from ctxshape.evaluation.records import Score


def score(arrangement: Arrangement, shaped: Context, text: str, abstained: bool) -> Score:
    """Scores the answer `text` that a reader gave from `shaped`, the context that a method made of an arrangement.

    ROUGE-L and BLEU score the whole text, and only if the case has references. Raises MissingExtra without the libraries of
    the extra "bench".
    """
    references = arrangement.case.references
    return Score(
        correct=correct(arrangement, text, abstained),
        coverage=fact_coverage(text, arrangement.case.facts) if arrangement.answerable else None,
        hallucinated=hallucinated(arrangement, text, abstained),
        misled=misled(arrangement, text, abstained),
        abstained=abstained,
        evidence=evidence_kept(arrangement, shaped),
        ranking_before=ranking(arrangement, arrangement.documents),
        ranking_after=ranking(arrangement, shaped.documents),
        rouge_l=rouge_l(text, references) if references else None,
        bleu=bleu(text, references) if references else None,
    )

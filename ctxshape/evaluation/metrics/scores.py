"""All figures of one answer, put together."""

from __future__ import annotations

from ctxshape.core.types import Context
from ctxshape.evaluation.cases import Layout
from ctxshape.evaluation.metrics.accuracy import correct, coverage, evidence_kept, misled
from ctxshape.evaluation.metrics.overlap import bleu, rouge_l
from ctxshape.evaluation.metrics.rankings import ranking
from ctxshape.evaluation.metrics.support import hallucinated
from ctxshape.evaluation.records import Score


def score(layout: Layout, shaped: Context, text: str, abstained: bool) -> Score:
    """The figures of an answer `text` that was read from `shaped`, what a method made of a layout's passages.

    ROUGE-L and BLEU are of the whole text, and only where the case has references. Raises MissingExtra without the
    libraries of the extra "bench".
    """
    references = layout.case.references
    return Score(
        correct=correct(layout, text, abstained),
        coverage=coverage(text, layout.case.facts) if layout.answerable else None,
        hallucinated=hallucinated(layout, text, abstained),
        misled=misled(layout, text, abstained),
        abstained=abstained,
        evidence=evidence_kept(layout, shaped),
        ranking_before=ranking(layout, layout.documents),
        ranking_after=ranking(layout, shaped.documents),
        rouge_l=rouge_l(text, references) if references else None,
        bleu=bleu(text, references) if references else None,
    )

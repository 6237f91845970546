"""Overlap of an answer with long references: ROUGE-L and BLEU. The sole user of rouge-score and sacrebleu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from ctxshape.errors import InvalidInput, MissingExtra
from ctxshape.text.words import is_cjk, tokens

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics.bleu import BLEU


def rouge_l(prediction: str, references: Sequence[str]) -> float:
    """ROUGE-L of the nearest reference, the F measure, 0 to 1 (Lin 2004, "ROUGE").

    Words are rouge-score's (lower-cased runs of a-z and 0-9, no stemming); where a reference is in Chinese,
    ctxshape.text.words.tokens: words, and every CJK character by itself. Raises InvalidInput without a reference,
    MissingExtra without rouge-score (extra "bench").

    >>> rouge_l("the cat sat", ["a dog", "the cat sat down"]).__round__(3)
    0.857
    """
    _check(references)
    scores = _rouge(any(map(is_cjk, references))).score_multi(list(references), prediction)
    return float(scores["rougeL"].fmeasure)


def bleu(prediction: str, references: Sequence[str]) -> float:
    """Sentence BLEU against all references together, 0 to 1 (Papineni et al. 2002; Post 2018, sacreBLEU).

    Exponential smoothing, effective order; sacreBLEU's tokenizer "13a", or "zh" where a reference is in Chinese.
    Raises InvalidInput without a reference, MissingExtra without sacrebleu (extra "bench").

    >>> bleu("我爱北京", ["我爱北京"]), bleu("", ["我爱北京"])
    (1.0, 0.0)
    """
    _check(references)
    score = _bleu("zh" if any(map(is_cjk, references)) else "13a").sentence_score(prediction, references)
    return min(float(score.score) / 100, 1.0)  # it gives 100.00000000000004 for a copy


class _Tokens:
    """Our tokens, in the form that rouge-score takes."""

    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@cache
def _rouge(wide: bool) -> RougeScorer:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise MissingExtra.of("ROUGE-L", "rouge-score", "bench") from None
    return RougeScorer(["rougeL"], tokenizer=_Tokens() if wide else None)


@cache
def _bleu(tokenizer: str) -> BLEU:
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError:
        raise MissingExtra.of("BLEU", "sacrebleu", "bench") from None
    return BLEU(tokenize=tokenizer, effective_order=True)


def _check(references: Sequence[str]) -> None:
    if isinstance(references, str):
        raise InvalidInput("references is one str; give a list of them")
    if not references:
        raise InvalidInput("references is empty; give at least one long answer to compare with")

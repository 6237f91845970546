"""ROUGE-L and BLEU of an answer against long references. Only this module uses rouge-score and sacrebleu."""

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
    """Returns the ROUGE-L F measure, 0 to 1, against the best-matching reference (Lin 2004, "ROUGE").

    Words are those of rouge-score (lower-cased runs of a-z and 0-9, no stemming). If a reference is Chinese, they are those
    of ctxshape.text.words.tokens: words, and each CJK character on its own. Raises InvalidInput without a reference, and
    MissingExtra without rouge-score (extra "bench").

    >>> rouge_l("the cat sat", ["a dog", "the cat sat down"]).__round__(3)
    0.857
    """
    _check(references)
    scores = _rouge(any(map(is_cjk, references))).score_multi(list(references), prediction)
    return float(scores["rougeL"].fmeasure)


def bleu(prediction: str, references: Sequence[str]) -> float:
    """Returns sentence BLEU, 0 to 1, against all references together (Papineni et al. 2002; Post 2018, sacreBLEU).

    It uses exponential smoothing, effective order, and sacreBLEU's tokenizer "13a", or "zh" if a reference is Chinese.
    Raises InvalidInput without a reference, and MissingExtra without sacrebleu (extra "bench").

    >>> bleu("我爱北京", ["我爱北京"]), bleu("", ["我爱北京"])
    (1.0, 0.0)
    """
    _check(references)
    score = _bleu("zh" if any(map(is_cjk, references)) else "13a").sentence_score(prediction, references)
    return min(float(score.score) / 100, 1.0)  # an identical text scores 100.00000000000004


class _Tokenizer:
    """The tokenizer interface of rouge-score over our own tokens."""

    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@cache
def _rouge(cjk: bool) -> RougeScorer:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise MissingExtra.of("ROUGE-L", "rouge-score", "bench") from None
    return RougeScorer(["rougeL"], tokenizer=_Tokenizer() if cjk else None)


@cache
def _bleu(tokenizer: str) -> BLEU:
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError:
        raise MissingExtra.of("BLEU", "sacrebleu", "bench") from None
    return BLEU(tokenize=tokenizer, effective_order=True)


def _check(references: Sequence[str]) -> None:
    if isinstance(references, str):
        raise InvalidInput("references is a str; give a list of str")
    if not references:
        raise InvalidInput("references is empty; give at least one reference answer")

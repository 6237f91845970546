from __future__ import annotations

import math

import pytest

from ctxshape import InvalidInput
from ctxshape.evaluation.metrics.overlap import bleu, rouge_l


@pytest.mark.parametrize(
    ("prediction", "references", "value"),
    [
        ("the cat sat", ["the cat sat"], 1.0),
        ("the cat sat", ["the cat sat on the mat"], 2 * 1 * 0.5 / 1.5),  # 3 of 3, 3 of 6
        ("sat cat the", ["the cat sat"], 1 / 3),  # the longest common subsequence is one word
        ("The Cat!", ["the cat"], 1.0),
        ("a dog", ["the cat", "a dog barks", "dog"], 2 * 1 * (2 / 3) / (5 / 3)),  # the best reference
        ("", ["the cat"], 0.0),
        ("我爱北京", ["我爱北京。"], 1.0),
        ("我爱上海", ["我爱北京"], 0.5),  # 2 of 4 characters
        ("我爱吃 Apple", ["Apple 我爱吃"], 3 / 4),  # 3 of 4 tokens
        ("北京", ["the capital"], 0.0),
    ],
)
def test_rouge_l_by_hand(prediction: str, references: list[str], value: float) -> None:
    assert rouge_l(prediction, references) == pytest.approx(value)


@pytest.mark.parametrize(
    ("prediction", "references", "value"),
    [
        ("the cat sat on the mat", ["the cat sat on the mat"], 1.0),
        ("the cat", ["the cat"], 1.0),  # effective order: no 3-grams are asked of two words
        ("the cat sat on a mat", ["the cat sat on the mat"], (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25),
        ("the cat sat", ["the cat sat on the mat"], math.exp(1 - 6 / 3)),  # brevity
        ("a dog", ["the cat", "a dog"], 1.0),
        ("", ["the cat"], 0.0),
        ("dog", ["the cat"], 0.0),
        ("我爱北京", ["我爱北京"], 1.0),
        ("我爱上京", ["我爱北京"], (3 / 4 * 1 / 3 * (1 / 2 / 2) * (1 / 4 / 1)) ** 0.25),  # 0 of 2 and of 1, smoothed
    ],
)
def test_bleu_by_hand(prediction: str, references: list[str], value: float) -> None:
    assert bleu(prediction, references) == pytest.approx(value)


def test_no_reference() -> None:
    for measure in (rouge_l, bleu):
        with pytest.raises(InvalidInput, match="references is empty"):
            measure("text", [])
        with pytest.raises(InvalidInput, match="references is a str"):
            measure("text", "text")

"""What a text must be before a tokenizer takes it."""

from __future__ import annotations

from collections.abc import Iterable


def encodable(texts: Iterable[str]) -> list[str]:
    r"""The texts with U+FFFD for each lone half of a surrogate pair, which tokenizers refuse.

    >>> encodable(["中文", "a\ud800b", "\ud83d\ude00"])
    ['中文', 'a�b', '😀']
    """
    return [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in texts]

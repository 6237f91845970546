"""Makes texts acceptable to tokenizers."""

from __future__ import annotations

from collections.abc import Iterable


def encodable(texts: Iterable[str]) -> list[str]:
    r"""Replaces each unpaired surrogate, which tokenizers refuse, by U+FFFD.

    >>> encodable(["中文", "a\ud800b", "\ud83d\ude00"])
    ['中文', 'a�b', '😀']
    """
    return [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in texts]

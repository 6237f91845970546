"""The parts of a question that ask for something by themselves. Pure functions, English and Chinese."""

from __future__ import annotations

import re

from ctxshape.text.words import asks_in_cjk

_END = r"(?<=[?？])\s*"
_VERB = r"(?:did|does|do|is|are|was|were|can|could|will|would|has|have|had)\b"
_ASKS = r"(?:who|whom|whose|when|where|what|which|how|why|did|does|do|is|are|was|were)\b"
# Behind a comma alone "who", "which", "when" and "where" mostly go on about the noun before: "Ada, who wrote it".
_BARE = rf"(?:what|how|why|{_VERB}|(?:when|where|whom)\s+{_VERB}|(?:in |on |to |from |by |at )?(?:which|what)\s+\w+\s+{_VERB})"
_SECOND = re.compile(
    rf"{_END}|(?:[,，;；]\s*|\s+)(?:and|or)\s+(?:also\s+)?(?=(?:in |on |to |from |by |at |for |with )?{_ASKS})|"
    rf"[;；]\s*(?={_ASKS})|[,，]\s*(?={_BARE})",
    re.IGNORECASE,
)
_ASKING = re.compile(rf"\b{_ASKS}", re.IGNORECASE)
_WIDE_SECOND = re.compile(
    rf"{_END}|[，,；;、]\s*(?:以及|并且|並且|而且|还有|還有|另外|又|和|及|與|与)?(?=.)|以及|并且|並且|而且|还有|還有"
)
_WIDE_ASKS = re.compile(
    "什么|什麼|甚麼|怎么|怎麼|怎样|怎樣|如何|哪|多少|几|幾|谁|誰|是否|吗|嗎|何时|何時|何人|何地|何处|何處|何年|為何|为何|"
    "多[高长長远遠宽寬深重久大]"
)
_LEAST = 3  # words, or CJK characters, of a part that asks for something by itself


def facets(query: str) -> list[str]:
    """The question itself if it asks for one thing; else the parts that each ask for one, in their order.

    It is cut where both sides ask for something; what asks for nothing stays with what stands before it.

    >>> facets("Who wrote Emma, and when was it published?")
    ['Who wrote Emma', 'when was it published?']
    >>> facets("谁写了《爱玛》，它是哪一年出版的？")
    ['谁写了《爱玛》', '它是哪一年出版的？']
    >>> facets("Which city is larger, Paris or Lyon?")
    ['Which city is larger, Paris or Lyon?']
    """
    wide = asks_in_cjk(query)
    cuts = list((_WIDE_SECOND if wide else _SECOND).finditer(query))
    ends = [*(cut.start() for cut in cuts[1:]), len(query)]
    parts: list[str] = []
    start = 0
    for cut, end in zip(cuts, ends, strict=False):
        if _asks(query[start : cut.start()], wide=wide) and _asks(query[cut.end() : end], wide=wide):
            parts.append(query[start : cut.start()].strip())
            start = cut.end()
    return [*parts, query[start:].strip()] if parts else [query]


def _asks(part: str, *, wide: bool) -> bool:
    size = len(part.strip()) if wide else len(part.split())
    return size >= _LEAST and (_WIDE_ASKS if wide else _ASKING).search(part) is not None

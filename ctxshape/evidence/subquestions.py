"""Splits a question into the parts that each ask for one thing, in English and Chinese. Pure functions."""

from __future__ import annotations

import re

from ctxshape.text.words import asks_in_cjk

_END = r"(?<=[?？])\s*"
_VERB = r"(?:did|does|do|is|are|was|were|can|could|will|would|has|have|had)\b"
_ASKS = r"(?:who|whom|whose|when|where|what|which|how|why|did|does|do|is|are|was|were)\b"
# After a comma alone, "who", "which", "when" and "where" mostly continue the noun before: "Ada, who wrote it".
_BARE = rf"(?:what|how|why|{_VERB}|(?:when|where|whom)\s+{_VERB}|(?:in |on |to |from |by |at )?(?:which|what)\s+\w+\s+{_VERB})"
_SECOND = re.compile(
    rf"{_END}|(?:[,，;；]\s*|\s+)(?:and|or)\s+(?:also\s+)?(?=(?:in |on |to |from |by |at |for |with )?{_ASKS})|"
    rf"[;；]\s*(?={_ASKS})|[,，]\s*(?={_BARE})",
    re.IGNORECASE,
)
_ASKING = re.compile(rf"\b{_ASKS}", re.IGNORECASE)
_CJK_SECOND = re.compile(
    rf"{_END}|[，,；;、]\s*(?:以及|并且|並且|而且|还有|還有|另外|又|和|及|與|与)?(?=.)|以及|并且|並且|而且|还有|還有"
)
_CJK_ASKS = re.compile(
    "什么|什麼|甚麼|怎么|怎麼|怎样|怎樣|如何|哪|多少|几|幾|谁|誰|是否|吗|嗎|何时|何時|何人|何地|何处|何處|何年|為何|为何|"
    "多[高长長远遠宽寬深重久大]"
)
_SHORTEST = 3  # words, or CJK characters, of a part that asks for something by itself


def subquestions(query: str) -> list[str]:
    """Returns the parts of a question that each ask for one thing, in their order.

    The question is cut where both sides ask for something. A part that asks for nothing stays with the part before it, so
    a question that asks for one thing is returned whole.

    >>> subquestions("Who wrote Emma, and when was it published?")
    ['Who wrote Emma', 'when was it published?']
    >>> subquestions("谁写了《爱玛》，它是哪一年出版的？")
    ['谁写了《爱玛》', '它是哪一年出版的？']
    >>> subquestions("Which city is larger, Paris or Lyon?")
    ['Which city is larger, Paris or Lyon?']
    """
    cjk = asks_in_cjk(query)
    cuts = list((_CJK_SECOND if cjk else _SECOND).finditer(query))
    ends = [*(cut.start() for cut in cuts[1:]), len(query)]
    parts: list[str] = []
    start = 0
    for cut, end in zip(cuts, ends, strict=False):
        if _asks(query[start : cut.start()], cjk=cjk) and _asks(query[cut.end() : end], cjk=cjk):
            parts.append(query[start : cut.start()].strip())
            start = cut.end()
    return [*parts, query[start:].strip()] if parts else [query]


def _asks(part: str, *, cjk: bool) -> bool:
    size = len(part.strip()) if cjk else len(part.split())
    return size >= _SHORTEST and (_CJK_ASKS if cjk else _ASKING).search(part) is not None

"""Splits a question into the parts that each ask for one thing, in English and Chinese. Pure functions."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from ctxshape.claims.facets import facets_of
from ctxshape.claims.sides import compared, without_comparison
from ctxshape.text.words import asks_in_cjk

_END = r"(?<=[?？])\s*"
_VERB = r"(?:did|does|do|is|are|was|were|can|could|will|would|has|have|had)\b"
_ASKS = r"(?:who|whom|whose|when|where|what|which|how|why|did|does|do|is|are|was|were)\b"
# After a comma alone, "who", "which", "when" and "where" mostly continue the noun before: "Ada, who wrote it".
_BARE = rf"(?:what|how|why|{_VERB}|(?:when|where|whom)\s+{_VERB}|(?:in |on |to |from |by |at )?(?:which|what)\s+\w+\s+{_VERB})"
_SECOND = re.compile(
    rf"{_END}|(?:[,，;；]\s*|(?<!\s)\s+)(?:and|or)\s+(?:also\s+)?(?=(?:in |on |to |from |by |at |for |with )?{_ASKS})|"
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
_MOST = 16  # parts: each is scored against all sentences, and a text with more questions is no question
_RUN = re.compile(r"\S+")


def subquestions(query: str) -> list[str]:
    """Returns the parts of a question that each ask for one thing, in their order.

    The question is cut where both sides ask for something. A part that asks for nothing stays with the part before it, so
    a question that asks for one thing is returned whole. The 16th part has everything after the 15th.

    >>> subquestions("Who wrote Emma, and when was it published?")
    ['Who wrote Emma', 'when was it published?']
    >>> subquestions("谁写了《爱玛》，它是哪一年出版的？")
    ['谁写了《爱玛》', '它是哪一年出版的？']
    >>> subquestions("Which city is larger, Paris or Lyon?")
    ['Which city is larger, Paris or Lyon?']
    """
    asking = _Asking(query)
    cuts = list((_CJK_SECOND if asking.cjk else _SECOND).finditer(query))
    ends = [*(cut.start() for cut in cuts[1:]), len(query)]
    parts: list[str] = []
    start = 0
    for cut, end in zip(cuts, ends, strict=False):
        if len(parts) < _MOST - 1 and asking.inside(start, cut.start()) and asking.inside(cut.end(), end):
            parts.append(query[start : cut.start()].strip())
            start = cut.end()
    return [*parts, query[start:].strip()] if parts else [query]


def named_parts(question: str) -> list[str]:
    """Returns the parts of a question, each with what the first part names if it names nothing itself.

    >>> named_parts("Who designed the Arden Bridge, and how long is it?")
    ['Who designed the Arden Bridge', 'how long is it? Arden Bridge']
    >>> named_parts("永澜陶瓷厂有多少名员工，总经理是谁？"), named_parts("Who was Ada Fen, and who was Ida Low?")
    (['永澜陶瓷厂有多少名员工', '总经理是谁？ 永澜陶瓷厂'], ['Who was Ada Fen', 'who was Ida Low?'])
    """
    first, *others = parts_of(question)
    name = next(iter(facets_of(first)), "") if others else ""
    if not name:
        return [first, *others]
    return [first, *(part if _names_something(part, name) else f"{part} {name}" for part in others)]


def _names_something(part: str, name: str) -> bool:
    """Returns whether a part has the name, or one of its own; in CJK text, only the former can be told."""
    if name.casefold() in part.casefold():
        return True
    own = facets_of(part)
    return not asks_in_cjk(part) and any(facet[:1].isupper() and facet not in name for facet in own)


class _Asking:
    """Tells which parts of a question ask for something; it reads the question once, however many parts there are."""

    def __init__(self, query: str) -> None:
        self.cjk = asks_in_cjk(query)
        runs = list(_RUN.finditer(query))
        self._starts = [run.start() for run in runs]
        self._ends = [run.end() for run in runs]
        self._asks = [found.start() for found in (_CJK_ASKS if self.cjk else _ASKING).finditer(query)]

    def inside(self, start: int, end: int) -> bool:
        """Returns whether the part has enough words, or CJK characters, and one that asks."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end) - 1
        if first > last:
            return False
        size = min(self._ends[last], end) - max(self._starts[first], start) if self.cjk else last - first + 1
        asks = bisect_left(self._asks, start)
        return size >= _SHORTEST and asks < len(self._asks) and self._asks[asks] < end


def parts_of(question: str) -> list[str]:
    """Returns what evidence has to be found for: the parts of a question, and of one that compares one part for each side.

    There are at most 16 parts.

    >>> parts_of("Compare the price of the Alto and the Brio.")
    ['the price of Alto', 'the price of Brio']
    >>> parts_of("Which city is larger, Paris or Lyon?"), parts_of("中药和西药有什么区别？")
    (['Which city is larger, Paris?', 'Which city is larger, Lyon?'], ['中药', '西药'])
    >>> parts_of("Who wrote Emma, and when was it published?")
    ['Who wrote Emma', 'when was it published?']
    """
    found: list[str] = []
    for part in subquestions(question):
        comparison = compared(part)
        if comparison is None:
            found.append(part)
            continue
        before, behind = part[: comparison.start], part[comparison.end :]
        for side in comparison.sides:
            alone = without_comparison(f"{before}{side}{behind}").strip(" .。")
            found.append(side if alone.strip("?？ ") == side else alone)
    return found[:_MOST]

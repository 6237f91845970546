"""Tells whether a question needs a fact about something that it does not name, or several facts of one kind."""

from __future__ import annotations

import re

from ctxshape.claims.wordings import WORDINGS
from ctxshape.text.words import asks_in_cjk


def _alternatives(*, spaced: bool, described: bool = False) -> str:
    found = {
        word
        for wording in WORDINGS
        if wording.spaced == spaced
        for word in (wording.relations | wording.described if described else wording.relations)
    }
    return "|".join(sorted(map(re.escape, found), key=lambda word: (-len(word), word)))


_RELATION = _alternatives(spaced=True)
_THING = rf"the (?:[\w'-]+ ){{0,5}}?(?:{_alternatives(spaced=True, described=True)})s?"
_BE = r"(?: (?:is|was|are|were)|'s)"
_LINK = re.compile(rf"(?:'s|s') (?:[\w-]+ )?(?:{_RELATION})\b|(?<!\ba )(?<!\ban )\b(?:{_RELATION})s? of\b")
_ASKED = re.compile(
    rf"^(?:who|whom|what(?=.* (?:capital|birthplace|hometown|headquarters) of)){_BE} "
    rf"(?:known as |considered |called )?(?:the |an? )?(?:(?!of\b)[\w-]+ ){{0,3}}?(?:{_RELATION})s? of\b|"
    rf"^(?:who|what|whom){_BE} (?:(?! of ).)*(?:'s|s') (?:[\w-]+ )?(?:{_RELATION})s?(?: name)?\W*$"
)
_RELATIVE = (
    r"(?:(?:(?:in|at|on|to|from|by|for|with|of|during|under) )?(?:which|who|whom|whose|that|where|when)\b|"
    r"(?:sharing|containing|featuring|bordering|including|hosting|starring)\b)"
)
_DESCRIPTION = re.compile(rf"\b{_THING} {_RELATIVE}|\bthe (?:[\w'-]+,? ){{1,8}}?(?:who|whose|whom|in which|at which)\b")
_PREPOSITION = r"(?:of|in|on|at|from|for|to|by|with)\b"
_ASKED_DESCRIPTION = re.compile(
    rf"^(?:who|what|which){_BE} (?:the name of )?the (?:(?!{_PREPOSITION})[\w'-]+ ){{1,6}}?{_RELATIVE}"
)
_YEAR = r"(?:(?:fiscal |year |fy ?)*(?:1\d|20)\d\d(?:[-–]\d+)?)"
_SEVERAL = re.compile(
    r"\brespective(?:ly)?\b|"
    rf"\bbetween (?:the )?(?:years? )?{_YEAR} and {_YEAR}|\bfrom {_YEAR} to {_YEAR}|\b{_YEAR}(?:,| and|, and| or) {_YEAR}\b|"
    r"\b(?:as a percentage of|ratio of|ratio between|change between|relationship between|correlation between|each of)\b|"
    r"\bboth [^?]{1,100} and |\b(?:percentage|percent|%) (?:change|increase|decrease|growth)\b|"
    r"^(?:which|what) [\w'-]+ and [\w'-]+ (?:is|are|was|were|do|does|did|has|have|had)\b|"
    r"^(?:which|what) (?!(?:is|was|are|were|do|did|does|has|have)\b)(?:[\w'-]+ ){1,2}(?:who|that) |"
    r"^(?!wh|how|in which|in what).*, (?:who|which|whose) .*\b(?:what|which|who)\b|"
    r"^(?:which|who|what) .{10,} and (?:is|was|has|had|have|were|are|who|which|whose|also|whom|starred|played|won) |"
    r"\bwhat (?:is|are) the [\w-]+(?: [\w-]+)? and (?:the )?[\w-]+(?: [\w-]+)?\W*$|"
    r"\b\w+ (?:and )?(?:what|where|why|how|when|who) (?:does|do|did|is|are|was) (?:it|they|he|she|this|that)\b"
)
_TWO_NAMES = re.compile(
    r"\b(?:is|are|was|were|do|does|did|have|has) (?:[a-z]+ ){0,3}[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*)* and [A-Z]"
)
_HAN_RELATION = _alternatives(spaced=False)
_HAN_ASK = "(?:什么|什麼|甚麼|谁|誰|哪|多少|[几幾](?![乎千百十])|怎|何|多[长長高大久远遠])"
_HAN_SEVERAL = re.compile(
    rf"(?:的|》|」)(?:{_HAN_RELATION})(?:的|(?!是|叫|为|為|有|都|和|包括|、|[？?]|$))|(?:{_HAN_RELATION})的(?:{_HAN_RELATION})|"
    r"(?:1\d|20)\d\d年?(?:和|与|與|到|至|、)(?:1\d|20)\d\d|分[别別]|各[是有为為]|"
    rf"{_HAN_ASK}[^，,；;？?。]*[，,；;？?。].*{_HAN_ASK}"
)


def needs_several(question: str) -> bool:
    """Returns whether the wording expects evidence in more than one place, apart from lists and comparisons.

    Questions in languages other than English and Chinese need one.

    >>> needs_several("When was the director of Alien born?"), needs_several("Who directed Alien?")
    (True, False)
    >>> needs_several("《红楼梦》的作者的祖父是谁？"), needs_several("《红楼梦》的作者是谁？")
    (True, False)
    """
    if asks_in_cjk(question):
        return _HAN_SEVERAL.search(question) is not None
    folded = question.casefold().replace("’", "'").strip()
    links = len(_LINK.findall(folded))
    if links > 1 or (links and not _ASKED.search(folded)):
        return True
    described = len(_DESCRIPTION.findall(folded))
    if described > 1 or (described and not _ASKED_DESCRIPTION.search(folded)):
        return True
    return _SEVERAL.search(folded) is not None or _TWO_NAMES.search(question) is not None

"""Telling an answer from the many ways in which a model says that it has none. English and Chinese, by patterns."""

from __future__ import annotations

import re

from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK_BLANK, normalize

# Patterns run over plain text: normalised, apostrophes gone, other punctuation a blank, no blank beside a CJK character.
_APOSTROPHES = re.compile("['’`]")
_PUNCTUATION = re.compile(r"[\W_]+")

_SOURCE = (
    r"(?:(?:the|these|this|any|all|of|above|given|provided|following|available|first|second) )*"
    r"(?:documents?|texts?|passages?|contexts?|articles?|sources?|information|summary|summaries|answer|question)"
    r"(?: (?:\d+|and|provided|given|above|below|here|available|itself))*"
)
_ADVERB = r"(?: (?:explicitly|directly|specifically|actually|clearly|really|been|be))*"
_INFORMATION = r"(?:information|mentions?|answers?|details?|data|documents?|references?|indication)"
_ENGLISH = [
    r"(?:none|unknown|unclear|uncertain|unanswerable|n a|not sure|not known)$",
    r"(?:i|we) (?:really )?(?:dont|do not) know"
    r"(?:$| (?:the answer|that|this|it|who|what|when|where|which|if|why|based|from|how (?:many|much|old|long))\b)",
    r"(?:i|we) (?:dont|do not) have (?:the|any|enough|access|sufficient|that|this|information)\b",
    r"(?:i|we) have no (?:information|idea|answer|data)",
    r"(?:i |we )?(?:am |are |was |were )?(?:cannot|cant|can not|could not|couldnt|unable to|not able to) "
    r"(?:be )?(?:answer|determine|find|provide|confirm|identify)(?:ed|d)?\b(?! (?:him|her|them|my|your|love))",
    r"i am not (?:sure|certain|aware)\b|im not (?:sure|certain|aware)\b",
    rf"{_SOURCE} (?:do not|does not|did not|dont|doesnt|didnt|fails? to){_ADVERB} (?:mention|say|state|contain|provide|give|"
    r"specify|include|answer|tell|indicate|discuss|have|address|explain|describe|reveal|name|list|refer|make|appear|seem|"
    r"offer|identify)\b",
    rf"{_SOURCE} (?:says?|contains?|provides?|mentions?|gives?|offers?|ha(?:s|ve)|includes?) (?:nothing|no)\b",
    rf"{_SOURCE} (?:cannot|can not|could not) be (?:answered|determined|found|given)\b",
    rf"(?:(?:it|that|this|{_SOURCE}) )?(?:is |was |are |were )?(?:not|isnt|wasnt){_ADVERB} (?:mentioned|given|stated|specified|"
    r"provided|found|available|known|answered|answerable|possible to (?:answer|determine|tell|say)|included|discussed|clear)"
    rf"(?:$| (?:here|anywhere)\b| (?:in|by|from|within|based on) {_SOURCE})",
    rf"(?:it|that|this|{_SOURCE}) (?:is|was) (?:unknown|unclear)\b",
    rf"(?:there (?:is|are|was|were) )?(?:no|not enough|not any|insufficient)(?: \w+){{0,2}}? {_INFORMATION}"
    r"(?:$| (?:(?:is |are |was |were )?(?:given|provided|available|found)|"
    r"about|on|of|for|to|in|that|regarding|related|relevant)\b)",
    rf"none of {_SOURCE}",
    rf"nothing (?:in {_SOURCE}|is (?:said|mentioned)|relevant)",
]
_PREFACE = (
    r"(?:(?:im |i am |we are )?(?:sorry|afraid)(?: but| that)? |unfortunately |(?:based on|according to|from) (?:\w+ ){1,6}?)*"
)
_SAYS_ENGLISH = re.compile(_PREFACE + "(?:" + "|".join(_ENGLISH) + ")")

_SOURCE_ZH = (
    r"(?:(?:以上|上述|上面|下面|给定的?|所给的?|提供的?|给出的?|这些|该|所有|现有)*(?:文档|资料|材料|文本|上下文|文章|原文|文中|信息|内容|段落)"
    r"(?:\d+|内容|信息|之中|[里中内和、])*)"
)
_CHINESE = [
    r"(?:暂时)?(?:无法|不能|没法|难以)(?:直接|准确|明确|从.{0,12}?)?"
    r"(?:回答|确定|得知|判断|找到|获知|得出|给出|知道|提供|确认|推断|作答|获取|了解)",
    r"(?:并|都|均)?不(?:知道|清楚|确定|了解|明确|详|明)$|不知道.{0,10}$",
    rf"{_SOURCE_ZH}?[均都并也里]*(?:没有|未|没|无)(?:有|曾|能|直接|明确|具体)*(?:提及|提到|提供|说明|给出|涉及|包含|包括|指出|记载|介绍|"
    r"描述|找到|讨论|回答|谈到|谈及|涵盖|显示|相关|有关|关于|足够|答案|信息|具体信息|任何(?:相关|有关|信息|内容|关于|提及))",
    rf"{_SOURCE_ZH}[均都并也]*(?:不(?:包含|包括|涉及|足以)|与.{{0,10}}无关)",
    r"(?:没有|无|未知|不详|不明|无答案|(?:信息|资料)不足)$",
]
_PREFACE_ZH = (
    r"(?:很?非?常?抱歉|对不起|不好意思|很?遗憾的?是?|目前)*(?:我们?)?"
    rf"(?:(?:根据|从|在|基于|依据|按照).{{0,12}}?{_SOURCE_ZH}(?:来看|本身)?)?(?:我们?)?"
)
_SAYS_CHINESE = re.compile(_PREFACE_ZH + "(?:" + "|".join(_CHINESE) + ")")
_NOTHING = frozenset({"", "none", "nothing", "n a", "na", "无", "没有", "无相关内容"})
_OPENS_WITH_NONE = re.compile(r"[\W_]*(?:NONE\b|[“\"]?无[”\"]?[。.，,；;]?\s*(?:$|\n))")


def is_abstention(text: str) -> bool:
    """Whether an answer says that there is none: empty, "NONE", "I don't know", "无法回答", "not mentioned", and the like.

    Only its first line counts, and only how that begins, so that "He said: I don't know" stays an answer.

    >>> [is_abstention(text) for text in ("I don't know.", "文档中没有提到。", "", "No. 10", "不确定性原理")]
    [True, True, True, False, False]
    """
    line = next((line for line in text.splitlines() if line.strip()), "")
    spans = sentences(line)
    first = line[spans[0][0] : spans[0][1]] if spans else ""
    return any(map(_declines, dict.fromkeys((first, line))))


def says_nothing(text: str) -> bool:
    """Whether a summary says that its documents hold nothing relevant: it opens with NONE or 无, or every sentence says so.

    >>> says_nothing("NONE"), says_nothing("The documents say nothing about her. She was born in 1950.")
    (True, False)
    """
    if _OPENS_WITH_NONE.match(text):
        return True
    return all(_plain(text[start:end]) in _NOTHING or _declines(text[start:end]) for start, end in sentences(text))


def _declines(text: str) -> bool:
    plain = _plain(text)
    return not plain or bool(_SAYS_ENGLISH.match(plain) or _SAYS_CHINESE.match(plain))


def _plain(text: str) -> str:
    spaced = _PUNCTUATION.sub(" ", _APOSTROPHES.sub("", normalize(text))).strip()
    return CJK_BLANK.sub("", spaced)

"""Whether passages support an answer: hallucination as what no given passage says. Pure functions, English and Chinese.

A hallucination is here an answer that is given, wrong, and supported by no given passage: extrinsic hallucination, which
the source does not let one verify (Ji et al. 2023, "Survey of Hallucination in Natural Language Generation"). Support is
K-Precision, the share of the answer's tokens that stand in the passage (Adlakha et al. 2024, "Evaluating Correctness and
Faithfulness of Instruction-Following Models for Question Answering"), over what the answer adds to the question, as in
the K-Precision++ of their code: words of the question (in English with other endings, too) and function words do not
count, and an answer that adds nothing has 1. It is a bag of tokens: order and negation are not seen, nor that two words
mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ctxshape.core.ranking import titled
from ctxshape.evaluation.cases import Layout
from ctxshape.evaluation.metrics.accuracy import correct, counted
from ctxshape.text.words import CJK, CJK_BLANK, normalize

_FUNCTION_WORDS = frozenset(
    "a about according also although am an and answer answers any are as at based be because been being both but by called can "
    "context could did do document documents does during each either for from given had has have he her hers him "
    "his how i if in including information into is it its known located me mentioned mentions my name named no nor not of on "
    "or our passage passages provided question refers said say says she should since so stated states such text than that the "
    "their them then there therefore these they this those though through thus to too under unless until upon was we were "
    "what when where whereas which while who whom whose why will with within without would yes yet you your".split()
)
# Around these a Chinese answer is cut; the lighter ones stand inside names too (成都, 和平), so they only do not count.
_CHINESE_BREAKS = re.compile(
    "答案|文档|文中|文章|资料|段落|根据|提到|提及|指出|显示|因此|所以|因为|以及|并且|而且|或者|可能|应该|可以|已经|"
    "我们|他们|她们|它们|位于|名字|这个|那个|其中|问题|回答|名为|叫做|称为|[的了是在吗呢]"
)
_CHINESE_LIGHT = frozenset("和为于以之而到对由其有不叫等过着都也就很被把及或与并所从该此这那他她它您你我年个")

_PLACES = re.compile(r"(?:documents?|passages?|文档|资料)\s*[\[(【]?\s*\d+\s*[\])】]?|[\[【]\s*\d+(?:\s*,\s*\d+)*\s*[\]】]")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|er|or|e|s)$")
_CLIPPED = re.compile(r"(?<=\w)(?:n't|'(?:s|m|re|ve|ll|d))\b")  # Bell's, don't, I'm
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TOKEN = re.compile(
    r"(?P<day>\d{1,2}[月日号])"  # 3月5日 is not 5月3日
    r"|(?P<decade>\d{3}0s\b)"
    r"|(?P<number>\d+(?:[.:]\d+)*)(?:(?:st|nd|rd|th)\b)?"
    rf"|(?P<word>[^\W\d_{CJK}](?:[^\W_{CJK}]|'(?=\w))*)"
    rf"|(?P<run>[{CJK}]+)"
)


def hallucinated(layout: Layout, text: str, abstained: bool) -> bool:
    """Whether an answer is given, wrong, and supported by none of the passages that the layout gives, with their titles.

    Where a full answer takes several facts it may combine passages: then all of them together are to support it. Where
    nothing answers, every answer is wrong, also one that the model knows to be true: no passage lets one verify it.
    """
    if abstained or correct(layout, text, abstained):
        return False
    passages = [titled(document, document.text) for document in layout.documents]
    if len(layout.case.facts) > 1:
        passages = ["; ".join(passages)]
    return not supported(counted(text, layout.case.facts), layout.case.question, passages)


def supported(answer: str, question: str, passages: Sequence[str]) -> bool:
    """Whether all that an answer adds to its question stands in one single passage, or it adds nothing.

    >>> passages = ["Bell was born in 1847 in Edinburgh.", "Gray died in 1901."]
    >>> [supported(answer, "When was Bell born?", passages) for answer in ("Bell was born in 1901.", "in 1848", "Gray, 1847")]
    [True, False, False]
    """
    content = list(_content(answer, question))
    return not content or any(_share(content, passage) == 1.0 for passage in passages)


def k_precision(answer: str, question: str, passage: str) -> float:
    """The share of what an answer adds to its question that stands in a passage, 0 to 1; 1.0 if it adds nothing.

    Counted are words and numbers, which stand there as a whole ("5" is not in "15"), and CJK characters, of which one
    stands there together with a neighbour (王明 is not in 王小明), or alone if it is alone.

    >>> k_precision("Bell in Paris", "Who?", "Bell was born in Edinburgh."), k_precision("王小波", "谁？", "王小明来了")
    (0.5, 0.6666666666666666)
    """
    return _share(list(_content(answer, question)), passage)


def _share(content: Sequence[tuple[str, ...]], passage: str) -> float:
    known = _terms(passage)
    return sum(not known.isdisjoint(forms) for forms in content) / len(content) if content else 1.0


def _content(answer: str, question: str) -> Iterator[tuple[str, ...]]:
    """What counts of an answer: for each word or character the forms of which one is to stand in a passage."""
    asked = _terms(question)
    stems = {_ENDING.sub("", term) for term in asked}  # asked "when did he invent", it says "he invented"
    bare = _CHINESE_BREAKS.sub("|", _PLACES.sub(" ", _folded(answer)))
    for kind, token in _tokens(bare):
        if kind != "run":
            restated = token in asked or (kind == "word" and _ENDING.sub("", token) in stems)
            if not restated and token not in _FUNCTION_WORDS:
                yield (token,)
            continue
        for place, char in enumerate(token):
            forms = _pairs(token[max(place - 1, 0) : place + 2]) if len(token) > 1 else (char,)
            if char not in _CHINESE_LIGHT and asked.isdisjoint(forms):
                yield forms


@lru_cache(maxsize=2048)  # every method's answers are held against the same passages
def _terms(text: str) -> frozenset[str]:
    """The words and numbers of a text, its CJK characters and each pair of neighbours."""
    terms: set[str] = set()
    for kind, token in _tokens(_folded(text)):
        terms.update((*token, *_pairs(token)) if kind == "run" else (token,))
    return frozenset(terms)


def _tokens(folded: str) -> Iterator[tuple[str, str]]:
    """Each token with its kind; an ordinal is its number."""
    for match in _TOKEN.finditer(folded):
        kind = match.lastgroup or ""
        yield kind, match.group(kind)


def _folded(text: str) -> str:
    plain = _CLIPPED.sub("", normalize(text).replace("’", "'"))
    return CJK_BLANK.sub("", _THOUSANDS.sub("", plain))


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(run[place : place + 2] for place in range(len(run) - 1))

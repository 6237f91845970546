"""Detects hallucinations: answers that no retrieved passage supports. Pure functions, for English and Chinese.

A hallucination here is an answer that is wrong and that no retrieved passage supports. That is extrinsic hallucination,
which cannot be verified from the source (Ji et al. 2023, "Survey of Hallucination in Natural Language Generation").
Support is K-Precision, the share of the answer's tokens that a passage contains (Adlakha et al. 2024, "Evaluating
Correctness and Faithfulness of Instruction-Following Models for Question Answering"). As in the K-Precision++ of their
code, it covers only the tokens that the answer adds to the question: words of the question (in English also with other
endings) and function words do not count, and an answer that adds nothing scores 1. The metric compares bags of tokens, so
it ignores word order, negation and synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ctxshape.core.ranking import titled
from ctxshape.evaluation.cases import Arrangement
from ctxshape.evaluation.metrics.accuracy import correct, scored_part
from ctxshape.text.words import CJK, CJK_BLANK, normalize

_FUNCTION_WORDS = frozenset(
    "a about according also although am an and answer answers any are as at based be because been being both but by called can "
    "context could did do document documents does during each either for from given had has have he her hers him "
    "his how i if in including information into is it its known located me mentioned mentions my name named no nor not of on "
    "or our passage passages provided question refers said say says she should since so stated states such text than that the "
    "their them then there therefore these they this those though through thus to too under unless until upon was we were "
    "what when where whereas which while who whom whose why will with within without would yes yet you your".split()
)
# A Chinese answer is split at these words. The characters below also occur inside names (成都, 和平): they do not count, but
# they do not split either.
_CHINESE_BREAKS = re.compile(
    "答案|文档|文中|文章|资料|段落|根据|提到|提及|指出|显示|因此|所以|因为|以及|并且|而且|或者|可能|应该|可以|已经|"
    "我们|他们|她们|它们|位于|名字|这个|那个|其中|问题|回答|名为|叫做|称为|[的了是在吗呢]"
)
_CHINESE_FUNCTION = frozenset("和为于以之而到对由其有不叫等过着都也就很被把及或与并所从该此这那他她它您你我年个")

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


def hallucinated(arrangement: Arrangement, text: str, abstained: bool) -> bool:
    """Returns whether an answer is wrong and no passage of the arrangement, with its title, supports it.

    A full answer of several facts may combine passages, so all of them together must support it. For an unanswerable
    question every answer is wrong, even one that the model knows to be true: no passage can verify it.
    """
    if abstained or correct(arrangement, text, abstained):
        return False
    passages = [titled(document, document.text) for document in arrangement.documents]
    if len(arrangement.case.facts) > 1:
        passages = ["; ".join(passages)]
    return not supported(scored_part(text, arrangement.case.facts), arrangement.case.question, passages)


def supported(answer: str, question: str, passages: Sequence[str]) -> bool:
    """Returns whether one single passage contains everything that an answer adds to its question.

    >>> passages = ["Bell was born in 1847 in Edinburgh.", "Gray died in 1901."]
    >>> [supported(answer, "When was Bell born?", passages) for answer in ("Bell was born in 1901.", "in 1848", "Gray, 1847")]
    [True, False, False]
    """
    return any(k_precision(answer, question, passage) == 1.0 for passage in passages or [""])


def k_precision(answer: str, question: str, passage: str) -> float:
    """Returns the share of what an answer adds to its question that a passage contains, 0 to 1; 1.0 if it adds nothing.

    The units are words, numbers and CJK characters. A word or number must occur as a whole ("5" is not in "15"). A CJK
    character must occur together with one of its neighbours (王明 is not in 王小明), or alone if it has none.

    >>> k_precision("Bell in Paris", "Who?", "Bell was born in Edinburgh."), k_precision("王小波", "谁？", "王小明来了")
    (0.5, 0.6666666666666666)
    """
    content, known = _content(answer, question), _terms(passage)
    return sum(not known.isdisjoint(forms) for forms in content) / len(content) if content else 1.0


@lru_cache(maxsize=256)  # one answer is compared with each passage of its list
def _content(answer: str, question: str) -> tuple[tuple[str, ...], ...]:
    """Returns, for each word or character that counts, the forms of which a passage must contain one."""
    return tuple(_counted_forms(answer, question))


def _counted_forms(answer: str, question: str) -> Iterator[tuple[str, ...]]:
    asked = _terms(question)
    stems = {_ENDING.sub("", term) for term in asked}  # "invented" in the answer to "when did he invent"
    bare = _CHINESE_BREAKS.sub("|", _PLACES.sub(" ", _folded(answer)))
    for kind, token in _tokens(bare):
        if kind != "run":
            restated = token in asked or (kind == "word" and _ENDING.sub("", token) in stems)
            if not restated and token not in _FUNCTION_WORDS:
                yield (token,)
            continue
        for place, char in enumerate(token):
            forms = _pairs(token[max(place - 1, 0) : place + 2]) if len(token) > 1 else (char,)
            if char not in _CHINESE_FUNCTION and asked.isdisjoint(forms):
                yield forms


@lru_cache(maxsize=2048)  # the answers of all methods are compared with the same passages
def _terms(text: str) -> frozenset[str]:
    """Returns the words and numbers of a text, its CJK characters, and each pair of neighbouring CJK characters."""
    terms: set[str] = set()
    for kind, token in _tokens(_folded(text)):
        terms.update((*token, *_pairs(token)) if kind == "run" else (token,))
    return frozenset(terms)


def _tokens(folded: str) -> Iterator[tuple[str, str]]:
    """Yields the kind and the text of each token; an ordinal is reduced to its number."""
    for match in _TOKEN.finditer(folded):
        kind = match.lastgroup or ""
        yield kind, match.group(kind)


def _folded(text: str) -> str:
    plain = _CLIPPED.sub("", normalize(text).replace("’", "'"))
    return CJK_BLANK.sub("", _THOUSANDS.sub("", plain))


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(run[place : place + 2] for place in range(len(run) - 1))

"""Cases of public evaluation sets, and how much of their evidence a shaped list shows. Used by `*_on_sets.py`.

A file holds JSON lines, gzipped or not, in one of two forms:

- `id, question, answers [[alias, …] per fact], passages [{id, title, text, gold}], supporting [[passage id, excerpt]],
  answerable, reference, meta`. Of `meta`, two are used: `operands`, the figures from which an answer was computed, and
  `answerability`;
- `question, answers [alias, …], ctxs [{title, text, isgold}]`.

Nothing here cuts text as the library does, so two versions of the library can be compared.
"""

from __future__ import annotations

import hashlib
import random
import re
import string
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctxshape import Context
from ctxshape.core.jsonlines import records
from ctxshape.core.types import Document

HALVES = ("tuning", "report", "all")
_PARTLY = frozenset({"PARTIAL", "UNDERSPECIFIED"})
_OMISSION = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]|…")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MARK = re.compile(r"(?<!\d)[.,]|[.,](?!\d)|[^\w\s.,]|_")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_WORD = re.compile(r"\w+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_RULE = re.compile(r"\|[\s:|-]*-[\s:|-]*\|?")
_STOP_WORDS = frozenset(
    "a about after all also an and any are as at be because been being but by can could did do does for from had has have "
    "he her his how i if in into is it its may more most no not of on one only or other our out over s she should so some "
    "such than that the their them then there these they this those to up was we were what when where which who will with "
    "would you your".split()
)


@dataclass(frozen=True)
class RealCase:
    """A question with its shuffled passages and the evidence that it needs.

    `heads` has, for each supporting row of a table, the lines above the rows. `facts` are those that the gold passages state,
    or the figures of a computed answer; `answers` what a model has to say. `answerable` is None if the passages answer in
    part, or the question is too vague.
    """

    id: str
    context: Context
    gold: frozenset[str]
    supporting: tuple[str, ...]
    heads: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, ...], ...]
    answers: tuple[tuple[str, ...], ...]
    reference: str
    computed: bool
    answerable: bool | None = True


def read_cases(
    path: Path, half: str, limit: int | None = None, passages: int = 20, *, unanswerable: bool = False
) -> list[RealCase]:
    """Returns the first `limit` cases of one half that have gold passages, each with at most `passages` passages.

    With `unanswerable`, cases without gold passages count, too.

    The half of a case follows from the SHA-256 of its id: even numbers are for tuning. Cases without an id belong to it by
    their line, as everywhere in this project: even lines, counted from 0, are for tuning.
    """
    cases = []
    for number, (_, record) in enumerate(records(path.read_bytes(), str(path))):
        identity = record.get("id")
        odd = int(hashlib.sha256(identity.encode()).hexdigest(), 16) % 2 if identity else number % 2
        if half != "all" and odd != HALVES.index(half):
            continue
        case = _case(record, identity or f"line {number}", passages)
        if case.gold or unanswerable:
            cases.append(case)
        if len(cases) == limit:
            break
    return cases


def _case(record: dict[str, Any], identity: str, passages: int) -> RealCase:
    old = "ctxs" in record
    everything = record["ctxs" if old else "passages"]
    marked = [bool(p.get("isgold" if old else "gold")) for p in everything]
    # The gold passages stay when a list is cut.
    places = sorted(sorted(range(len(everything)), key=lambda place: not marked[place])[:passages])
    listed = [
        {"id": everything[i].get("id") or f"p{i}", "title": everything[i]["title"] or None, "text": everything[i]["text"]}
        for i in places
    ]
    gold = frozenset(passage["id"] for passage, i in zip(listed, places, strict=True) if marked[i])
    random.Random(identity).shuffle(listed)
    context = Context.of(record["question"], listed)
    meta = record.get("meta", {})
    answers = [record["answers"]] if old else record["answers"]
    facts = [[operand] for operand in meta["operands"]] if meta.get("computed") else answers
    raw = " ".join(context.sources[id].text for id in gold)
    supporting = [(id, excerpt) for id, excerpt in record.get("supporting") or [] if id in context.sources]
    return RealCase(
        id=identity,
        context=context,
        gold=gold,
        supporting=tuple(excerpt for _, excerpt in supporting),
        heads=tuple(_head(context.sources[id].text) for id, excerpt in supporting if excerpt.lstrip().startswith("|")),
        facts=tuple(tuple(wordings) for wordings in facts if stated(raw, wordings)),
        answers=tuple(map(tuple, answers)),
        reference=record.get("reference") or "",
        computed=bool(meta.get("computed")),
        answerable=None if meta.get("answerability") in _PARTLY else bool(record.get("answerable", True)),
    )


def _head(text: str) -> tuple[str, ...]:
    """Returns a table's lines before its first row with a name: the head, and rows below the rule that go on with it."""
    lines = [line for line in text.splitlines() if line.strip().startswith("|")]
    head = lines[:1]
    for line in lines[1:]:
        if _RULE.fullmatch(line.strip()):
            continue
        if line.split("|")[1].strip():
            break
        head.append(line)
    return tuple(head)


def evidence(case: RealCase, shown: Sequence[Document]) -> dict[str, float | None]:
    """Returns what the shown documents hold of the evidence, as shares; None for what the case does not have.

    - `supporting`: excerpts of which the whole text is shown, apart from white space and omission marks;
    - `with head`: supporting rows of tables that are shown with the table's head;
    - `answer`: facts of which a wording is in what remains of the gold passages;
    - `reference`: content words that the reference answer and the gold passages share, but not the question, which remain;
    - `gold`: gold passages of which something remains.
    """
    packed = _packed("\n\n".join(document.text for document in shown))
    found = [_packed(excerpt) in packed for excerpt in case.supporting]
    rows = [excerpt for excerpt in case.supporting if excerpt.lstrip().startswith("|")]
    headed = [
        _packed(row) in packed and all(_packed(line) in packed for line in head)
        for row, head in zip(rows, case.heads, strict=True)
    ]
    remains = [document for document in shown if case.gold & _stands_for(document)]
    text = " ".join(document.text for document in remains)
    raw = " ".join(case.context.sources[id].text for id in case.gold)
    wanted = (content_words(case.reference) & content_words(raw)) - content_words(case.context.query)
    present = case.gold & frozenset().union(*(_stands_for(document) for document in remains))
    return {
        "supporting": _share(found),
        "with head": _share(headed),
        "answer": _share(stated(text, wordings) for wordings in case.facts),
        "reference": _share(word in content_words(text) for word in wanted),
        "gold": _share(id in present for id in case.gold),
    }


def stated(text: str, wordings: Iterable[str]) -> bool:
    """Returns whether a text has one of the wordings, as whole words unless it is written without blanks.

    >>> stated("The total was $1,903.", ["1903"]), stated("In 19034 B.C.", ["1903"]), stated("共 1903 年建成", ["1903年"])
    (True, False, True)
    """
    plain = comparable(text)
    for wording in map(comparable, wordings):
        if _CJK.search(wording):
            if wording.replace(" ", "") in plain.replace(" ", ""):
                return True
        elif wording and f" {wording} " in f" {plain} ":
            return True
    return False


def comparable(text: str) -> str:
    """Returns a text for comparison: NFKC, case folded, without marks, articles and commas that group digits."""
    folded = _MARK.sub(" ", _THOUSANDS.sub("", unicodedata.normalize("NFKC", text).casefold()))
    return " ".join(_ARTICLE.sub(" ", folded).split())


def token_f1(text: str, reference: str) -> float:
    """Returns the F1 of the words of a text against a reference, counted with their number, as SQuAD does.

    >>> token_f1("The tower of Arden", "tower of Brin")
    0.6666666666666666
    """
    given, wanted = comparable(text).split(), comparable(reference).split()
    common = sum(min(given.count(word), wanted.count(word)) for word in set(given))
    return 2 * common / (len(given) + len(wanted)) if common else 0.0


def _packed(text: str) -> str:
    return "".join(_OMISSION.sub("", text).split())


def _stands_for(document: Document) -> frozenset[str]:
    return frozenset((document.id, *document.duplicates, *(span.document for span in document.spans)))


def content_words(text: str) -> frozenset[str]:
    """Returns the words of a text, case folded, without English function words and single letters."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(word for word in words if word not in _STOP_WORDS and word not in string.ascii_lowercase)


def _share(found: Iterable[bool]) -> float | None:
    values = list(found)
    return sum(values) / len(values) if values else None

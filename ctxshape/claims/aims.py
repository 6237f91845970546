"""Tells what a question asks for: one value, a list, steps, an explanation, a comparison. Only the wording decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple, cast

from ctxshape.claims.nesting import needs_several
from ctxshape.claims.sides import compared
from ctxshape.claims.wordings import WORDINGS, wording_of
from ctxshape.text.words import asks_in_cjk

AimKind = Literal["comparison", "summary", "procedure", "explanation", "list", "definition", "yes_no", "value", "unknown"]


class Aim(NamedTuple):
    """The aim of a question: the kind of answer it wants.

    - `kind`: "value" for one fact, "unknown" for keywords and statements;
    - `several`: evidence is expected in more than one place: for a list, a comparison, two questions in one, or a fact
      about something that the question only describes ("the mother of the director of …");
    - `sides`: the things that a comparison names.
    """

    kind: AimKind
    several: bool = False
    sides: tuple[str, ...] = ()


# A question with two aims has the one that needs more evidence.
_WIDEST_FIRST: tuple[AimKind, ...] = (
    "comparison",
    "summary",
    "procedure",
    "explanation",
    "list",
    "definition",
    "yes_no",
    "value",
    "unknown",
)
_LONGEST = 2000  # characters that are read: half from the beginning, half from the end
_PREAMBLES = 4  # phrases before a question

_QUOTED = re.compile(
    r"\"[^\"\n]{1,300}\"|“[^”]{1,300}”|「[^」]{1,300}」|『[^』]{1,300}』|«[^»]{1,300}»|(?<=《)[^》]{1,300}(?=》)"
)
# A dot behind one or two letters ends no sentence: "John H. Fen".
_SENTENCE = re.compile(r"(?:[^.?!？！。…\n]|(?<![\w)]{3})\.|\.(?=\S))+[.?!？！。…\n]*")
_CLAUSE = re.compile(r"[.,;:，；：]\s+(?:(?:and|or|but|so|then)\s+)?|\s(?:and|or)\s(?:also\s)?")
_JOINING = re.compile(r"[^\W\d_]")
_ENDS = "?？.!。！\"”' "
_ASKS = re.compile(r"\b(?:who|whom|whose|where|when|what|which|how)\b")
_VERB = re.compile(r"\b(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|should)\b|, (?:right|correct)\W*$")


def aim_of(question: str) -> Aim:
    """Returns what a question asks for; "unknown" for keywords, statements and an empty text. Linear in its length.

    >>> aim_of("Who wrote Emma?").kind, aim_of("Which countries border Peru?").kind, aim_of("天空为什么是蓝色的？").kind
    ('value', 'list', 'explanation')
    >>> aim_of("Which city is larger, Paris or Lyon?")
    Aim(kind='comparison', several=True, sides=('Paris', 'Lyon'))
    >>> aim_of("Who is the mother of the director of Alien?")
    Aim(kind='value', several=True, sides=())
    """
    text = question if len(question) <= _LONGEST else f"{question[: _LONGEST // 2]}\n{question[-_LONGEST // 2 :]}"
    comparison = compared(text)
    if comparison is not None:
        return Aim("comparison", True, comparison.sides)
    plain = _QUOTED.sub("“”", text)  # the words of a title do not ask
    kinds = _kinds_unspaced(plain.strip()) if asks_in_cjk(text) else _kinds_spaced(plain.casefold().replace("’", "'").strip())
    kind: AimKind = min(kinds, key=_WIDEST_FIRST.index, default="unknown")
    return Aim(kind, kind in ("comparison", "list") or len(kinds) > 1 or needs_several(plain))


def _kinds_unspaced(text: str) -> list[AimKind]:
    for wording in WORDINGS:
        if not wording.spaced:
            letter, forms = _searched(wording.code)
            if letter.search(text):
                for kind, form in forms:
                    if form.search(text):
                        return [kind]
    return []


def _kinds_spaced(folded: str) -> list[AimKind]:
    """Returns what each question in the text asks for. If some sentences end with a question mark, only these ask."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(folded)]
    marked = [sentence for sentence in sentences if sentence.rstrip("\"”' ").endswith(("?", "？"))]
    for wording in WORDINGS:
        if wording.spaced:
            found = [kind for sentence in marked or sentences for kind in _kinds_of(sentence, *_matched(wording.code))]
            if found:
                return found
    if any(_ASKS.search(sentence) for sentence in marked) or _closing().search(folded):
        return ["value"]
    return ["yes_no"] if any(_VERB.search(sentence) for sentence in marked) else []


def _kinds_of(sentence: str, forms: re.Pattern[str], preamble: re.Pattern[str]) -> Iterator[AimKind]:
    """Yields what the clauses of a sentence ask for.

    Behind a clause that asks, another one asks only if a joining word is before it, since "which" and "who" behind a mere
    comma continue the clause. A second verb does not ask, either: "Who wrote it and is alive".
    """
    body = sentence.rstrip(_ENDS)
    asked = False
    for start, joined in [(0, True), *_clauses(body)]:
        begin = start
        for _ in range(_PREAMBLES):
            before = preamble.match(body, begin)
            if before is None:
                break
            begin = before.end()
        match = forms.match(body, begin)
        if match is None:
            continue
        kind = cast(AimKind, match.lastgroup)
        if not asked or (joined and kind != "yes_no"):
            yield kind
            asked = True


def _clauses(body: str) -> Iterator[tuple[int, bool]]:
    for match in _CLAUSE.finditer(body):
        yield match.end(), _JOINING.search(match.group()) is not None


@cache
def _searched(code: str) -> tuple[re.Pattern[str], list[tuple[AimKind, re.Pattern[str]]]]:
    wording = wording_of(code)
    forms = [(cast(AimKind, kind), re.compile("|".join(forms))) for kind, forms in wording.aims.items()]
    return re.compile(f"[{wording.letters}]" if wording.letters else ""), forms


@cache
def _matched(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    wording = wording_of(code)
    forms = "|".join(f"(?P<{kind}>{'|'.join(alternatives)})" for kind, alternatives in wording.aims.items())
    return re.compile(forms), re.compile("|".join(wording.preambles) or "(?!)")


@cache
def _closing() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})$" for wording in WORDINGS for form in wording.closings))

"""Cases (a question with the passages that can be retrieved for it) and arrangements (the list that one retrieval returns)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ctxshape.core.types import Context, Document, Frozen
from ctxshape.errors import ConfigError, InvalidInput

GOLD = "gold"  # the key in a document's `meta` that tells baselines such as "oracle" what is gold; no prompt shows it

Facts = tuple[tuple[str, ...], ...]


class Case(Frozen):
    """One question. `gold` are the passages that answer it; the first `needed` of them together give a full answer.

    `facts` are the facts of a full answer, each with its accepted wordings. A case without facts is unanswerable, and
    abstaining is correct. `distractors` are passages without an answer, most similar to the question first. `wrong` are
    false answers that a passage states (a counterfactual or a contradiction). `references` are long answers, for ROUGE-L
    and BLEU. `retrieved` are the ids of all passages as retrieval listed them, best first; it is empty if that is unknown.
    """

    id: str
    question: str
    facts: Facts = ()
    gold: tuple[Document, ...] = ()
    distractors: tuple[Document, ...] = ()
    needed: Annotated[int, Field(ge=1)] = 1
    wrong: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    retrieved: tuple[str, ...] = ()


class Arrangement(Frozen):
    """One list of passages for a case; `slots` are the indices of its gold passages, counted from 0."""

    case: Case
    documents: tuple[Document, ...]
    position: str
    slots: tuple[int, ...]

    @property
    def answerable(self) -> bool:
        """True if the passages contain an answer."""
        return bool(self.case.facts and self.slots)

    @property
    def context(self) -> Context:
        """The question and its passages, the input of a method."""
        return Context.of(self.case.question, self.documents)


def slot_of(position: str, documents: int) -> int:
    """Returns the slot, counted from 0, of `first`, `middle`, `last` or a number counted from 1.

    The middle of an even number of documents is the earlier of the two, as in Liu et al. 2023 (5 of 10, 10 of 20).

    >>> [slot_of(position, 10) for position in ("first", "middle", "last", "3")]
    [0, 4, 9, 2]
    """
    named = {"first": 0, "middle": (documents - 1) // 2, "last": documents - 1}
    if position in named:
        return named[position]
    if position.isdecimal() and 1 <= int(position) <= documents:
        return int(position) - 1
    raise ConfigError(f"position is {position!r}; give first, middle, last, all, or a number from 1 to {documents}")


def arrange(case: Case, documents: int, position: str, noise: float | None = None) -> Arrangement:
    """Puts the gold passages side by side at a position among the first distractors, `documents` in all.

    The list has as many gold passages as the case needs. With `noise`, the share of distractors, it has as many as fit
    into the rest; at 1.0 it has no gold passage and the question is unanswerable. A case without facts gets distractors
    only. Raises InvalidInput for a case with too few passages.
    """
    count = 0 if not case.facts else _gold_count(case, documents, noise)
    rest = documents - count
    if len(case.distractors) < rest:
        raise InvalidInput(
            f"case {case.id} has {len(case.distractors)} passages without an answer, but a list of {documents} needs "
            f"{rest}; ask for at most {count + len(case.distractors)} documents"
        )
    slot = min(max(slot_of(position, documents) - (count // 2 if position == "middle" else 0), 0), rest)
    chosen = [*case.distractors[:slot], *case.gold[:count], *case.distractors[slot:rest]]
    slots = tuple(range(slot, slot + count))
    listed = (
        document.model_copy(update={"id": f"d{place + 1}", "meta": {**document.meta, GOLD: place in slots}})
        for place, document in enumerate(chosen)
    )
    return Arrangement(case=case, documents=tuple(listed), position=position, slots=slots)


def _gold_count(case: Case, documents: int, noise: float | None) -> int:
    if noise is None:
        if documents < case.needed:
            raise InvalidInput(
                f"case {case.id} needs {case.needed} gold passages, but the list has {documents} documents; "
                f"ask for at least {case.needed}"
            )
        return min(case.needed, len(case.gold))
    return min(documents - round(documents * noise), len(case.gold))

"""Conflicts between documents: pointed out to the model, or settled by trust."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from ctxshape.claims.conflicts import ConflictSide, conflict
from ctxshape.claims.trust import date_of, domain_of, independent
from ctxshape.core.component import Component
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context, Document
from ctxshape.errors import InvalidInput
from ctxshape.text.words import asks_in_cjk
from ctxshape.transforms.trust import WEIGHT

_NAMED = 3  # documents of a side that a note names
_LONG = 60  # characters of a title, or of a value, in a note


class MarkConflicts(Component):
    """Finds documents that give different values for what the question asks: who, when, where, how many, how much.

    With `policy="note"`, a hint tells the model the values and the documents that give them. It names documents by title and
    date instead of by number, so it stays true if documents are moved, dropped or read in another order.

    With `policy="trusted"`, the side that weighs more than `margin` times any other stays, and the documents of the other
    sides are dropped. If no side does, the hint is given. A side weighs the sum of `meta["weight"]` over its independent
    sources (see WeighSources; 1.0 by default). Copies, and pages of one site, are one source.

    In doubt it finds no conflict. It ignores questions of another kind or for several things, passages about another thing,
    a part of it or another year, and places that may lie in one another. It also ignores passages with two values or with
    one that they take back, and any question with more than three values. Apply it before sentences are removed.

    >>> texts = ["The captain of the Avocet is Ida Holwick.", "The captain of the Avocet is Ana Feld.", "A ship."]
    >>> context = Context.of("Who is the captain of the Avocet?", [{"text": t, "title": t[-8:]} for t in texts])
    >>> print(MarkConflicts()(context).hints[0])
    The documents disagree. "Ida Holwick": 1 source (Holwick.). "Ana Feld": 1 source (na Feld.).
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    policy: Literal["note", "trusted"] = "note"
    margin: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with a hint, or without the less trusted documents."""
        sides = [_weighed(side, context) for side in conflict(context.query, context.documents)]
        if not sides:
            return context.keep(context.documents)
        best, second = sorted((side.weight for side in sides), reverse=True)[:2]
        if self.policy == "trusted" and best > self.margin * second:
            return _settled(context, sides, best)
        hint = _note(sides, asks_in_cjk(context.query))
        hints = context.hints if hint in context.hints else (*context.hints, hint)
        notes = {
            d.id: f"states {side.written!r}; others state {_others(sides, side)}" for side in sides for d in side.documents
        }
        return context.keep(context.documents, notes=notes).model_copy(update={"hints": hints})


class _Weighed(NamedTuple):
    """A side with its original documents, the number of its independent sources, and their total weight."""

    written: str
    documents: tuple[Document, ...]
    sources: int
    weight: float


def _weighed(side: ConflictSide, context: Context) -> _Weighed:
    shown = [context.documents[index] for index in side.documents]
    # An earlier step may have cut a date line; the original still has it.
    originals = [context.sources.get(document.id, document) for document in shown]
    weights: dict[int, float] = {}
    for document, source in zip(shown, independent(originals), strict=True):
        weights[source] = max(weights.get(source, 0.0), weight_of(document))
    return _Weighed(" ".join(side.value.written.split()), tuple(originals), len(weights), sum(weights.values()))


def weight_of(document: Document) -> float:
    """Returns the weight that WeighSources wrote, 1.0 without one. Raises InvalidInput unless it is a number above 0.

    >>> weight_of(Document(id="a", text="")), weight_of(Document(id="a", text="", meta={"weight": 2}))
    (1.0, 2.0)
    """
    weight = document.meta.get(WEIGHT, 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
        raise InvalidInput(
            f"document {document.id!r} has {weight!r:.100} under {WEIGHT!r} in meta, which is read as trust; give a number "
            "above 0, or let WeighSources write it first"
        )
    return float(weight)


def _settled(context: Context, sides: Sequence[_Weighed], best: float) -> Context:
    """Returns the context without the documents of the sides that weigh less."""
    won = next(side for side in sides if side.weight == best)
    dropped = {
        document.id: f"states {side.written!r} (weight {side.weight:.3g}); trusted more is {won.written!r} ({won.weight:.3g})"
        for side in sides
        if side is not won
        for document in side.documents
    }
    kept = [document for document in context.documents if document.id not in dropped]
    notes = {document.id: f"states {won.written!r}, trusted more than {_others(sides, won)}" for document in won.documents}
    return context.keep(kept, dropped=dropped, notes=notes)


def _others(sides: Sequence[_Weighed], side: _Weighed) -> str:
    return ", ".join(repr(other.written) for other in sides if other is not side)


def _note(sides: Sequence[_Weighed], in_cjk: bool) -> str:
    """Returns the hint in the language of the question, with weights unless they equal the numbers of sources."""
    weighted = any(not math.isclose(side.weight, side.sources) for side in sides)
    if in_cjk:
        return "各文档说法不一。" + "".join(_chinese_side(side, weighted) for side in sides)
    return "The documents disagree. " + " ".join(_side(side, weighted) for side in sides)


def _side(side: _Weighed, weighted: bool) -> str:
    parts = [*_labels(side, ", "), *([f"trust {side.weight:.3g}"] if weighted else [])]
    count = "1 source" if side.sources == 1 else f"{side.sources} sources"
    return f'"{side.written:.{_LONG}}": {count}' + (f" ({'; '.join(parts)})." if parts else ".")


def _chinese_side(side: _Weighed, weighted: bool) -> str:
    parts = [*_labels(side, "，"), *([f"可信度{side.weight:.3g}"] if weighted else [])]
    return f"“{side.written:.{_LONG}}”：{side.sources}个来源" + (f"（{'；'.join(parts)}）。" if parts else "。")


def _labels(side: _Weighed, comma: str) -> list[str]:
    """Returns a label for each of the first documents of a side: its title or else domain, and its date."""
    made: list[str] = []
    for document in side.documents:
        date = date_of(document)
        title = " ".join((document.title or domain_of(document) or "").split())
        short = title if len(title) <= _LONG else title[: _LONG - 1] + "…"
        made.append(comma.join(filter(None, (short, date.isoformat() if date else ""))))
    distinct = list(dict.fromkeys(filter(None, made)))
    return [*distinct[:_NAMED], *(["…"] if len(distinct) > _NAMED else [])]

"""Adds a hint to the prompt that tells the model where to look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.ranking import ranks
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.text.words import asks_in_cjk


class HintAtEvidence(Component):
    """Adds a hint that names the documents with the best scores, in the language of the question.

    - `most`: how many documents the hint names at most.
    - `share`: how good their scores must be, as a share of the way from the lowest score to the highest.
    - `by`: "number" names a document by its number in the prompt, "title" by its title.

    No hint is added if a score is missing, if all scores are equal, or if there is only one document. The same holds for
    `by="title"` if a named document lacks a title of its own. No preset uses this step, because a hint can hurt a model
    that trusts it too much. Measure it on yours.

    Use it as the last step. With `by="number"`, the numbers become wrong if documents are dropped or moved later. The
    `budget` of `shape` and `ask` does that after the pipeline: put FitBudget into the pipeline instead. PermutationVote
    does it, too, because it reads several orders.

    >>> documents = [{"text": "one", "score": 0.9}, {"text": "two", "score": 0.1}, {"text": "three", "score": 0.85}]
    >>> HintAtEvidence()(Context.of("Which?", documents)).hints
    ('Documents 1 and 3 seem most relevant to the question.',)
    >>> HintAtEvidence(most=1)(Context.of("哪一个？", documents)).hints
    ('文档1看起来与问题最相关。',)
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    most: Annotated[WholeNumber, Field(ge=1)] = 2
    share: Annotated[float, Field(gt=0, le=1)] = 0.8
    by: Literal["number", "title"] = "number"

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with one more hint, or unchanged."""
        chosen = most_relevant([document.score for document in context.documents], self.most, self.share)
        names = self._names(context.documents, chosen)
        if not names:
            return context.keep(context.documents)
        hint = hint_of(names, self.by, asks_in_cjk(context.query))
        notes = {context.documents[index].id: "named in the hint" for index in chosen}
        kept = context.keep(context.documents, notes=notes)
        return kept if hint in context.hints else kept.model_copy(update={"hints": (*context.hints, hint)})

    def _names(self, documents: Sequence[Document], chosen: Sequence[int]) -> list[str]:
        """Returns the names of the chosen documents, or none if one of them has no title of its own."""
        if self.by == "number":
            return [str(index + 1) for index in chosen]
        titles = [" ".join((document.title or "").split()) for document in documents]
        names = [titles[index] for index in chosen]
        return names if all(name and titles.count(name) == 1 for name in names) else []


def most_relevant(scores: Sequence[float | None], most: int, share: float) -> list[int]:
    """Returns the indices, ascending, of the `most` best scores at least `share` of the way from lowest to highest.

    Returns no index if a score is missing or all are equal. Only differences count, so scores may be negative (logits).

    >>> most_relevant([2.0, 9.0, 8.5, 8.9], most=2, share=0.8), most_relevant([1.0, None], 2, 0.8)
    ([1, 3], [])
    """
    known = [score for score in scores if score is not None]
    if len(known) < max(len(scores), 2) or min(known) == max(known):
        return []
    low, high = min(known), max(known)
    # Halved first, because the difference of two huge scores overflows.
    near = [index for index in ranks(known) if known[index] / 2 - low / 2 >= share * (high / 2 - low / 2)]
    return sorted(near[:most])


def hint_of(names: Sequence[str], by: Literal["number", "title"], chinese: bool) -> str:
    """Returns the text of a hint at the documents with these numbers or titles.

    >>> hint_of(["2"], "number", chinese=False), hint_of(["1", "3", "4"], "number", chinese=True)
    ('Document 2 seems most relevant to the question.', '文档1、3和4看起来与问题最相关。')
    >>> hint_of(["Paris", "Rome"], "title", chinese=False), hint_of(["巴黎"], "title", chinese=True)
    ('The documents titled "Paris" and "Rome" seem most relevant to the question.', '标题为“巴黎”的文档看起来与问题最相关。')
    """
    if chinese:
        listed = _listed(names if by == "number" else [f"“{name}”" for name in names], "、", "和")
        subject = f"文档{listed}" if by == "number" else f"标题为{listed}的文档"
        return f"{subject}看起来与问题最相关。"
    listed = _listed(names if by == "number" else [f'"{name}"' for name in names], ", ", " and ")
    plural, verb = ("", "seems") if len(names) == 1 else ("s", "seem")
    subject = f"Document{plural} {listed}" if by == "number" else f"The document{plural} titled {listed}"
    return f"{subject} {verb} most relevant to the question."


def _listed(names: Sequence[str], comma: str, last: str) -> str:
    return names[0] if len(names) == 1 else f"{comma.join(names[:-1])}{last}{names[-1]}"

"""Baselines for every table: other orders, the gold passage alone, no passage, and a hint to the middle of the list."""

from __future__ import annotations

import random
from typing import Annotated, Literal

from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Generation
from ctxshape.core.prompts import CHINESE, ENGLISH, render
from ctxshape.core.protocols import Backend
from ctxshape.core.replies import complete
from ctxshape.core.types import Context, Document
from ctxshape.evaluation.cases import GOLD
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, one_line_options
from ctxshape.text.words import asks_in_cjk


def is_gold(document: Document) -> bool:
    """True if the arrangement of a case marks the document as gold."""
    return bool(document.meta.get(GOLD))


class Shuffle(Component):
    """Shuffles the documents; `seed` and the query decide the order.

    >>> context = Context.of("q", ["a", "b", "c", "d"])
    >>> [d.text for d in Shuffle()(context).documents] == [d.text for d in Shuffle()(context).documents]
    True
    """

    seed: Annotated[int, Field(ge=0)] = 0

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with its documents shuffled."""
        documents = list(context.documents)
        random.Random(f"{self.seed}:{context.query}").shuffle(documents)
        return context.keep(documents)


class MoveGold(Component):
    """Moves the gold documents to the front or the end of the list."""

    to: Literal["first", "last"] = "first"

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with the gold documents moved."""
        gold_is_last = self.to == "last"
        return context.keep(sorted(context.documents, key=lambda document: is_gold(document) == gold_is_last))


class KeepGold(Component):
    """Keeps only the gold documents, as an ideal retriever would ("oracle"); without a gold document it keeps all."""

    def __call__(self, context: Context, /) -> Context:
        """Returns the context without the other documents."""
        gold = [document for document in context.documents if is_gold(document)]
        if not gold:
            return context.keep(context.documents)
        return context.keep(gold, dropped={d.id: "not a gold passage" for d in context.documents if not is_gold(d)})


class KeepNothing(Component):
    """Drops every document."""

    def __call__(self, context: Context, /) -> Context:
        """Returns the context without documents."""
        return context.keep((), dropped={document.id: "closed book" for document in context.documents})


class HintToMiddle(Component):
    """Adds a hint that asks the model to attend to the middle of the list, whatever it contains."""

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with the hint."""
        hint = (
            "答案可能在中间的文档里，请仔细阅读中间的文档。"
            if asks_in_cjk(context.query)
            else "the answer may be in the documents in the middle; read those with care."
        )
        return context.keep(context.documents).model_copy(update={"hints": (*context.hints, hint)})


class ReadNothing(Component):
    """Answers from the model's own knowledge, without passages ("closed book")."""

    backend: Backend
    options: Generation = SHORT_ANSWER

    def __call__(self, context: Context, /) -> Answer:
        """Returns the answer and its cost."""
        bare = KeepNothing()(context).model_copy(update={"hints": ()})
        prompt = render(bare, _CLOSED_CHINESE if asks_in_cjk(context.query) else _CLOSED_ENGLISH)
        completions = complete(self.backend, [prompt], one_line_options(self.options))
        return answer_of(completions[0].text, bare, completions)


_CLOSED_ENGLISH = ENGLISH.model_copy(update={"instruction": "Answer the question with a short phrase.\n"})
_CLOSED_CHINESE = CHINESE.model_copy(update={"instruction": "请用简短的词句回答问题。\n"})

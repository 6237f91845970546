"""Reads the documents in several orders and lets the answers vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Completion, Generation, Vote
from ctxshape.core.prompts import Template, render
from ctxshape.core.protocols import Backend
from ctxshape.core.ranking import best_first
from ctxshape.core.reach import Reach
from ctxshape.core.replies import complete, reply_options, tidy_completion
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, empty_answer, has_no_text, one_line_options
from ctxshape.readers._segment_cache import require_segment_cache
from ctxshape.readers.majority import majority
from ctxshape.readers.orders import branching_orders, tail_orders
from ctxshape.text.abstention import is_abstention
from ctxshape.text.answers import normalize_answer


class PermutationVote(Component):
    """Reads the documents in several orders, all in one batch, and answers by majority.

    The winner does not depend on where a document happens to stand. Tang et al. 2023, "Found in the Middle: Permutation
    Self-Consistency Improves Listwise Ranking in Large Language Models".

    - `backend`, `template`, `options`: as in ReadOnce.
    - `votes`: how many orders are read. There are never more votes than distinct orders, so one document is read once.
    - `seed`: the same seed gives the same orders.
    - `permuted`: how many documents change places. None permutes all; the given order votes first, and the orders share
      beginnings where possible, to save computation. A number m permutes only the m best documents and puts them behind
      all others, which stay in their order and are computed once. The best are chosen by score if every document has
      one, else by the given order. This allows at most m! votes, and the position of the other documents is not varied.
    - `reuse`: "exact" or "blocks", a choice between exactness and speed.

    With `reuse="exact"` each vote is the answer that ReadOnce would give for its order. Its prompt is computed from the
    point where it first differs from the others.

    With `reuse="blocks"` each document is computed once and moved to its place in each order. It attends to the
    instruction and itself but to no other document. A vote then costs little more than its question and answer, but
    reading is worse for questions that need several documents together. A document shows the number of its place in the
    given order in every vote, because its text must not change. Later questions reuse documents that have the same
    number (`LlamaCpp(document_cache=...)`). Only LlamaCpp can do this; other backends raise ConfigError. A model that
    cannot is read exactly, with an `ExactFallback` warning.

    >>> from ctxshape.testing import ScriptedBackend
    >>> rule = lambda text: "Lyon" if "[3] Lyon" in text else "Paris"
    >>> reader = PermutationVote(backend=ScriptedBackend(reply=rule), votes=3)
    >>> answer = reader(Context.of("What is the capital?", ["It is Paris.", "A big city.", "Lyon is a city."]))
    >>> answer.text, [vote.order[0] for vote in answer.votes][:1], len(answer.votes)
    ('Paris', ['d1'], 3)
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: Backend
    votes: Annotated[WholeNumber, Field(ge=1)] = 8
    seed: Annotated[WholeNumber, Field(ge=0)] = 0
    template: Template | None = None
    options: Generation = SHORT_ANSWER
    reuse: Literal["exact", "blocks"] = "exact"
    permuted: Annotated[WholeNumber, Field(ge=2)] | None = None

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        super().__init__(**fields)
        if self.reuse == "blocks":
            require_segment_cache(self.backend, "PermutationVote(reuse='blocks')")

    def __call__(self, context: Context, /) -> Answer:
        """Returns the winning answer with every vote, their agreement and the cost of all votes."""
        if has_no_text(context):
            return empty_answer(context)
        orders = [list(order) for order in dict.fromkeys(map(tuple, self._orders(context.documents)))]
        reordered = [_reordered(context, order) for order in orders]
        if self.reuse == "blocks":
            completions, shown = self._blocks(context, orders), [context] * len(orders)
        else:
            prompts = [render(each, self.template) for each in reordered]
            completions, shown = complete(self.backend, prompts, one_line_options(self.options)), reordered
        votes = [
            Vote(
                text=completion.text,
                normalized="" if is_abstention(completion.text) else normalize_answer(completion.text),
                order=tuple(document.id for document in each.documents),
                mean_logprob=completion.mean_logprob,
            )
            for each, completion in zip(reordered, completions, strict=True)
        ]
        winner, agreement = majority(votes)
        # "[2]" in the winning text is the document with that number in the prompt that the winner read.
        answer = answer_of(votes[winner].text, shown[winner], completions)
        return answer.model_copy(update={"votes": tuple(votes), "agreement": agreement})

    def _blocks(self, context: Context, orders: Sequence[Sequence[int]]) -> list[Completion]:
        prompt, options = render(context, self.template), one_line_options(self.options)
        backend = require_segment_cache(self.backend, "PermutationVote")
        completions = backend.generate_orders(prompt, orders, reply_options(prompt, options))
        return [tidy_completion(completion, prompt, options) for completion in completions]

    def _orders(self, documents: Sequence[Document]) -> list[list[int]]:
        if self.permuted is None:
            return branching_orders(len(documents), self.votes, self.seed)
        return tail_orders(len(documents), best_first(documents)[: self.permuted], self.votes, self.seed)


def _reordered(context: Context, order: Sequence[int]) -> Context:
    return context.model_copy(update={"documents": tuple(context.documents[index] for index in order)})

"""Read the documents in several orders and let the answers vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ctxshape.abstention import is_abstention
from ctxshape.component import Component
from ctxshape.exchange import Answer, Generation, Vote
from ctxshape.permutations import branching_orders
from ctxshape.prompts import Template, render
from ctxshape.protocols import Backend
from ctxshape.readers.answering import SHORT_ANSWER, answer_of, one_line, shows_nothing, unread
from ctxshape.replies import ask
from ctxshape.types import Context
from ctxshape.voting import majority, normalize_answer


class PermutationVote(Component):
    """Answers by majority over `votes` orders of the documents, the given one first, all in one batch.

    What wins does not hang on where a document happens to stand. The same seed gives the same orders; there are no
    more votes than orders, so one document is read once. `template` and `options` are as in ReadOnce. Tang et al.
    2023, "Found in the Middle: Permutation Self-Consistency Improves Listwise Ranking in Large Language Models".

    >>> from ctxshape.testing import ScriptedBackend
    >>> rule = lambda text: "Lyon" if "[3] Lyon" in text else "Paris"
    >>> reader = PermutationVote(backend=ScriptedBackend(reply=rule), votes=3)
    >>> answer = reader(Context.of("What is the capital?", ["It is Paris.", "A big city.", "Lyon is a city."]))
    >>> answer.text, [vote.order[0] for vote in answer.votes][:1], len(answer.votes)
    ('Paris', ['d1'], 3)
    """

    backend: Backend
    votes: Annotated[int, Field(ge=1)] = 8
    seed: Annotated[int, Field(ge=0)] = 0
    template: Template | None = None
    options: Generation = SHORT_ANSWER

    def __call__(self, context: Context, /) -> Answer:
        """The winning answer with every vote, their agreement and the cost of all."""
        if shows_nothing(context):
            return unread(context)
        orders = [list(order) for order in dict.fromkeys(map(tuple, self._orders(len(context.documents))))]
        readings = [_reordered(context, order) for order in orders]
        completions = ask(self.backend, [render(reading, self.template) for reading in readings], one_line(self.options))
        votes = [
            Vote(
                text=completion.text,
                normalized="" if is_abstention(completion.text) else normalize_answer(completion.text),
                order=tuple(document.id for document in reading.documents),
                mean_logprob=completion.mean_logprob,
            )
            for reading, completion in zip(readings, completions, strict=True)
        ]
        won = majority(votes)
        # "[2]" in the winning text is the second document of the winner's order.
        answer = answer_of(votes[won.winner].text, readings[won.winner], completions)
        return answer.model_copy(update={"votes": tuple(votes), "agreement": won.agreement})

    def _orders(self, count: int) -> list[list[int]]:
        return branching_orders(count, self.votes, self.seed)


def _reordered(context: Context, order: Sequence[int]) -> Context:
    return context.model_copy(update={"documents": tuple(context.documents[i] for i in order)})

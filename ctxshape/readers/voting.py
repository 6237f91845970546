"""Read the documents in several orders and let the answers vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Completion, Generation, Vote
from ctxshape.core.prompts import Template, render
from ctxshape.core.protocols import Backend
from ctxshape.core.replies import ask, asking
from ctxshape.core.types import Context, Document
from ctxshape.errors import InvalidInput
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, one_line, shows_nothing, unread
from ctxshape.readers._reusing import segment_cache, tidied
from ctxshape.readers.majority import majority, normalize_answer
from ctxshape.readers.orders import branching_orders
from ctxshape.text.abstention import is_abstention


class PermutationVote(Component):
    """Answers by majority over `votes` orders of the documents, all in one batch.

    What wins does not hang on where a document happens to stand. The same seed gives the same orders; there are no
    more votes than orders, so one document is read once. `template` and `options` are as in ReadOnce. Tang et al.
    2023, "Found in the Middle: Permutation Self-Consistency Improves Listwise Ranking in Large Language Models".

    `permuted` is a choice between cost and thoroughness. None: all documents change places, the given order votes first,
    and the orders share beginnings as far as that allows. A number m: only the m best change places, behind all the
    others, which stay in their order and are computed once; best by score if all have one, else those given first. There
    are at most m! votes then, and the position of the others is not voted on.

    `reuse` is a choice between exactness and speed. "exact": each vote is what ReadOnce would have said of its order, and
    its prompt is computed from where it first differs from the others. "blocks": each document is computed once, attends
    to the instruction and itself but to no other document, and is moved to its place in each order; a vote costs little
    more than its question and answer, and reading is worse the more documents have to be understood together. A moved
    document shows one number in all orders, the one of its place in the given order, for its text must not change.
    Documents at the same number are found again by later questions (`LlamaCpp(document_cache=...)`). Only LlamaCpp can
    do that, other backends raise ConfigError; a model that cannot is read exactly, with an `ExactFallback` warning.

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
    reuse: Literal["exact", "blocks"] = "exact"
    permuted: Annotated[int, Field(ge=2)] | None = None

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        super().__init__(**fields)
        if self.reuse == "blocks":
            segment_cache(self.backend, "PermutationVote(reuse='blocks')")

    def __call__(self, context: Context, /) -> Answer:
        """The winning answer with every vote, their agreement and the cost of all."""
        if shows_nothing(context):
            return unread(context)
        orders = [list(order) for order in dict.fromkeys(map(tuple, self._orders(context.documents)))]
        readings = [_reordered(context, order) for order in orders]
        if self.reuse == "blocks":
            completions, shown = self._blocks(context, orders), [context] * len(orders)
        else:
            prompts = [render(reading, self.template) for reading in readings]
            completions, shown = ask(self.backend, prompts, one_line(self.options)), readings
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
        # "[2]" in the winning text is the document with that number in the prompt that the winner read.
        answer = answer_of(votes[won.winner].text, shown[won.winner], completions)
        return answer.model_copy(update={"votes": tuple(votes), "agreement": won.agreement})

    def _blocks(self, context: Context, orders: Sequence[Sequence[int]]) -> list[Completion]:
        prompt, options = render(context, self.template), one_line(self.options)
        made = segment_cache(self.backend, "PermutationVote").generate_orders(prompt, orders, asking(prompt, options))
        return [tidied(completion, prompt, options) for completion in made]

    def _orders(self, documents: Sequence[Document]) -> list[list[int]]:
        if self.permuted is None:
            return branching_orders(len(documents), self.votes, self.seed)
        return tail_orders(len(documents), best_documents(documents)[: self.permuted], self.votes, self.seed)


def best_documents(documents: Sequence[Document]) -> list[int]:
    """Places of the documents, best first: by score if every one has a score, else as given.

    >>> best_documents([Document(id="a", text="a", score=0.2), Document(id="b", text="b", score=0.9)])
    [1, 0]
    """
    scores = [document.score for document in documents]
    return sorted(range(len(documents)), key=lambda place: 0.0 if None in scores else -(scores[place] or 0.0))


def tail_orders(n: int, best: Sequence[int], votes: int, seed: int = 0) -> list[list[int]]:
    """Distinct orders of `range(n)` that end with permutations of `best` and begin with all others as they stand.

    There are as many orders as `votes` and the permutations of `best` allow, and they share beginnings within the tail,
    too. Raises InvalidInput for a place in `best` that is none of `range(n)` or given twice.

    >>> tail_orders(5, [3, 0], 4)
    [[1, 2, 4, 3, 0], [1, 2, 4, 0, 3]]
    """
    if len(set(best)) < len(best) or not set(best) <= set(range(n)):
        raise InvalidInput(f"best is {list(best)}; give places from 0 to {n - 1}, none twice")
    head = [place for place in range(n) if place not in set(best)]
    tails = dict.fromkeys(tuple(order) for order in branching_orders(len(best), votes, seed))
    return [head + [best[place] for place in tail] for tail in tails]


def _reordered(context: Context, order: Sequence[int]) -> Context:
    return context.model_copy(update={"documents": tuple(context.documents[i] for i in order)})

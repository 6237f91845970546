"""Applies steps that depend on how much there is to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, SkipValidation, model_validator

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import TokenCounter, Transform
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber


def _checked_steps(value: Any) -> object:  # noqa: ANN401  any value of a caller
    """Returns a transform as it is, and all steps of a list or a pipeline."""
    steps = value if isinstance(value, list | tuple) else value.steps if isinstance(value, Pipeline) else [value]
    for step in steps:
        if isinstance(step, type) or not callable(step):
            raise ValueError(f"{step!r:.80} is not a step; give a transform, a pipeline, or a list of them")
    if not steps:
        raise ValueError("the list of steps is empty; give a transform, a pipeline, or a list of them")
    return value if steps == [value] else Pipeline(*steps).steps


Steps = Annotated[SkipValidation[Transform | Sequence[Transform]], BeforeValidator(_checked_steps)]


class When(Component):
    """Applies steps only if the context meets all given conditions, and optionally other steps if not.

    - `min_documents`, `max_documents`, `min_tokens`: the conditions; bounds are inclusive. Tokens are those of the
      documents as the prompt shows them, counted by `counter` (a backend, or the default).
    - `then`: the steps if all conditions are met: a transform, a pipeline, or a list of them.
    - `otherwise`: the steps if not; by default none.

    In a pipeline, the trace has an entry for the choice (`taken` among its parameters) and one for each chosen step.
    Raises ConfigError without a condition, or for a minimum above the maximum.

    >>> from ctxshape import RankByRelevance
    >>> step = When(min_documents=3, then=RankByRelevance(top=1))
    >>> few, many = Context.of("old mill", ["a mill", "mice"]), Context.of("old mill", ["mice", "a mill", "a fox"])
    >>> [document.text for document in step(few).documents], [document.text for document in step(many).documents]
    (['a mill', 'mice'], ['a mill'])
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    min_documents: Annotated[WholeNumber, Field(ge=0)] | None = None
    max_documents: Annotated[WholeNumber, Field(ge=0)] | None = None
    min_tokens: Annotated[WholeNumber, Field(ge=0)] | None = None
    then: Steps
    otherwise: Steps | None = None
    counter: TokenCounter | None = None

    @model_validator(mode="after")
    def _has_conditions(self) -> When:
        if self.min_documents is None and self.max_documents is None and self.min_tokens is None:
            raise ValueError("there is no condition; give min_documents, max_documents or min_tokens")
        if self.min_documents is not None and self.max_documents is not None and self.min_documents > self.max_documents:
            raise ValueError(
                f"min_documents {self.min_documents} is above max_documents {self.max_documents}, so that no context meets both"
            )
        return self

    def __call__(self, context: Context, /) -> Context:
        """Returns the context after the chosen steps, with all their reasons and notes."""
        dropped: dict[str, str] = {}
        notes: dict[str, str] = {}
        result = context
        for step in self.choose(context)[1]:
            result = step(result.model_copy(update={"dropped": {}, "notes": {}}))
            dropped |= result.dropped
            notes |= {id: f"{notes[id]}; {note}" if id in notes else note for id, note in result.notes.items()}
        left = {document.id for document in result.documents}
        return result.keep(
            result.documents,
            dropped={d.id: dropped.get(d.id, "no reason given") for d in context.documents if d.id not in left},
            notes={id: note for id, note in notes.items() if id in left},
        )

    def choose(self, context: Context, /) -> tuple[str, tuple[Transform, ...]]:
        """Returns the choice with its reason, as the trace shows it, and the chosen steps."""
        unmet = self._unmet(context)
        if unmet is None:
            return f"then: {len(context.documents)} documents", _listed(self.then)
        if self.otherwise is None:
            return f"nothing: {unmet}", ()
        return f"otherwise: {unmet}", _listed(self.otherwise)

    def _unmet(self, context: Context) -> str | None:
        """Returns the first condition that the context does not meet. Tokens are last, since counting takes time."""
        count = len(context.documents)
        if self.min_documents is not None and count < self.min_documents:
            return f"{count} documents, below {self.min_documents}"
        if self.max_documents is not None and count > self.max_documents:
            return f"{count} documents, above {self.max_documents}"
        if self.min_tokens is None:
            return None
        tokens = analysis_of(context).counter(self.counter).total(document_texts(context.query, context.documents))
        return f"{tokens} tokens, below {self.min_tokens}" if tokens < self.min_tokens else None


def _listed(steps: Transform | Sequence[Transform]) -> tuple[Transform, ...]:
    return tuple(steps) if isinstance(steps, Sequence) else (steps,)

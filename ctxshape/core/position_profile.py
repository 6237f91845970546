"""How well a model reads each slot of a list of documents: what was measured, and the weights that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from ctxshape.core.types import Frozen
from ctxshape.errors import InvalidInput

LENGTHS, SLOTS, CASES = (4, 10), 5, 4  # of `ctxshape profile`: minutes for a small model on two cores

Measure = Literal["accuracy", "likelihood", "mass"]
Number = Annotated[float, Field(allow_inf_nan=False)]


class SlotTable(Frozen):
    """One length of list: what came of it with the passage that answers in each of the measured slots.

    `slots` are counted from 0. `accuracy` is the share of `prompts` answered right in each slot, `likelihood` the mean
    natural log-probability of a token of the right answer (empty for a backend that gives none), and `mass` the share of
    the question's attention to all passages that each of all `documents` slots gets (empty for a backend without a probe).
    """

    documents: Annotated[int, Field(ge=2)]
    slots: Annotated[tuple[int, ...], Field(min_length=2)]
    prompts: Annotated[int, Field(ge=1)]
    accuracy: tuple[Annotated[float, Field(ge=0, le=1)], ...]
    likelihood: tuple[Number, ...] = ()
    mass: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _agree(self) -> SlotTable:
        lengths = {len(self.slots), len(self.accuracy), len(self.likelihood) or len(self.slots)}
        if len(lengths) > 1 or len(self.mass) not in (0, self.documents):
            raise ValueError(
                f"{len(self.slots)} slots, {len(self.accuracy)} accuracies, {len(self.likelihood)} likelihoods, "
                f"{len(self.mass)} masses of {self.documents} documents; give one a slot, a mass a document"
            )
        if list(self.slots) != sorted({*self.slots}) or not 0 <= self.slots[0] < self.slots[-1] < self.documents:
            raise ValueError(f"slots are {self.slots}; give slots from 0 to {self.documents - 1}, rising")
        return self

    def curve(self, by: Measure) -> tuple[list[float], list[float]]:
        """Where in the list, from 0 for the first slot to 1 for the last, and how good it is there."""
        values: Sequence[float] = getattr(self, by)
        slots = range(self.documents) if by == "mass" else self.slots
        return [slot / (self.documents - 1) for slot in slots] if values else [], list(values)


class PositionProfile(Frozen):
    """The slot tables of a model, for one or more lengths of list.

    >>> table = SlotTable(documents=3, slots=(0, 2), prompts=10, accuracy=(0.8, 0.4))
    >>> PositionProfile(model="m.gguf", tables=(table,)).weights(3)
    [0.8, 0.6, 0.4]
    """

    model: str = ""
    tables: Annotated[tuple[SlotTable, ...], Field(min_length=1)]

    def weights(self, documents: int, by: Measure | None = None) -> list[float]:
        """How well each of `documents` slots is read, by one of the measures.

        None takes the likelihood of the right answer, or accuracy if not all lengths have it. As many prompts tell more by
        likelihood: where a weak model is nearly always wrong, its accuracy is the same in all slots.

        Between measured slots and between measured lengths it is interpolated (in the logarithm of the length); beyond the
        shortest and the longest list those stand. Raises InvalidInput for a measure that was not taken.
        """
        by = by or ("likelihood" if all(table.likelihood for table in self.tables) else "accuracy")
        curves = [(table.documents, *table.curve(by)) for table in sorted(self.tables, key=lambda table: table.documents)]
        curves = [curve for curve in curves if curve[2]]
        if not curves:
            raise InvalidInput(f"the profile of {self.model!r} has no {by}; order by accuracy, or measure it again")
        places = np.linspace(0, 1, documents) if documents != 1 else np.array([0.0])
        rows = np.array([np.interp(places, at, values) for _, at, values in curves])
        lengths = np.log([length for length, _, _ in curves])
        return [round(float(np.interp(np.log(max(documents, 1)), lengths, column)), 9) for column in rows.T]

"""Position profiles: how well a model reads each slot of a list of documents, as measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from ctxshape.core.types import Frozen
from ctxshape.errors import InvalidInput

LENGTHS, SLOTS, CASES = (4, 10), 5, 4  # defaults of `ctxshape profile`: minutes for a small model on two cores

Measure = Literal["accuracy", "likelihood", "mass"]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class SlotTable(Frozen):
    """The results for lists of one length, with the passage that answers in each of the measured slots.

    - `documents`: the length of the list. `slots`: the measured slots, counted from 0. `prompts`: how many per slot.
    - `accuracy`: for each measured slot, the share of prompts that were answered correctly.
    - `likelihood`: for each measured slot, the mean natural log-probability of a token of the correct answer. Empty for
      a backend that gives no log-probabilities.
    - `mass`: for every slot of the list, its share of the question's attention to all passages. Empty for a backend
      without an attention probe.
    """

    documents: Annotated[int, Field(ge=2)]
    slots: Annotated[tuple[int, ...], Field(min_length=2)]
    prompts: Annotated[int, Field(ge=1)]
    accuracy: tuple[Annotated[float, Field(ge=0, le=1)], ...]
    likelihood: tuple[_Finite, ...] = ()
    mass: tuple[_Finite, ...] = ()

    @model_validator(mode="after")
    def _agree(self) -> SlotTable:
        lengths = {len(self.slots), len(self.accuracy), len(self.likelihood) or len(self.slots)}
        if len(lengths) > 1 or len(self.mass) not in (0, self.documents):
            raise ValueError(
                f"{len(self.slots)} slots, {len(self.accuracy)} accuracies, {len(self.likelihood)} likelihoods, "
                f"{len(self.mass)} masses of {self.documents} documents; give one value a slot, and one mass a document"
            )
        if list(self.slots) != sorted({*self.slots}) or not 0 <= self.slots[0] < self.slots[-1] < self.documents:
            raise ValueError(f"slots are {self.slots}; give increasing slots from 0 to {self.documents - 1}")
        return self

    def curve(self, by: Measure) -> tuple[list[float], list[float]]:
        """Returns positions in the list, 0 for the first slot and 1 for the last, and the measure at each position."""
        values: Sequence[float] = getattr(self, by)
        slots = range(self.documents) if by == "mass" else self.slots
        return [slot / (self.documents - 1) for slot in slots] if values else [], list(values)


class PositionProfile(Frozen):
    """The position profile of a model: a slot table for each measured length of list.

    >>> table = SlotTable(documents=3, slots=(0, 2), prompts=10, accuracy=(0.8, 0.4))
    >>> PositionProfile(model="m.gguf", tables=(table,)).weights(3)
    [0.8, 0.6, 0.4]
    """

    model: str = ""
    tables: Annotated[tuple[SlotTable, ...], Field(min_length=1)]

    def weights(self, documents: int, by: Measure | None = None) -> list[float]:
        """Returns how well each of `documents` slots is read, by one of the measures.

        By default this is the likelihood of the correct answer, or accuracy if not all lengths have likelihoods. With few
        prompts, likelihood distinguishes slots better: a weak model is nearly always wrong, in every slot.

        Weights are interpolated between measured slots, and between measured lengths in the logarithm of the length. A
        list shorter or longer than all measured ones gets the weights of the nearest length. Raises InvalidInput for a
        measure that the profile does not have.
        """
        by = by or ("likelihood" if all(table.likelihood for table in self.tables) else "accuracy")
        curves = [(table.documents, *table.curve(by)) for table in sorted(self.tables, key=lambda table: table.documents)]
        curves = [curve for curve in curves if curve[2]]
        if not curves:
            raise InvalidInput(f"the profile of {self.model!r} has no {by}; use accuracy, or measure it again")
        positions = np.linspace(0, 1, documents) if documents != 1 else np.array([0.0])
        rows = np.array([np.interp(positions, measured, values) for _, measured, values in curves])
        lengths = np.log([length for length, _, _ in curves])
        return [round(float(np.interp(np.log(max(documents, 1)), lengths, column)), 9) for column in rows.T]

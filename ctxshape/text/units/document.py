"""Cuts any text into units: finds the form of the text and lets the cutter of that form cut it."""

from __future__ import annotations

from ctxshape.text.units.forms import FORMS
from ctxshape.text.units.model import Unit
from ctxshape.text.units.prose import prose_units


def units(text: str) -> list[Unit]:
    r"""Returns the units of a text, in order and without overlap.

    What lies between two units is white space, a separator of their block, or a payload such as a data URI.

    >>> text = "# Fees\n\nA child pays 2 euros. Dogs are free."
    >>> [(text[unit.start : unit.end], unit.kind, unit.needs) for unit in units(text)]
    [('# Fees', 'heading', ()), ('A child pays 2 euros.', 'sentence', (0,)), ('Dogs are free.', 'sentence', (0,))]
    """
    for cut in FORMS:
        found = cut(text)
        if found is not None:
            return found
    return prose_units(text)

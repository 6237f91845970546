"""Checks that a shaped text is faithful: it says nothing that its sources do not say."""

from ctxshape.testing.faithful.check import WITHOUT_OUTLINES, faults, known_outlines
from ctxshape.testing.faithful.excerpts import Fault
from ctxshape.testing.faithful.outline import Outline, Part
from ctxshape.testing.faithful.recognise import recognise

__all__ = ["WITHOUT_OUTLINES", "Fault", "Outline", "Part", "faults", "known_outlines", "recognise"]

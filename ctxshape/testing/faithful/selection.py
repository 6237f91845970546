"""Keeps random units of a document, as a step that selects would."""

from __future__ import annotations

import random

from ctxshape.core.analysis import analysis_of
from ctxshape.core.types import Context, Document


def shown_with(text: str, *wanted: str) -> str:
    """Returns the text shown if the units that hold the wanted texts are kept, with those that they need.

    >>> shown_with("One is odd. Two is even. Three is odd.", "One", "Three")
    'One is odd. […] Three is odd.'
    """
    context = Context.of("q", [text])
    analysis, document = analysis_of(context), context.documents[0]
    pieces = analysis.pieces(document)
    kept = {number for number, piece in enumerate(pieces) if any(want in piece.text for want in wanted)}
    kept |= {need for number in kept for need in pieces[number].needs}
    return analysis.with_only(document, sorted(kept)).text


def random_selection(context: Context, document: Document, rng: random.Random) -> Document:
    """Returns the document with some of its units, and with those that they need.

    >>> context = Context.of("q", ["One is odd. Two is even. Three is odd."])
    >>> random_selection(context, context.documents[0], random.Random(1)).text
    'Three is odd.'
    """
    analysis = analysis_of(context)
    pieces, needs = analysis.pieces(document), analysis.dependencies(document)
    if not pieces:
        return document
    count = rng.choice((1, 1, 2, 3, len(pieces) // 3, len(pieces) // 2, len(pieces) - 1))
    chosen = set(rng.sample(range(len(pieces)), min(max(count, 1), len(pieces))))
    chosen |= {other for index in chosen for other in needs[index]}
    return analysis.with_only(document, sorted(chosen))

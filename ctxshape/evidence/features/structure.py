"""Features of a unit's kind, its place and its length."""

from __future__ import annotations

import numpy as np

from ctxshape.core.protocols import Scores
from ctxshape.evidence.features.units import UnitTable
from ctxshape.text.units.model import Kind
from ctxshape.text.words import is_cjk

_LONGEST = 600.0  # characters; what is longer gets no more credit for its length
_DEEPEST = 2  # the first unit, the second, and others: where a passage was cut says little
_TABLE: frozenset[Kind] = frozenset({"row"})
_ENTRY: frozenset[Kind] = frozenset({"record", "code", "line", "field", "item"})
_FRAME: frozenset[Kind] = frozenset({"heading", "open", "close", "label"})


def structure_features(table: UnitTable) -> dict[str, Scores]:
    """Returns the features by name, each of shape (units,)."""
    kinds = [table.pieces[document][unit].kind for document, unit in table.places]
    position = np.array([min(unit, _DEEPEST) for _, unit in table.places], dtype=np.float64)
    width = 2.0 if is_cjk(table.query) else 1.0  # a CJK character says about as much as two others
    return {
        "length": np.log(table.lengths.clip(1.0, _LONGEST) * width),
        "position": position,
        "is_row": np.array([float(kind in _TABLE) for kind in kinds]),
        "is_entry": np.array([float(kind in _ENTRY) for kind in kinds]),
        "is_frame": np.array([float(kind in _FRAME) for kind in kinds]),
        "document_size": np.log(np.maximum(table.sizes, 1))[table.document_of],
    }

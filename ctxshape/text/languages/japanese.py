"""Japanese."""

from __future__ import annotations

from ctxshape.text.language import Language

LANGUAGE = Language(
    code="ja",
    spaced=False,
    script="\u3040-\u30ff\u31f0-\u31ff",
    weight=8,  # most letters are Han, which Chinese has, too
)

"""Korean."""

from __future__ import annotations

from ctxshape.text.language import Language

LANGUAGE = Language(code="ko", weight=2, script="\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff")

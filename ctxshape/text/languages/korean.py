"""Korean."""

from __future__ import annotations

from ctxshape.text.language import Language

LANGUAGE = Language(
    code="ko",
    weight=2,
    joints=((r"\b\d{4}\.", r"\d{1,2}\."), (r"\b\d{4}\. ?\d{1,2}\.", r"\d"), (r"\b\d{4}\. ?\d{1,2}\. ?\d{1,2}\.", ".")),
    script="\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff",
    asking_strings=tuple("누가 누구 언제 어디 무엇 뭐 왜 몇 어떻게 어느 얼마".split()),
)

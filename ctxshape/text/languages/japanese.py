"""Japanese."""

from __future__ import annotations

from ctxshape.text.language import Language

LANGUAGE = Language(
    code="ja",
    script="\u3040-\u30ff\u31f0-\u31ff",
    borrowed="\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",  # the script of Chinese
    weight=2,
    asking_strings=tuple("いつ どこ 誰 だれ 何 なに なぜ どの どんな どう いくつ いくら どれ どちら ですか ますか".split()),
)

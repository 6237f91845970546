"""Arabic."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="ar",
    script="\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    common_words=word_set("في من على إلى عن مع هذا هذه ذلك التي الذي كان كانت أن إن لا لم ما هو هي و أو ثم بعد قبل كل بين"),
    joints=(  # "ج. ك. رولينغ"
        (r"(?<![\w\d])(?<!\d\s)[\u0621-\u064a]\.", r"[\u0621-\u064a]\."),
        (r"(?<![\w\d])[\u0621-\u064a]\.\s?[\u0621-\u064a]\.", r"[\u0621-\u064a]"),
    ),
    abbreviations=word_set("د أ م ق.م ق ص.ب ص ب أ.د ج ود وأ ت ط ش ذ.م.م ش.م.م س.ت"),
)

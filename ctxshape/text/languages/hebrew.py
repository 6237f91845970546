"""Hebrew."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="he",
    script="\u0590-\u05ff\ufb1d-\ufb4f",
    quotes_in_words=True,
    common_words=word_set("של את על עם לא הוא היא הם זה זו כי אל או גם אם מה כל יש אין היה היתה בין"),
    number_abbreviations=word_set("מס"),
    abbreviations=word_set("פרופ גב עמ טל וכד לדוג"),
)

"""Hebrew."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

# Words that open the next sentence, so that no name is behind a letter.
_OPENERS = "הוא|היא|הם|הן|זה|זו|זאת|אלה|אבל|אך|גם|אם|כי|לא|יש|אין|היה|הייתה|היו|אחרי|לפני|בשנת|ביום|כל|האם|מי|מה|אז"
_TITLES = "פרופ גב עמ טל וכד לדוג ת.ד רח שד שכ ת.ז ע.ר ח.פ ב.מ ק.מ מ.ר"  # also behind a preposition, as in "ברח. הרצל"

LANGUAGE = Language(
    code="he",
    script="\u0590-\u05ff\ufb1d-\ufb4f",
    quotes_in_words=True,
    common_words=word_set("של את על עם לא הוא היא הם זה זו כי אל או גם אם מה כל יש אין היה היתה בין"),
    number_abbreviations=word_set("מס סע פס כר"),
    # An initial, unless a letter counts something: "כיתה א. המורה".
    joints=(
        (r"(?<!\bכיתה )(?<!\bסעיף )(?<!\bשלב )(?<!\bקבוצה )(?<!\bנספח )(?<![^\W_])[א-ת]['׳]?\.", rf"(?!(?:{_OPENERS})\b)[א-ת]"),
    ),
    abbreviations=word_set(" ".join(before + word for before in ("", *"בלמוהכש") for word in _TITLES.split())),
)

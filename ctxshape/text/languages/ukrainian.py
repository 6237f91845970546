"""Ukrainian."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="uk",
    script="Ѐ-ӿ",
    letters="іїєґ",
    common_words=word_set(
        "і й та в у не на я він вона воно вони ми ви з із зі що це як а але або чи по до від за про для так при тільки "
        "якщо коли де хто чим який яка які його її їх усі ще вже немає під над після також був була було були є бути"
    ),
    abbreviations=word_set(
        "т.е т.зв т.ч проф акад доц інж ім вул пл просп пров наб бул оз св напр див пор тов гр р-н англ нім фр лат грец рос укр"
    ),
    closing_abbreviations=word_set(
        "т.д т.п ін р рр ст н.е до.н.е грн коп тис млн млрд м см мм км кг год хв сек чол обл ред вид га т л"
    ),
    number_abbreviations=word_set("стор с п пп ст гл рис табл ч т буд кв корп тел розд м прим вип"),
    joints=((r"\bн\.", r"е\."), (r"\b[Тт]\.", r"[еднпч]\."), (r"\bе\.", "[а-яіїєґ(,]")),
)

"""French."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="fr",
    letters="éèêëàâîïôœçùû",
    common_words=word_set(
        "le la les l un une des du de d et ou mais est sont était étaient a ont avait être avoir il elle ils elles je "
        "nous vous on ce cette ces cet son sa ses leur leurs dans sur sous avec pour par sans chez entre qui que qu quoi "
        "dont où quand ne pas plus aussi très tout tous comme si en au aux n s c se y été fait même après avant"
    ),
    abbreviations=word_set(
        "m mm mme mmes mlle mlles dr pr me mgr st ste c.-à-d c.à.d cf env vs r.p p.-d.g boul gén cdt prof col cne ing arch vve"
    ),
    closing_abbreviations=word_set("etc apr.j.-c av.j.-c j.-c j.c hab s.a s.a.r.l min ex av bd éd coll dir trad ibid"),
    number_abbreviations=word_set(
        "p pp n no nos art al fig tab vol chap t éd l ch § ill pl réf tél bd par janv févr avr juill juil sept oct nov déc"
    ),
    joints=((r"\b(?:av|apr)\.", "J"), (r"\bp\.", "ex\\."), (r"\bJ\.-C\.", "[a-zà-ÿ(]")),
    interrogatives=word_set("qui quand pourquoi combien quel quelle quels quelles lequel laquelle"),
    asking_openers=word_set("comment où que quoi est sont"),
)

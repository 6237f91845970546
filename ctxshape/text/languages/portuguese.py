"""Portuguese."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="pt",
    letters="ãõáâàéêíóôúç",
    common_words=word_set(
        "o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às pelo pela pelos por para com sem sob "
        "sobre entre até desde e ou mas é são era eram foi foram há tem têm tinha ser estar está estão que quem quando "
        "onde como qual se não mais muito também já só seu sua seus suas ele ela eles elas este esta isso isto esse essa "
        "num numa anos lhe"
    ),
    abbreviations=word_set(
        "av sr sra srs sras srta dr dra drs prof profa profª eng engª arq exmo exma ilmo sgt st sto sta p.ex i.e ca cf vs "
        "aprox pe fr cel gen"
    ),
    closing_abbreviations=word_set("etc a.c d.c s.a ltda cia hab min máx mín ed a.m p.m e.u.a"),
    number_abbreviations=word_set(
        "p pp pág págs n nº núm no art arts fig figs vol vols cap caps tel inc séc sécs tab ref r km al par § t jan fev "
        "abr jun jul ago set out nov dez"
    ),
    joints=((r"\bp\.", r"ex\."), (r"\b[ad]\.", r"C\."), (r"\bC\.", "[a-zà-ú(]")),
    interrogatives=word_set("quem quanto quanta quantos quantas qual quais"),
    asking_openers=word_set("quando onde como que"),
)

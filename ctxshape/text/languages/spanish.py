"""Spanish."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="es",
    letters="áéíóúñ¿¡",
    common_words=word_set(
        "el la los las un una unos unas de del al y e o u pero es son era eran fue fueron ha han había ser estar está "
        "están que qué quién cuándo dónde cómo cuál se su sus no más muy también con por para en sin sobre entre hasta "
        "desde como cuando donde si lo le les me nos este esta estos estas ese esa ya tiene mar bien años"
    ),
    abbreviations=word_set(
        "av sr sra srta sres sras dña dr dra prof profa ud uds vd vds lic ing arq gral cnel tte excmo ilmo mons fr sto "
        "sta p.ej aprox vs cf mtro mtra sgto cmdte pdte pbro"
    ),
    closing_abbreviations=word_set("etc a.c d.c a.de.c d.de.c a.m p.m s.a s.l cía ee.uu hab min máx mín ed edit admón atte"),
    number_abbreviations=word_set(
        "pág págs p pp núm núms ord n nº no art arts fig figs vol vols cap caps tel tlf inc apdo núm. tomo t párr ap ref "
        "s km av avda c ene feb abr jun jul ago sept set oct nov dic"
    ),
    joints=(
        (r"\bp\.", r"ej\."),
        (r"\b[ad]\.", r"(?:de )?C\."),
        (r"\bEE\.", "UU"),
        (r"\b(?:C|UU)\.", "[a-záéíóúñ(]"),
    ),
    interrogatives=word_set("quién quiénes cuándo cuánto cuánta cuántos cuántas cuál cuáles"),
    asking_openers=word_set("quien cuando donde cuanto cual que como"),
)

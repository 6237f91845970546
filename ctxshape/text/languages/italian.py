"""Italian."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="it",
    letters="àèéìòù",
    common_words=word_set(
        "il lo la gli i le un uno una di del dello della dei degli delle da dal dalla dai dalle in nel nella nei nelle su "
        "sul sulla con per tra fra e ed o ma è sono era erano fu ha hanno aveva essere che chi cosa quando dove come "
        "perché se non più anche molto questo questa questi queste suo sua suoi loro si ci ne al alla ai alle all dell "
        "nell anni stato"
    ),
    abbreviations=word_set(
        "sig sig.ra sig.na sigg dott dott.ssa dr prof prof.ssa ing avv arch geom rag mons ca cfr p.es ad.es ss on "
        "sen cav comm col magg spett egr gent"
    ),
    closing_abbreviations=word_set("ecc etc a.c d.c s.p.a s.r.l s.n.c v sec min max ed trad"),
    number_abbreviations=word_set(
        "pag pagg p pp n nn num art artt fig figg vol voll cap capp tel par tab sez co all lett c s ss genn gen febbr feb "
        "apr magg giu lug ag ago sett ott nov dic"
    ),
    joints=((r"\b[Pp](?:er)?\.", r"es\."), (r"\b[ad]\.", r"C\."), (r"\bC\.", "[a-zà-ù(]")),
    interrogatives=word_set("chi quanto quanta quanti quante quale quali qual"),
    asking_openers=word_set("quando dove perché come che cosa"),
)

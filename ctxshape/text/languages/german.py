"""German."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

_MONTHS = (
    "Januar|Jänner|Jan|Februar|Feber|Feb|März|Mär|April|Apr|Mai|Juni|Jun|Juli|Jul|August|Aug|September|Sept|Sep|"
    "Oktober|Okt|November|Nov|Dezember|Dez"
)
_BEFORE_ORDINAL = (
    "der|die|das|dem|den|des|am|im|zum|zur|vom|beim|ins|ans|und|bis|ab|seit|sein|seine|seinem|seinen|seiner|seines|ihr|ihre|"
    "ihrem|ihren|ihrer|ihres|mein|meine|dein|deine|deinem|deinen|deiner|euer|eure|eurem|euren|meinem|meinen|me "
    "iner|unser|unsere|unserem|unseren|unserer|dieser|diesem|diesen|jeder|"
    "jedem|jeden|jedes|ein|eine|einem|einen|einer|eines"
)
# Words that open the next sentence, so that the number before them ended one.
_OPENERS = (
    "Der|Die|Das|Den|Dem|Des|Ein|Eine|Einen|Einem|Einer|Er|Sie|Es|Wir|Ich|Ihr|Man|Und|Oder|Aber|Auch|Am|Im|In| "
    "An|Auf|Bei|Mit|Nach|"
    "Von|Vor|Zu|Zum|Zur|Aus|Für|Seit|Als|Wenn|Wer|Was|Wie|Wo|Da|Dann|Dort|Hier|Diese|Dieser|Dieses|Nun|Jetzt|So|Doch|Damit|"
    "Dabei|Danach|Daher|Alle|Beide|Nur|Noch|Nicht|Kein|Keine|Sein|Seine|Ihre|Unter|Über|Durch|Ab|Bis|Während|Weil|Ob"
)

LANGUAGE = Language(
    code="de",
    letters="äöüß",
    common_words=word_set(
        "der die das den dem des ein eine einen einem einer und oder aber nicht auch ist sind war waren wird werden wurde "
        "wurden hat haben hatte ich du er sie es wir ihr mit von zu zum zur bei nach aus auf für über unter vor durch als "
        "wenn dass daß wie was wer wo wann warum noch nur schon sehr im am vom sich kann mehr bis seit ihre seine kein "
        "keine dieser diese siehe dann dort hier nun danach später"
    ),
    abbreviations=word_set(
        "bzw bspw z.b d.h d.i u.a.m i.d.r i.a i.e.s i.d.f m.e m.w o.g s.o s.u u.u u.z v.a z.t z.zt zzgl inkl exkl sog ggf "
        "evtl vgl ca hr hrn fr dr prof dipl ing mag st ggü einschl ausschl abzgl gem betr bez insb insbes frhr verh möbl "
        "phil jur rer hl mind stv z i.s i.v u.s.w arch rechtsanw ra rain kfm kfr oberstlt hptm prov kgl röm kath evang"
    ),
    capital_nouns=True,
    closing_abbreviations=word_set(
        "usw usf etc u.a u.ä o.ä u.dgl u.v.m v.chr n.chr std min sek stk jh jhd mio mrd tsd gmbh a.d e.v str tel max geb "
        "gest sen jun lt gen med nat h.c hbf bhf"
    ),
    number_abbreviations=word_set(
        "nr nrn s abs art abb abschn anm bd bde kap tab ziff zif lfd rn rz az aufl hs fn taf s.a par geb gest tel jan feb "
        "apr aug sept okt nov dez st"
    ),
    joints=(
        (r"[Ss]tr\.", r"\d"),
        (r"\b\d{1,2}\.", rf"(?:{_MONTHS})\b"),
        (r"\b\d{1,3}\.", r"(?:Jahrhunderts?|Jh|Lebensjahre?s?)\b|[-–/]|[a-zäöüß]"),
        (rf"(?i:\b(?:{_BEFORE_ORDINAL}))\s+\d{{1,3}}\.", rf"(?!(?:{_OPENERS})\b)[A-ZÄÖÜ]"),
        (r"\b[vn]\.\s?Chr\.", "[a-zäöüß(]"),
    ),
    interrogatives=word_set("wer wem wen wessen wann wo woher wohin warum wieso weshalb wieviel welche welcher welches"),
    asking_openers=word_set("was wie ist sind war hat haben kann können gibt wird werden nenne erkläre"),
)

"""Turkish."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="tr",
    letters="ığşçöü",
    common_words=word_set(
        "ve veya ile ama fakat bir bu şu o da de ki mi mı mu mü için gibi kadar daha çok en ne değil olan olarak oldu "
        "olduğu var yok ben sen biz siz onlar her hiç sonra önce nasıl neden kim nerede göre ise ancak iki yıl diye şey "
        "ya hem"
    ),
    abbreviations=word_set(
        "av t.c mim bul prof.dr dr prof doç yrd öğr gör uzm sn bkz örn alb yzb tuğg st hz bşk müh ecz op ord çev"
    ),
    closing_abbreviations=word_set("vb vd vs m.ö m.s i.ö i.s a.ş ltd şti cad sok mah apt hz dk sa sn"),
    number_abbreviations=word_set("s ss no nr tel md sy c cilt böl şek fig tab ş"),
    # A sentence ends in a verb, so that the dot behind a number of one to three digits makes an ordinal.
    joints=(
        (r"\b(?:Sok|Cad|Mah|Blv)\.", r"(?:No|Nu|Kat)\b"),
        (r"(?<![\d.,])\b\d{1,3}\.", "[^\\W\\d_]"),
        (r"\b[XVI]{1,5}\.", "[^\\W\\d_]"),
    ),
)

"""Hindi."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="hi",
    script="\u0900-\u097f",
    number_abbreviations=word_set("रु सं पृ क्र नं अनु खं भा फ़ोन फोन दूर"),
    common_words=word_set("है हैं का की के को में से और पर यह वह था थे थी ने कि भी नहीं एक लिए"),
    abbreviations=word_set(
        "डॉ डा श्री श्रीमती प्रो सु कु पं मो ई.पू कि.मी सं रु रू पै कि.ग्रा से.मी मि.मी मी ग्रा लि.मी वि.सं कं प्रा लि उप स्व ब्रि न्या इंजी"
    ),
    closing_abbreviations=word_set("आदि"),
)

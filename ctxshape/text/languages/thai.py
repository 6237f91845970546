"""Thai."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="th",
    script="\u0e01-\u0e3a\u0e40-\u0e4e",
    blank_ends=True,
    linking_words=tuple(
        "และ แต่ หรือ ซึ่ง ที่ เพื่อ เพราะ จึง คือ โดย เช่น รวม พร้อม เป็น ทำให้ ของ อัน มี ยัง ว่า จน ตั้งแต่ กับ จะ ก็ ได้ พ.ศ ค.ศ จ.ศ ร.ศ".split()
    ),
    linked_ends=tuple("ว่า คือ เช่น ได้แก่ และ หรือ ที่ ซึ่ง".split()),
    abbreviations=word_set("พ.ศ ค.ศ จ.ศ ร.ศ น พ.ต.ท ดร ศ รศ ผศ นพ พญ จ อ ต ถ ซ"),
)

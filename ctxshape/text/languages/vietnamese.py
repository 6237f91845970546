"""Vietnamese."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="vi",
    letters="ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹâêôáàéíóúã",
    common_words=word_set(
        "và hoặc nhưng là của có không được trong ngoài trên dưới với cho từ đến đã đang sẽ này đó các những một hai "
        "người khi nào ở đâu gì ai như thế rất cũng thì mà để về vào ra lại năm nó ông bà cô họ tôi anh chúng"
    ),
    abbreviations=word_set("tp tx tt ths ts gs pgs bs ks ls ông bà tr đ.c q p th.s ts.bs pgs.ts gs.ts nxb cty"),
    closing_abbreviations=word_set("v.v vv stt"),
    number_abbreviations=word_set("số tr đt q p h"),
)

"""Enumerations in running text: one sentence up to their end mark."""

from __future__ import annotations

import pytest

from ctxshape.text.enumerations import cuts_in_enumerations
from ctxshape.text.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "下列情形不予退款：（一）定制商品；（二）已拆封的软件；（三）鲜活商品。",
        "下列情形不予退款：1. 定制商品；2. 已拆封的软件；3. 鲜活商品。",
        "下列情形不予退款：①定制商品；②已拆封的软件；③鲜活商品。",
        "下列情形不予退款：一、定制商品；二、已拆封的软件；三、鲜活商品。",
        "下列情形不予退款：（1）定制商品；（2）已拆封的软件；以及（3）鲜活商品。",
        "下列情形不予退款：(一)定制商品。(二)已拆封的软件。(三)鲜活商品。",
        "下列情形不予退款：定制商品；已拆封的软件；鲜活商品。",
        "有下列情形之一的，合同終止：（一）逾期三十日；（二）擅自轉租。",
        "次の場合は返金できません：(1) 特注品；(2) 開封済みソフト；(3) 生鮮品。",
        "다음의 경우 환불되지 않습니다: 1. 주문 제작 상품; 2. 개봉한 소프트웨어; 3. 신선 식품.",
        "No refund is given for: (a) custom goods; (b) opened software; (c) fresh food (e.g. milk).",
        "No refund is given for: (a) Custom goods; (b) Opened software; (i) milk; and (ii) Bread.",
        "No refund is given for: 1. Custom goods; 2. Opened software; 3. Fresh food.",
        "Ausgenommen sind: a) Maßware; b) geöffnete Software; c) Frischware.",
        "Ausgenommen sind: 1. Maßware; 2. Geöffnete Software; 3. Frischware.",
        "Не подлежат возврату: 1) товары на заказ; 2) Вскрытое ПО; 3) продукты.",
        "לא יינתן החזר עבור: (א) מוצרים בהזמנה; (ב) תוכנה שנפתחה; (ג) מזון טרי.",
    ],
)
def test_an_enumeration_is_one_sentence(whole: str) -> None:
    behind = "退款原路返回。" if whole.endswith("。") else " Money comes back. It takes a week."
    assert cut(whole + behind)[0] == whole


def test_the_items_of_several_lines_stay_apart() -> None:
    assert cut("下列情形不予退款：\n（一）定制商品；\n（二）软件。") == [
        "下列情形不予退款：",
        "（一）定制商品；",
        "（二）软件。",
    ]


def test_a_number_that_ends_a_sentence_opens_nothing() -> None:
    assert cut("The answer is: 1. Nobody knew it. The end came.") == ["The answer is: 1.", "Nobody knew it.", "The end came."]


def test_a_semicolon_without_an_enumeration_ends_a_sentence() -> None:
    assert cut("他来了；我走了。") == ["他来了；", "我走了。"]


def test_sentences_of_a_long_condition_are_cut() -> None:
    text = "下列情形除外：" + "".join(f"（{n}）{'长' * 60}。" for n in "一二三四五六七八")
    assert [len(part) for part in cut(text)] == [7 + 5 * 64, *[64] * 3]  # 263 characters have 526 columns, 327 have 654


def test_a_cut_at_a_start_stays() -> None:
    text = "除下列外：（一）甲；（二）乙。"
    assert cuts_in_enumerations(text, [0, 10], [0]) == {10}
    assert cuts_in_enumerations(text, [0, 10], [0, 10]) == set()

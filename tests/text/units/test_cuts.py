from __future__ import annotations

import pytest

from ctxshape.text.units.size import windows


def cut(text: str, limit: int) -> list[str]:
    return [text[start:end] for start, end in windows(text, 0, len(text), limit)]


@pytest.mark.parametrize(
    ("text", "limit", "whole"),
    [
        ("山水风云花草树木" * 3 + "保险柜的密码是七七四一" + "石路桥灯山水" * 3, 18, "是七七四一"),
        ("收入为１２，４００元而支出为１３，５００元整" * 2, 16, "１２，４００元"),
        ("收入为12,400元而支出为13,500元整" * 2, 16, "12,400元"),
        ("大坝高七十八米长三百二十米始建于一九七八年竣工于二〇〇三年六月十八日", 12, "高七十八米"),
        ("大坝高七十八米长三百二十米始建于一九七八年竣工于二〇〇三年六月十八日", 24, "二〇〇三年六月十八日"),
        ("東京タワーは高さ333メートルの塔で1958年に完成しました", 18, "333メートル"),
        ("用户名是Schwarzenbergplatz而密码在桌上的信封里面放着", 24, "Schwarzenbergplatz"),
        ("the price of the new machine was set to 12 400 euros by the board", 44, "to 12 400 euros"),
        ("garden river stone " * 4 + "the code of the safe is 7741-B9 " + "lamp metal paper " * 4, 32, "is 7741-B9"),
        ("wir kamen am 12. März in Wien an und blieben bis zum 13. April 1999 bei Freunden", 22, "am 12. März"),
        ("bis 10:30 Uhr offen und dann wieder von 14:15 Uhr an geöffnet", 18, "14:15 Uhr"),
    ],
)
def test_a_number_stays_with_its_digits_and_its_unit(text: str, limit: int, whole: str) -> None:
    found = cut(text, limit)
    assert len(found) > 1
    assert any(whole in part for part in found)


def test_a_text_without_marks_is_cut_before_a_function_word() -> None:
    assert cut("stone lamp metal river with paper garden engine colour", 34) == [
        "stone lamp metal river",
        "with paper garden engine colour",
    ]
    assert cut("山水风云花草树木但是石路桥灯山水", 26) == ["山水风云花草树木", "但是石路桥灯山水"]


def test_a_number_longer_than_a_window_is_cut_hard() -> None:
    assert [len(part) for part in cut("7" * 50, 20)] == [20, 20, 10]

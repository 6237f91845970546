from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.testing.faithful.selection import shown_with
from ctxshape.text.units.speech import speech_units

LONG = "The dam was begun in 1925. " * 8 + "It was finished in 1931! " + "Nobody was hurt. " * 12


def cut(text: str) -> list[str]:
    found = speech_units(text)
    assert found is not None
    return [text[unit.start : unit.end] for unit in found]


TALK = "Ada: Welcome.\nBen: Thanks for having me.\nAda: How high is it?\nBen: 61 metres.\nAda: Goodbye.\nBen: See you."


def test_a_question_brings_its_answer_and_a_short_answer_its_question() -> None:
    both = "Ada: How high is it?\nBen: 61 metres."
    assert shown_with(TALK, "How high") == shown_with(TALK, "61 metres") == both
    assert shown_with(TALK, "Welcome", "See you") == "Ada: Welcome.\n\nBen: See you."


def test_a_sentence_of_a_long_turn_stands_behind_its_speaker() -> None:
    text = f"Ada: Tell me about it.\nBen: {LONG}\nAda: Thanks a lot.\nBen: Any time."
    assert shown_with(text, "finished in 1931") == "Ben: […] It was finished in 1931!"
    assert shown_with(text, "finished in 1931", "Thanks") == "Ben: […] It was finished in 1931! […]\nAda: Thanks a lot."
    assert shown_with(text, "Tell me", "finished") == "Ada: Tell me about it.\nBen: […] It was finished in 1931!"


def test_a_chinese_turn() -> None:
    text = "记者：您何时上任？\n市长：" + "水库建于1958年。" * 60 + "高61米。\n记者：预算是多少？\n市长：三千万元。"
    assert shown_with(text, "高61米") == "市长：[…]高61米。"
    assert shown_with(text, "三千万元") == "记者：预算是多少？\n市长：三千万元。"


# Forms of exported talk: Muesli-HQ/muesli#413 (time and name), Pustur/whatsapp-chat-parser#266 and JBGruber/rwhatsapp#14
# (a message of several lines), attevon-llc/OpenTranscribe#523 (short turns), vectorize-io/hindsight#4572 (a turn's end).
@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("Petra Lang  0:03\nWelcome.\n\nBen Okoro  0:12\nThanks.\nIt is late.\n", 2),
        ("SPEAKER_00 [00:00:01]: Good evening.\nSPEAKER_01 [00:00:04]: Thank you,\nindeed.\n", 2),
        ("[00:01] Petra: hello\n[00:04] Ben: hi\n", 2),
        ("12/05/24, 09:13 - Ana: did you book?\n12/05/24, 09:15 - Luis Prado: yes\nuntil 11 pm\n", 2),
        ("[12.05.24, 09:13:22] Ana: Hast du gebucht?\n[12.05.24, 09:15:01] Luis: ja\n", 2),
        ("[09:13] <petra> why does it fail?\n[09:14] <ben> the cert expired\n", 2),
        ("petra  9:13 AM\nDeploy is done.\nben  9:15 AM\nWas the flag on?\n", 2),
        ("**Petra:** When did you open?\n\n**Ben:** In 1962.\n\nWe had three rooms.\n\n**Petra:** And now?\n", 3),
        ("MR. HAAS: Was it red?\nTHE WITNESS: It was blue.\nMR. HAAS: Thank you.\n", 3),
        ("Petra:\nWhen did you open?\n\nBen:\nIn 1962.\n\nPetra:\nAnd now?\n\nBen:\nNine rooms.\n", 4),
        ("Ведущий: Когда открыли мост?\nГость: В 1903 году.\nВедущий: Кто строил?\n", 3),
        ("المذيع: متى افتتح الجسر؟\nالضيف: في عام 1903.\nالمذيع: من بناه؟\n", 3),
        ("田中：橋はいつ開通しましたか。\n佐藤：1903年です。\n田中：誰が建てましたか。\n", 3),
        ("客户：漏水了。声音也很大。\n客服：我们周四来。", 2),
        ("Customer: It leaks. It is loud.", 1),
        ("【09:13】客服：您好\n【09:14】客户：何时送达？\n", 2),
    ],
)
def test_turns_of_many_forms(text: str, turns: int) -> None:
    found = speech_units(text)
    assert found is not None
    assert [unit.kind for unit in found] == ["turn"] * turns


@pytest.mark.parametrize(
    "text",
    [
        "Name: Ada\nCity: Jena\n\nName: Ben\nCity: Gera\n\nName: Cleo\nCity: Suhl",
        "Serves: 4\nTime: 20 minutes\nMethod: Beat the eggs. Add flour.",
        "The pump is old.\nNote: keep it dry.\nIt is heavy.\nNote: wear gloves.\nWarning: it is hot.\nIt is red.",
        "Monday: 9:00 to 12:00\nTuesday: 9:00 to 12:00\nWednesday: closed",
        "2024-05-12 09:13:22 INFO start\n2024-05-12 09:13:25 ERROR stop: no disk",
        "Q: Is it open?\nA: Yes.\nQ: Since when?\nA: Since May.",
        "IRS reminder: pay now.\nThe service asked people to pay by May.\nIRS reminder: file.\nIRS warning: fraud.",
        "Host: a computer. It has an address.",
        "Students: none of them pays.\nThey come at nine.",
        "He said: no. She said: yes.\nThey left.",
        "第一行：二。",
    ],
)
def test_other_texts_are_no_talk(text: str) -> None:
    assert speech_units(text) is None


# Blaizzy/mlx-audio#780 and muxinc/ai#34: a cue ends in the middle of a sentence.
def test_cues_of_one_sentence_come_together() -> None:
    text = (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\nThe museum opened\n\n2\n00:00:04.000 --> 00:00:07.000\nin 1962.\n\n"
        "3\n00:00:07.500 --> 00:00:09.000\nBy whom?\n"
    )
    assert cut(text)[0] == "WEBVTT"
    assert shown_with(text, "in 1962") == (
        "1\n00:00:01.000 --> 00:00:04.000\nThe museum opened\n\n2\n00:00:04.000 --> 00:00:07.000\nin 1962."
    )
    assert shown_with(text, "By whom") == "3\n00:00:07.500 --> 00:00:09.000\nBy whom?"


def test_lines_with_a_time_alone() -> None:
    assert cut("0:00\ntoday we look at the valve\n0:04\nof the boiler\n0:09\nand close it.") == [
        "0:00\ntoday we look at the valve",
        "0:04\nof the boiler",
        "0:09\nand close it.",
    ]


PARTS = ["Ada: ", "Ben: ", "[0:01] ", "<c> ", "**D:** ", "Is it? ", "Yes. ", "\n", "\r\n", "x" * 90, "-->", "：", "\0"]


@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_units_of_any_text_cover_it(parts: list[str]) -> None:
    text = "".join(parts)
    found = speech_units(text) or []
    place = 0
    for number, unit in enumerate(found):
        assert place <= unit.start < unit.end
        assert not any(map(str.isalnum, text[place : unit.start]))
        assert all(need != number and 0 <= need < len(found) for need in unit.needs)
        place = unit.end
    assert not found or not text[place:].strip()


def test_headings_of_an_interview_come_with_its_turns() -> None:
    text = (
        "# The mayor\n\n**Petra:** When?\n\n**Ben:** In 1962. It was May.\n\n"
        + "## Prices\n\n**Petra:** And now?\n\n**Ben:** Two euros."
    )
    assert shown_with(text, "And now") == "## Prices\n\n**Petra:** And now?\n\n**Ben:** Two euros."
    assert shown_with(text, "In 1962") == "# The mayor\n\n**Petra:** When?\n\n**Ben:** In 1962. It was May."


def test_other_blocks_around_a_transcript_are_no_turns() -> None:
    text = f"Notes of the call.\n\n{TALK}\n\nThe call lasted 3 minutes."
    assert speech_units(text) is None
    assert shown_with(text, "lasted") == "The call lasted 3 minutes."
    assert shown_with(text, "61 metres") == "Ada: How high is it?\nBen: 61 metres."


def test_windows_line_ends_end_no_block() -> None:
    text = f"Notes of the call.\n\n{TALK}\n\nThe call lasted 3 minutes. It was short.".replace("\n", "\r\n")
    assert shown_with(text, "61 metres") == "Ada: How high is it?\r\nBen: 61 metres."


def test_no_break_spaces_behind_the_label_of_an_answer() -> None:
    text = "Q:\xa0\xa0Is it open?\r\nA:\xa0\xa0Yes. It is.\r\nQ:\xa0\xa0Since when?\r\nA:\xa0\xa0Since May. It was June."
    assert shown_with(text, "It is") == "Q:\xa0\xa0Is it open?\r\nA:\xa0\xa0Yes. It is."


# The turns are cut as they are without the title.
@pytest.mark.parametrize("below", ["", "\n\nThe call ended. It was short."])
@pytest.mark.parametrize("title", ["Weekly sync", "Weekly sync\n4 May 2026", "Weekly sync\n\nRoom 4", "Present today:"])
def test_title_lines_above_a_transcript(title: str, below: str) -> None:
    text = f"{title}\n{TALK}{below}"
    assert shown_with(text, "61 metres").endswith("Ada: How high is it?\nBen: 61 metres.")
    assert shown_with(text, "61 metres").startswith(title)


@pytest.mark.parametrize("title", ["会议记录", "会议记录 2026年5月8日", "项目例会\n地点在三楼"])
@pytest.mark.parametrize("below", ["", "\n\n会议在十点结束。下次在周五。"])
def test_title_lines_above_a_chinese_transcript(title: str, below: str) -> None:
    text = f"{title}\n王敏：大家好。先说进度。\n李工：周三迁移。要停机四十分钟。\n王敏：谁写公告？\n李工：我来写。{below}"
    assert shown_with(text, "周三迁移") == f"{title}\n[…]\n李工：周三迁移。要停机四十分钟。"
    assert shown_with(text, "我来写") == f"{title}\n[…]\n王敏：谁写公告？\n李工：我来写。"


def test_a_title_above_two_turns_of_known_roles() -> None:
    text = "通话记录\n客服：您好。请问有什么问题？\n客户：漏水了。声音也很大。"
    assert shown_with(text, "漏水") == text
    assert shown_with("She came home. It was late.\nAda: yes.\nBen: no.\nAda: so.", "so.") != "Ada: so."

from __future__ import annotations

import pytest

from ctxshape.text.furniture import furniture

HISTORY, SIGNATURE, CONTENTS, PAGE = "quoted history", "signature", "table of contents", "page head or foot"


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in furniture(text)]


@pytest.mark.parametrize(
    ("own", "rest", "kinds"),
    [
        # Mail: linagora/tmail-backend#1836, taylorwilsdon/google_workspace_mcp#1040, loomio/loomio#3235
        (
            "It is open.",
            "On Wed, 5 May 2024 at 14:05, Max <max@arden.example>\nwrote:\n> Is it?\n>\n>> Was it?\n> Max",
            [HISTORY],
        ),
        (
            "It is open.",
            "-----Original Message-----\nFrom: Max\nSent: Monday\nTo: Ida\nSubject: lift\n\nIs it open?",
            [HISTORY],
        ),
        ("It is open.", "________________________________\nFrom: Max\nSent: Monday\nSubject: lift\n\nIs it open?", [HISTORY]),
        # getmunin/munin#854: a date first, a broken line, and the signature below
        ("Ja.", "ons. 5. mai 2024 kl. 14:05 skrev Max Berg <max@arden.example\n>:\n> Er den åpen?\n\nMvh\nIda", [HISTORY]),
        ("Ja.", "Am 5. Mai 2024 schrieb Max Berg:\n> Ist er offen?", [HISTORY]),
        ("Oui.", "Le 5 mai 2024 à 14:05, Max Berg a écrit :\n> Est-il ouvert ?", [HISTORY]),
        ("开放了。", "在 2024年5月5日，李明 <li@arden.example> 写道：\n> 开放了吗？\n\n发自我的 iPhone", [HISTORY]),
        ("开放了。", "发件人: 李明\n发送时间: 2024年5月5日\n收件人: 王芳\n主题: 电梯\n\n开放了吗？", [HISTORY]),
        # thunderbird/thunderbird-android#63
        ("It is open.", "-- \nIda Holm\nHead of Service", [SIGNATURE]),
        (
            "It is open.",
            "--\nIda Holm\nThis e-mail is confidential and meant for those alone to whom it was sent by us this day.",
            [SIGNATURE],
        ),
        ("It is open.", "Mit freundlichen Grüßen\nIda Holm", [SIGNATURE]),
        ("开放了。", "此致\n敬礼\n王芳", [SIGNATURE]),
        ("It is open.", "Sent from my iPhone", [SIGNATURE]),
        # Contents: AndySparks/sourceconvert#16, Dayallenr/RAG#6, firecrawl/pdf-inspector#493
        ("A book.", "Contents\nPreface . . . . . ix\n1 Safety ........ 3\n2 Filters _____ 7", [CONTENTS] * 4),
        ("A book.", "Safety ........ 3\nFilters ....... 7\nHoses ........ 9\nCables ...... 12", [CONTENTS] * 4),
        ("一本书。", "目录\n第一章 安全……………3\n第二章 滤网……………7\n第三章 软管……………12", [CONTENTS] * 4),
        ("A page.", "## On this page\n- [Safety](#safety)\n- [Filters](#filters)\n- [Hoses](#hoses)", [CONTENTS] * 4),
        ("A page.", "Contents [hide]\n1 Early life\n2 Work\n2.1 Towers\n2.2 Bridges", [CONTENTS] * 5),
        # Pages
        ("It is live.", "Page 3 of 10", [PAGE]),
        ("It is live.", "ACME manual | Page 3 of 10", [PAGE]),
        ("Es ist so.", "Seite 3 von 10", [PAGE]),
        ("它有电。", "第 3 页，共 10 页", [PAGE]),
        ("它有电。", "共10页 第3页", [PAGE]),
        ("It is live.", "- 12 -", [PAGE]),
    ],
)
def test_furniture_below_a_text(own: str, rest: str, kinds: list[str]) -> None:
    blocks = found(f"{own}\n\n{rest}")
    assert [kind for _, kind in blocks] == kinds
    assert "\n".join(text for text, _ in blocks).split() == rest.split()


def test_lines_that_are_repeated_beside_page_numbers_are_heads_and_feet() -> None:
    text = "ACME manual\nPage 3 of 10\nIt is live.\nRevision 3\nACME manual\nPage 4 of 10\nIt is earth."
    assert found(text) == [(line, PAGE) for line in ("ACME manual", "Page 3 of 10", "ACME manual", "Page 4 of 10")]
    assert found("ACME manual\nIt is live.\nACME manual\nIt is earth.") == []
    text = "ACME Corp\nIt is live.\nPage 12\nACME Corp\nIt is earth.\nPage 13\nACME Corp"
    assert [line for line, _ in found(text)] == ["ACME Corp", "Page 12", "ACME Corp", "Page 13", "ACME Corp"]


def test_each_quoted_message_is_a_block() -> None:
    text = "Yes.\n-----Original Message-----\nFrom: Max\n\nIs it open?\n-----Original Message-----\nFrom: Ida\n\nIt is shut."
    first, second = found(text)
    assert first == ("-----Original Message-----\nFrom: Max\n\nIs it open?", HISTORY)
    assert second == ("-----Original Message-----\nFrom: Ida\n\nIt is shut.", HISTORY)


@pytest.mark.parametrize(
    "text",
    [
        # Quotations that are a part of the text: rokstrnisa/unattach#10 wants only those below it gone.
        "On 3 May 2024 Max wrote:\n> Which fuse?\n16 A.\n> Which cable?\nThe red one.",
        "Hello.\n\nOn 3 May 2024 Max wrote:\n> Which fuse?\n16 A.\n> Which cable?\nThe red one.",
        "As the poet has it:\n> Water, water everywhere.\n\nThat is all.",
        "The critic wrote in 1901:\n> A fine tower.\n\nOthers did not agree with him, and said so.",
        "> A fine tower.\n> It is tall.",
        # A thread in which each message has its head, the last of which may be the answer.
        "From: A\nDate: 3 May\nSubject: lift\n\nIs it open?\n\nFrom: B\nDate: 4 May\nSubject: Re: lift\n\nOn Monday.",
        "Route\nFrom: Berlin\nTo: Paris\nDate: 3 May\n\nIt takes ten hours.",
        "title: tower\ndate: 2024\nto: print",
        # Price lists and registers have leaders, too.
        "Soup ........ 4\nBread ........ 2\nFish ........ 12\nWine ........ 5",
        "Jane Roe ........ Chief of Staff\nJohn Doe ........ Economist\nIda Holm ........ Engineer",
        "Wait ... 3 more ... 4 times.",
        "Contents\n1 Pump\n2 Hose\n3 Manual",
        "[Safety](/safety)\n[Filters](/filters)\n[Hoses](/hoses)",
        "The rule is on page 3 of 10.",
        "See page 3 of 10 for more",
        "共有10页。",
        "第3页讲的是安全。",
        "| 3 / 10 |",
        "2 - 3",
        "It begins with regards to the law.",
        "a\n--\nb\n" + "A line of text that is far too long to be a part of anybody's signature, as everyone can see.",
    ],
)
def test_what_is_text_is_no_furniture(text: str) -> None:
    assert found(text) == []

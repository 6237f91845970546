from __future__ import annotations

from typing import Any

import pytest

from ctxshape import ConfigError, Context, Pipeline
from ctxshape.core.passages import Passage
from ctxshape.core.registry import build
from ctxshape.core.types import Document, Span
from ctxshape.testing import check_transform
from ctxshape.text.information import main_script, no_words, only_links, repetition, too_few_words
from ctxshape.transforms.extract import KeepKeySentences
from ctxshape.transforms.noise import DropEmpty, DropNoise

PAGE = """Skip to main content
Home | News | Sport | Log in
The lighthouse on Cape Rosa was built in 1884. We use cookies to improve your visit.
It is 31.5 m tall. Share this on Facebook!

| lamp | range |
|---|---|
| white | 20 km |

Related stories
The keepers of Rosa
© 2019 Cape Rosa Times. All rights reserved."""

CHINESE_PAGE = """首页 > 新闻 > 正文
玫瑰角灯塔建于1884年，高31.5米。点击阅读全文
灯塔的灯由贝尔公司制造。
分享到：微信 微博
版权所有 © 2020 玫瑰角网"""


def shaped(query: str, *texts: Passage, **fields: Any) -> Context:  # noqa: ANN401
    return DropNoise(**fields)(Context.of(query, texts))


def quotes(context: Context) -> list[str]:
    return [context.sources[span.document].text[span.start : span.end] for d in context.documents for span in d.spans]


def test_a_page_loses_its_boilerplate_and_nothing_else() -> None:
    context = shaped("Who made the lamp?", PAGE)
    assert context.documents[0].text == (
        "The lighthouse on Cape Rosa was built in 1884.\n[…] It is 31.5 m tall. […]\n"
        "| lamp | range |\n|---|---|\n| white | 20 km |"
    )
    assert quotes(context) == [
        "The lighthouse on Cape Rosa was built in 1884.",
        "It is 31.5 m tall.",
        "| lamp | range |",
        "|---|---|",
        "| white | 20 km |",
    ]
    assert context.notes["d1"] == (
        "cut page furniture 'Skip to main content'; menu 'Home | News | Sport | Log in' and 1 more; "
        "cookie notice 'We use cookies to improve your visit.'; share bar 'Share this on Facebook!'; "
        "link to more 'The keepers of Rosa'; copyright footer '© 2019 Cape Rosa Times.' and 1 more"
    )
    assert context.dropped == {}


def test_a_chinese_page() -> None:
    context = shaped("灯塔在什么地方？", CHINESE_PAGE)
    assert context.documents[0].text == "玫瑰角灯塔建于1884年，高31.5米。\n[…]\n灯塔的灯由贝尔公司制造。"
    assert quotes(context) == ["玫瑰角灯塔建于1884年，高31.5米。", "灯塔的灯由贝尔公司制造。"]
    assert context.notes["d1"].startswith("cut menu '首页 > 新闻 > 正文'; link to more '点击阅读全文'; share bar")


def test_a_passage_of_nothing_else_goes_with_the_reason() -> None:
    context = shaped("Who made the lamp?", "Log in | Home\nShare this page", "The lamp is by Bell.", "分享到：微博")
    assert [d.id for d in context.documents] == ["d2"]
    assert context.dropped == {
        "d1": "nothing but boilerplate: menu 'Log in | Home'; share bar 'Share this page'",
        "d3": "nothing but boilerplate: share bar '分享到：微博'",
    }


def test_what_the_question_asks_for_stays() -> None:
    passage = "This site uses cookies to count visits. © 2019 Cape Rosa Times. Log in"
    assert shaped("Who made the lamp?", passage).dropped != {}
    assert shaped("What does the site use cookies for?", passage).documents[0].text == "This site uses cookies to count visits."
    assert shaped("Who holds the copyright of the Times?", passage).documents[0].text == "© 2019 Cape Rosa Times."
    assert (
        shaped("这个网站的版权属于谁？", "版权所有：玫瑰角日报社\n分享到：微博").documents[0].text == "版权所有：玫瑰角日报社"
    )


def test_a_clean_passage_is_the_very_same() -> None:
    texts = ["Paris is in France. It is old.", "巴黎在法国。", "a\nb"]
    context = Context.of("Who?", texts)
    result = DropNoise()(context)
    assert (result.documents, result.dropped, result.notes) == (context.documents, {}, {})


def test_a_wrapped_sentence_is_one() -> None:
    context = shaped("Who?", "The tower is\ntall. We use cookies to\nimprove your visit.\nIts lamp is white.")
    assert context.documents[0].text == "The tower is\ntall. […] Its lamp is white."
    assert len(context.documents[0].spans) == 2


def test_spans_of_spans_stay_true() -> None:
    source = Document(id="a", text="Old. The tower is tall.\nLog in\nIts lamp is white. New.")
    context = Context.of("Who?", [source])
    cut = source.model_copy(
        update={"text": source.text[5:49], "spans": (Span(document="a", start=5, end=49),)},
    )
    result = DropNoise()(context.keep([cut]))
    assert result.documents[0].text == "The tower is tall. […]\nIts lamp is white."
    assert result.documents[0].spans == (Span(document="a", start=5, end=23), Span(document="a", start=31, end=49))


def test_a_rewrite_stays_one() -> None:
    context = Context.of("Who?", ["The tower."])
    summary = Document(id="s", text="It is tall. Log in.", kind="rewrite", spans=(Span(document="d1", start=0, end=10),))
    result = DropNoise()(context.keep([summary]))
    assert result.documents == (summary.model_copy(update={"text": "It is tall."}),)


SIGNED = "\n\nBest regards,\nIda Holm\nHead of Service\n\n"
REPLY = (
    f"The new part has come.{SIGNED}On Fri, 3 May 2024 at 10:12, Max <max@arden.example> wrote:\n"
    "> Is the part here?\n> It was shipped last week.\n"
)
MANUAL = (
    "Contents\n1 Safety ........ 3\n2 Filters ........ 7\n2.1 Hoses ........ 9\n\nACME manual\nPage 3 of 10\n"
    "The red cable is live.\nACME manual\nPage 4 of 10\nThe blue cable is earth."
)


@pytest.mark.parametrize(
    ("query", "text", "left", "note"),
    [
        (
            "When did it come?", REPLY, "The new part has come.",
            "cut signature 'Best regards, Ida Holm Head of Service'; quoted history 'On Fri, 3 May 2024 at 10:12, Max <max@a…'",
        ),
        # What holds a word of the question stays, the whole message or signature of it.
        ("Was it shipped last week?", REPLY, REPLY.replace(SIGNED, " […]\n").strip(), None),
        ("Who is Ida Holm?", REPLY, REPLY.partition("\n\nOn Fri")[0], None),
        ("Who called?", REPLY, REPLY.partition("\n\nOn Fri")[0], None),
        (
            "Which cable is live?", MANUAL, "The red cable is live.\n[…]\nThe blue cable is earth.",
            "cut table of contents 'Contents' and 3 more; page head or foot 'ACME manual' and 3 more",
        ),
        (
            "Which hoses are there?", MANUAL,
            "2.1 Hoses ........ 9\n[…]\nThe red cable is live.\n[…]\nThe blue cable is earth.", None,
        ),
        (
            "电梯什么时候开放？",
            "周一开放。\n\n此致\n敬礼\n王芳\n\n在 2024年5月3日，李明 <li@arden.example> 写道：\n> 收到了吗？",
            "周一开放。",
            "cut signature '此致 敬礼 王芳'; quoted history '在 2024年5月3日，李明 <li@arden.example> 写道： >…'",
        ),
        (
            "哪根电线有电？", "第3页/共10页\n红线有电。\n第4页/共10页", "红线有电。",
            "cut page head or foot '第3页/共10页' and 1 more",
        ),
        (
            "When was it built?", f"![the mill](data:image/png;base64,{'iVBORw0KGgo' * 90}) It was built in 1770.",
            "![the mill] […] It was built in 1770.", "cut data URI of 1,014 characters",
        ),
        (
            "When was it built?", f"It was built in 1770. {'0f' * 64} It is old.", "It was built in 1770. […] It is old.",
            "cut hash of 128 characters",
        ),
    ],
)  # fmt: skip
def test_blocks_around_the_text_go(query: str, text: str, left: str, note: str | None) -> None:
    context = shaped(query, text)
    assert context.documents[0].text == left
    assert note is None or context.notes["d1"] == note
    assert "".join("".join(quotes(context)).split()) == "".join(left.replace("[…]", "").split())


def test_a_payload_that_is_asked_for_stays() -> None:
    text = f"The SHA-512 sum of the file is {'0f' * 64}."
    assert shaped("What is the SHA-512 checksum of the file?", text).documents[0].text == text
    assert shaped("How large is the file?", text, payloads=False).documents[0].text == text
    assert shaped("How large is it?", "0f" * 64).dropped == {"d1": "nothing but boilerplate: hash of 128 characters"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n", "its text is empty"),
        ("Untitled", "low information: 1 distinct word"),
        ("灯塔", "low information: 1 distinct word"),
        ("Buy lamps! " * 20, "low information: 2 of 38 runs of three words are distinct"),
        ("灯塔很高。" * 10, "low information: 4 of 38 runs of three words are distinct"),
        ("[Rosa](/rosa)\n[Arden](/arden)", "low information: a list of 2 links"),
        ("https://a.example/x www.b.example/y", "low information: a list of 2 links"),
        ("★★★★★ >>> ***** ~~~", "low information: 16 of 16 characters are symbols"),
        ("12 45 33 22 99 12 0 1 7 8 31 50 2", "low information: 21 digits and no words"),
    ],
)
def test_low_information(text: str, reason: str) -> None:
    assert shaped("Who made it?", text).dropped == {"d1": reason}
    assert shaped("Who made it?", text, low_information=False).dropped == {}


@pytest.mark.parametrize(
    "text",
    [
        "1884",
        "Paris, France",
        "它很高。",
        "| height | 31.5 |\n| range | 20 |",
        "灯塔 31.5 20.0 18.2 17.5 16.9 1884 1902",
        "╭─ Options ─────────────────────╮\n│ --help   Show this message     │\n╰───────────────────────────────╯",
        "Plugins that it has built in: [one](https://a.example/1), [two](https://a.example/2)",
        "两座灯塔的图纸都在这里：[甲](/a) [乙](/b)",
        "See https://a.example and https://b.example for the plans of the two towers.",
        "Row, row, row your boat, gently down the stream. " * 2,
        "x = a + b * (c - d) / e ^ 2",
    ],
)
def test_what_says_something_stays(text: str) -> None:
    assert shaped("Who made it?", text).dropped == {}


def test_a_title_or_a_word_of_the_question_saves_a_short_passage() -> None:
    assert shaped("What is the capital?", {"title": "Capital of France", "text": "Paris"}, "Capital", "Paris").dropped == {
        "d3": "low information: 1 distinct word"
    }
    assert shaped("What is the website?", "http://a.example http://b.example").dropped == {}
    assert shaped("Where is the Rosa light?", "[Rosa](/rosa)\n[Arden](/arden)").dropped == {}
    assert shaped("官方网站的网址是什么？", "http://a.example http://b.example").dropped == {}


def test_what_boilerplate_leaves_is_measured_too() -> None:
    context = shaped("Who made it?", "Untitled\nLog in")
    assert context.dropped == {"d1": "low information: 1 distinct word; besides menu 'Log in'"}


ENGLISH, RUSSIAN, CHINESE, JAPANESE = "The tower is tall.", "Маяк очень высокий.", "这座灯塔很高。", "この灯台は高いです。"


def test_off_language_is_off_by_default() -> None:
    assert shaped("灯塔有多高？", ENGLISH, RUSSIAN, JAPANESE, CHINESE).dropped == {}


def test_off_language_spares_the_question_the_majority_and_latin() -> None:
    reason = "off-language: its script is {}, not {}"
    assert shaped("灯塔有多高？", ENGLISH, RUSSIAN, CHINESE, off_language=True).dropped == {
        "d2": reason.format("cyrillic", "chinese or latin")
    }
    assert shaped("灯塔有多高？", ENGLISH, JAPANESE, CHINESE, off_language=True, scripts=()).dropped == {
        "d1": reason.format("latin", "chinese"),
        "d2": reason.format("japanese", "chinese"),
    }
    assert shaped("How tall?", RUSSIAN, RUSSIAN, CHINESE, off_language=True).dropped == {
        "d3": reason.format("chinese", "cyrillic or latin")
    }
    assert shaped("How tall?", "灯塔 lighthouse 很高 and white", "1884", off_language=True).dropped == {}


def test_algorithms_by_hand() -> None:
    assert too_few_words("Loading, please wait", 2) is None
    assert too_few_words("", 1) == "low information: 0 distinct words"
    # 60 tokens of two kinds: 58 runs, of which a b a and b a b are distinct
    assert repetition("a b " * 30, 0.3) == "low information: 2 of 58 runs of three words are distinct"
    assert repetition("a b " * 30, 0.03) is None
    assert repetition("a b " * 14, 0.3) is None
    assert only_links("[a](b)") is None
    assert only_links('<a href="x">A</a> <a href="y">B</a>') == "low information: a list of 2 links"
    assert no_words("???") is None
    assert no_words("--- | --- | === 12") is None
    assert [main_script(text) for text in (ENGLISH, RUSSIAN, CHINESE, JAPANESE, "1884", "مرحبا", "높은 등대")] == [
        "latin", "cyrillic", "chinese", "japanese", None, "arabic", "korean",
    ]  # fmt: skip
    assert main_script("iPhone 15 发布了新的手机和电脑产品系列") == "chinese"  # 6 of 6 + 2 * 17 letters are Latin


def test_the_contract() -> None:
    check_transform(DropNoise())
    check_transform(DropNoise(off_language=True, scripts=()))
    check_transform(DropNoise(), [Context.of("Who?", [PAGE, CHINESE_PAGE]), Context.of("谁？", [CHINESE_PAGE, "Log in"])])


def test_sentences_can_be_taken_from_what_is_left() -> None:
    pipeline = Pipeline(DropEmpty(), DropNoise(), KeepKeySentences(top_k=1))
    context = pipeline(Context.of("How tall is the lighthouse in m?", ["Log in", PAGE]))
    assert [d.text for d in context.documents] == ["It is 31.5 m tall."]
    assert context.trace.dropped == {"d1": "DropNoise: nothing but boilerplate: menu 'Log in'"}


def test_bad_parameters() -> None:
    with pytest.raises(ConfigError, match=r"DropNoise.*'distinct'.*\b1\b.*\b3\b"):
        DropNoise(distinct=3)
    with pytest.raises(ConfigError, match=r"scripts\.0.*'latin', 'chinese'.*'klingon'"):
        DropNoise(scripts=("klingon",))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="drop_nose"):
        build({"use": "drop_nose"}, "transforms", "step 1")


def test_many_passages_and_long_ones() -> None:
    texts = [f"The tower {n} is {n} m tall. Log in" for n in range(2_000)] + ["Log in\n" * 5_000, "word " * 20_000 + "Log in"]
    context = DropNoise()(Context.of("Who?", texts))
    assert len(context.documents) == 2_000
    assert context.documents[7].text == "The tower 7 is 7 m tall."
    assert context.dropped == {
        "d2001": "nothing but boilerplate: menu 'Log in' and 4999 more",
        "d2002": "low information: 3 of 20000 runs of three words are distinct",
    }

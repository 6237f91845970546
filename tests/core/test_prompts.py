from __future__ import annotations

from ctxshape.core.prompts import CHINESE, ENGLISH, document_texts, fill, render
from ctxshape.core.types import Context


def test_an_english_prompt_in_full() -> None:
    context = Context.of("Where is Paris?", [{"title": "Paris", "text": "In France."}, "Lyon is, too."])
    prompt = render(context)
    assert prompt.text == (
        f"{ENGLISH.instruction}Document [1](Title: Paris) In France.\nDocument [2] Lyon is, too.\n"
        "\nQuestion: Where is Paris?\nAnswer:"
    )
    assert [(s.document, s.trusted) for s in prompt.documents] == [("d1", False), ("d2", False)]


def test_a_chinese_question_gets_a_chinese_prompt() -> None:
    prompt = render(Context.of("巴黎在哪里？", [{"title": "巴黎", "text": "在法国。"}]))
    assert prompt.text == f"{CHINESE.instruction}文档[1]（标题：巴黎）在法国。\n\n问题：巴黎在哪里？\n答案："


def test_only_our_own_words_are_trusted() -> None:
    context = Context.of("Q <|im_end|>", ["D <|im_end|>"]).model_copy(update={"hints": ("H <|im_end|>",)})
    segments = render(context).segments
    assert [s.trusted for s in segments] == [True, False, False, False, True]
    assert not any("<|" in s.text for s in segments if s.trusted)


def test_retrieved_text_is_no_template() -> None:
    assert fill("{title}|{text}", title="{text}{number}", text="{title}") == "{text}{number}|{title}"
    context = Context.of("{text}", [{"title": "{query}", "text": "{0.__class__} {number} {}"}])
    assert document_texts(context.query, context.documents) == ["Document [1](Title: {query}) {0.__class__} {number} {}\n"]


def test_hints_stand_before_the_question() -> None:
    context = Context.of("q", ["a"]).model_copy(update={"hints": ("see document 1",)})
    assert render(context).text.endswith("Note: see document 1\n\nQuestion: q\nAnswer:")

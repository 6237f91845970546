"""Small contexts with the cases that a component will meet: copies, scores, Chinese, markup, odd characters, empty texts."""

from __future__ import annotations

from ctxshape.core.types import Context

_ENGLISH = (
    "The lighthouse on Cape Rosa was built in 1884. It is 31.5 m tall. Its lamp was made by A. Bell & Co.",
    "Cape Rosa is a fishing village. About 1,200 people live there.",
    "THE LIGHTHOUSE on Cape Rosa was built in 1884.  It is 31.5 m tall. Its lamp was made by A. Bell & Co.",
    "Lighthouses warn ships of rocks. Many are now automatic; some are museums.",
    "The harbour of Cape Rosa was rebuilt in 1923 after a storm.",
)
_CHINESE = (
    "玫瑰角灯塔建于1884年，高31.5米。灯塔的灯由贝尔公司制造。",
    "玫瑰角是一个渔村；约有一千二百人住在那里。",
    "“灯塔为船只指路。”老人说。许多灯塔现在是自动的。",
)


def sample_contexts() -> list[Context]:
    """Returns contexts that every transform and reader must handle. The first has several documents."""
    scored = [{"text": text, "title": "Cape Rosa", "score": 1 - i / 10} for i, text in enumerate(_ENGLISH)]
    odd = ["{text} <|im_end|> [/bold] \x00", "- first item\n- second item\n\n| a | b |\n|---|---|\n| 1 | 2 |", " ", "x" * 5000]
    return [
        Context.of("When was the lighthouse on Cape Rosa built?", scored),
        Context.of("When was the lighthouse on Cape Rosa built?", _ENGLISH),
        Context.of("玫瑰角灯塔有多高？", [{"text": text, "id": f"zh{i}"} for i, text in enumerate(_CHINESE)]),
        Context.of("Which item is second?", odd),
    ]

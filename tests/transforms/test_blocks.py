"""Blocks and parts: nothing is lost, nothing is too long, and spans stay true."""

import pytest

from ctxshape.core.types import Context, Span
from ctxshape.transforms._blocks import merge_spans, pack_groups, split_document


@pytest.mark.parametrize(
    ("lengths", "size", "room", "made"),
    [
        ([], 4, 10, []),
        ([1, 1, 1, 1, 1], 2, 10, [[0, 1], [2, 3], [4]]),
        ([4, 4, 4], 4, 8, [[0, 1], [2]]),
        ([9, 1], 4, 8, [[0], [1]]),
    ],
)
def test_groups(lengths: list[int], size: int, room: int, made: list[list[int]]) -> None:
    assert pack_groups(lengths, size, room) == made


def letters(text: str) -> int:
    return len(text)


def test_parts_of_a_sentence_are_cut_at_blanks_with_their_own_spans() -> None:
    context = Context.of("q", ["aaa bbb ccc ddd"])
    made = split_document(context, context.documents[0], 9, letters)
    assert [part.text for part in made] == ["aaa bbb", "ccc ddd"]
    assert [context.quotes(part) for part in made] == [("aaa bbb",), ("ccc ddd",)]


def test_parts_of_chinese() -> None:
    context = Context.of("q", ["故宫在北京。今天下雨。一二三四五六七八"])
    made = split_document(context, context.documents[0], 8, letters)
    assert [part.text for part in made] == ["故宫在北京。", "今天下雨。", "一二三四", "五六七八"]
    assert ["".join(context.quotes(part)) for part in made] == [part.text for part in made]


def test_parts_of_a_rewrite_keep_all_its_spans() -> None:
    context = Context.of("q", ["source"])
    span = Span(document="d1", start=0, end=6)
    rewrite = context.documents[0].model_copy(update={"text": "One. Two.", "kind": "rewrite", "spans": (span,)})
    assert [(part.text, part.spans) for part in split_document(context, rewrite, 5, letters)] == [
        ("One.", (span,)),
        ("Two.", (span,)),
    ]


def test_merged_spans_are_neighbours_in_one_document() -> None:
    context = Context.of("q", ["One. Two. Three.", "Four."])
    spans = [Span(document=d, start=a, end=b) for d, a, b in [("d1", 0, 4), ("d1", 10, 16), ("d2", 0, 5), ("d1", 0, 4)]]
    assert merge_spans(spans, context) == tuple(spans[:3])

from __future__ import annotations

from ctxshape.core.analysis import analysis_of
from ctxshape.core.spans import assemble, is_quote, pieces
from ctxshape.core.types import Context, Document, Span

TEXT = "One is first.  Two is second. Three is third."


def test_pieces_of_an_original_are_its_sentences() -> None:
    context = Context.of("q", [{"id": "a", "text": TEXT}])
    found = pieces(context, context.documents[0])
    assert [(p.text, p.start, p.end) for p in found] == [
        ("One is first.", 0, 13),
        ("Two is second.", 15, 29),
        ("Three is third.", 30, 45),
    ]
    assert found[1].spans == (Span(document="a", start=15, end=29),)


def test_assembled_text_keeps_the_white_space_of_neighbours_and_marks_an_omission() -> None:
    context = Context.of("q", [{"id": "a", "text": TEXT}])
    analysis = analysis_of(context)
    assert analysis.with_only(context.documents[0], [0, 1]).text == "One is first.  Two is second."
    part = analysis.with_only(context.documents[0], [0, 2])
    assert part.text == "One is first. […] Three is third."
    assert context.quotes(part) == ("One is first.", "Three is third.")
    assert is_quote(context, part)


def test_an_extract_of_an_extract_points_into_the_original() -> None:
    context = Context.of("q", [{"id": "a", "text": TEXT}])
    part = analysis_of(context).with_only(context.documents[0], [0, 2])
    again = analysis_of(context).with_only(part, [1])
    assert again.text == "Three is third."
    assert again.spans == (Span(document="a", start=30, end=45),)


def test_chinese_is_joined_without_blanks() -> None:
    context = Context.of("问", ["一是甲。二是乙。三是丙。End here. 四是丁。"])
    analysis = analysis_of(context)
    assert analysis.with_only(context.documents[0], [0, 2]).text == "一是甲。[…]三是丙。"
    assert analysis.with_only(context.documents[0], [2, 3]).text == "三是丙。End here."
    assert analysis.with_only(context.documents[0], [1, 3]).text == "二是乙。 […] End here."


def test_a_rewrite_keeps_all_its_spans() -> None:
    context = Context.of("q", [{"id": "a", "text": TEXT}])
    spans = (Span(document="a", start=0, end=13), Span(document="a", start=30, end=45))
    summary = Document(id="s", text="First and third. Nothing else.", kind="rewrite", spans=spans)
    found = pieces(context, summary)
    assert [(p.text, p.spans) for p in found] == [("First and third.", spans), ("Nothing else.", spans)]
    assert analysis_of(context).with_only(summary, [0]).spans == spans


def test_a_text_that_its_spans_do_not_hold_is_treated_as_a_rewrite() -> None:
    context = Context.of("q", [{"id": "a", "text": TEXT}])
    loud = context.documents[0].model_copy(update={"text": TEXT.upper()})
    assert not is_quote(context, loud)
    assert analysis_of(context).with_only(loud, [0]).kind == "rewrite"


def test_pieces_of_joined_windows_need_what_stands_in_another_one() -> None:
    first = "# Fees\n\nAdults pay five euros. Children below six pay two."
    second = "Children below six pay two. Dogs are free.\n\n# Days\n\nIt is open on Sunday."
    context = Context.of("q", [first, second])
    spans = (Span(document="d1", start=0, end=58), Span(document="d2", start=28, end=72))
    joined = context.documents[0].model_copy(update={"text": f"{first} {second[28:]}", "spans": spans})
    found = pieces(context, joined)
    assert [piece.text for piece in found] == [
        "# Fees", "Adults pay five euros.", "Children below six pay two.", "Dogs are free.", "# Days", "It is open on Sunday.",
    ]  # fmt: skip
    assert [piece.needs for piece in found] == [(), (0,), (0,), (0,), (), (4,)]


def test_rows_of_joined_windows_are_in_one_table_under_one_head() -> None:
    head = "| tower | height |\n|---|---|\n"
    first, second = f"{head}| A | 31 |\n| B | 32 |\n", f"{head}| B | 32 |\n| C | 33 |\n| D | 34 |"
    context = Context.of("q", [first, second])
    spans = (Span(document="d1", start=0, end=len(first) - 1), Span(document="d2", start=len(head) + 11, end=len(second)))
    joined = context.documents[0].model_copy(update={"text": first + second[len(head) + 11 :], "spans": spans})
    found = pieces(context, joined)
    assert {piece.block for piece in found} == {0}
    assert [piece.needs for piece in found] == [(), (0,), (0,), (0,), (0,)]
    assert assemble(joined, found, [0, 1, 4], verbatim=True).text == f"{head}| A | 31 |\n| D | 34 |\n\n[…]"


def test_a_bracket_behind_a_mark_is_not_the_bracket_of_the_mark() -> None:
    source = Context.of("q", ["[1,\n[2]]"])
    spans = tuple(Span(document="d1", start=start, end=end) for start, end in ((1, 3), (4, 7)))
    document = source.documents[0].model_copy(update={"text": "1,\n[…]\n[2]", "spans": spans})
    assert is_quote(source, document)

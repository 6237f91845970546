from __future__ import annotations

from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.report.markdown import (
    ACCURACY,
    ACCURACY_TO_RAW,
    MIDDLE,
    SECONDS,
    cell,
    escape,
    shown_positions,
    table_lines,
)
from ctxshape.evaluation.report.summary import ResultRow


def row(**fields: object) -> ResultRow:
    """A row over two questions, by default with middle recall and nothing else."""
    base: dict[str, object] = dict.fromkeys(ResultRow._fields)
    base |= {"method": "raw", "documents": 10, "n": 2, "errors": 0, "positions": {}, "ranking_before": {}, "ranking_after": {}}
    base |= {"middle_recall": Estimate(0.5, 0.25, 0.75, 2)}
    return ResultRow(**{**base, **fields})  # type: ignore[arg-type]


def test_a_figure_with_another_n_says_so() -> None:
    few, many = row(accuracy=Estimate(0.5, 0.25, 0.75, 7)), row(n=9, accuracy=Estimate(0.5, 0.25, 0.75, 9))
    same = row(accuracy=Estimate(0.5, 0.25, 0.75, 2))
    assert [line.split(" | ")[2] for line in table_lines([many, few, same], [ACCURACY])] == [
        "accuracy |",
        "---: |",
        "0.50 [0.25, 0.75] |",
        "0.50 [0.25, 0.75], n = 7 |",
        "0.50 [0.25, 0.75] |",
    ]
    # Where most values share an n that is not their row's, the heading has it.
    seven = row(accuracy=Estimate(0.5, 0.25, 0.75, 7))
    assert [line.split(" | ")[2] for line in table_lines([seven, few, many], [ACCURACY])] == [
        "accuracy (n = 7) |",
        "---: |",
        "0.50 [0.25, 0.75] |",
        "0.50 [0.25, 0.75] |",
        "0.50 [0.25, 0.75], n = 9 |",
    ]


def test_columns_without_a_value_are_left_out() -> None:
    assert table_lines([row()], [ACCURACY_TO_RAW, MIDDLE, SECONDS])[0] == "| method | n | middle recall |"


def test_a_difference_of_nothing_has_no_minus() -> None:
    assert cell(Estimate(-0.001, -0.004, 0.0, 5), "+z.2f") == "+0.00 [+0.00, +0.00]"


def test_of_many_positions_three_are_shown() -> None:
    anything = Estimate(0.5, 0.5, 0.5, 1)
    assert shown_positions([row(positions={str(slot): anything for slot in range(1, 11)})]) == ["1", "5", "10"]
    assert shown_positions([row(positions={"last": anything}), row(positions={"first": anything})]) == ["first", "last"]


def test_names_are_text_and_nothing_else() -> None:
    assert escape("中文-method_1.toml (v2)") == "中文-method_1.toml (v2)"
    assert escape("__x__ a\\b $y$ ~z~ &amp;") == "\\_\\_x\\_\\_ a\\\\b \\$y\\$ \\~z\\~ \\&amp;"
    assert escape("a\r\n\tb\u202ec\ud800") == "a bU+202EcU+D800"

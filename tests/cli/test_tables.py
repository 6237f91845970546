from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from ctxshape.cli.tables import show_results
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Results
from ctxshape.evaluation.report.summary import ResultRow

EMPTY = Results(settings={}, records=())


def row(method: str, difference: Estimate | None = None, **fields: object) -> ResultRow:
    """A row with some figures, all of them over 40 questions."""
    base: dict[str, object] = dict.fromkeys(ResultRow._fields)
    base |= {"method": method, "documents": 10, "n": 40, "errors": 0, "ranking_before": {}, "ranking_after": {}}
    base |= {"positions": {name: Estimate(mean, 0.0, 1.0, 40) for name, mean in (("first", 0.9), ("middle", 0.25))}}
    base |= {"accuracy": Estimate(0.56, 0.5, 0.65, 40), "accuracy_difference": difference}
    base |= {"hallucination": Estimate(0.125, 0.1, 0.2, 40), "prompt_tokens": Estimate(1234.4, 1200, 1300, 40)}
    return ResultRow(**{**base, **fields})  # type: ignore[arg-type]


def shown(*table: ResultRow, width: int = 100, colours: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system="standard" if colours else None, no_color=not colours)
    show_results(console, EMPTY, table)
    return file.getvalue()


BETTER = row("light", Estimate(0.25, 0.1, 0.4, 40))


def test_one_table_where_it_fits() -> None:
    assert shown(row("raw"), BETTER, width=120) == (
        "\n"
        "10 documents  accuracy by gold position [95 % confidence interval]\n"
        "  method  first  middle          accuracy               vs raw   n  halluc.  tokens\n"
        "  raw      0.90    0.25  0.56 [0.50,0.65]                    –  40     0.12   1,234\n"
        "  light    0.90    0.25  0.56 [0.50,0.65]  +0.25 [+0.10,+0.40]  40     0.12   1,234\n"
    )


def test_two_tables_where_one_is_too_wide() -> None:
    assert shown(row("raw"), BETTER, width=80) == (
        "\n"
        "10 documents  accuracy by gold position [95 % confidence interval]\n"
        "  method  first  middle          accuracy               vs raw   n\n"
        "  raw      0.90    0.25  0.56 [0.50,0.65]                    –  40\n"
        "  light    0.90    0.25  0.56 [0.50,0.65]  +0.25 [+0.10,+0.40]  40\n"
        "\n"
        "  method  halluc.  tokens\n"
        "  raw        0.12   1,234\n"
        "  light      0.12   1,234\n"
    )


def test_on_a_narrow_console_an_interval_stands_under_its_mean_and_is_never_broken() -> None:
    out = shown(row("raw"), BETTER, width=60)
    assert out.partition("  light")[2].split("\n")[:2] == [
        "    0.90    0.25         0.56          +0.25  40",
        "                         [0.50,0.65]  [+0.10,+0.40]",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    long = row("/a/rather/long/path/to/a/pipeline/of/mine.toml", Estimate(-0.25, -0.4, -0.1, 40))
    lines = shown(row("raw"), long, row("一个名字很长的中文方法" * 4), width=width).split("\n")
    assert max(cell_len(line) for line in lines) <= width
    assert sum("[-0.40,-0.10]" in line for line in lines) == 1


def test_a_difference_is_marked_only_where_its_interval_leaves_out_zero() -> None:
    worse, same = Estimate(-0.2, -0.3, -0.1, 40), Estimate(0.1, 0.0, 0.2, 40)
    out = shown(row("raw"), BETTER, row("worse", worse), row("same", same), colours=True)
    assert "\x1b[1;32m+0.25\x1b" in out
    assert "\x1b[1;31m-0.20\x1b" in out
    assert "m+0.10" not in out


def test_names_cannot_steer_the_terminal_or_be_markup() -> None:
    out = shown(row("a\x1b[31m\nb [bold]c[/bold] :smile:"), width=120)
    assert "\x1b" not in out
    assert "a\\x1b[31m b [bold]c[/bold] :smile:" in out


def test_every_number_of_documents_has_its_table_fewest_first() -> None:
    out = shown(row("raw", documents=20), row("raw"))
    assert out.index("\n10 documents") < out.index("\n20 documents")


def test_figures_appear_where_there_are_any() -> None:
    plain = shown(row("raw"))
    assert not any(name in plain for name in ("vs raw", "abstained", "evidence", "seconds", "errors", "recall", "n = "))
    full = row(
        "raw",
        errors=3,
        positions={"1": Estimate(0.5, 0, 1, 40)},
        middle_recall=Estimate(0.3, 0, 1, 40),
        abstention=Estimate(0.75, 0, 1, 8),
        evidence=Estimate(0.95, 0, 1, 40),
        seconds=Estimate(2.345, 2, 3, 5),
        accuracy=Estimate(0.5, 0, 1, 32),
    )
    assert shown(full, width=120) == (
        "\n"
        "10 documents  accuracy by gold position [95 % confidence interval]\n"
        "                middle\n"
        "  method  at 1  recall          accuracy   n  halluc.  abstained  evidence  tokens  seconds  errors\n"
        "  raw     0.50    0.30  0.50 [0.00,1.00]  40     0.12       0.75      0.95   1,234     2.35       3\n"
        "  accuracy: n = 32\n"
        "  seconds: n = 5\n"
    )


def test_what_stands_on_fewer_questions_says_so() -> None:
    out = shown(row("raw"), BETTER, row("late", Estimate(0.1, 0.0, 0.2, 7)))
    assert "  vs raw: n = 7 to 40\n" in out


def test_no_results() -> None:
    assert shown() == "\nResults  none: no question has been answered yet\n"

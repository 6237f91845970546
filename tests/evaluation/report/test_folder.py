from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from ctxshape.errors import InvalidInput
from ctxshape.evaluation.records import Record, Results, Score, Timing
from ctxshape.evaluation.report import read_results, report_markdown, write_report
from ctxshape.evaluation.report.markdown import cell
from ctxshape.evaluation.report.summary import rows

NASTY = "a|b\n`c` *d* <e> _f_ g_h \x1b[31m"


def record(method: str, case: str, position: str, correct: int, **fields: object) -> Record:
    made: dict[str, object] = {
        "case": case,
        "method": method,
        "documents": 10,
        "position": position,
        "text": "答案\u2028\x85x",  # line ends for str.splitlines, not for JSON lines
        "score": Score(correct=bool(correct), coverage=float(correct), hallucinated=not correct),
        "prompt_tokens": 1200,
        "completion_tokens": 1,
        "share": 1.0,
    }
    return Record(**{**made, **fields})  # type: ignore[arg-type]


def results(*methods: str, settings: dict[str, object] | None = None, documents: int = 10) -> Results:
    """Two questions: the first method answers both in the middle, any other none; the last place is never right."""
    records = [
        record(method, case, position, position == "middle" and number == 0, documents=documents)
        for number, method in enumerate(methods)
        for case in ("q1", "q2")
        for position in ("middle", "last")
    ]
    timings = [Timing(case="q1", method=method, documents=documents, shape=0.25, prefill=1.0, decode=0.5) for method in methods]
    return Results(settings=settings or {}, records=tuple(records), timings=tuple(timings))  # type: ignore[arg-type]


def table_of(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    found = text.partition(heading)[2].strip().split("\n\n")[0].split("\n")
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    given = results("raw", NASTY, settings={"data": "数据", "seed": 0, "model": None, "documents": [10], "methods": ["raw"]})
    path = write_report(given, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "report.md"
    assert read_results(path.parent) == given
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "positions.png",
        "records.jsonl",
        "report.md",
        "results.json",
        "seconds.png",
        "tokens.png",
    ]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of `raw` in its folder: drawing takes a while, so tests work on copies."""
    return write_report(results("raw"), tmp_path_factory.mktemp("run")).parent


def test_results_json_has_every_figure_with_its_interval(tmp_path: Path) -> None:
    given = results("raw", "light", settings={"seed": 3})
    write_report(given, tmp_path)
    held = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert held["settings"] == {"seed": 3}
    assert held["timings"][0] == {"case": "q1", "method": "raw", "documents": 10, "shape": 0.25, "prefill": 1.0, "decode": 0.5}
    raw, light = held["rows"]
    assert (raw["method"], raw["documents"], raw["n"], raw["errors"]) == ("raw", 10, 2, 0)
    assert raw["accuracy"] == {"mean": 0.5, "low": 0.5, "high": 0.5, "n": 2}
    assert list(raw["positions"]) == ["middle", "last"]
    assert light["accuracy_difference"] == {"mean": -0.5, "low": -0.5, "high": -0.5, "n": 2}
    assert (raw["accuracy_difference"], raw["misled"], raw["ranking_after"]) == (None, None, {})


def test_a_lone_surrogate_survives(tmp_path: Path) -> None:
    given = Results(settings={}, records=(record("raw", "q1", "last", 0, text="a\ud800", score=Score(correct=True)),))
    write_report(given, tmp_path)
    assert read_results(tmp_path) == given


def test_the_report_says_what_was_run_and_what_came_out() -> None:
    settings: dict[str, object] = {
        "data": "nq|dev",
        "model": "m.gguf",
        "n": 2,
        "seed": 0,
        "documents": [10, 20],
        "note": None,
        "command": "ctxshape bench\n--data `x`",
    }
    given = results("raw", NASTY, settings=settings)
    text = report_markdown(given, rows(given), ["positions.png"])
    assert text.startswith("# ctxshape bench: nq\\|dev, m.gguf\n\n- data: nq\\|dev\n- model: m.gguf\n- n: 2\n- seed: 0\n")
    assert "- documents: 10, 20\n\n    ctxshape bench --data `x`\n\n## 10 documents\n" in text
    heading, rule, raw, other = table_of(text, "## 10 documents")
    assert heading == [
        "method",
        "n",
        "middle",
        "last",
        "accuracy",
        "accuracy vs raw",
        "middle recall",
        "middle recall vs raw",
        "hallucination rate",
        "coverage",
        "tokens",
        "share",
        "seconds (n = 1)",
    ]
    assert set(rule) == {"---", "---:"}
    assert raw[:2] == ["raw", "2"]
    assert (raw[2], raw[4]) == (cell(rows(given)[0].middle_recall), "0.50 [0.50, 0.50]")
    assert raw[2].startswith("1.00 [0.")  # Wilson's bound: two questions prove little
    assert (raw[5], other[5], other[7]) == ("–", "-0.50 [-0.50, -0.50]", "-1.00 [-1.00, -1.00]")
    assert raw[-3:] == ["1200 [1200, 1200]", "1.00 [1.00, 1.00]", "1.75 [1.75, 1.75]"]
    assert other[0] == "a\\|b \\`c\\` \\*d\\* \\<e\\> \\_f\\_ g_h U+001B\\[31m"
    assert "\n![positions](positions.png)\n" in text
    assert "\n- middle, last: accuracy with the gold passage at this position\n" in text
    assert "misled" not in text and "ROUGE" not in text and "\x1b" not in text


def test_errors_are_counted_in_the_report() -> None:
    broken = record("light", "q2", "last", 0, error="prompt of 5000 tokens, context of 4096", prompt_tokens=0)
    given = Results(settings={}, records=(*results("raw").records, record("light", "q1", "last", 1), broken))
    text = report_markdown(given, rows(given))
    assert [line[-1] for line in table_of(text, "## 10 documents")] == ["errors", "---:", "0", "1"]
    assert "| errors |" not in text.partition("## Metrics")[0].rpartition("\n\n| method")[2]


def test_a_report_of_nothing() -> None:
    text = report_markdown(Results(settings={}, records=()), [])
    assert text.startswith("# ctxshape bench\n") and "No question has been answered yet." in text


def test_tables_follow_the_number_of_documents() -> None:
    many, few = results("raw", documents=20), results("raw", documents=5)
    both = Results(settings={}, records=many.records + few.records)
    text = report_markdown(both, rows(both))
    assert text.index("## 5 documents") < text.index("## 20 documents")


def test_without_matplotlib_the_report_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    write_report(results("raw"), tmp_path)
    assert "\nNo plots: drawing plots needs matplotlib. Install it with: pip install" in (tmp_path / "report.md").read_text()
    assert not list(tmp_path.glob("*.png"))


def test_a_write_that_fails_leaves_what_was_there(finished: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(finished, tmp_path / "copy")
    broken = results("raw").model_copy(update={"settings": {"bad": object()}})
    with pytest.raises(TypeError):
        write_report(broken, folder)
    assert (folder / "results.json").read_bytes() == (finished / "results.json").read_bytes()
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("records.jsonl", b'{"case": "q1"}\n', r"records\.jsonl, line 1: field 'method': Field required"),
        ("records.jsonl", b"\n{broken\n", r"records\.jsonl, line 2: is not JSON"),
        ("records.jsonl", b"\xff", r"records\.jsonl: is not UTF-8 at byte 0"),
        ("results.json", b"[]", r"results\.json: .*'settings'"),
        (
            "results.json",
            b'{"settings": {}, "timings": 1}',
            r"results\.json: .*'timings'",
        ),
        ("results.json", b'{"settings": {}, "timings": [{}]}', r"results\.json, timing 1: field 'case'"),
        ("results.json", b'{"settings": {"a": {}}, "timings": []}', r"results\.json: field 'settings\.a"),
    ],
)
def test_a_broken_file_is_named(finished: Path, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    folder = shutil.copytree(finished, tmp_path / "copy")
    (folder / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=message):
        read_results(folder)


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"results\.json does not exist"):
        read_results(tmp_path)

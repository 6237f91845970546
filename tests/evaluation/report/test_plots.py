from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ctxshape.errors import MissingExtra
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Record, Results, Score, Timing
from ctxshape.evaluation.report._plots import draw
from ctxshape.evaluation.report._sheet import reach, styles
from ctxshape.evaluation.report.lettering import Label, Lettering, place_labels

if TYPE_CHECKING:
    from matplotlib.text import Annotation


def results(
    *methods: str,
    documents: tuple[int, ...] = (10,),
    positions: tuple[str, ...] = ("first", "middle", "last"),
    timed: bool = True,
    settings: dict[str, object] | None = None,
) -> Results:
    """Three questions, each method right on its own share of them."""
    records = [
        Record(
            case=case,
            method=method,
            documents=length,
            position=position,
            text="x",
            score=Score(correct=(index + len(case) + len(position)) % 3 > 0, coverage=1.0),
            prompt_tokens=50 * (index % 5 + 1) * length,
            completion_tokens=1,
            share=1.0,
        )
        for index, method in enumerate(methods)
        for length in documents
        for case in ("q", "q2", "q33")
        for position in positions
    ]
    timings = [
        Timing(case="q", method=method, documents=length, shape=0.1, prefill=1.0, decode=0.5)
        for method in methods
        for length in documents
    ]
    chosen = {"model": "m.gguf", "data": "nq"} if settings is None else settings
    return Results(settings=chosen, records=tuple(records), timings=tuple(timings if timed else ()))  # type: ignore[arg-type]


def size(path: Path) -> tuple[int, int]:
    """Width and height in the head of a PNG."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


def test_three_plots_at_readme_width(tmp_path: Path) -> None:
    paths = draw(results("raw", "light", "oracle", "closed-book", documents=(10, 20)), tmp_path)
    assert [path.name for path in paths] == ["positions.png", "tokens.png", "seconds.png"]
    for path in paths:
        width, height = size(path)
        assert width == 1200 and 250 < height < 700


def test_only_what_has_figures_is_drawn(tmp_path: Path) -> None:
    assert [path.name for path in draw(results("raw", timed=False), tmp_path)] == ["positions.png", "tokens.png"]
    assert draw(Results(settings={}, records=()), tmp_path) == []
    unanswerable = [
        record.model_copy(update={"score": Score(correct=True, abstained=True), "position": "none"})
        for record in results("raw").records
    ]
    assert draw(Results(settings={}, records=tuple(unanswerable)), tmp_path) == []


# Warnings are errors: a glyph that no font has, or a layout that does not fit, fails.
@pytest.mark.parametrize(
    "given",
    [
        results(
            "raw", "简化的方法", "$x_1$ \\frac{", "_hidden", "a\x1b\n\u202eb 👩‍👧", settings={"model": "模型", "data": "数据$"}
        ),
        results(*(f"a-method-with-a-long-name-{number}" for number in range(20))),
        results("raw", "light", positions=tuple(map(str, range(1, 31))), documents=(30,), timed=False, settings={}),
        results("raw", positions=("middle",), documents=(1,)),
        results("oracle", "closed-book", documents=(2, 5, 10, 20, 40), timed=False),
        results("n" * 200, settings={"model": "m" * 300}),
    ],
    ids=["any script", "many methods", "every position", "one point", "five panels", "long names"],
)
def test_whatever_it_is_called_and_however_many_it_draws(given: Results, tmp_path: Path) -> None:
    for path in draw(given, tmp_path):
        assert size(path)[0] == 1200


def test_the_same_results_give_the_same_picture(tmp_path: Path) -> None:
    given = results("raw", "light", timed=False)
    first = [path.read_bytes() for path in draw(given, tmp_path)]
    assert [path.read_bytes() for path in draw(given, tmp_path)] == first


def test_each_method_looks_different_and_keeps_its_look() -> None:
    names = ["raw", "oracle", "closed-book", *(f"m{number}" for number in range(17))]
    looks = styles(names)
    assert looks["raw"].colour == "#000000"
    assert len({look.marker for look in looks.values()}) == 20
    assert len({(look.colour, str(look.dash)) for look in looks.values()}) == 20
    assert styles(["m0", "m1", "raw"])["m1"] == looks["m1"]


def test_intervals_reach_from_the_mean() -> None:
    assert reach([Estimate(0.5, 0.25, 1.0, 4)]) == [[0.25], [0.5]]
    assert reach([Estimate(0.5, 0.5000001, 0.5, 4)]) == [[0.0], [0.0]]  # matplotlib refuses a negative one


def test_characters_that_no_font_has_are_escaped() -> None:
    ascii_only = Lettering(("DejaVu Sans",), frozenset(range(32, 127)))
    assert ascii_only.text("简 a\n b") == "\\u7b80 a b"
    assert ascii_only.text("a\x1b") == "a\\x1b"
    assert ascii_only.text("$a$ and $b$") == r"\$a\$ and \$b\$"
    assert ascii_only.text("abcdef", 4) == "abc..."
    assert Lettering(("x",), frozenset(map(ord, "简化"))).text("简化") == "简化"


def test_the_fonts_that_are_installed_have_latin_letters() -> None:
    lettering = Lettering.installed()
    assert lettering.families[0] == "DejaVu Sans"
    assert lettering.text("naïve Ω – …") == "naïve Ω – …"


def test_labels_of_close_points_keep_apart() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

    figure = Figure(figsize=(4, 4), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    labels = [Label(0.5, 0.5 + 0.01 * number, 0.5, 0.6, f"method {number}", "#000000") for number in range(6)]
    place_labels(axes, labels, ("DejaVu Sans",))
    written: list[Annotation] = [text for text in axes.texts if isinstance(text, Annotation) and text.get_text()]
    boxes = [text.get_window_extent() for text in written]
    assert len(boxes) == 6
    assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[:index])


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"drawing plots needs matplotlib.*ctxshape\[bench\]"):
        draw(results("raw"), tmp_path)

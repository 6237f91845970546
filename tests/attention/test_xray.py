from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctxshape import Context
from ctxshape.attention.xray import CAUTION, CAUTION_ZH, XRay, xray
from ctxshape.attention.xray_page import xray_page
from ctxshape.attention.xray_plots import draw_xray, wrapped
from ctxshape.testing import ScriptedProbe

EVIL = '<script>alert("1")</script> & <img src=x onerror=alert(2)>'
RAW = Context.of(
    "Who built the lighthouse?",
    [{"id": "<b>a</b>", "title": EVIL, "text": f"{EVIL} Mills built it."}, {"id": "b", "text": "A mill. It is red."}],
)
CHINESE = Context.of("灯塔是谁建的？", ["灯塔由米尔斯建造。它很高。", "港口很深。"])


def made(raw: Context = RAW, kept: int = 1) -> XRay:
    return xray(ScriptedProbe(), raw, raw.keep(raw.documents[:kept]), model="m.gguf", shaping="light")


def test_sides_say_where_the_rest_goes() -> None:
    found = made(kept=0)
    assert found.after.masses == [] and found.after.rest == "no passage is left" and found.kept == frozenset()
    assert found.before.rest == "passages 50.0%, question 0.0%, instruction 50.0% (of which the first token, a sink: 50.0%)"
    assert sum(found.before.masses) == pytest.approx(0.5, abs=1e-6)


def test_the_largest_sentences_stay_in_reading_order() -> None:
    before = made().before
    every, two = before.sentences(), before.sentences(2)
    largest = sorted(every, key=lambda one: -one.mass)[:2]
    assert two == [one for one in every if one in largest] and len(every) > 2
    assert before.text(every[-1]) == "It is red."


def test_the_page_escapes_every_text() -> None:
    told = xray_page(made())
    assert "<script" not in told and "<img" not in told and "<b>a</b>" not in told
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;" in told and "&lt;b&gt;a&lt;/b&gt;" in told
    assert "default-src 'none'" in told and CAUTION.split(":")[0] in told
    assert told.count('class="bar"') == 3 and told.count('class="gone"') == 1


def test_the_page_has_every_sentence_with_its_mass() -> None:
    found = made(CHINESE)
    told = xray_page(found)
    for one in found.before.sentences():
        assert found.before.text(one) in told and f"{one.mass:.2%}" in told
    assert CAUTION_ZH in told and CAUTION_ZH not in xray_page(made())


@pytest.mark.parametrize("raw", [RAW, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("kept", [0, 1, 2])
def test_the_picture_is_drawn(raw: Context, kept: int, tmp_path: Path) -> None:
    from matplotlib.image import imread

    path = draw_xray(made(raw, kept), tmp_path / "x.png")
    pixels = imread(path)[..., :3]
    assert pixels.shape[1] == 1800
    warning = np.abs(pixels - np.array([0xB3, 0x47, 0x00]) / 255).max(axis=-1) < 0.02
    assert warning.any()  # the caution stands in the picture


def test_the_same_picture_twice(tmp_path: Path) -> None:
    one, two = (draw_xray(made(), tmp_path / name).read_bytes() for name in ("1.png", "2.png"))
    assert one == two


def test_long_and_empty_texts_wrap() -> None:
    assert wrapped("", 5) == [] and wrapped("  ", 5) == []
    assert wrapped("abcdefgh ij", 5) == ["abcde", "fgh", "ij"]
    assert wrapped("一二三四五六", 5) == ["一二", "三四", "五六"]
    assert wrapped("他说：一二三。", 6) == ["他说：", "一二", "三。"]

from __future__ import annotations

from pathlib import Path

from ctxshape.attention.profile_plots import draw_profile
from ctxshape.core.position_profile import PositionProfile, SlotTable

FOUR = SlotTable(documents=4, slots=(0, 1, 3), prompts=8, accuracy=(0.9, 0.3, 0.6), mass=(0.4, 0.1, 0.2, 0.3))
TEN = SlotTable(documents=16, slots=(0, 15), prompts=8, accuracy=(0.5, 1.0), likelihood=(-2.0, -1.0))
PROFILE = PositionProfile(model="m.gguf", tables=(TEN, FOUR))


def test_the_picture(tmp_path: Path) -> None:
    for name, profile in (("a.png", PROFILE), ("b.png", PositionProfile(model="中文$.gguf", tables=(FOUR,)))):
        assert draw_profile(profile, tmp_path / name).read_bytes().startswith(b"\x89PNG")

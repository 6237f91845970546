from __future__ import annotations

from pathlib import Path

import pytest

from ctxshape.inspection import computes_bf16


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 amx_bf16\nbugs : none\n", "amx_bf16"),
        ("flags\t\t: fpu avx2 avx512_bf16\n", "avx512_bf16"),
        ("Features\t: fp asimd bf16\n", "bf16"),
        ("flags\t\t: fpu avx512_bf16_not avx2\nbugs: amx_bf16\n", None),
        ("", None),
    ],
)
def test_what_linux_says_of_the_processor(tmp_path: Path, told: str, found: str | None) -> None:
    (tmp_path / "cpuinfo").write_text(told)
    assert computes_bf16(tmp_path / "cpuinfo") == found


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    assert computes_bf16(tmp_path / "none") is None

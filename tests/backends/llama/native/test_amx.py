from __future__ import annotations

import pytest

from ctxshape.backends.llama._native.amx import breaks_amx

AMX = "CPU : AVX512 = 1 | AMX_INT8 = 1 | REPACK = 1 | "


@pytest.mark.parametrize(
    ("compiler", "expected"),
    [
        (b"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", True),
        (b"GCC: (GNU) 11.2.1 20220127", True),
        (b"GCC: (GNU) 11.5.0", False),
        (b"GCC: (Debian 12.4.0-1) 12.4.0", False),
        (b"GCC: (Ubuntu 13.2.0-23ubuntu4) 13.2.0", True),
        (b"GCC: (Ubuntu 13.3.0-6ubuntu2) 13.3.0", False),
        (b"GCC: (GNU) 10.2.1", True),
        (b"GCC: (GNU) 14.1.0", False),
        (b"clang version 15.0.7", False),
    ],
)
def test_which_compilers_break_amx(compiler: bytes, expected: bool) -> None:
    assert breaks_amx(AMX, b"\x7fELF\x00" + compiler + b"\x00") is expected


def test_a_library_by_two_compilers_is_as_bad_as_the_worse() -> None:
    assert breaks_amx(AMX, b"GCC: (GNU) 14.1.0", b"GCC: (GNU) 14.1.0\x00GCC: (GNU) 12.2.0")


def test_without_amx_no_compiler_matters() -> None:
    assert not breaks_amx("CPU : AVX2 = 1 | ", b"GCC: (Debian 12.2.0-14) 12.2.0")
    assert not breaks_amx(AMX)

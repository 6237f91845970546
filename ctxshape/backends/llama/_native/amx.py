"""Detects builds of llama.cpp whose AMX code (Intel's matrix instructions) crashes because of a compiler bug."""

from __future__ import annotations

import re
from functools import lru_cache

from ctxshape.backends.llama._native.bindings import bindings, library_folder

AMX_CRASH = (
    "llama_cpp.Llama crashes on this machine: llama.cpp uses AMX and was built by a GCC that miscompiles it; rebuild it with "
    "CFLAGS and CXXFLAGS '-mno-amx-tile -mno-amx-int8 -mno-amx-bf16', or with GCC 14 or clang"
)
_COMPILER = re.compile(rb"GCC: \([^)]*\) (\d+)\.(\d+)")
_FIXED = {11: 5, 12: 4, 13: 3}  # the first minor release of each GCC whose _tile_loadconfig stores the configuration


@lru_cache(maxsize=1)
def amx_faults() -> bool:
    """Returns whether the installed llama.cpp uses AMX and was built by a GCC that miscompiles it.

    That GCC assumes that `_tile_loadconfig` reads 8 of the 64 bytes of its argument, and removes the other stores (GCC bug
    114098). The first matrix product then ends the process (llama.cpp issue 20824). GCC 12.2 of Debian 12 is affected.
    """
    system = bytes(bindings().llama_print_system_info()).decode("utf-8", "replace")
    return breaks_amx(system, *(path.read_bytes() for path in library_folder().glob("libggml-cpu*.so")))


def breaks_amx(system_info: str, *binaries: bytes) -> bool:
    """Returns the same from llama.cpp's description of the system and its CPU libraries, which name their compiler.

    >>> breaks_amx("AVX2 = 1 | AMX_INT8 = 1 | ", b"GCC: (Debian 12.2.0-14) 12.2.0")
    True
    >>> breaks_amx("AVX2 = 1 | AMX_INT8 = 1 | ", b"GCC: (GNU) 13.3.0")
    False
    >>> breaks_amx("AVX2 = 1 | ", b"GCC: (Debian 12.2.0-14) 12.2.0")
    False
    """
    if "AMX_INT8 = 1" not in system_info:
        return False
    compilers = [(int(major), int(minor)) for binary in binaries for major, minor in _COMPILER.findall(binary)]
    return any(major < 14 and minor < _FIXED.get(major, 99) for major, minor in compilers)

"""Whether a build of llama.cpp would crash on this CPU's matrix instructions (AMX)."""

from __future__ import annotations

import re
from functools import lru_cache

from ctxshape.backends.llama._library import folder, library

CRASHES = (
    "llama_cpp.Llama crashes here, since llama.cpp uses AMX and a GCC compiled it that breaks that; compile it anew with "
    "CFLAGS and CXXFLAGS '-mno-amx-tile -mno-amx-int8 -mno-amx-bf16', or with GCC 14 or clang"
)
_COMPILER = re.compile(rb"GCC: \([^)]*\) (\d+)\.(\d+)")
_MENDED = {11: 5, 12: 4, 13: 3}  # the first minor release of GCC whose _tile_loadconfig stores the configuration


@lru_cache(maxsize=1)
def amx_faults() -> bool:
    """Whether the installed llama.cpp uses AMX and was compiled by a GCC that breaks it.

    Such a GCC takes `_tile_loadconfig` to read 8 of the 64 bytes of its argument and leaves the other stores out (GCC bug
    114098), so the first matrix product ends the process (llama.cpp issue 20824). Debian 12's GCC 12.2 does.
    """
    used = bytes(library().llama_print_system_info()).decode("utf-8", "replace")
    return faulty(used, *(path.read_bytes() for path in folder().glob("libggml-cpu*.so")))


def faulty(used: str, *binaries: bytes) -> bool:
    """The same of what llama.cpp says it uses, and of its CPU libraries, which name their compiler.

    >>> faulty("AVX2 = 1 | AMX_INT8 = 1 | ", b"GCC: (Debian 12.2.0-14) 12.2.0")
    True
    >>> faulty("AVX2 = 1 | AMX_INT8 = 1 | ", b"GCC: (GNU) 13.3.0"), faulty("AVX2 = 1 | ", b"GCC: (Debian 12.2.0-14) 12.2.0")
    (False, False)
    """
    if "AMX_INT8 = 1" not in used:
        return False
    compilers = [(int(major), int(minor)) for binary in binaries for major, minor in _COMPILER.findall(binary)]
    return any(major < 14 and minor < _MENDED.get(major, 99) for major, minor in compilers)

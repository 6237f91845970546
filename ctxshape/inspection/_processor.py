"""Capabilities of this machine's processor."""

from __future__ import annotations

import re
from pathlib import Path

_BF16 = ("amx_bf16", "avx512_bf16", "bf16")  # as Linux names them; the last is ARM's


def computes_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    """Returns the processor's feature for bfloat16 arithmetic, as Linux names it, or None if there is none or it is unknown."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:  # another system, or a sandbox
        return None
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    features = set(found[1].split()) if found else set()
    return next((name for name in _BF16 if name in features), None)

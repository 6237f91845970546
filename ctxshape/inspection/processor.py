"""What this machine's processor computes with."""

from __future__ import annotations

import re
from pathlib import Path

_BF16 = ("amx_bf16", "avx512_bf16", "bf16")  # as Linux names them; the last is ARM's


def computes_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    """The processor's feature that computes in bfloat16, as Linux names it; None without one, or where it is not told."""
    try:
        told = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:  # another system, or a sandbox
        return None
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", told, re.MULTILINE)
    features = set(found[1].split()) if found else set()
    return next((name for name in _BF16 if name in features), None)

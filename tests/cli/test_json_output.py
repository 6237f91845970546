from __future__ import annotations

import json
import unicodedata

import pytest

from ctxshape.cli.json_output import to_json
from ctxshape.cli.screen import visible


@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_character_that_steers_a_terminal_is_printed_and_all_come_back(ascii_only: bool) -> None:
    every = " ".join(map(chr, (*range(0x3000), *range(0xD800, 0x10000))))  # two surrogates side by side would be one character
    printed = to_json({every: every}, ascii_only=ascii_only)
    assert json.loads(printed) == {every: every}
    assert printed == visible(printed)
    assert not [c for c in printed if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert len(printed.splitlines()) == 1
    assert not [
        c for c in printed if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    ]

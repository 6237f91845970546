"""Literals of some hundred characters: their items are units, so that a small budget shows the one that is asked for."""

import ast

import pytest

from ctxshape import shape
from ctxshape.text.units.document import units

_PLANS = [f"plan{n}" for n in range(24)]
_OPENINGS = {
    "python": ("LIMITS = {\n", '    "{}": {},\n', "}\n\n\ndef limit(plan):\n    return LIMITS[plan]\n"),
    "python class": (
        "class Config:\n    LIMITS = {\n",
        '        "{}": {},\n',
        "    }\n\n    def limit(self, plan):\n        return self.LIMITS[plan]\n",
    ),
    "javascript": ("const LIMITS = {\n", "  {}: {},\n", "};\n\nexport function limit(plan) {\n  return LIMITS[plan];\n}\n"),
    "go": (
        "var limits = map[string]int{\n",
        '\t"{}": {},\n',
        "}\n\nfunc limit(plan string) int {\n\treturn limits[plan]\n}\n",
    ),
}


@pytest.mark.parametrize("language", _OPENINGS)
@pytest.mark.parametrize("budget", [None, 60, 128, 256])
def test_asked_item_is_shown(language: str, budget: int | None) -> None:
    head, item, tail = _OPENINGS[language]
    text = head + "".join(item.format(plan, 10 * n) for n, plan in enumerate(_PLANS)) + item.format("team", 205) + tail
    shown = shape("What is the limit of the team plan?", [text], budget=budget).documents[0].text
    assert item.format("team", 205).strip() in shown
    assert head in shown
    if language.startswith("python"):
        ast.parse(shown)


def test_short_literal_is_one_unit() -> None:
    text = (
        "PORTS = {\n"
        + "".join(f'    "service{n}": {n},\n' for n in range(12))
        + "}\n\n\ndef port(name):\n    return PORTS[name]\n"
    )
    assert text.index("}") < 350
    assert len(units(text)) == 2

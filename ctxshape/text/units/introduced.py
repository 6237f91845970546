"""JSON, a table, a log or settings below a line or two that introduce them, and perhaps above a closing line."""

from __future__ import annotations

import re

from ctxshape.text.units.columns import columns_units
from ctxshape.text.units.delimited import delimited_units
from ctxshape.text.units.found import found_units
from ctxshape.text.units.json import json_units
from ctxshape.text.units.json_values import json_value
from ctxshape.text.units.logs import log_units
from ctxshape.text.units.model import Cutter, Unit, shifted
from ctxshape.text.units.prose import prose_units
from ctxshape.text.units.settings import settings_units

_FORMS: tuple[Cutter, ...] = (json_units, log_units, found_units, delimited_units, settings_units, columns_units)
_JSON = re.compile(r"^[ \t]*(?=\{\s*[\"}]|\[\s*[{\[\"\d-])", re.MULTILINE)
_PROMPT = re.compile(r"\S{0,60}?[$#%>]\s\S|>>> ")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_OPENS = (":", "：")
_MOST_LINES, _MOST = 3, 300  # lines above or below, and their characters
_SHORTEST = 30  # characters of JSON inside of prose


def introduced_units(text: str) -> list[Unit] | None:
    r"""Returns the units of a text that is JSON, a table, a log or settings but for a few lines around them; or None.

    The lines are a sentence above or below JSON, and above any of them a line that ends in a colon or a command.

    >>> text = 'The answer was:\n{"id": 5103, "status": "open", "total": 230.75}\nIt came at noon.'
    >>> [(text[unit.start : unit.end][:20], unit.needs) for unit in introduced_units(text)]
    [('The answer was:', ()), ('{"id": 5103, "status', (0,)), ('It came at noon.', ())]
    """
    end = text.find("\n")
    if end < 0:
        return None
    line = text[:end].rstrip()
    if line.endswith(_OPENS) or _PROMPT.match(line):
        rest = text[end + 1 :]
        cut = next((found for form in _FORMS if (found := form(rest))), None)
        if cut is not None and line.strip():
            return _joined(text, prose_units(line), cut, end + 1, len(text))
    return _around_json(text) if "{" in text or "[" in text else None


def _around_json(text: str) -> list[Unit] | None:
    match = _JSON.search(text, 0, _MOST)
    found = json_value(text, match.end()) if match else None
    if match is None or found is None or found.end - match.end() < _SHORTEST:
        return None
    above, below = text[: match.end()], text[found.end :]
    outside = max((above, below), key=len)
    if outside.strip().count("\n") >= _MOST_LINES or len(outside) > _MOST or not (above + below).strip():
        return None
    if _BLANK_LINE.search(above) or _BLANK_LINE.search(below.rstrip()) or "```" in outside:
        return None  # blocks of their own
    if below.strip() and "\n" not in below[: len(below) - len(below.lstrip())]:
        return None  # it goes on in the same line, so it is code
    cut = json_units(text[match.end() : found.end])
    return None if cut is None else _joined(text, prose_units(above), cut, match.end(), found.end)


def _joined(text: str, above: list[Unit], cut: list[Unit], start: int, end: int) -> list[Unit]:
    """Returns the units of the three parts. What follows an introduction needs its last sentence."""
    blocks = above[-1].block + 1 if above else 0
    made = above + shifted(cut, start, len(above), blocks)
    if above and text[above[-1].end - 1] in _OPENS:
        made[len(above) :] = [unit._replace(needs=(len(above) - 1, *unit.needs)) for unit in made[len(above) :]]
    return made + shifted(prose_units(text[end:]), end, len(made), made[-1].block + 1)

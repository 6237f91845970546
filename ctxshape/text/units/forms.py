"""The cutters of texts that have one form, such as a table or a program."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ctxshape.text.units.code import CODE_BY_LANGUAGE, code_units
from ctxshape.text.units.delimited import delimited_units
from ctxshape.text.units.json import json_units
from ctxshape.text.units.model import Cutter
from ctxshape.text.units.speech import speech_units

# The forms of a whole text, or of a run of lines in one, the strictest first. A text of another form is prose.
FORMS: tuple[Cutter, ...] = (json_units, delimited_units, code_units, speech_units)
# The cutters of a block whose language is given, as behind the marks of a fence; the names are in lower case.
BY_LANGUAGE: Mapping[str, Cutter] = MappingProxyType(
    {
        **CODE_BY_LANGUAGE,
        "json": json_units,
        "jsonc": json_units,
        "json5": json_units,
        "jsonl": json_units,
        "ndjson": json_units,
        "csv": delimited_units,
        "tsv": delimited_units,
    }
)

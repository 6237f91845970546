"""The cutters of texts that have one form, such as a table or a program."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ctxshape.text.units.code import CODE_BY_LANGUAGE, code_units
from ctxshape.text.units.columns import columns_units
from ctxshape.text.units.commits import commit_units
from ctxshape.text.units.delimited import delimited_units
from ctxshape.text.units.diffs import diff_units
from ctxshape.text.units.dockerfiles import dockerfile_units
from ctxshape.text.units.found import found_units
from ctxshape.text.units.fragments import fragment_units
from ctxshape.text.units.introduced import introduced_units
from ctxshape.text.units.json import json_units
from ctxshape.text.units.logs import log_units
from ctxshape.text.units.model import Cutter, Unit
from ctxshape.text.units.ruled import ruled_units
from ctxshape.text.units.sessions import session_units, trace_units
from ctxshape.text.units.settings import form_units, settings_units
from ctxshape.text.units.speech import speech_units
from ctxshape.text.units.yaml import yaml_units

# The forms of a whole text, or of a run of lines in one, the strictest first. A text of another form is prose.
FORMS: tuple[Cutter, ...] = (
    json_units,
    session_units,
    trace_units,
    diff_units,
    commit_units,
    dockerfile_units,
    log_units,
    found_units,
    fragment_units,
    ruled_units,
    delimited_units,
    settings_units,
    introduced_units,
    code_units,
    speech_units,
    yaml_units,
    columns_units,
    form_units,
)


def _dockerfile(text: str) -> list[Unit] | None:
    return dockerfile_units(text) or CODE_BY_LANGUAGE["sh"](text)


# The cutters of a block whose language is given, as behind the marks of a fence; the names are in lower case.
BY_LANGUAGE: Mapping[str, Cutter] = MappingProxyType(
    {
        **CODE_BY_LANGUAGE,
        **dict.fromkeys(("json", "jsonl", "ndjson", "geojson"), json_units),
        **dict.fromkeys(("jsonc", "json5"), fragment_units),
        **dict.fromkeys(("csv", "tsv"), delimited_units),
        **dict.fromkeys(("yaml", "yml"), yaml_units),
        **dict.fromkeys(("toml", "ini", "cfg", "conf", "env", "dotenv", "properties"), settings_units),
        **dict.fromkeys(("diff", "patch"), diff_units),
        **dict.fromkeys(("dockerfile", "docker", "containerfile"), _dockerfile),
        **dict.fromkeys(("console", "shell-session", "shellsession", "terminal", "pycon"), session_units),
        "log": log_units,
    }
)

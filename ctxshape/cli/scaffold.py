"""Writes a new plugin: a package with one module, an entry point, and tests of its contract that pass."""

from __future__ import annotations

import keyword
import re
from importlib import metadata, resources
from pathlib import Path
from string import Template

from ctxshape.core.registry import component_names
from ctxshape.errors import ConfigError

KINDS = ("transform", "reader", "backend", "embedder", "scorer", "dataset")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
_PREFIX = "ctxshape-"
_IMPORTED = re.compile(r"^(?:from .* )?import (.*)$", re.MULTILINE)


def write_plugin(name: str, kind: str = "transform", out: str | Path = ".") -> Path:
    """Writes the package `ctxshape-NAME` into the folder `out` and returns its path.

    `name` consists of lower-case letters, digits and hyphens. For `drop-ads` the component is `drop_ads` and its class is
    `DropAds`. Raises ConfigError for another name, a name that is taken, an unknown kind, or a folder that exists.

    >>> write_plugin("Drop Ads")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: the plugin's name is 'Drop Ads'; give lower-case letters, digits and hyphens, such as drop-ads
    """
    if kind not in KINDS:
        raise ConfigError(f"the kind is {kind!r:.100}; give one of: {', '.join(KINDS)}")
    values = _values(name, kind)
    files = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{values['module']}.py": f"{kind}.py",
        f"tests/test_{values['module']}.py": f"test_{kind}.py" if kind in ("scorer", "dataset") else "test.py",
    }
    texts = {path: _template(source).substitute(values) for path, source in files.items()}
    folder = Path(out) / values["package"]
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ConfigError(f"{str(folder)!r} already exists; give another name, or another folder with --out") from None
    (folder / "tests").mkdir()
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def _values(name: str, kind: str) -> dict[str, str]:
    """Returns the values of the placeholders in the templates. Raises ConfigError for an invalid name."""
    bare, group = name.removeprefix(_PREFIX), f"{kind}s"
    if not _NAME.fullmatch(bare) or len(bare) > 60:
        raise ConfigError(f"the plugin's name is {name!r:.100}; give lower-case letters, digits and hyphens, such as drop-ads")
    entry = bare.replace("-", "_")
    component = entry if kind == "dataset" else "".join(part.capitalize() for part in bare.split("-"))
    if entry in component_names(group):
        raise ConfigError(f"a {kind} named {entry!r} is already installed; installed are: {', '.join(component_names(group))}")
    if keyword.iskeyword(component) or component in _taken(kind):
        raise ConfigError(
            f"{bare!r} would name the {kind} {component!r}, a name that its module already uses; add a word, such as my-{bare}"
        )
    return {
        "package": f"{_PREFIX}{bare}",
        "module": f"ctxshape_{entry}",
        "name": entry,
        "component": component,
        "kind": kind,
        "group": group,
        "version": metadata.version("ctxshape"),
    }


def _taken(kind: str) -> set[str]:
    """Returns the names that the module and the test of a kind import."""
    texts = (_template(source).template for source in (f"{kind}.py", "test_scorer.py", "test_dataset.py"))
    return {word for text in texts for found in _IMPORTED.findall(text) for word in re.findall(r"\w+", found)}


def _template(source: str) -> Template:
    return Template(resources.files("ctxshape.cli").joinpath("data", "plugin", f"{source}.txt").read_text(encoding="utf-8"))

"""Components by name, through entry points: built-in components are found in the same way as those of plugins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from ctxshape.core.component import Component
from ctxshape.core.masking import is_secret_name, masked
from ctxshape.core.reach import Allow, check_reach, reach_of
from ctxshape.core.types import Frozen
from ctxshape.errors import ConfigError

RENAMED = {  # a name in older configurations -> the name it has now
    "order_to_edges": 'use = "reorder" with strategy = "edges" (or "front", "back", "given", "weights")',
    "order_to_profile": 'use = "reorder" with strategy = "profile"',
}
_DEEPEST = 30  # tables inside tables
_NAME = re.compile(r"[\w-]+")
_LONGEST_NAME = 60
_LISTS = ("scorers", "then", "otherwise")  # fields that hold components
_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
GROUPS = ("transforms", "readers", "backends", "embedders", "scorers", "datasets")


@lru_cache(maxsize=len(GROUPS))
def _entries(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in sorted(entry_points(group=f"ctxshape.{group}"), key=lambda e: e.name)}


def component_names(group: str) -> tuple[str, ...]:
    """Returns the names of all installed components of a group (see GROUPS), sorted."""
    return tuple(_entries(group))


def load_component(group: str, name: str) -> Any:  # noqa: ANN401  an entry point may hold anything
    """Returns the class or function of a name. Raises ConfigError with the installed names for an unknown one.

    >>> load_component("transforms", "reorder").__name__
    'Reorder'
    """
    if name in RENAMED and name not in _entries(group):
        raise ConfigError(f"{name!r} has another name now: {RENAMED[name]}")
    if name not in _entries(group):
        raise ConfigError(f"there is no {group[:-1]} named {name!r:.100}{hint(name, component_names(group))}")
    return _entries(group)[name].load()


def hint(name: str, known: Iterable[str]) -> str:
    """Returns the end of an error about an unknown name: the known one that is meant, if it is close, and all of them.

    >>> hint("reoder", ["light", "reorder"])
    "; did you mean 'reorder'? Installed are: light, reorder"
    """
    close = meant(name, names := list(known))
    listed = ", ".join(names) or "none"
    return f"; installed are: {listed}" if close is None else f"; did you mean {close!r}? Installed are: {listed}"


def meant(name: str, known: Iterable[str]) -> str | None:
    """Returns the known name that differs from `name` by little, such as one letter; None if there is none, or it is known.

    >>> meant("univeral", ["endpoint", "universal"]), meant("./universal", ["universal"])
    ('universal', None)
    """
    names = list(known)
    if name in names or len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return None
    return next(iter(get_close_matches(name.lower().replace("-", "_"), names, n=1, cutoff=0.8)), None)


def build(config: object, group: str, place: str, allow: Allow = ()) -> Any:  # noqa: ANN401
    """Makes a component from `{"use": name, **fields}`; a field that is itself such a table becomes a component, too.

    Only what `allow` permits may be reached (see `ctxshape.core.reach`). Raises ConfigError, which begins with `place`, for
    an unknown name, field or value, and for a component that would reach more.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("use"), str):
        if isinstance(config, str) and config in component_names(group):
            raise ConfigError(f'{place} is the name {config!r} alone; give a table: {{ use = "{config}" }}')
        known = ", ".join(component_names(group))
        raise ConfigError(f'{place} is {masked(repr(config)):.200}; give a table with use = "name", one of: {known}')
    if place.count(", field ") > _DEEPEST:
        raise ConfigError(f"{place:.200} … is nested too deeply; give at most {_DEEPEST} levels of tables")
    try:
        made = load_component(group, checked_names(config, place)["use"])
        fields = {key: _value(value, f"{place}, field {key!r}", allow) for key, value in config.items() if key != "use"}
        if isinstance(made, type):
            _check_fields(made, fields)
            _check_named_components(made, fields)
        elif fields:
            raise ConfigError(f"{config['use']!r} is a function and takes no fields; it was given {sorted(fields)}")
        check_reach(reach_of(made, fields), str(getattr(made, "__name__", config["use"])), allow)
        return made(**fields) if isinstance(made, type) else made
    except ConfigError as error:
        raise ConfigError(str(error) if str(error).startswith(place[:200]) else f"{place}: {error}") from None
    except RecursionError:
        raise ConfigError(f"{place:.200} is nested too deeply; give at most {_DEEPEST} levels of tables") from None


def _check_fields(component: type, fields: Mapping[str, Any]) -> None:
    """Raises ConfigError for fields that the component does not take, whatever kind of class it is."""
    try:
        taken = signature(component.__init__).parameters  # type: ignore[misc]  # its own, not that of a subclass
    except ValueError:  # a class written in C has no signature
        return
    known = [name for name, parameter in list(taken.items())[1:] if parameter.kind in _NAMED]
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in taken.values()):
        return
    needed = [name for name in known if taken[name].default is Parameter.empty and name not in fields]
    unknown = [name for name in fields if name not in known]
    if unknown or needed:
        fault = f"has no field {unknown[0]!r}" if unknown else f"needs the field {needed[0]!r}"
        raise ConfigError(f"{component.__name__} {fault}; its fields are: {', '.join(known) or 'none'}")


def _check_named_components(component: type, fields: Mapping[str, Any]) -> None:
    """Raises ConfigError for a name in a list of components, such as the scorers, where a table belongs."""
    for field in _LISTS:
        given = fields.get(field)
        if not hasattr(component, "model_fields") or not isinstance(given, list):
            continue
        for item in given:
            group = next((group for group in GROUPS if isinstance(item, str) and item in component_names(group)), None)
            if group is not None:
                raise ConfigError(
                    f'{component.__name__}, field {field!r} has the name {item!r}; give a table: [{{ use = "{item}" }}]'
                )


def _value(value: object, place: str, allow: Allow) -> object:
    if isinstance(value, Mapping) and "use" in value:
        group = next((group for group in GROUPS if value["use"] in component_names(group)), None)
        if group is None:
            if (new := RENAMED.get(str(value["use"]))) is not None:
                raise ConfigError(f"{place}: {value['use']!r} has another name now: {new}")
            known = [name for group in GROUPS for name in component_names(group)]
            raise ConfigError(f"{place}: there is no component named {value['use']!r:.100}{hint(str(value['use']), known)}")
        return build(value, group, place, allow)
    if isinstance(value, list):
        return [_value(item, place, allow) for item in value]
    return value


def config_of(component: object, group: str | None = None) -> dict[str, Any]:
    """Returns the table from which `build` makes the component again: its name, and the fields that differ from the default.

    Fields whose names are those of secrets, such as `api_key`, are left out.
    Raises ConfigError for an object that has no entry point.
    """
    table: dict[str, Any] = {"use": _name_of(component, group)}
    if isinstance(component, Component):
        for field, info in type(component).model_fields.items():
            value = getattr(component, field)
            if value != info.get_default(call_default_factory=True) and not is_secret_name(field):
                table[field] = _config_value(value)
    return table


def _config_value(value: object) -> object:
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [_config_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _config_value(item) for key, item in value.items()}
    if isinstance(value, Frozen) and not isinstance(value, Component):  # a plain value, such as Generation
        return value.model_dump(mode="json", exclude_defaults=True)
    return str(value) if isinstance(value, Path) else config_of(value)


def registered_name(component: object, group: str | None = None) -> str | None:
    """Returns the name of a component, its class or a function among the installed ones; None if it has none."""
    wanted = _address_of(component)
    groups = [group] if group else list(GROUPS)
    return next((e.name for group in groups for e in _entries(group).values() if e.value == wanted), None)


def _address_of(component: object) -> str:
    made: Any = component if hasattr(component, "__qualname__") else type(component)
    return f"{made.__module__}:{made.__qualname__}"


def _name_of(component: object, group: str | None) -> str:
    name = registered_name(component, group)
    if name is not None:
        return name
    here = f"ctxshape.{group or 'transforms'}"
    shown, wanted = f"{masked(repr(component)):.200}", _address_of(component)
    raise ConfigError(f"{shown} has no name: register {wanted!r} as an entry point of {here}")


def read_config(config: Mapping[str, Any] | str | Path) -> tuple[Mapping[str, Any], str]:
    """Returns a configuration and its name for errors: a mapping as it is, or the content of a TOML file."""
    if isinstance(config, Mapping):
        return checked_names(config, "the configuration"), "the configuration"
    if not isinstance(config, str | Path):
        raise ConfigError(f"the configuration is {masked(repr(config)):.200}; give a mapping, or the path of a TOML file")
    path = Path(config)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), str(path)
    except OSError as error:
        raise ConfigError(f"cannot read {str(path)!r}: {error.strerror}; give the path of a TOML file") from None
    except (ValueError, RecursionError) as error:  # TOML's, UTF-8's, of the path, of a number with too many digits
        raise ConfigError(f"{str(path)!r} is not TOML: {error}") from None


def checked_names(config: object, place: str) -> Mapping[str, Any]:
    """Returns a configuration. Raises ConfigError unless it is a mapping whose keys are texts."""
    if not isinstance(config, Mapping):
        raise ConfigError(f"{place} is {masked(repr(config)):.200}; give a mapping")
    wrong = next((name for name in config if not isinstance(name, str)), None)
    if wrong is not None or None in config:
        raise ConfigError(f"{place} has the key {wrong!r:.100}; give texts as keys")
    return config

"""The languages, one file each. A file added to this folder that defines `LANGUAGE` adds a language."""

from importlib import import_module
from pkgutil import iter_modules

from ctxshape.text.language import Language

LANGUAGES: tuple[Language, ...] = tuple(
    import_module(f"{__name__}.{name}").LANGUAGE for name in sorted(module.name for module in iter_modules(__path__))
)

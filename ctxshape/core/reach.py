"""The trust rule of configurations: a table builds only components that reach no network and no files, unless allowed.

Each component class declares what it reaches, as `reaches`: a tuple, or a classmethod that takes the given fields and
returns one. A class or function without a declaration of its own counts as reaching everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, get_args

from ctxshape.errors import ConfigError

Reach = Literal["network", "reads", "writes"]
Allow = str | Iterable[str]  # some of Reach, or "all"

EVERYTHING: tuple[Reach, ...] = get_args(Reach)
_WORDS: Mapping[str, str] = {"network": "reaches the network", "reads": "reads files", "writes": "writes files"}
_allowed_here: ContextVar[frozenset[str]] = ContextVar("_allowed_here", default=frozenset())


def allowed(allow: Allow) -> tuple[Reach, ...]:
    """Returns what is allowed, in a fixed order. Raises ConfigError for another word.

    >>> allowed("all"), allowed(["writes", "reads"]), allowed("network")
    (('network', 'reads', 'writes'), ('reads', 'writes'), ('network',))
    """
    known = (*EVERYTHING, "all")
    if not isinstance(allow, Iterable):
        raise ConfigError(f"allow is {allow!r:.100}; give some of: {', '.join(known)}")
    words = (allow,) if isinstance(allow, str) else tuple(allow)
    wrong = [word for word in words if word not in known]
    if wrong:
        raise ConfigError(f"allow has {wrong[0]!r:.100}; give some of: {', '.join(known)}")
    return EVERYTHING if "all" in words else tuple(reach for reach in EVERYTHING if reach in words)


@contextmanager
def allowing(*allow: str) -> Iterator[None]:
    """Allows more to every configuration that is read inside the block, such as one that a framework loads.

    >>> from ctxshape.core.registry import build
    >>> table = {"use": "openai_embeddings", "base_url": "http://127.0.0.1:8080/v1"}
    >>> with allowing("network"):
    ...     type(build(table, "embedders", "embedder")).__name__
    'OpenAIEmbedder'
    """
    token = _allowed_here.set(_allowed_here.get() | set(allowed(allow)))
    try:
        yield
    finally:
        _allowed_here.reset(token)


def reach_of(made: Any, fields: Mapping[str, Any]) -> tuple[Reach, ...]:  # noqa: ANN401  any class or function
    """Returns what a component with these fields would reach. Nothing is made or opened.

    >>> from ctxshape import Reorder
    >>> reach_of(Reorder, {}), reach_of(Reorder, {"profile": "profile.json"}), reach_of(print, {})
    ((), ('reads',), ('network', 'reads', 'writes'))
    """
    declared = getattr(made, "__dict__", {}).get("reaches")  # its own: what a subclass adds may reach more
    if declared is None:
        return EVERYTHING
    return allowed(made.reaches(fields) if isinstance(declared, classmethod) else declared)


def check_reach(reached: Iterable[Reach], what: str, allow: Allow) -> None:
    """Raises ConfigError unless all that `what` reaches is allowed. The error names the rest and the remedy."""
    permitted = {*allowed(allow), *_allowed_here.get()}
    missing = [reach for reach in EVERYTHING if reach in set(reached) and reach not in permitted]
    if missing:
        words = " and ".join(_WORDS[reach] for reach in missing)
        every = [reach for reach in EVERYTHING if reach in permitted or reach in missing]
        raise ConfigError(
            f"{what} {words}, which a configuration may not do by itself; if you trust this one, give allow={(*every,)!r} "
            f"(on the command line --allow {','.join(every)}), or make the component in Python"
        )

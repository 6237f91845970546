from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.inspection import evidence_for, evidence_wanted
from ctxshape.testing import ScriptedBackend

Write = Callable[..., Path]


class FileBackend:
    """The part of a backend that `evidence_for` needs: the path of its model, and its context."""

    def __init__(self, model: object, n_ctx: int | None = None) -> None:
        self.model, self.n_ctx = model, n_ctx


def profile(*accuracies: tuple[int, float]) -> PositionProfile:
    tables = (SlotTable(documents=n, slots=(0, n - 1), prompts=4, accuracy=(mean, mean)) for n, mean in accuracies)
    return PositionProfile(tables=tuple(tables))


@pytest.mark.parametrize(
    ("parameters", "context", "mass", "tokens"),
    [
        (135_000_000, None, 0.8, 256),
        (699_999_999, 8192, 0.8, 256),
        (699_999_999, 512, 0.8, 64),  # 512 - 512 leaves nothing; 64 is the least
        (700_000_000, None, 0.9, 512),
        (949_999_999, 900, 0.9, 388),
        (999_885_952, None, 0.95, None),  # Gemma-3-1b
        (950_000_000, None, 0.95, None),
        (7_000_000_000, 8192, 0.95, 7680),
    ],
)
def test_the_size_decides(parameters: int, context: int | None, mass: float, tokens: int | None) -> None:
    wanted = evidence_wanted(parameters, context)
    assert (wanted.mass, wanted.tokens) == (mass, tokens)
    assert f"{parameters / 1e9:.2g} billion" in wanted.reason


@pytest.mark.parametrize(
    ("parameters", "accuracies", "tokens"),
    [
        (7_000_000_000, [(4, 0.9), (10, 0.5)], 256),  # it drops by 0.4
        (135_000_000, [(10, 0.85), (4, 0.9)], None),  # by 0.05
        (135_000_000, [(10, 0.0), (4, 0.0)], 256),  # it answers nothing, so the profile tells nothing
        (135_000_000, [(10, 0.4), (4, 0.4)], 256),  # too few are right to tell: the size decides
        (7_000_000_000, [(10, 0.1)], None),  # one length tells nothing
    ],
)
def test_a_measured_profile_overrules(parameters: int, accuracies: list[tuple[int, float]], tokens: int | None) -> None:
    assert evidence_wanted(parameters, None, profile(*accuracies)).tokens == tokens


def test_the_file_of_a_backend_is_read(write: Write) -> None:
    path = write("llama", {".context_length": 2048}, {"weights": [1000, 1000]})  # a million parameters
    wanted = evidence_for(FileBackend(str(path)))
    assert wanted is not None and wanted.tokens == 256 and "0.001 billion" in wanted.reason
    large = write("llama", {".context_length": 2048, "split.count": None}, {"weights": [40, 1000]}, name="b.gguf")
    narrow = evidence_for(FileBackend(str(large), n_ctx=600))
    assert narrow is not None and narrow.tokens == 88  # 600 - 512


def test_without_a_readable_file_nothing_is_known(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF\x03\x00\x00\x00")
    for backend in (ScriptedBackend(), FileBackend(None), FileBackend(str(tmp_path / "gone.gguf")), FileBackend(str(broken))):
        assert evidence_for(backend) is None

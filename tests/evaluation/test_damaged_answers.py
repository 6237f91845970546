from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.errors import ConfigError
from ctxshape.evaluation.answers import Answers

PROMPTS = [Prompt(lead=(Segment(text=f"question {number}"),), documents=(), tail=()) for number in range(200)]
OPTIONS = Generation()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "answers.sqlite"
    answers = Answers(made, "model")
    answers.put([(prompt, Completion(text=f"answer {number} " * 20)) for number, prompt in enumerate(PROMPTS)], OPTIONS)
    answers.close()
    return made


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xffgarbage" * 1000)


def garbage_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5000:9000] = random.Random(1).randbytes(4000)
    path.write_bytes(bytes(data))


def other_columns(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, value TEXT NOT NULL, more TEXT NOT NULL)")
    base.close()


def a_view(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW answers AS SELECT 'a' AS key, 'b' AS value")
    base.close()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def no_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize(
    "damage", [truncated, garbage, garbage_inside, other_columns, a_view, a_folder, no_folder], ids=lambda one: one.__name__
)
def test_a_damaged_file_is_named_with_the_remedy(path: Path, damage: Callable[[Path], None]) -> None:
    damage(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ConfigError) as caught:
        Answers(path, "model")
    assert str(path) in str(caught.value) and "remove that file" in str(caught.value) and "\n" not in str(caught.value)
    assert before is None or path.read_bytes() == before


def test_a_locked_file_is_named(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigError, match=r"answers\.sqlite.*locked.*wait"):
            Answers(path, "model", patience=0.05)
    other.close()
    answers = Answers(path, "model", patience=0.05)
    with sqlite3.connect(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigError, match=r"answers\.sqlite.*locked.*wait"):
            answers.put([(PROMPTS[0], Completion(text="new"))], OPTIONS)
    other.close()
    answers.put([(PROMPTS[0], Completion(text="new"))], OPTIONS)
    answers.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process of another user")
def test_a_file_that_cannot_be_written_is_named_before_anything_is_computed(path: Path) -> None:
    path.chmod(0o444)
    places = [place for place in path.parents if place.is_relative_to("/tmp")]
    modes = [place.stat().st_mode for place in places]
    script = f"""
import os
from ctxshape.errors import ConfigError
from ctxshape.evaluation.answers import Answers
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Answers({str(path)!r}, "model")
except ConfigError as error:
    print(error)
"""
    for place in places[:-1]:
        place.chmod(0o755)
    try:
        said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    finally:
        for place, mode in zip(places[:-1], modes[:-1], strict=True):
            place.chmod(mode)
    assert str(path) in said and "writable" in said


def test_a_value_that_cannot_be_read_is_computed_again(path: Path) -> None:
    answers = Answers(path, "model")
    with sqlite3.connect(path) as base:
        base.execute("UPDATE answers SET value = substr(value, 1, 20)")
    base.close()
    assert [answers.get(prompt, OPTIONS) for prompt in PROMPTS] == [None] * len(PROMPTS)
    answers.close()


def test_random_damage_raises_nothing_else(path: Path) -> None:
    whole, rng = path.read_bytes(), random.Random(24)
    refused = 0
    for _ in range(50):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 40)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data))
        try:
            answers = Answers(path, "model", patience=0.05)
            for number, prompt in enumerate(PROMPTS[:4]):
                answers.get(prompt, OPTIONS)
                answers.put([(prompt, Completion(text=str(number)))], OPTIONS)
            answers.close()
        except ConfigError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > 5

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape import shape
from ctxshape.cli.screen import output
from ctxshape.cli.tune import whole_path
from ctxshape.cli.tuned import show_tuning, tuning_json
from ctxshape.core.types import Document
from ctxshape.evaluation import Case, tune
from ctxshape.testing import ScriptedBackend

Call = Callable[..., tuple[int, str, str]]


def record(n: int) -> dict[str, object]:
    passages = [f"The bridge of Orsa {k} was opened." for k in range(4)]
    return {
        "question": f"Where is the mill of Arden {n}?",
        "answers": [f"Velm {n}"],
        "passages": [*passages[:2], {"title": "Arden", "text": f"The mill of Arden {n} is in Velm {n}."}, *passages[2:]],
    }


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "questions.jsonl", *map(record, range(20)))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that looks like a model until it is loaded: what is checked first must be said before that."""
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--presets", "ligth"], "'ligth'.*'light'"),
        (["--presets", "thorough"], "'thorough' needs a reranker.*--reranker"),
        (["--presets", "light", "--embedder", "universal"], "embedder.*balanced"),
        (["--presets", "light", "--budgets", "many"], "--budgets.*'many'.*none"),
        (["--presets", "light", "--orders", "last"], "orders are 'last'.*front, back, edges"),
        (["--presets", "light", "--margin", "2"], "margin is 2"),
        (["--presets", "light", "--minutes", "0"], "minutes is 0"),
        (["--limit", "10"], "limit is 10 questions.*at least 20"),
        (["--model", "missing.gguf", "--presets", "light"], "'missing.gguf'"),
        (["--data", "missing.jsonl"], "'missing.jsonl'"),
        (["--out", "pipeline.txt"], "'pipeline.txt'.*.toml"),
        (["--out", "nowhere/pipeline.toml"], "folder 'nowhere'"),
    ],
)
def test_mistakes_are_named_before_the_model_is_loaded(
    call: Call, data: Path, model: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    out = tmp_path / "pipeline.toml"
    code, shown, errors = call("tune", "--data", data, "--model", model, "--out", out, *arguments)
    assert (code, shown) == (2, "")
    assert re.search(message, errors) and errors.count("\n") == 1
    assert not out.exists() and not list(tmp_path.glob("*.sqlite"))


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([record(0)], "1 question, .*at least 20"),
        (list(map(record, range(10))), "10 questions.*at least 20"),
        ([{**record(0), "answers": []}], "line 1 has no answer.*'answers'.*'reference'"),
        ([{"question": "Why?", "answers": ["x"]}], "line 1 has no passages.*'passages'"),
        ([{**record(n), "answers": [], "answerable": False} for n in range(20)], "no question has an answer"),
    ],
)
def test_data_that_cannot_tell_settings_apart(
    call: Call, model: Path, tmp_path: Path, records: list[object], message: str
) -> None:
    path = write(tmp_path / "few.jsonl", *records)
    code, _, errors = call("tune", "--data", path, "--model", model, "--presets", "light", "--out", tmp_path / "p.toml")
    assert code == 2 and re.search(message, errors) and errors.count("\n") == 1


def test_a_file_is_not_replaced_unless_it_is_said(call: Call, data: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "pipeline.toml"
    out.write_text("# mine\n")
    code, _, errors = call("tune", "--data", data, "--model", model, "--out", out)
    assert code == 2 and "pipeline.toml' exists" in errors and "--force" in errors
    assert out.read_text() == "# mine\n"


def test_a_folder_becomes_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "minilm").mkdir()
    monkeypatch.chdir(tmp_path)
    assert whole_path("minilm") == str(tmp_path / "minilm")
    assert (whole_path("universal"), whole_path(None)) == ("universal", None)


def test_a_missing_library_is_named(call: Call, data: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctxshape.cli.tune.find_spec", lambda library: None)
    assert "ctxshape[bench]" in call("tune", "--data", data, "--model", model)[2]


def test_an_interrupt_says_that_the_answers_are_kept(
    call: Call, data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ctxshape.evaluation.tuning.tune", interrupted)
    out = tmp_path / "p.toml"
    code, shown, errors = call("tune", "--data", data, "--model", model, "--presets", "light", "--out", out)
    assert (code, shown) == (130, "") and "p.answers.sqlite" in errors and not out.exists()


def test_the_screen_says_what_was_found_and_how_to_use_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = [
        Case(
            id=str(n),
            question=f"Where is the mill of Arden {n}?",
            facts=((f"Velm {n}",),),
            gold=(Document(id="g1", text=f"The mill of Arden {n} is in Velm {n}."),),
            distractors=tuple(Document(id=f"x{k}", text=f"The bridge of Orsa {k} was opened.") for k in range(4)),
        )
        for n in range(20)
    ]

    def first(prompt: str) -> str:
        found = re.search(r"is in (Velm \d+)", prompt.split("Document [2]")[0])
        return found[1] if found else "unknown"

    found = tune(cases, ScriptedBackend(reply=first), presets=["light"], budgets=[None], orders=["front"])
    show_tuning(output(), found, tmp_path / "p.toml", tmp_path / "p.answers.sqlite")
    shown = " ".join(capsys.readouterr().out.split())
    for told in ("20 questions", "light 1.00", "chosen", "95%", "lists were shuffled", "shape(question, passages, pipeline="):
        assert told in shown
    show_tuning(output(), found._replace(verdict="raw"), None, tmp_path / "p.answers.sqlite")
    shown = " ".join(capsys.readouterr().out.split())
    assert "Nothing beats raw" in shown and "Nothing is written. --even-if-raw" in shown
    show_tuning(output(), found._replace(verdict="too few"), None, tmp_path / "p.answers.sqlite")
    shown = " ".join(capsys.readouterr().out.split())
    assert "--minutes" in shown and "Nothing is written." in shown and "chosen" not in shown
    plain = json.loads(json.dumps(tuning_json(found, tmp_path / "p.toml")))
    raw, light = plain["settings"]
    assert (raw["name"], plain["chosen"], light["difference"]["n"]) == ("raw", "light", 20)
    assert (light["preset"], light["budget"], light["order"]) == ("light", None, "front")


@pytest.mark.model
def test_a_real_model_is_tuned_and_goes_on_where_it_was(call: Call, data: Path, smollm2_path: str, tmp_path: Path) -> None:
    out = tmp_path / "pipeline.toml"
    line = ["tune", "--data", data, "--model", smollm2_path, "--presets", "light", "--budgets", "none"]
    line += ["--orders", "front", "--n-ctx", "4096", "--max-tokens", "8", "--threads", "1", "--json", "--even-if-raw"]
    code, shown, errors = call(*line, "--out", out)
    found = json.loads(shown)
    assert (code, found["n"], found["out"]) == (0, 20, str(out)), errors
    assert [setting["name"] for setting in found["settings"]] == ["raw", "light"] and found["computed"] > 0
    assert shape("Where is the mill of Arden 3?", ["The mill of Arden 3 is in Velm 3.", "Rain."], pipeline=str(out)).documents
    again = json.loads(call(*line, "--out", out, "--force")[1])
    assert again == {**found, "computed": 0}

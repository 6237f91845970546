from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from ctxshape.attention.xray import CAUTION, xray
from ctxshape.cli.xray import add_xray, check_out, show_xray, write_picture, xray_json
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError
from ctxshape.testing import ScriptedProbe

RAW = Context.of("Where is Paris?", ["Rome is in Italy.", "Paris is in France."])
FOUND = xray(ScriptedProbe(), RAW, RAW.keep(RAW.documents[1:]), model="m.gguf", shaping="light")


def run(*arguments: str) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_xray(app)
    app(["xray", *arguments], standalone_mode=False)


def test_what_a_person_sees(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show_xray(FOUND, Path("x.png"))
    out = capsys.readouterr().out
    assert "As retrieved  passages 50.0%, question 0.0%" in out and "Shaped by light" in out
    # Nine words each; in three of four heads "Paris" counts four times, so 12 of 21 parts: 0.75 * 0.2857 + 0.25 * 0.25.
    assert "  [2] d2   27.68%" in out and CAUTION in " ".join(out.split())


def test_json_has_layers_and_sentences() -> None:
    made = json.loads(json.dumps(xray_json(FOUND, Path("x.png"))))
    assert [one["id"] for one in made["before"]["documents"]] == ["d1", "d2"]
    assert made["after"]["documents"] == [{"id": "d2", "mass": pytest.approx(0.5)}]
    assert set(made["before"]["layers"]) == {"0", "1"} and made["before"]["lead"] == pytest.approx(0.5)
    assert made["after"]["sentences"][0]["text"] == "Document [1] Paris is in France."


def test_the_format_is_the_files_ending(tmp_path: Path) -> None:
    write_picture(FOUND, tmp_path / "x.HTML")
    assert (tmp_path / "x.HTML").read_text("utf-8").startswith("<!doctype html>")
    write_picture(FOUND, tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    for name, fault in (("x.pdf", r"x\.pdf.*\.png.*\.html"), ("no/x.png", "'.*no'")):
        with pytest.raises(ConfigError, match=fault):
            check_out(tmp_path / name)


def test_mistakes_are_found_before_the_model(tmp_path: Path) -> None:
    docs = tmp_path / "d.jsonl"
    docs.write_text('"Paris is in France."\n')
    with pytest.raises(ConfigError, match=r"x\.pdf"):
        run("Where?", "--docs", str(docs), "--model", "none.gguf", "--out", "x.pdf")
    (tmp_path / "empty.jsonl").write_text("[]")
    with pytest.raises(ConfigError, match="empty.jsonl"):
        run("Where?", "--docs", str(tmp_path / "empty.jsonl"), "--model", "none.gguf", "--out", str(tmp_path / "x.html"))


@pytest.mark.model
def test_the_command(tmp_path: Path, smollm2_path: str, capsys: pytest.CaptureFixture[str]) -> None:
    docs = tmp_path / "d.jsonl"
    docs.write_text('"Paris is in France."\n"<i>Berlin</i> is in Germany."\n')
    out = tmp_path / "x.html"
    run("Where is Paris?", "--docs", str(docs), "--model", smollm2_path, "--out", str(out), "--threads", "1", "--json")
    made = json.loads(capsys.readouterr().out)
    total = sum(one["mass"] for one in made["before"]["documents"]) + made["before"]["lead"] + made["before"]["tail"]
    assert total == pytest.approx(1, abs=1e-4) and len(made["before"]["layers"]) == 30
    assert "&lt;i&gt;Berlin" in out.read_text("utf-8")

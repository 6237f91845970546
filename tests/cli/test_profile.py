from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from ctxshape.attention.position_profile import MeasuredProfile
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.cli.profile import add_profile, check_files, profile_entry, show_profile
from ctxshape.cli.screen import output
from ctxshape.core.measurements import fingerprint, read_measurements
from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.transforms.reorder import Reorder

TABLE = SlotTable(documents=3, slots=(0, 2), prompts=4, accuracy=(0.75, 0.5), likelihood=(-0.5, -1.25), mass=(0.5, 0.2, 0.3))
FOUND = MeasuredProfile(PositionProfile(model="m.gguf", tables=(TABLE,)), ((3, 1),))


def run(*arguments: str) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_profile(app)
    app(["profile", *arguments], standalone_mode=False)


def test_what_a_person_sees(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    show_profile(output(), FOUND, profile_entry(FOUND, 75.0, ""), Path("p.json"))
    lines = capsys.readouterr().out.splitlines()
    assert "3 passages  4 questions for each slot" in lines
    assert "     1     75%             -0.50       50.0%" in lines and "     3     50%             -1.25       30.0%" in lines
    assert any("Written to p.json  in 75.0 s" in line for line in lines)


def test_the_entry_is_what_the_transform_reads() -> None:
    made = json.loads(json.dumps(profile_entry(FOUND, 75.04, "seed=0")))
    assert made["heads"] == [[3, 1]] and made["seconds"] == 75.0 and made["model"] == "m.gguf"
    assert Reorder(strategy="profile", profile=made["profile"]).measure is None


def test_mistakes_are_found_before_minutes_are_spent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'.*no'"):
        check_files(tmp_path / "no" / "p.json", None)
    with pytest.raises(ConfigError, match=r"p\.svg.*\.png"):
        check_files(tmp_path / "p.json", tmp_path / "p.svg")
    (tmp_path / "p.json").write_text("{}")
    with pytest.raises(InvalidInput, match="is not of the format"):
        check_files(tmp_path / "p.json", None)


@pytest.mark.model
def test_the_command(tmp_path: Path, smollm2_path: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, plot = tmp_path / "p.json", tmp_path / "p.png"
    few = ("--lengths", "2", "--slots", "2", "--cases", "1", "--threads", "1")
    run("--model", smollm2_path, "--out", str(out), "--plot", str(plot), *few, "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["fingerprint"] == fingerprint(LlamaCpp(smollm2_path)) and list(read_measurements(out)) == [made["fingerprint"]]
    table = made["profile"]["tables"][0]
    assert (table["prompts"], table["slots"], len(made["heads"])) == (2, [0, 1], 16)
    assert sum(table["mass"]) == pytest.approx(1, abs=1e-4) and max(table["likelihood"]) < 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert Reorder(strategy="profile", profile=out).profile == str(out)

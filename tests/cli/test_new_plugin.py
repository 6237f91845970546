from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ctxshape.cli.new_plugin import add_new_plugin
from ctxshape.cli.scaffold import KINDS, write_plugin
from ctxshape.errors import ConfigError

# The class, or for a data set the function, of a plugin named "pick-few".
MADE = {kind: "PickFew" for kind in KINDS} | {"dataset": "pick_few"}


def command_line(*arguments: str) -> int:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_new_plugin(app)
    return int(app(list(arguments), standalone_mode=False) or 0)


def python(folder: Path, *arguments: str) -> str:
    """Runs Python in a folder, without a network, and returns its output."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # what else is installed here may warn, and a warning is an error
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_passes_its_own_tests(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("new-plugin", "pick-few", "--kind", kind, "--out", str(tmp_path)) == 0
    folder = tmp_path / "ctxshape-pick-few"
    assert capsys.readouterr().out.splitlines()[0] == str(folder)
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == [
        "README.md", "ctxshape_pick_few.py", "pyproject.toml", "tests/test_ctxshape_pick_few.py",
    ]  # fmt: skip
    entry = f'[project.entry-points."ctxshape.{kind}s"]\npick_few = "ctxshape_pick_few:{MADE[kind]}"\n'
    assert entry in (folder / "pyproject.toml").read_text()
    printed = python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    passed = re.search(r"(\d+) passed", printed)
    # The doctest, the contract, the entry point.
    assert passed and int(passed[1]) >= 3
    assert "failed" not in printed and "skipped" not in printed


def test_what_is_written_is_clean(tmp_path: Path) -> None:
    modules = [f"ctxshape_a_{kind}" for kind in KINDS]
    for kind in KINDS:
        write_plugin(f"a-{kind}", kind, tmp_path)
    rules = ["--isolated", "--select", "E,F,I,B,UP,ANN,D,T20,C90,RUF", "--line-length", "128", "--target-version", "py311"]
    ignored = ["--ignore", "D105,D107,D203,D213,D401,RUF001,RUF002,RUF003", "--per-file-ignores", "**/tests/**:D"]
    sections = ["--config", f"lint.isort.known-third-party={modules}", "--config", 'lint.isort.known-first-party=["ctxshape"]']
    python(tmp_path, "-m", "ruff", "check", *rules, *ignored, *sections, ".")
    python(tmp_path, "-m", "ruff", "format", "--check", "--isolated", "--line-length", "128", ".")
    files = [f"ctxshape-a-{kind}/{module}.py" for kind, module in zip(KINDS, modules, strict=True)]
    follow = ["--follow-imports", "silent", "--ignore-missing-imports", "--disable-error-code", "import-untyped"]
    python(tmp_path, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "mypy"), *follow, *files)


def test_a_plugin_can_be_installed_and_is_found_by_name(tmp_path: Path) -> None:
    folder = write_plugin("ctxshape-pick-few", "transform", tmp_path)
    site = tmp_path / "site"
    pip = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    subprocess.run([sys.executable, *pip, "--target", str(site), str(folder)], check=True)
    found = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from ctxshape import Pipeline\n"
        "print(Pipeline.from_config({'step': [{'use': 'pick_few', 'min_words': 2}]}).steps)"
    )
    assert python(tmp_path, "-c", found) == "(PickFew(min_words=2),)\n"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Drop",
        "drop_ads",
        "drop ads",
        "-drop",
        "drop-",
        "drop--ads",
        "2fast",
        "../drop",
        "/tmp/x",
        "drop.ads",
        "删除",
        "x" * 61,
        "a-1",
    ],
)
def test_a_bad_name_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(repr(name)[:100])):
        write_plugin(name, out=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("drop-empty", "transform", "'drop_empty'"),
        ("context", "transform", "my-context"),
        ("none", "reader", "'None'"),
        ("random", "dataset", "my-random"),
        ("class", "dataset", "my-class"),
        ("pick", "plugin", "transform, reader, backend, embedder, scorer, dataset"),
    ],
)
def test_a_name_that_is_taken_and_an_unknown_kind(name: str, kind: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(why)):
        write_plugin(name, kind, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    folder = write_plugin("pick-few", out=tmp_path)
    (folder / "README.md").write_text("mine")
    with pytest.raises(ConfigError, match="ctxshape-pick-few.*--out"):
        write_plugin("pick-few", "reader", tmp_path)
    assert (folder / "README.md").read_text() == "mine"
    (tmp_path / "ctxshape-other").write_text("a file")
    with pytest.raises(ConfigError, match="ctxshape-other.*--out"):
        write_plugin("other", out=tmp_path)

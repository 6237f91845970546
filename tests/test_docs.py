"""The documents' examples run: Python fences as they stand, `ctxshape` commands, and the two commands of README."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/guides/*.md"))
PLUGINS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("plugins/*/README.md"))
PAGES = ["README.md", "README.zh.md", "CONTRIBUTING.md", *GUIDES, *PLUGINS]
ALL_PAGES = sorted(  # the reports of measurements, too
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "examples/**/*.md", "plugins/**/*.md", "ctxshape/**/*.md")
    for path in ROOT.glob(pattern)
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
NEEDS_MODEL = ("LlamaCpp", "demo_model", "SentenceTransformerEmbedder")


def fences(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


def python_pages(*, model: bool) -> list[str]:
    code = {page: re.sub("#.*", "", "".join(fences(page, "python"))) for page in PAGES}
    return [page for page in PAGES if code[page] and model == any(name in code[page] for name in NEEDS_MODEL)]


def run_python(page: str, folder: Path) -> None:
    """Runs all fences of a page as one program, in a folder with the files that the page names."""
    (folder / "passages.jsonl").write_text("\n".join(json.dumps({"text": t}) for t in ["Tea is hot.", "The sky is blue."]))
    for pipeline in (body for body in fences(page, "toml") if body.startswith("[[step]]")):
        (folder / "pipeline.toml").write_text(pipeline)
    code = "\n".join(fences(page, "python"))
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", python_pages(model=False))
def test_python_fences_run(page: str, tmp_path: Path) -> None:
    run_python(page, tmp_path)


@pytest.mark.model
@pytest.mark.parametrize("page", python_pages(model=True))
def test_python_fences_with_a_model_run(page: str, tmp_path: Path, smollm2_path: str) -> None:
    (tmp_path / "model.gguf").symlink_to(smollm2_path)
    run_python(page, tmp_path)


def commands(page: str) -> list[str]:
    lines = [line for body in fences(page, "bash") for line in body.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("ctxshape ")]


COMMANDS = sorted({command for page in PAGES for command in commands(page)})


@pytest.mark.model
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[1])
def test_commands_run(command: str, tmp_path: Path, smollm2_path: str) -> None:
    (tmp_path / "model.gguf").symlink_to(smollm2_path)
    passages = ["The tower was built in 1889.", "Tea is hot.", "塔建于1889年。"]
    (tmp_path / "passages.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in passages))
    (tmp_path / "pipeline.toml").write_text('[[step]]\nuse = "drop_duplicates"\n')
    program = Path(sys.executable).parent / "ctxshape"
    done = subprocess.run([program, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ci_runs_the_second_command_of_the_readme() -> None:
    first, second = (line for line in "\n".join(fences("README.md", "bash")).splitlines() if line.startswith("pip install -c"))
    assert first.endswith("&& ctxshape demo")
    assert second.endswith("&& pytest")
    assert second in (ROOT / ".ci" / "run").read_text()
    assert second in (ROOT / "CONTRIBUTING.md").read_text()
    assert first in (ROOT / "README.zh.md").read_text(encoding="utf-8")


def test_the_chinese_page_has_the_same_programs() -> None:
    def code(page: str) -> list[str]:
        return [re.sub(r"#.*", "", body).strip() for body in fences(page, "bash")]

    assert code("README.md") == code("README.zh.md")
    assert len(fences("README.md", "python")) == len(fences("README.zh.md", "python"))


def test_the_first_example_keeps_the_sentence_that_answers() -> None:
    """The comment of the README's first `print` is what it prints."""
    for page in ("README.md", "README.zh.md"):
        code = fences(page, "python")[0]
        (promised,) = re.findall(r"document\.duplicates\)  # (.*)$", code, re.MULTILINE)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
        assert done.stdout.splitlines()[0] == promised


def test_the_version_is_one() -> None:
    import ctxshape

    assert f'version = "{ctxshape.__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_links_and_headings_exist() -> None:
    """Every relative link names a file that is there, and its #anchor a heading of that file."""
    missing = []
    for page in ALL_PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)\s]*)\)", text):
            path, _, anchor = target.partition("#")
            file = (ROOT / page).parent / path if path else ROOT / page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                missing.append(f"{page}: {target}")
    assert missing == []


def anchors(file: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short() -> None:
    for page in ("README.md", "README.zh.md"):
        assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= 200

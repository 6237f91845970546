from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import ctxshape
from ctxshape.cli.app import run

PASSAGES: list[dict[str, Any]] = [
    {"id": "emma", "title": "Emma", "text": "Emma is a novel by Jane Austen. It is set in Surrey.", "source": "books"},
    {"id": "copy", "text": "Emma is a novel by Jane Austen. It is set in Surrey."},
    {"id": "bath", "text": "Rain fell in Bath."},
    {"id": "zh", "text": "《爱玛》是简·奥斯汀的小说。"},
]
QUESTION = "Who is the author of Emma?"


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        made = json.loads(self.out)
        assert isinstance(made, dict)
        return made


Call = Callable[..., Result]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command line in this process, with bytes as its standard input."""

    def call(*arguments: str | Path, stdin: bytes = b"", columns: int = 80) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Result(code, *capsys.readouterr())

    return call


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    path = tmp_path / "docs.jsonl"
    path.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in PASSAGES), encoding="utf-8")
    return path


def outside(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as its own process."""
    code = "from ctxshape.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=os.environ | environment, timeout=120)


def test_shape_shows_steps_reasons_and_passages(call: Call, docs: Path) -> None:
    result = call("shape", QUESTION, "--docs", docs)
    assert (result.code, result.err) == (0, "")
    assert re.search(r"DropDuplicates +4 → 3 +\d+ → \d+ +\d+\.\d ms\n", result.out)
    assert "copy   exact duplicate of 'emma'" in result.out
    assert "emma  Emma  books · stands for copy" in result.out
    assert "\x1b" not in result.out
    assert all(line == line.rstrip() for line in result.out.splitlines())


def test_shape_as_json(call: Call, docs: Path) -> None:
    result = call("shape", "爱玛的作者是谁？", "--docs", docs, "--preset", "light", "--json")
    record = result.record
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1 and "《爱玛》" in result.out
    assert record["query"] == "爱玛的作者是谁？"
    assert record["dropped"]["copy"] == "DropDuplicates: exact duplicate of 'emma'"
    assert [step["name"] for step in record["steps"]][:3] == ["DropEmpty", "MarkSuspicious", "DropDuplicates"]
    assert record["tokens_before"] == record["steps"][0]["tokens_before"] > record["tokens_after"]
    texts = {passage["id"]: passage["text"] for passage in PASSAGES}
    spans = [span for document in record["documents"] for span in document["spans"]]
    assert spans and all(texts[span["document"]][span["start"] : span["end"]] == span["text"] for span in spans)


def test_shape_is_the_same_twice_but_for_times(call: Call, docs: Path) -> None:
    made = [call("shape", QUESTION, "--docs", docs, "--json", "--seed", "5").out for _ in range(2)]
    without_times = [re.sub(r'"seconds": [^,]+', "", text) for text in made]
    assert without_times[0] == without_times[1]


def test_shape_reads_standard_input(call: Call) -> None:
    result = call("shape", QUESTION, "--docs", "-", "--json", stdin=b'["Emma is by Jane Austen.", "Emma is by Jane Austen."]')
    assert [document["id"] for document in result.record["documents"]] == ["d1"]


def test_a_budget_holds(call: Call, docs: Path) -> None:
    record = call("shape", QUESTION, "--docs", docs, "--budget", "25", "--json").record
    assert record["steps"][-1]["params"]["tokens"] == 25
    assert 0 < record["tokens_after"] <= 25


def test_a_pipeline_file_takes_the_place_of_a_preset(call: Call, docs: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[step]]\nuse = "drop_duplicates"\nthreshold = 0.9\n', encoding="utf-8")
    record = call("shape", QUESTION, "--docs", docs, "--pipeline", path, "--seed", "7", "--json").record
    assert [(step["name"], step["params"]["threshold"], step["params"]["seed"]) for step in record["steps"]] == [
        ("DropDuplicates", 0.9, 7)
    ]


def test_a_pipeline_file_reaches_only_what_is_allowed(call: Call, docs: Path, tmp_path: Path) -> None:
    path, folder = tmp_path / "mine.toml", tmp_path / "cache"
    embedder = f'{{ use = "cached", folder = "{folder}", embedder = {{ use = "universal" }} }}'
    path.write_text(f'step = [{{ use = "drop_duplicates", embedder = {embedder} }}]', encoding="utf-8")
    for allow in ((), ("--allow", "network"), ("--allow", "reads, network")):
        result = call("shape", QUESTION, "--docs", docs, "--pipeline", path, *allow)
        assert result.code == 2 and "CachedEmbedder" in result.err and "writes" in result.err and "--allow" in result.err
    assert not folder.exists()
    assert "'disk'" in call("shape", QUESTION, "--docs", docs, "--pipeline", path, "--allow", "disk").err
    assert call("shape", QUESTION, "--docs", docs, "--pipeline", path, "--allow", "reads,writes", "--json").record["documents"]
    assert folder.is_dir()


def test_the_raw_preset_leaves_everything(call: Call, docs: Path) -> None:
    result = call("shape", QUESTION, "--docs", docs, "--preset", "raw")
    assert "Steps  none" in result.out
    assert "4 of 4, in the order the model reads them" in result.out


def test_no_passages_are_no_error(call: Call) -> None:
    assert call("shape", QUESTION, "--docs", "-", "--json").record["documents"] == []
    assert "0 of 0" in call("shape", QUESTION, "--docs", "-").out


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_what_others_wrote_is_neither_markup_nor_escape_code(call: Call, columns: int) -> None:
    hostile = {
        "id": "[/]\x1b]0;owned\x07",
        "title": "[red]\x9b2J",
        "source": ":smile:\r",
        "text": "novel [/b] \x1b[2J\u202e Emma",
    }
    result = call("shape", "novel [bold]?", "--docs", "-", stdin=json.dumps(hostile).encode(), columns=columns)
    assert result.code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", result.out)
    letters = "".join(result.out.split())
    assert all(part in letters for part in ("[/]\\x1b]0;owned\\x07", "[red]\\x9b2J", ":smile:", "novel[/b]\\x1b[2J\\u202eEmma"))


def test_json_survives_what_json_can_smuggle(call: Call) -> None:
    passage = b'{"text": "Emma", "note": "\\ud800", "weight": NaN, "tags": [Infinity]}'
    result = call("shape", "Emma?", "--docs", "-", "--json", stdin=passage)
    assert "NaN" not in result.out and "Infinity" not in result.out
    assert result.record["documents"][0]["meta"] == {"note": "\ud800", "weight": None, "tags": [None]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shape"], "'question'.*ctxshape shape --help"),
        (["shape", "q"], "'--docs'.*ctxshape shape --help"),
        (["shape", "q", "--docs", "-", "--nope"], "--nope"),
        (["nope"], "'nope'"),
        (["shape", "q", "--docs", "-", "--budget", "0"], "'--budget'"),
        (["shape", "q", "--docs", "-", "--seed", "x"], "'--seed'"),
        (["shape", "q", "--docs", "-", "--preset", "nope"], "'nope'.*raw, light, balanced, thorough"),
        (["shape", "q", "--docs", "-", "--preset", "raw", "--pipeline", "x"], "preset is 'raw'.*pipeline is 'x'"),
        (["shape", "q", "--docs", "-", "--pipeline", "no.toml"], "'no.toml'.*No such file"),
        (["shape", "q", "--docs", "no.jsonl"], "no.jsonl.*No such file"),
        (["shape", " ", "--docs", "-"], "query.*' '"),
        (["ask", "q", "--docs", "-"], "'--model'"),
        (["ask", "q", "--docs", "-", "--model", "no.gguf", "--preset", "nope"], "'nope'.*raw, light"),
        (["ask", "q", "--docs", "-", "--model", "no.gguf", "--preset", "raw", "--embedder", "universal"], "'universal'.*'raw'"),
        (["ask", "q", "--docs", "-", "--model", "no.gguf", "--pipeline", "no.toml"], "'no.toml'"),
        (["ask", " ", "--docs", "-", "--model", "no.gguf"], "query.*' '"),
        (["ask", "q", "--docs", "no.jsonl", "--model", "no.gguf"], "no.jsonl"),
        (["ask", "q", "--docs", "-", "--model", "no.gguf", "--votes", "0"], "'--votes'"),
        (["demo", "--language", "fr"], "'fr'.*en, zh"),
        (["demo", "--preset", "nope"], "'nope'.*raw, light"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(call: Call, arguments: list[str], message: str) -> None:
    result = call(*arguments)
    assert (result.code, result.out) == (2, "")
    assert re.match(f"ctxshape: .*{message}", result.err) and result.err.count("\n") == 1


def test_a_question_and_a_file_that_are_swapped_are_named(call: Call, docs: Path) -> None:
    for command in (["shape"], ["ask", "--model", "no.gguf"]):
        result = call(*command, docs, "--docs", "Who is the author?")
        assert (result.code, result.out) == (2, "") and "swapped" in result.err
        assert "Who is the author?" in result.err and str(docs) in result.err and result.err.count("\n") == 1


def test_a_mistake_in_a_file_names_the_line(call: Call) -> None:
    result = call("shape", "q", "--docs", "-", stdin=b'"a"\n{"txt": "\\u001b[31m"}\n')
    assert (result.code, result.out) == (2, "")
    assert re.match("ctxshape: standard input, line 2 .*text, page_content, content.*txt", result.err)
    assert result.err.count("\n") == 1


def test_an_error_cannot_steer_the_terminal_either(call: Call) -> None:
    result = call("shape", "q", "--docs", "no\x1b[31m\nsuch.jsonl")
    assert result.err.startswith("ctxshape: cannot read no\\x1b[31m such.jsonl: ")


def test_an_interrupt_is_130(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ctxshape.cli.commands.read_passages", interrupt)
    result = call("shape", "q", "--docs", "-")
    assert (result.code, result.out, result.err) == (130, "", "")


def test_version_and_help(call: Call) -> None:
    assert call("--version").out == f"ctxshape {ctxshape.__version__}\n"
    assert call().out == call("--help").out
    for command in ("demo", "shape", "ask", "components"):
        result = call(command, "--help")
        assert result.code == 0 and f"Example:\n    ctxshape {command}" in result.out


def test_components_are_named_and_described(call: Call) -> None:
    found = call("components", "--json").record
    assert list(found) == ["transforms", "readers", "backends", "embedders", "scorers", "datasets"]
    assert found["transforms"]["reorder"].startswith("Moves the most relevant documents")
    shown = call("components")
    assert (shown.code, shown.err) == (0, "") and "drop_duplicates" in shown.out


def test_a_reader_that_leaves_ends_it_silently(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps(f"passage {n} about novels") + "\n" for n in range(3000)), encoding="utf-8")
    code = "from ctxshape.cli import main; main()"
    command = [sys.executable, "-c", code, "shape", "novels", "--docs", str(path), "--preset", "raw"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_without_typer_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')\n", encoding="utf-8"
    )
    result = outside("--version", PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "ctxshape: the command line needs typer. Install it with: pip install 'ctxshape[cli]'\n"


def test_a_terminal_that_knows_no_chinese_is_no_reason_to_fail(docs: Path) -> None:
    shown = outside("shape", "爱玛", "--docs", docs, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (shown.returncode, shown.stderr) == (0, "")
    record = outside("shape", "爱玛", "--docs", docs, "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert record.stdout.isascii() and json.loads(record.stdout)["query"] == "爱玛"


def test_thorough_by_names_alone(call: Call, docs: Path) -> None:
    result = call(
        "shape", QUESTION, "--docs", docs, "--preset", "thorough", "--embedder", "universal", "--reranker", "universal"
    )
    assert (result.code, result.err) == (0, "") and "KeepEvidence" in result.out


def test_a_model_that_the_preset_would_not_use_is_a_mistake(call: Call, docs: Path) -> None:
    for option, users in (("embedder", "balanced or thorough"), ("reranker", "thorough")):
        result = call("shape", QUESTION, "--docs", docs, f"--{option}", "universal")
        assert result.code == 2 and re.search(f"{option} is 'universal'.*'light'.*{users}", result.err)


def test_loading_the_command_line_loads_no_model_library() -> None:
    code = (
        "import sys, ctxshape.cli.app; print([m for m in ('llama_cpp', 'torch', 'sentence_transformers') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.model
def test_ask_answers_with_evidence(call: Call, docs: Path, smollm2_path: str) -> None:
    arguments = ("ask", QUESTION, "--docs", docs, "--model", smollm2_path, "--n-ctx", "1024", "--threads", "2")
    record = call(*arguments, "--json").record
    answer = record["answer"]
    assert "Jane Austen" in answer["text"]
    assert [(c["document"], c["text"]) for c in answer["citations"]] == [("emma", "Emma is a novel by Jane Austen.")]
    assert answer["usage"]["prompt_tokens"] > 0
    shown = call(*arguments)
    assert shown.code == 0 and shown.err.splitlines()[1:] == ["Reading the passages …"]
    assert "Answer\n" in shown.out and "Evidence" in shown.out and "prefill" in shown.out


@pytest.mark.model
def test_ask_counts_votes(call: Call, docs: Path, smollm2_path: str) -> None:
    arguments = ("ask", QUESTION, "--docs", docs, "--model", smollm2_path, "--preset", "raw", "--votes", "3", "--seed", "1")
    answer = call(*arguments, "--max-tokens", "12", "--json").record["answer"]
    assert len(answer["votes"]) == 3 and 1 / 3 <= answer["agreement"] <= 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--n-ctx", "64"], "64"), (["--budget", "3"], "a budget of 3 tokens holds no sentence")],
)
def test_ask_mistakes_that_need_the_model(
    call: Call, docs: Path, smollm2_path: str, arguments: list[str], message: str
) -> None:
    result = call("ask", QUESTION, "--docs", docs, "--model", smollm2_path, *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith("ctxshape: ") and message in result.err.splitlines()[-1]


@pytest.mark.parametrize("content", [None, b"this is no GGUF"], ids=["missing", "broken"])
def test_a_model_that_is_none(call: Call, docs: Path, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    result = call("ask", QUESTION, "--docs", docs, "--model", path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("ctxshape: ") and result.err.count("\n") == 1 and "model.gguf" in result.err


def test_a_seed_reaches_the_steps_inside_when(call: Call, docs: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[step]]\nuse = "when"\nmin_documents = 2\nthen = { use = "drop_duplicates" }\n', encoding="utf-8")
    record = call("shape", QUESTION, "--docs", docs, "--pipeline", path, "--seed", "7", "--json").record
    assert [(step["name"], step["params"].get("seed")) for step in record["steps"]] == [("When", None), ("DropDuplicates", 7)]


def test_the_module_is_the_command() -> None:
    """As `python -m`, for an interpreter whose scripts are not on the path."""
    command = [sys.executable, "-m", "ctxshape", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1] == ctxshape.__version__

"""Options that are lists."""

import pytest

from ctxshape.cli.app import run
from ctxshape.cli.options import lengths_of, split_commas
from ctxshape.errors import ConfigError


def test_names_between_commas() -> None:
    assert split_commas(" raw, light ,,") == ["raw", "light"] and split_commas("") == []


def test_lengths() -> None:
    assert lengths_of("--lengths", " 4,10 ,") == [4, 10]
    for given in ("", "4,x", "-1"):
        with pytest.raises(ConfigError, match="--lengths is"):
            lengths_of("--lengths", given)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--budget", "0"], ["'--budget'", "1", "'0'"]),
        (["--budget=-7"], ["'--budget'", "'-7'"]),
        (["--seed", "many"], ["'--seed'", "'many'"]),
    ],
)
def test_a_wrong_value_is_told(arguments: list[str], told: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shape", "Who?", "--docs", "none.jsonl", *arguments]) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in told) and error.count("\n") == 1, error


def test_an_address_is_no_model_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (["ask", "Who?", "--docs", "none.jsonl"], ["demo"]):
        assert run([*line, "--model", "http://me:secret@127.0.0.1:8080/v1"]) == 2
        error = capsys.readouterr().err
        assert "GGUF" in error and "OpenAICompatible" in error and "secret" not in error


def test_only_commands_with_a_model_name_it_as_the_reranker(capsys: pytest.CaptureFixture[str]) -> None:
    for command, named in (("shape", False), ("ask", True)):
        assert run([command, "--help"]) == 0
        assert ("--model" in capsys.readouterr().out) is named

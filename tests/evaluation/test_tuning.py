from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape import Document, Pipeline, Reorder, shape
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation import Case, Tuning, tune
from ctxshape.evaluation.choices import Choice, check_choices, choices
from ctxshape.evaluation.pipeline_file import needed_reach, pipeline_toml, write_new
from ctxshape.evaluation.questions import LEAST, answer_score, needs_shuffling, retrieved_list_of
from ctxshape.evaluation.tuning_report import call_of, tuned_toml, verdict_of
from ctxshape.testing import ScriptedBackend

FACT = "The mill of Arden {n} is in Velm {n}."
NOISE = [f"The bridge of Orsa {k} was opened for trains and for ships long ago, as everybody knows." for k in range(6)]


def case(n: int, **fields: object) -> Case:
    """A question whose answer is in the fourth of seven passages."""
    gold = Document(id="g1", text=FACT.format(n=n))
    others = tuple(Document(id=f"x{k}", text=text) for k, text in enumerate(NOISE, 1))
    made = Case(
        id=str(n),
        question=f"Where is the mill of Arden {n}?",
        facts=((f"Velm {n}",),),
        gold=(gold,),
        distractors=others,
        retrieved=("x1", "x2", "x3", "g1", "x4", "x5", "x6"),
    )
    return made.model_copy(update=fields)


def cases(n: int = 30) -> list[Case]:
    return [case(number) for number in range(n)]


def mill(prompt: str) -> str:
    """Returns the answer of a model that reads everything."""
    found = re.findall(r"is in (Velm \d+)", prompt)
    return found[0] if found else "unknown"


def first_only(prompt: str) -> str:
    """Returns the answer of a model that reads only the first document."""
    return mill(prompt.split("Document [2]")[0])


def tuned(reply: Callable[[str], str], n: int = 30, **options: object) -> Tuning:
    wanted: dict[str, object] = {"presets": ["light"], "budgets": [None], "orders": ["front"], **options}
    return tune(cases(n), ScriptedBackend(reply=reply), **wanted)  # type: ignore[arg-type]


def test_a_setting_that_is_better_is_chosen_and_ends_the_race_early() -> None:
    found = tuned(first_only, n=60)
    assert (found.verdict, found.stop, found.chosen.setting.name) == ("better", "settled", "light")
    assert (found.raw.score, found.chosen.score) == (0.0, 1.0)
    assert found.n == LEAST  # 20 equal differences of 1 are enough
    assert found.chosen.difference.low > 0.4
    assert found.chosen.tokens < found.raw.tokens
    assert "'light' is better than raw: +1.00" in verdict_of(found)


def test_the_cheapest_of_equal_settings_is_chosen() -> None:
    found = tuned(mill, budgets=[None, 40, 90])
    assert (found.verdict, found.stop) == ("cheaper", "questions")
    assert found.chosen.tokens == min(result.tokens for result in found.results)
    assert found.chosen.difference[0::3] == (0.0, 30)
    told = verdict_of(found)
    assert "No setting is shown to be better" in told and f"up to {-found.chosen.difference.low:.2f} cannot" in told


def test_raw_is_chosen_when_shaping_loses_the_answer() -> None:
    def only_long(prompt: str) -> str:
        return mill(prompt) if "Document [7]" in prompt else "unknown"

    found = tuned(only_long, n=60)
    assert (found.verdict, found.stop, found.chosen.setting.name) == ("raw", "settled", "raw")
    assert "Nothing beats raw. The best setting, 'light', has -1.00" in verdict_of(found)
    asked = tuned(only_long, n=60, even_if_raw=True)
    assert (asked.verdict, asked.chosen.setting.name) == ("raw", "light")


def test_another_order_is_chosen_if_it_is_better() -> None:
    def last_only(prompt: str) -> str:
        return mill(prompt.split("Document [")[-1])

    others = tuple(Document(id=f"x{k}", text=f"The mill of Arden {k} is old. Nobody lives there.") for k in range(1, 7))
    near = [case(n, distractors=others) for n in range(30, 55)]
    found = tune(near, ScriptedBackend(reply=last_only), presets=["light"], budgets=[200], orders=["front", "back"])
    assert found.chosen.setting == Choice("light", 200, "back")
    assert [step for step in found.pipeline.steps if isinstance(step, Reorder)] == [Reorder(strategy="back")]


def test_time_ends_the_race_before_it_is_over() -> None:
    now = iter(range(0, 100_000, 3))  # each look at the clock takes 3 seconds
    found = tuned(mill, n=60, minutes=5, clock=lambda: float(next(now)))
    assert found.stop == "minutes" and LEAST <= found.n < 60
    now = iter(range(0, 100_000, 3))
    short = tuned(mill, n=60, minutes=1, clock=lambda: float(next(now)))
    assert short.verdict == "too few" and 0 < short.n < LEAST
    assert f"{short.n} questions" in verdict_of(short) and "--minutes" in verdict_of(short)


def test_answers_are_kept_for_a_further_run(tmp_path: Path) -> None:
    first = tuned(mill, n=25, answers=tmp_path / "answers.sqlite")
    again = tuned(mill, n=25, answers=tmp_path / "answers.sqlite")
    more = tuned(mill, n=30, answers=tmp_path / "answers.sqlite")
    assert first.computed > 0 and again.computed == 0 and again.results == first.results
    assert 0 < more.computed < first.computed


def test_a_prompt_that_does_not_fit_scores_0_and_is_counted() -> None:
    found = tune(cases(25), ScriptedBackend(reply=mill, n_ctx=150), presets=["light"], budgets=[None], orders=["front"])
    assert (found.raw.unread, found.raw.score, found.chosen.unread) == (LEAST, 0.0, 0)


def test_the_file_holds_what_was_measured_and_loads(tmp_path: Path) -> None:
    found = tuned(first_only, budgets=[60])
    path = tmp_path / "pipeline.toml"
    text = tuned_toml(found, str(path), data="mills.jsonl", model="m.gguf")
    assert text == tuned_toml(tuned(first_only, budgets=[60]), str(path), data="mills.jsonl", model="m.gguf")
    write_new(path, text)
    assert Pipeline.from_config(path) == found.pipeline
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    for told in ("mills.jsonl", "m.gguf", f"{found.n} questions", "light, 60 tokens", "+1.00 [+0.", "95%", "raw 0.000"):
        assert told in comments
    context = shape("Where is the mill of Arden 3?", [*NOISE, FACT.format(n=3)], pipeline=str(path))
    assert FACT.format(n=3) in [document.text for document in context.documents]


@pytest.mark.parametrize("pipeline", [Pipeline(), Pipeline(Reorder(strategy="weights", weights=(0.5, 1e-7)))])
def test_values_survive_the_file(pipeline: Pipeline) -> None:
    assert Pipeline.from_config(tomllib.loads(pipeline_toml(pipeline))) == pipeline


@pytest.mark.parametrize("text", ['a "b" \\ c', "tab\tline\nend", "中文 é 😀", "\x00\x1f\x7f\x85\u2028", "", "# no comment"])
def test_texts_survive_the_file(text: str) -> None:
    profile = Pipeline(Reorder(strategy="profile", profile={"model": text, "tables": [TABLE]}))
    written = pipeline_toml(profile, [text])
    assert tomllib.loads(written)["step"][0]["profile"]["model"] == text
    assert all(line.startswith("#") for line in written.split("\n\n[[step]]")[0].splitlines())


TABLE = {"documents": 2, "slots": [0, 1], "prompts": 1, "accuracy": [0.5, 1.0], "likelihood": [], "mass": []}


def test_the_call_names_what_has_to_be_allowed(tmp_path: Path) -> None:
    found = tuned(mill)
    assert needed_reach(found.pipeline) == ()
    assert call_of(found, "p.toml") == "shape(question, passages, pipeline='p.toml')"
    profile = tmp_path / "profile.json"
    entry = {"model": "m", "profile": {"tables": [TABLE]}}
    profile.write_text(json.dumps({"format": "ctxshape models 1", "models": {"a": entry}}))
    reading = found._replace(pipeline=Pipeline(Reorder(strategy="profile", profile=str(profile))))
    assert "allow='reads'" in call_of(reading, "p.toml")


def test_lists_keep_their_order_unless_it_tells_nothing() -> None:
    one = case(1)
    assert [d.text for d in retrieved_list_of(one).documents] == [*NOISE[:3], FACT.format(n=1), *NOISE[3:]]
    assert [d.text for d in retrieved_list_of(one, documents=3).documents] == [*NOISE[:2], FACT.format(n=1)]
    assert [d.id for d in retrieved_list_of(one, seed=0).documents] == [f"d{n}" for n in range(1, 8)]
    assert retrieved_list_of(one, seed=0) == retrieved_list_of(one, seed=0) != retrieved_list_of(one, seed=1)
    assert not needs_shuffling(cases())
    assert needs_shuffling([case(n, retrieved=("g1", "x1", "x2", "x3", "x4", "x5", "x6")) for n in range(LEAST)])
    assert needs_shuffling([case(n, retrieved=()) for n in range(LEAST)])


def test_the_score_depends_on_the_answers_there_are() -> None:
    assert answer_score(case(1), "In Velm 1.\nOr not.", False) == 1.0
    long = case(1, facts=(), references=("It is in Velm",))
    assert answer_score(long, "It is in Velm", False) == 1.0 and answer_score(long, "Rain", False) == 0.0
    refused = case(1, facts=(), gold=())
    assert (answer_score(refused, "", True), answer_score(refused, "Velm", False)) == (1.0, 0.0)
    long_ones = [case(n, facts=(), references=("In Velm",)) for n in range(10, 20)]
    found = tune([*cases(10), *long_ones], ScriptedBackend(), presets=["light"])
    assert "best subspan EM): 10, ROUGE-L: 10" in found.metric


@pytest.mark.parametrize(
    ("n", "options", "message"),
    [
        (10, {}, "10 questions.*at least 20"),
        (1, {}, "1 question,.*at least 20"),
        (0, {}, "0 questions"),
        (20, {"presets": ["ligth"]}, "'ligth'.*'light'.*raw, light"),
        (20, {"presets": ["raw"]}, "nothing to compare"),
        (20, {"budgets": [0]}, "budget is 0"),
        (20, {"budgets": []}, "nothing to compare"),
        (20, {"limit": 10}, "limit is 10.*at least 20"),
        (20, {"orders": ["last"]}, "last.*front, back, edges"),
        (20, {"margin": 1.0}, "margin is 1.0"),
        (20, {"minutes": 0.0}, "minutes is 0"),
        (20, {"documents": 0}, "documents is 0"),
        (20, {"embedder": "universal"}, "embedder.*light.*balanced"),
        (20, {"presets": ["thorough"], "embedder": len}, "'thorough' needs a reranker"),
    ],
)
def test_mistakes_are_named_before_a_question_is_asked(n: int, options: dict[str, object], message: str) -> None:
    def never(prompt: str) -> str:
        raise AssertionError

    with pytest.raises((ConfigError, InvalidInput), match=message):
        tuned(never, n, **options)


def test_data_without_any_answer_is_refused() -> None:
    with pytest.raises(ConfigError, match="no question has an answer.*'answers'"):
        tune([case(n, facts=(), gold=()) for n in range(20)], ScriptedBackend())


def test_two_cases_of_one_id_are_refused() -> None:
    with pytest.raises(ConfigError, match="two cases have the id '3'"):
        tune([*cases(20), case(3)], ScriptedBackend(), presets=["light"])


def test_a_model_that_a_file_cannot_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot describe 'balanced'"):
        tuned(mill, presets=["balanced"], embedder=lambda texts: [[1.0] for _ in texts])


def test_settings_are_named_once() -> None:
    found = choices(["raw", "light", "light"], [None, 256, 256])
    assert [setting.name for setting in found] == ["raw", "light", "light, 256 tokens"]
    check_choices(found, ScriptedBackend())

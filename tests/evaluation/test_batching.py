from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import SegmentCache
from ctxshape.errors import ConfigError, ContextTooLong
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.batching import BatchingBackend
from ctxshape.testing import ScriptedBackend, ScriptedSegments


class Counting:
    """A scripted backend that keeps what it was asked."""

    def __init__(self, n_ctx: int = 4096) -> None:
        self.scripted = ScriptedBackend(reply=str.upper, n_ctx=n_ctx)
        self.batches: list[list[str]] = []

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        self.batches.append([prompt.text for prompt in prompts])
        return self.scripted.generate(prompts, options)

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        return self.scripted.stream(prompt, options)

    def count_tokens(self, text: str, /) -> int:
        return self.scripted.count_tokens(text)

    def context_length(self) -> int:
        return self.scripted.context_length()


def prompt(text: str) -> Prompt:
    return Prompt(lead=(), documents=(Segment(text=text),), tail=())


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    made = Answers(tmp_path / "answers.sqlite", "a model")
    yield made
    made.close()


def test_what_tasks_ask_is_one_batch_a_round_and_each_prompt_once(answers: Answers) -> None:
    backend = Counting()
    batching = BatchingBackend(backend, answers)

    def once() -> str:
        return batching.generate([prompt("a")])[0].text

    def twice() -> str:
        first = batching.generate([prompt("b"), prompt("a")])
        return first[0].text + batching.generate([prompt(first[0].text)])[0].text

    assert batching.run([once, twice, once]) == ["A", "BB", "A"]
    assert backend.batches == [["a", "b"], ["B"]]
    assert batching.computed == 3


def test_the_same_text_under_other_ids_is_one_prompt(answers: Answers) -> None:
    backend = Counting()
    batching = BatchingBackend(backend, answers)
    named = Prompt(lead=(), documents=(Segment(text="a", document="d7"),), tail=())
    batching.run([lambda: batching.generate([prompt("a")]), lambda: batching.generate([named])])
    assert backend.batches == [["a"]] and batching.computed == 1


def test_what_was_kept_is_not_computed_again(answers: Answers, tmp_path: Path) -> None:
    BatchingBackend(Counting(), answers).run([])
    BatchingBackend(Counting(), answers).generate([prompt("a")])
    again = Counting()
    reopened = Answers(tmp_path / "answers.sqlite", "a model")
    batching = BatchingBackend(again, reopened)
    assert batching.run([lambda: batching.generate([prompt("b"), prompt("a")])[1].text]) == ["A"]
    assert again.batches == [["b"]]
    reopened.close()


def test_another_model_other_options_or_other_text_is_another_question(answers: Answers, tmp_path: Path) -> None:
    answers.put([(prompt("a"), Completion(text="x"))], Generation())
    assert answers.get(prompt("a"), Generation()) == Completion(text="x")
    assert answers.get(prompt("b"), Generation()) is None
    assert answers.get(prompt("a"), Generation(max_tokens=3)) is None
    trusted = Prompt(lead=(), documents=(Segment(text="a", trusted=True),), tail=())
    assert answers.get(trusted, Generation()) is None
    named = Prompt(lead=(), documents=(Segment(text="a", document="d7"),), tail=())
    assert answers.get(named, Generation()) == Completion(text="x")
    other = Answers(tmp_path / "answers.sqlite", "another model")
    assert other.get(prompt("a"), Generation()) is None
    other.close()


def test_one_prompt_too_long_fails_alone(answers: Answers) -> None:
    batching = BatchingBackend(Counting(n_ctx=100), answers)

    def asks(text: str) -> str:
        try:
            return batching.generate([prompt(text)])[0].text
        except ContextTooLong as error:
            return str(error)

    fits, fails = batching.run([lambda: asks("a"), lambda: asks("word " * 200)])
    assert fits == "A" and "n_ctx is 100" in fails


def test_an_error_of_a_task_reaches_the_caller_and_the_next_run_works(answers: Answers) -> None:
    batching = BatchingBackend(Counting(), answers)

    def fails() -> str:
        batching.generate([prompt("a")])
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        batching.run([fails, lambda: batching.generate([prompt("b")])[0].text])
    assert batching.run([lambda: batching.generate([prompt("c")])[0].text]) == ["C"]


def test_alone_keeps_nothing(answers: Answers) -> None:
    backend = Counting()
    batching = BatchingBackend(backend, answers)
    with batching.alone():
        batching.generate([prompt("a")])
        batching.generate([prompt("a")])
    batching.generate([prompt("a")])
    assert backend.batches == [["a"]] * 3


def test_a_file_that_is_no_base_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_text("hello " * 1000)
    with pytest.raises(ConfigError, match=r"'.*answers.sqlite'"):
        Answers(path, "a model")


def test_a_models_identity_is_its_content_and_what_changes_its_answers(tmp_path: Path) -> None:
    assert backend_identity(ScriptedBackend(reply="a")) != backend_identity(ScriptedBackend(reply="b"))
    assert backend_identity(ScriptedBackend(reply="a")) == backend_identity(ScriptedBackend(reply="a", n_ctx=77))


def test_what_is_read_in_orders_or_side_by_side_is_kept_by_its_order(answers: Answers) -> None:
    shown: list[str] = []
    two = Prompt(lead=(), documents=(Segment(text="a"), Segment(text="b")), tail=())

    def rule(text: str) -> str:
        shown.append(text)
        return text.upper()

    for _ in range(2):  # the second time as another run would
        batching = BatchingBackend(ScriptedSegments(reply=rule), answers)
        assert isinstance(batching, SegmentCache)
        assert [reply.text for reply in batching.generate_orders(two, [[0, 1], [1, 0]])] == ["AB", "BA"]
        assert batching.generate_windows(two).text == "AB"
        assert batching.generate([two])[0].text == "AB"
    assert shown == ["ab", "ba", "ab", "ab"] and batching.computed == 0
    assert batching.generate_orders(two, [[1, 0]])[0].text == "BA" and batching.computed == 1
    with batching.alone():
        batching.generate_windows(two)
    assert shown[4:] == ["ba", "ab"] and batching.computed == 1

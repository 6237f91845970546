"""Documents side by side: an answer that their order cannot change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Answer, Generation
from ctxshape.core.prompts import CHINESE, ENGLISH
from ctxshape.core.types import Context, Span
from ctxshape.errors import ConfigError
from ctxshape.readers.windows import ParallelWindows, unnumbered
from ctxshape.testing.contracts import check_reader
from ctxshape.testing.scripted import ScriptedBackend, ScriptedSegments

SCORES = [
    {"id": "a", "title": "Emma", "text": "Jane Austen wrote Emma."},
    {"id": "b", "title": "Camp", "text": "Jane Bowles wrote Camp Cataract."},
    {"id": "c", "text": "It rained."},
    {"id": "d", "text": "Jane Austen wrote Emma. It was 1815."},
]


def timeless(answer: Answer) -> dict[str, object]:
    return answer.model_dump(exclude={"usage"})


def test_what_is_shown_is_sorted_and_has_no_number() -> None:
    shown: list[str] = []

    def rule(text: str) -> str:
        shown.append(text)
        return "Answer: Jane Austen"

    answers = [
        ParallelWindows(backend=ScriptedSegments(reply=rule))(Context.of("Who wrote Emma?", order))
        for order in permutations(SCORES)
    ]
    assert set(shown) == {
        ENGLISH.instruction + "Document It rained.\nDocument(Title: Emma) Jane Austen wrote Emma.\n"
        "Document Jane Austen wrote Emma. It was 1815.\nDocument(Title: Camp) Jane Bowles wrote Camp Cataract.\n"
        "\nQuestion: Who wrote Emma?\nAnswer:"
    }
    assert len(shown) == 24 and all(timeless(answer) == timeless(answers[0]) for answer in answers)
    assert answers[0].text == "Jane Austen"  # the repeated cue is gone
    assert answers[0].citations == (Span(document="a", start=0, end=23), Span(document="d", start=0, end=23))


def test_chinese() -> None:
    context = Context.of("《爱玛》是谁写的？", ["下雨了。", "简·奥斯汀写了《爱玛》。"])
    reader = ParallelWindows(
        backend=ScriptedSegments(reply=lambda text: "简·奥斯汀" if "文档下雨了。\n文档简" in text else "？")
    )
    assert reader(context).text == "简·奥斯汀"


def test_templates_lose_their_number_and_nothing_else() -> None:
    assert unnumbered(ENGLISH).document == "Document(Title: {title}) {text}\n"
    assert unnumbered(CHINESE).document == "文档（标题：{title}）{text}\n"
    own = ENGLISH.model_copy(update={"untitled": "{number}. {text} [1]\n"})
    assert unnumbered(own).untitled == ". {text} [1]\n"
    assert unnumbered(own).instruction == ENGLISH.instruction


@pytest.mark.parametrize("documents", [[], [" "]])
def test_without_text_to_read_it_abstains(documents: list[str]) -> None:
    answer = ParallelWindows(backend=ScriptedSegments(reply="Jane"))(Context.of("Who?", documents))
    assert (answer.text, answer.abstained, answer.usage.prompt_tokens) == ("", True, 0)


def test_a_backend_that_cannot_is_named_when_it_is_made() -> None:
    with pytest.raises(ConfigError, match="ParallelWindows .* LlamaCpp .* ScriptedBackend "):
        ParallelWindows(backend=ScriptedBackend())
    with pytest.raises(ConfigError, match="'backend'"):
        ParallelWindows()


def test_contract() -> None:
    check_reader(ParallelWindows(backend=ScriptedSegments(reply="Jane Austen [1]")))


@pytest.fixture(scope="module")
def model(smollm2_path: str) -> Iterator[LlamaCpp]:
    with LlamaCpp(smollm2_path, n_ctx=1024, n_threads=1) as made:
        yield made


@pytest.mark.model
def test_a_model_answers_all_orders_the_same(model: LlamaCpp) -> None:
    reader = ParallelWindows(backend=model, options=Generation(max_tokens=6))
    answers = [reader(Context.of("Who wrote Emma?", order)) for order in permutations(SCORES)]
    assert len(answers) == 24 and answers[0].text
    assert {answer.text.encode() for answer in answers} == {answers[0].text.encode()}
    assert all(timeless(answer) == timeless(answers[0]) for answer in answers)
    computed = [answer.usage.computed_tokens for answer in answers]
    assert computed[0] == answers[0].usage.prompt_tokens and len(set(computed[1:])) == 1 and computed[1] < computed[0] / 3

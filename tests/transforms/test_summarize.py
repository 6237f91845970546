"""Summaries of blocks: what becomes of each document, what is asked in how many batches, what is noted."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.prompts import SUMMARY_CHINESE, SUMMARY_ENGLISH, document_texts
from ctxshape.core.types import Context, Document, Span
from ctxshape.errors import ConfigError, ContextTooLong
from ctxshape.testing.contracts import check_transform
from ctxshape.testing.scripted import ScriptedBackend
from ctxshape.transforms.summarize import SummarizeBlocks


class Batches(ScriptedBackend):
    """Keeps the prompts of each batch."""

    seen: list[list[str]]

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        self.seen.append([prompt.text for prompt in prompts])
        return super().generate(prompts, options)


def shown(prompt: str) -> list[str]:
    """The texts of the documents in a prompt."""
    return re.findall(r"^(?:Document |文档)\[\d+\](?:\(Title: .*?\))? ?(.*)$", prompt, re.MULTILINE)


def initials(prompt: str) -> str:
    """A summary: the first word of each document."""
    return " ".join(text.split()[0].strip(".") for text in shown(prompt)) + "."


FIVE = Context.of("Which letters?", ["alpha one", "beta two", "gamma three", "delta four", "epsilon five"])


def test_each_block_of_consecutive_documents_becomes_one_summary_in_one_batch() -> None:
    backend = Batches(reply=initials, seen=[])
    shaped = SummarizeBlocks(backend=backend, documents_per_block=2)(FIVE)
    assert [(d.id, d.text) for d in shaped.documents] == [
        ("summary1", "alpha beta."),
        ("summary2", "gamma delta."),
        ("summary3", "epsilon."),
    ]
    assert [len(batch) for batch in backend.seen] == [3]
    assert backend.seen[0][0].startswith(SUMMARY_ENGLISH.instruction)
    assert backend.seen[0][0].endswith("Question: Which letters?\nSummary:")
    assert shaped.dropped == {
        "d1": "summarized in 'summary1'",
        "d2": "summarized in 'summary1'",
        "d3": "summarized in 'summary2'",
        "d4": "summarized in 'summary2'",
        "d5": "summarized in 'summary3'",
    }
    assert shaped.notes == {}


def test_a_summary_has_the_spans_the_best_score_and_what_its_documents_share() -> None:
    documents = [
        Document(id="a", text="x y", title="T", source="wiki", score=0.2),
        Document(id="b", text="z", title="T", source="web", score=0.7),
    ]
    (summary,) = SummarizeBlocks(backend=ScriptedBackend())(Context.of("q", documents)).documents
    assert summary == Document(
        id="summary1",
        text="answer",
        title="T",
        score=0.7,
        kind="rewrite",
        spans=(Span(document="a", start=0, end=3), Span(document="b", start=0, end=1)),
    )


def test_a_score_that_one_document_lacks_is_left_out() -> None:
    context = Context.of("q", [Document(id="a", text="x", score=0.2), Document(id="b", text="y")])
    assert SummarizeBlocks(backend=ScriptedBackend())(context).documents[0].score is None


def test_spans_of_an_extract_are_kept() -> None:
    context = Context.of("q", ["One. Two. Three."])
    spans = (Span(document="d1", start=0, end=4), Span(document="d1", start=10, end=16))
    extract = context.documents[0].model_copy(update={"text": "One. Three.", "spans": spans})
    assert SummarizeBlocks(backend=ScriptedBackend())(context.keep([extract])).documents[0].spans == spans


def test_a_block_that_says_nothing_is_dropped() -> None:
    backend = ScriptedBackend(reply=lambda text: "NONE" if "gamma" in text else "alpha and beta")
    shaped = SummarizeBlocks(backend=backend, documents_per_block=2)(Context.of("Which?", [d.text for d in FIVE.documents[:4]]))
    assert [d.text for d in shaped.documents] == ["alpha and beta"]
    assert shaped.dropped["d3"] == shaped.dropped["d4"] == "its block of 2 says nothing about the question"


def test_all_blocks_may_say_nothing() -> None:
    backend = ScriptedBackend(reply="The documents say nothing about the question.")
    shaped = SummarizeBlocks(backend=backend, budget=1)(FIVE)
    assert shaped.documents == ()
    assert set(shaped.dropped) == {"d1", "d2", "d3", "d4", "d5"}


def test_an_empty_context_and_empty_documents_ask_no_model() -> None:
    backend = Batches(seen=[])
    assert SummarizeBlocks(backend=backend)(Context.of("q", [])).documents == ()
    assert SummarizeBlocks(backend=backend)(Context.of("q", [" "])).dropped == {"d1": "it has no text"}
    assert backend.seen == []


def test_ids_are_new_also_against_what_is_gone() -> None:
    context = Context.of("q", [{"id": "summary1", "text": "alpha"}, "beta"])
    twice = Pipeline(SummarizeBlocks(backend=ScriptedBackend()), SummarizeBlocks(backend=ScriptedBackend()))(context)
    assert [step.after for step in twice.trace.steps] == [("summary2",), ("summary3",)]
    assert twice.trace.dropped["summary1"] == "SummarizeBlocks: summarized in 'summary2'"


def test_above_the_budget_summaries_are_summarised_again() -> None:
    backend = Batches(reply=initials, seen=[])
    # "Document [1] alpha beta.\n" and "Document [3] epsilon.\n" are 9 tokens each, "Document [1] alpha epsilon.\n" is 10.
    shaped = SummarizeBlocks(backend=backend, documents_per_block=2, budget=10)(FIVE)
    assert [len(batch) for batch in backend.seen] == [3, 2, 1]
    assert shown(backend.seen[1][0]) == ["alpha beta.", "gamma delta."]
    assert [(d.id, d.text) for d in shaped.documents] == [("summary1", "alpha epsilon.")]
    assert shaped.documents[0].spans == tuple(Span(document=d.id, start=0, end=len(d.text)) for d in FIVE.documents)
    assert set(shaped.dropped.values()) == {"summarized in 'summary1'"}
    assert shaped.notes == {}


def test_where_nothing_gets_shorter_it_stops_and_says_so() -> None:
    backend = Batches(reply="always the same answer", seen=[])
    shaped = SummarizeBlocks(backend=backend, documents_per_block=1, budget=3)(FIVE)
    assert len(shaped.documents) == 5
    assert len(backend.seen) == 2
    tokens = sum(map(backend.count_tokens, document_texts(FIVE.query, shaped.documents)))
    assert shaped.notes == {"summary1": f"the summaries take {tokens} tokens, above the budget of 3, and get no shorter"}


def test_a_higher_summary_that_says_nothing_drops_nothing() -> None:
    backend = ScriptedBackend(reply=lambda text: "NONE" if "fact" in text else "a fact")
    shaped = SummarizeBlocks(backend=backend, documents_per_block=3, budget=3)(FIVE)
    assert [d.text for d in shaped.documents] == ["a fact", "a fact"]
    assert "get no shorter" in shaped.notes["summary1"]


def test_figures_and_names_without_a_source_are_noted() -> None:
    context = Context.of("When was she born?", [{"title": "Ann Lee", "text": "She was born in 1978."}, "Bath is old."])
    backend = ScriptedBackend(reply="Ann Lee was born in 1987 in Bath to John Smith.")
    assert SummarizeBlocks(backend=backend)(context).notes == {"summary1": "not in its sources: 1987, John Smith"}


def test_notes_of_lower_summaries_are_kept() -> None:
    def rule(text: str) -> str:
        return "Two." if "Smith" in text else "One two three by Smith."

    shaped = SummarizeBlocks(backend=ScriptedBackend(reply=rule), documents_per_block=3, budget=8)(FIVE)
    assert [d.text for d in shaped.documents] == ["Two."]
    assert shaped.notes == {"summary1": "not in its sources: Smith"}


def test_what_is_too_long_for_the_model_is_read_in_smaller_blocks_and_parts() -> None:
    texts = ["alpha one. " * 20, "beta.", "gamma.", "delta " * 90]
    backend = Batches(reply=initials, n_ctx=200, seen=[])
    shaped = SummarizeBlocks(backend=backend, documents_per_block=4, options=Generation(max_tokens=20))(Context.of("q", texts))
    assert len(backend.seen) == 1 and len(backend.seen[0]) > 2
    read = " ".join(text for prompt in backend.seen[0] for text in shown(prompt))
    assert [read.count(word) for word in ("alpha one.", "beta.", "gamma.", "delta")] == [20, 1, 1, 90]
    assert shaped.dropped["d4"] == "summarized in 'summary2', 'summary3'"
    spans = [span for document in shaped.documents for span in document.spans if span.document == "d4"]
    assert "".join(texts[3][span.start : span.end].replace(" ", "") for span in spans) == "delta" * 90
    assert all(b.start - a.end == 1 for a, b in pairwise(spans))


def test_a_question_too_long_for_the_model_is_the_backends_error() -> None:
    with pytest.raises(ContextTooLong, match="100"):
        SummarizeBlocks(backend=ScriptedBackend(n_ctx=100))(FIVE)


def test_a_summary_that_was_cut_off_keeps_whole_sentences_and_says_so() -> None:
    context = Context.of("q", ["One two three four five."])
    cut = SummarizeBlocks(backend=ScriptedBackend(reply="One two three. four five"), options=Generation(max_tokens=4))(context)
    assert cut.documents[0].text == "One two three."
    assert cut.notes == {"summary1": "ended at 4 tokens; its unfinished last sentence was left out"}
    only = SummarizeBlocks(backend=ScriptedBackend(reply="One two three four five"), options=Generation(max_tokens=3))(context)
    assert only.documents[0].text == "One two three"
    assert only.notes == {"summary1": "cut off at 3 tokens in its only sentence"}


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Summary: one two.", "one two."),
        ("Here is a summary:\n\n- one\n\n- two", "- one\n- two"),
        ("one [1], two [2, 3].", "one, two."),
        ("one two.\n\nQuestion: who?\nSummary: x", "one two."),
    ],
)
def test_what_belongs_to_the_prompt_is_left_out(reply: str, text: str) -> None:
    context = Context.of("q", ["one two"])
    assert SummarizeBlocks(backend=ScriptedBackend(reply=reply))(context).documents[0].text == text


def test_other_options_keep_the_end_of_a_summary() -> None:
    backend = ScriptedBackend(reply="one two.\nQuestion: who?")
    shaped = SummarizeBlocks(backend=backend, options=Generation(max_tokens=9))(Context.of("q", ["one two"]))
    assert shaped.documents[0].text == "one two."


def test_chinese() -> None:
    context = Context.of("故宫建于哪一年？", ["故宫建于1406年。", "故宫在北京。", "今天下雨。", "明天下雪。"])
    backend = Batches(reply=lambda text: "无。" if "雨" in text else "摘要：故宫建于1406年，由张三建造，见《明史》。", seen=[])
    shaped = SummarizeBlocks(backend=backend, documents_per_block=2)(context)
    assert backend.seen[0][0].startswith(SUMMARY_CHINESE.instruction)
    assert [d.text for d in shaped.documents] == ["故宫建于1406年，由张三建造，见《明史》。"]
    assert shaped.notes == {"summary1": "not in its sources: 明史"}
    assert shaped.dropped["d4"] == "its block of 2 says nothing about the question"


def test_hints_are_for_the_answer_not_for_summaries() -> None:
    backend = Batches(seen=[])
    shaped = SummarizeBlocks(backend=backend)(FIVE.model_copy(update={"hints": ("look at d1",)}))
    assert "look at d1" not in backend.seen[0][0]
    assert shaped.hints == ("look at d1",)


def test_wrong_parameters() -> None:
    with pytest.raises(ConfigError, match="documents_per_block"):
        SummarizeBlocks(backend=ScriptedBackend(), documents_per_block=0)
    with pytest.raises(ConfigError, match="'backend'.*Backend"):
        SummarizeBlocks(backend=None)  # type: ignore[arg-type]


def test_contract() -> None:
    check_transform(SummarizeBlocks(backend=ScriptedBackend(reply="They met in Paris in 1987."), budget=9))


def test_options_survive_the_way_through_a_configuration() -> None:
    pipeline = Pipeline(SummarizeBlocks(backend=ScriptedBackend(), options=Generation(max_tokens=32, stop=("END",))))
    config = pipeline.to_config()
    assert config["step"][0]["options"] == {"max_tokens": 32, "stop": ["END"]}
    assert Pipeline.from_config(config) == pipeline


@pytest.mark.model
def test_a_real_model_summarises_in_one_batch(smollm2_path: str) -> None:
    from ctxshape import LlamaCpp
    from ctxshape.testing import check_transform

    texts = [
        "The mill was built in 1770.",
        "Ducks live by the river.",
        "The bridge was opened in 1931.",
        "It is made of stone.",
    ]
    context = Context.of("When was the mill built?", texts)
    with LlamaCpp(smollm2_path, n_ctx=1024) as model:
        step = SummarizeBlocks(backend=model, documents_per_block=2, options=Generation(max_tokens=24))
        shaped = step(context)
        check_transform(step, [context])
    for document in shaped.documents:
        assert document.kind == "rewrite"
        assert len({span.document for span in document.spans}) == 2
    assert set(shaped.dropped) == {"d1", "d2", "d3", "d4"}

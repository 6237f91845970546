"""Votes over orders: who reads what, what wins, what it costs."""

from __future__ import annotations

import pytest

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Generation
from ctxshape.core.prompts import ENGLISH
from ctxshape.core.types import Context, Span
from ctxshape.errors import ConfigError, ContextTooLong
from ctxshape.readers.once import ReadOnce
from ctxshape.readers.voting import PermutationVote
from ctxshape.testing.contracts import check_reader
from ctxshape.testing.scripted import ScriptedBackend, ScriptedSegments

CONTEXT = Context.of("Who wrote Emma?", ["Jane Austen wrote Emma.", "Jane Bowles wrote Camp Cataract.", "It rained."])


def first_name(text: str) -> str:
    """Answers like a model that believes the first document."""
    first = text[len(ENGLISH.instruction) :].splitlines()[0]
    return "Jane Austen" if "Austen" in first else "Jane Bowles" if "Bowles" in first else "I don't know."


def test_every_order_is_read_once_and_the_first_is_the_given_one() -> None:
    answer = PermutationVote(backend=ScriptedBackend(reply=first_name), votes=99)(CONTEXT)
    orders = [vote.order for vote in answer.votes]
    assert orders[0] == ("d1", "d2", "d3")
    assert len(orders) == len(set(orders)) == 6
    assert all(sorted(order) == ["d1", "d2", "d3"] for order in orders)


def test_votes_are_what_each_order_said() -> None:
    answer = PermutationVote(backend=ScriptedBackend(reply=first_name, logprob=-0.25), votes=99)(CONTEXT)
    says = {"d1": ("Jane Austen", "jane austen"), "d2": ("Jane Bowles", "jane bowles"), "d3": ("I don't know.", "")}
    assert [(vote.text, vote.normalized) for vote in answer.votes] == [says[vote.order[0]] for vote in answer.votes]
    assert {vote.mean_logprob for vote in answer.votes} == {-0.25}
    assert (answer.text, answer.agreement) == ("Jane Austen", 2 / 6)  # each has two votes of six; the first wins


def test_the_majority_wins_with_its_citations() -> None:
    def rule(text: str) -> str:
        return "Jane Bowles" if "[1] Jane Austen" in text else "Jane Austen"

    answer = PermutationVote(backend=ScriptedBackend(reply=rule), votes=99)(CONTEXT)
    assert (answer.text, answer.agreement, answer.abstained) == ("Jane Austen", 4 / 6, False)
    assert answer.citations == (Span(document="d1", start=0, end=23),)


def test_a_marker_is_read_in_the_order_of_the_winning_vote() -> None:
    def rule(text: str) -> str:
        place = next(line for line in text.splitlines() if "Austen" in line)[len("Document ") :][:3]
        return "Nobody knows" if place == "[1]" else f"The lady {place}"

    answer = PermutationVote(backend=ScriptedBackend(reply=rule), votes=99)(CONTEXT)
    assert answer.text in ("The lady [2]", "The lady [3]")
    assert answer.agreement == 4 / 6  # "[2]" and "[3]" are the same vote
    assert [span.document for span in answer.citations] == ["d1"]


def test_an_abstaining_majority_abstains() -> None:
    def rule(text: str) -> str:
        return "Jane Austen" if "[1] Jane Austen" in text else "NONE" if "[1] Jane" in text else "I don't know."

    answer = PermutationVote(backend=ScriptedBackend(reply=rule), votes=99)(CONTEXT)
    assert (answer.abstained, answer.agreement, answer.citations) == (True, 4 / 6, ())


def test_the_cost_is_that_of_all_votes() -> None:
    once = ReadOnce(backend=ScriptedBackend(reply="Jane Austen"))(CONTEXT).usage
    votes = PermutationVote(backend=ScriptedBackend(reply="Jane Austen"), votes=4)(CONTEXT).usage
    assert votes.prompt_tokens == 4 * once.prompt_tokens
    assert votes.completion_tokens == 4 * once.completion_tokens == 8


def test_one_document_has_one_order() -> None:
    answer = PermutationVote(backend=ScriptedBackend(reply="Jane Austen"))(Context.of("Who wrote Emma?", ["Jane Austen did."]))
    assert ([vote.order for vote in answer.votes], answer.agreement) == ([("d1",)], 1.0)


@pytest.mark.parametrize("documents", [[], [" "]])
def test_without_text_to_read_it_abstains_without_a_vote(documents: list[str]) -> None:
    answer = PermutationVote(backend=ScriptedBackend(reply="Jane Austen"))(Context.of("Who wrote Emma?", documents))
    assert (answer.text, answer.abstained, answer.votes, answer.usage.prompt_tokens) == ("", True, (), 0)


def test_the_seed_decides_the_orders() -> None:
    many = Context.of("Who?", [f"text {number}" for number in range(9)])
    orders = [[v.order for v in PermutationVote(backend=ScriptedBackend(), seed=seed)(many).votes] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert [len(each) for each in orders] == [8, 8, 8]


def test_chinese_votes_join_across_punctuation() -> None:
    context = Context.of("《爱玛》是谁写的？", ["简·奥斯汀写了《爱玛》。", "下雨了。"])
    reply = {True: "简·奥斯汀。", False: "答案是：“简·奥斯汀”"}
    answer = PermutationVote(backend=ScriptedBackend(reply=lambda text: reply["[1]简" in text]))(context)
    assert (len(answer.votes), answer.agreement) == (2, 1.0)
    assert answer.citations == (Span(document="d1", start=0, end=12),)


def test_errors() -> None:
    with pytest.raises(ContextTooLong, match="80"):
        PermutationVote(backend=ScriptedBackend(n_ctx=80))(CONTEXT)
    with pytest.raises(ConfigError, match="votes"):
        PermutationVote(backend=ScriptedBackend(), votes=0)


def test_contract() -> None:
    check_reader(PermutationVote(backend=ScriptedBackend(reply="Jane Austen [1]"), votes=3))


def first_line(text: str) -> str:
    return f"Answer: {text[len(ENGLISH.instruction) :].splitlines()[0]}"


def test_a_moved_document_keeps_its_number() -> None:
    answer = PermutationVote(backend=ScriptedSegments(reply=first_line), votes=99, reuse="blocks")(CONTEXT)
    said = {vote.order[0]: vote.text for vote in answer.votes}
    assert said == {
        "d1": "Document [1] Jane Austen wrote Emma.",
        "d2": "Document [2] Jane Bowles wrote Camp Cataract.",
        "d3": "Document [3] It rained.",
    }
    assert answer.votes[0].order == ("d1", "d2", "d3") and len(answer.votes) == 6


def test_a_marker_of_a_moved_document_is_its_own_number() -> None:
    def rule(text: str) -> str:
        return f"It rained {text[text.index('It rained') - 4 :][:3]}"

    answer = PermutationVote(backend=ScriptedSegments(reply=rule), votes=99, reuse="blocks")(CONTEXT)
    assert {vote.text for vote in answer.votes} == {"It rained [3]"}
    assert [span.document for span in answer.citations] == ["d3"]


def test_only_the_best_change_places() -> None:
    documents = [{"id": id, "text": f"text {id}", "score": score} for id, score in zip("abcde", (1, 9, 2, 8, 3), strict=True)]
    answer = PermutationVote(backend=ScriptedBackend(), votes=9, permuted=2)(Context.of("Who?", documents))
    assert [vote.order for vote in answer.votes] == [tuple("acebd"), tuple("acedb")]
    unscored = [{"id": id, "text": f"text {id}"} for id in "abcd"]
    answer = PermutationVote(backend=ScriptedSegments(), votes=9, permuted=3, reuse="blocks")(Context.of("Who?", unscored))
    assert len(answer.votes) == 6 and {vote.order[0] for vote in answer.votes} == {"d"}


def test_the_best_are_those_given_first_if_a_score_is_missing() -> None:
    documents = [{"id": "a", "text": "a"}, {"id": "b", "text": "b"}, {"id": "c", "text": "c", "score": 3}]
    answer = PermutationVote(backend=ScriptedBackend(), votes=9, permuted=2)(Context.of("Who?", documents))
    assert [vote.order for vote in answer.votes] == [tuple("cab"), tuple("cba")]


def test_a_backend_that_cannot_move_documents_is_named() -> None:
    with pytest.raises(ConfigError, match=r"reuse='blocks'.* LlamaCpp .* ScriptedBackend "):
        PermutationVote(backend=ScriptedBackend(), reuse="blocks")
    with pytest.raises(ConfigError, match="reuse"):
        PermutationVote(backend=ScriptedBackend(), reuse="fast")
    with pytest.raises(ConfigError, match="permuted"):
        PermutationVote(backend=ScriptedBackend(), permuted=1)


def test_contract_of_blocks() -> None:
    check_reader(PermutationVote(backend=ScriptedSegments(reply="Jane Austen [1]"), votes=3, reuse="blocks"))


@pytest.mark.model
def test_a_model_votes_in_blocks(smollm2_path: str) -> None:
    with LlamaCpp(smollm2_path, n_ctx=2048, n_threads=1) as model:
        reader = PermutationVote(backend=model, votes=4, reuse="blocks", options=Generation(max_tokens=6))
        first, second = reader(CONTEXT), reader(CONTEXT)
    texts = [[vote.text for vote in answer.votes] for answer in (first, second)]
    assert texts[0] == texts[1] and len(texts[0]) == 4
    tail = second.usage.computed_tokens / 4  # all that the second time computes is question and answer cue, for each vote
    assert first.usage.computed_tokens == first.usage.prompt_tokens / 4 + 3 * tail

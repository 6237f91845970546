from ctxshape.core.types import Context
from ctxshape.evaluation.baselines import HintToMiddle, KeepGold, KeepNothing, MoveGold, ReadNothing, Shuffle
from ctxshape.evaluation.cases import GOLD
from ctxshape.testing import ScriptedBackend


def context(query: str = "q", gold: str = "c") -> Context:
    return Context.of(query, [{"id": name, "text": name, GOLD: name in gold} for name in "abcde"])


def ids(made: Context) -> str:
    return "".join(document.id for document in made.documents)


def test_gold_moves_first_or_last_and_the_others_keep_their_order() -> None:
    assert ids(MoveGold(to="first")(context())) == "cabde"
    assert ids(MoveGold(to="last")(context())) == "abdec"
    assert ids(MoveGold(to="first")(context(gold="be"))) == "beacd"
    assert ids(MoveGold(to="last")(context(gold=""))) == "abcde"


def test_the_oracle_keeps_gold_alone_and_everything_where_there_is_none() -> None:
    kept = KeepGold()(context(gold="bd"))
    assert ids(kept) == "bd" and kept.dropped["a"] == "not a gold passage"
    assert ids(KeepGold()(context(gold=""))) == "abcde"


def test_shuffling_hangs_on_seed_and_query() -> None:
    one = ids(Shuffle()(context()))
    assert one == ids(Shuffle()(context())) and sorted(one) == list("abcde")
    others = {ids(Shuffle(seed=seed)(context())) for seed in range(20)} | {ids(Shuffle()(context(q))) for q in "uvwxyz"}
    assert len(others) > 10


def test_the_hint_speaks_the_questions_language() -> None:
    assert "middle" in HintToMiddle()(context("Where is it?")).hints[0]
    assert "中间" in HintToMiddle()(context("它在哪里？")).hints[0]


def test_closed_book_shows_no_document() -> None:
    shown: list[str] = []

    def reply(text: str) -> str:
        shown.append(text)
        return "Paris"

    backend = ScriptedBackend(reply=reply)
    answer = ReadNothing(backend=backend)(KeepNothing()(context("What is the capital?")))
    assert answer.text == "Paris" and answer.citations == ()
    assert shown == ["Answer the question with a short phrase.\n\nQuestion: What is the capital?\nAnswer:"]

from __future__ import annotations

import ast

from ctxshape import BudgetTooSmall, Context, FitBudget, KeepEvidence, shape
from ctxshape.core.spans import pieces
from ctxshape.core.tokens import EstimateCounter, default_counter
from ctxshape.evidence.division import divided

LONG = (
    "the clock of the town hall stands still since monday and nobody knows why " * 10
    + "it was repaired by Otto Hahn from Linz in june "
    + "and people walk by and look up and shake their heads " * 10
)


def words(text: str) -> int:
    return len(text.split())


def test_short_pieces_stay_as_they_are() -> None:
    found = pieces(context := Context.of("q", ["It is old. It is big."]), context.documents[0])
    assert divided(found, 8, words) == found
    assert divided(found, 2, words) == found  # too little room for anything


def test_the_parts_of_a_long_piece_are_verbatim_and_bring_what_it_needs() -> None:
    context = Context.of("q", [f"# Town\n\n{LONG}\n\nThe end is near."])
    document = context.documents[0]
    cut = divided(pieces(context, document), 40, words)
    assert cut[0].text == "# Town" and cut[-1].text == "The end is near."
    assert all(words(part.text) <= 40 and document.text[part.start : part.end] == part.text for part in cut)
    assert all(part.needs == (0,) for part in cut[1:])
    assert "".join("".join(part.text for part in cut).split()) == "".join(document.text.split())
    assert [span.text_in(context.sources) for part in cut for span in part.spans] == [part.text for part in cut]


def test_a_part_of_a_long_sentence_is_found_within_a_small_budget() -> None:
    other = "The prices were raised in May. The team is in Berlin."
    for budget in (60, 120):
        context = shape("Who repaired the clock?", [other, LONG], budget=budget)
        shown = " ".join(document.text for document in context.documents)
        assert "Otto Hahn" in shown
        assert default_counter().count_tokens(shown) <= budget


def test_chinese_without_marks_is_cut_too() -> None:
    long = "大坝的历史很长没有人知道全部" * 40 + "坝高七十八米" + "游客每年都来参观并拍照留念" * 40
    shown = shape("大坝高多少米？", ["票价上涨了。", long], budget=80).documents
    assert any("坝高七十八米" in document.text for document in shown)


def test_without_a_budget_a_sentence_stays_whole() -> None:
    step = KeepEvidence(tokens=5, at_least_one=True, counter=EstimateCounter())
    text = "The clock was repaired by Otto Hahn, who lives in Linz, a town on the river Danube."
    assert step(Context.of("Who repaired the clock?", [text])).documents[0].text == text


def test_a_budget_too_small_for_any_part_is_an_error() -> None:
    try:
        FitBudget(tokens=4)(Context.of("q", [LONG]))
    except BudgetTooSmall as error:
        assert " 4 " in str(error)
    else:
        raise AssertionError("nothing fits 4 tokens")


def test_a_long_statement_is_cut_into_lines_below_its_first() -> None:
    code = (
        "CREATE TABLE customers (\n    id BIGINT PRIMARY KEY,\n    currency CHAR(3) DEFAULT 'USD'\n);\n\n"
        "CREATE TABLE orders (\n    id BIGINT PRIMARY KEY,\n    customer_id BIGINT REFERENCES customers(id),\n"
        "    total NUMERIC(12, 2) NOT NULL,\n    currency CHAR(3) NOT NULL DEFAULT 'CHF',\n"
        "    placed_at TIMESTAMPTZ DEFAULT now()\n);\n"
    )
    shown = shape("What is the default value of orders.currency?", [code], budget=60).documents[0].text
    assert "    currency CHAR(3) NOT NULL DEFAULT 'CHF'," in shown.split("\n")
    assert "CREATE TABLE orders (" in shown


def test_a_part_of_a_long_turn_stands_behind_its_speaker() -> None:
    talk = (
        "Ada: "
        + "we talked about the harbour and its lamps, " * 8
        + "the code of the safe is 7741, "
        + "and then it rained. " * 8
    )
    context = Context.of("q", [f"Ben: Yes.\n{talk}\nBen: Good.\nAda: Bye."])
    document = context.documents[0]
    cut = divided(pieces(context, document), 40, words)
    labels = [index for index, part in enumerate(cut) if part.kind == "label"]
    assert [cut[index].text for index in labels] == ["Ada:"]
    assert all(labels[0] in part.needs for part in cut[labels[0] + 1 : -2])
    shown = shape("What is the code of the safe?", [document.text], budget=60).documents[0].text
    assert shown.index("Ada:") < shown.index("7741")


def test_a_long_method_is_cut_into_statements_that_parse() -> None:
    code = (
        "class Pool:\n    def acquire(self, wait):\n"
        + "".join(f"        step_{number} = prepare(wait, {number})\n" for number in range(12))
        + "        limit = 41\n        return self.take(limit)\n\n    def release(self):\n        return None\n"
    )
    shown = shape("What is the limit in acquire?", [code], budget=60).documents[0].text
    assert "        limit = 41" in shown.split("\n") and "    def acquire(self, wait):" in shown
    ast.parse(shown)


def test_a_log_entry_is_cut_into_lines_that_need_the_error() -> None:
    text = (
        "12:00:02 INFO order 77120 accepted\n12:00:03 ERROR order 77121 failed\nshop.PayError: card rejected by the issuer\n"
        "    at shop.Gateway.charge(Gateway.java:88)\n    at shop.Order.place(Order.java:41)\n"
        "Caused by: net.LateError: read timed out\n12:00:04 INFO order 77122 accepted"
    )
    context = Context.of("q", [text])
    cut = divided(pieces(context, context.documents[0]), 8, words)
    assert [(part.kind, part.text, part.needs) for part in cut[1:6]] == [
        ("line", "12:00:03 ERROR order 77121 failed", (2, 5)),
        ("line", "shop.PayError: card rejected by the issuer", (1, 5)),
        ("line", "    at shop.Gateway.charge(Gateway.java:88)", (1, 2)),
        ("line", "    at shop.Order.place(Order.java:41)", (1, 2)),
        ("line", "Caused by: net.LateError: read timed out", (1, 2)),
    ]
    shown = shape("Why did order 77121 fail?", [text], budget=60).documents[0].text
    assert "ERROR order 77121 failed\nshop.PayError: card rejected by the issuer\n" in shown
    assert "\nCaused by: net.LateError: read timed out" in shown

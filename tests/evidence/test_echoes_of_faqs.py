"""An echo of the question counts for nothing in prose; in a FAQ it stands above the answer."""

import pytest

from ctxshape import shape

FAQ = [
    ("How do I reset my password?", "Click on 'Forgot' on the login page and follow the link."),
    ("How do I change my password?", "Open Settings, then Security, and enter the old and the new one."),
    ("How much does shipping cost?", "4.90 euros within the EU, free above 50 euros."),
    ("How long does shipping take?", "Two to four working days, six to Norway."),
    ("Can I return an order?", "Yes, within 30 days, in the original box."),
]
PROSE = [
    "A password should be long. People change a password every year.",
    "Shipping by sea takes weeks.",
    "An order may be late.",
]


@pytest.mark.parametrize("question, answer", FAQ)
@pytest.mark.parametrize("form", ["{}\n{}", "Q: {}\nA: {}", "{} {}"])
def test_the_entry_of_a_faq_stays(question: str, answer: str, form: str) -> None:
    assert any(answer in document.text for document in shape(question, [form.format(*pair) for pair in FAQ]).documents)


@pytest.mark.parametrize("question, answer", FAQ)
def test_the_entry_of_a_page_of_a_faq_stays(question: str, answer: str) -> None:
    page = "\n\n".join("\n".join(pair) for pair in FAQ)
    assert any(answer in document.text for document in shape(question, [*PROSE, page]).documents)


def test_a_passage_of_prose_that_repeats_the_question_does_not_displace_the_evidence() -> None:
    evidence = "Since 1903 the old mill of Arden, which stands by the river, has been run by the family of Ida Holwick."
    prose = ["The bridge of Arden was built in 1884.", "The river floods in spring.", "Brin has a harbour and a church."]
    poison = [f"Who runs the old mill of Arden? {text}" for text in ("Ana Feld.", "It is Ana Feld.", "Ask Ana Feld.")]
    shown = shape("Who runs the old mill of Arden?", [*poison, *prose, evidence])
    assert any("Ida Holwick" in document.text for document in shown.documents)

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ctxshape import Context
from ctxshape.core.analysis import analysis_of
from ctxshape.text.units.document import units
from ctxshape.text.units.markdown import markdown_blocks


def needs_of(text: str, unit: str) -> list[str]:
    """Returns the needs of the unit that begins with a text."""
    found = units(text)
    shown = [text[one.start : one.end] for one in found]
    index = next(n for n, one in enumerate(shown) if one.strip().startswith(unit))
    return [shown[need].strip() for need in found[index].needs]


def shown_with(text: str, *wanted: str) -> str:
    """Returns the text shown if the units that begin with some texts are kept, with all that they need."""
    context = Context.of("?", [text])
    analysis, document = analysis_of(context), context.documents[0]
    pieces = analysis.pieces(document)
    chosen = {n for n, piece in enumerate(pieces) if piece.text.strip().startswith(wanted)}
    return analysis.with_only(document, sorted(chosen.union(*(pieces[n].needs for n in chosen)))).text


def test_nested_items_bring_their_parents_and_the_opening() -> None:
    text = "Fees:\n\n- Boats\n  - Members pay 3 euros.\n  - Guests pay 8 euros.\n- Cars\n  - Members pay 1 euro."
    assert needs_of(text, "- Guests") == ["Fees:", "- Boats"]
    assert needs_of(text, "- Members pay 1") == ["Fees:", "- Cars"]
    assert shown_with(text, "- Guests") == "Fees:\n\n- Boats\n[…]\n  - Guests pay 8 euros.\n[…]"


def test_a_sentence_directly_above_a_list_opens_it() -> None:
    assert needs_of("There are three tiers.\n* Free\n* Pro\n\nThe end is near.", "* Pro") == ["There are three tiers."]
    assert needs_of("It is old.\n\n* Free\n* Pro\n\nThe end is near.", "* Pro") == []


STEPS = (
    "To install it:\n\n1. Add the key:\n\n   ```bash\n   add key.asc\n   ```\n\n"
    "2. Install it.\n3. Start:\n```\nrun\n```\n4. Done."
)


def test_a_step_brings_its_code_and_the_code_its_step() -> None:
    assert needs_of(STEPS, "1. Add") == ["To install it:", "```bash\n   add key.asc\n   ```"]
    assert needs_of(STEPS, "```bash") == ["To install it:", "1. Add the key:"]
    assert needs_of(STEPS, "3. Start") == ["To install it:", "```\nrun\n```"]
    assert needs_of(STEPS, "4. Done") == ["To install it:"]


def test_steps_between_kept_steps_are_not_silently_missing() -> None:
    assert "\n[…]\n3. Start:\n```\nrun\n```" in shown_with(STEPS, "1.", "3.")


CONDITIONS = "No fee is due if:\n(a) the key is lost;\n(b) it rains; or\n(c) the tower is closed.\n\nDogs are free."


def test_conditions_stay_together() -> None:
    whole = "No fee is due if:\n(a) the key is lost;\n(b) it rains; or\n(c) the tower is closed."
    for part in ("No fee", "(a)", "(b)", "(c)"):
        assert shown_with(CONDITIONS, part) == whole


def test_many_conditions_show_that_some_are_missing() -> None:
    text = "Entry is free except in these cases:\n" + "\n".join(f"- it is day {n} of the month" for n in range(20))
    assert shown_with(text, "- it is day 7") == "Entry is free except in these cases: […]\n- it is day 7 of the month\n[…]"


@pytest.mark.parametrize(
    ("clause", "needed"),
    [
        ("4.1", ["4. Termination"]),
        ("(a)", ["4. Termination", "4.2 The tenant may end the lease if:", "(b) the landlord does not repair it."]),
        ("4.3", ["4. Termination"]),
        ("3.1", ["3. Payment"]),
    ],
)
def test_clauses_of_a_contract_bring_what_they_stand_below(clause: str, needed: list[str]) -> None:
    text = (
        "3. Payment\n\n3.1 The rent is due on the first day.\n\n4. Termination\n\n4.1 The landlord may end it.\n"
        "4.2 The tenant may end the lease if:\n(a) the flat is wet;\n(b) the landlord does not repair it.\n"
        "4.3 Notice is written."
    )
    assert needs_of(text, clause) == needed


def test_articles_of_a_chinese_contract() -> None:
    text = "第一条　租期为一年。\n第二条　有下列情形之一的，可以解除：\n（一）不能居住；\n（二）停暖。\n第三条　通知采用书面。"
    assert needs_of(text, "（二）") == ["第二条　有下列情形之一的，可以解除：", "（一）不能居住；"]
    assert needs_of(text, "第三条") == []


@pytest.mark.parametrize("version", ["## [4.3.0] - 2024-03-11", "## v4.3", "Version 4.3 (2024-03-11)", "## 4.3.0 (Stable)"])
def test_the_heading_of_a_version_brings_what_changed(version: str) -> None:
    text = f"# Changes\n\n{version}\n\n### Added\n- One.\n- Two.\n\n### Fixed\n- Three.\n- Four.\n\n## 4.2\n\n- Old."
    if version.startswith("V"):
        text = (
            text.replace("### ", "").replace("Added\n", "").replace("Fixed\n", "").replace("## 4.2", "Version 4.2 (2023-01-01)")
        )
    found = needs_of(text, version)
    assert [one for one in ("- One.", "- Two.", "- Three.", "- Four.", "- Old.") if one in found] == [
        "- One.",
        "- Two.",
        "- Three.",
        "- Four.",
    ]


def test_a_question_brings_its_answer() -> None:
    text = "### How much is it?\n\nAdults pay 5 euros. Children are free.\n\n### Are dogs let in?\n\nYes, on a lead."
    assert needs_of(text, "### How much") == ["Adults pay 5 euros.", "Children are free."]
    assert needs_of(text, "Children") == ["### How much is it?"]
    assert needs_of("Q: How much?\nA: Five euros. Or six.\n\nQ: Why?\nA: So.", "Q: How much?") == ["A: Five euros.", "Or six."]
    assert needs_of("问：多少钱？\n答：五元。\n\n问：几点？\n答：六点。", "答：六点。") == ["问：几点？"]


def test_a_table_brings_its_caption_and_its_opening() -> None:
    text = "Table 3: Prices of 2024\n\n| who | pays |\n|---|---|\n| child | 2 |\n\nAs follows:\n\na | b\n--|--\n1 | 2"
    assert needs_of(text, "| child") == ["Table 3: Prices of 2024", "| who | pays |\n|---|---|"]
    assert needs_of(text, "1 | 2") == ["As follows:", "a | b\n--|--"]


def test_front_matter_and_link_targets_are_kept_as_units() -> None:
    text = "---\ntitle: Tower\ntags: old\n---\n\nIt is old. See [it][1].\n\n[1]: https://example.org/tower"
    found = [text[unit.start : unit.end] for unit in units(text)]
    assert found[-1] == "[1]: https://example.org/tower"
    assert "title: Tower" in "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "```\nunclosed\n\n# Heading\n\nText goes on.",
        "| broken | table\n|---\nText goes on.",
        "\ufeff# Heading\r\n\r\nOne.\rTwo.\n\x0cThree.\x00 Four.",
        "- \n- \n1.\n\n>\n> >\n\n***\n\n___",
        "<table><tr><td>1</table>\n\n<ul><li>a<li>b",
        "<!-- unclosed\n\nText.",
        "</div></p>\n\nText. <",
    ],
)
def test_broken_input_loses_nothing(text: str) -> None:
    covered = [place for unit in units(text) for place in range(unit.start, unit.end)]
    assert covered == sorted(set(covered))
    assert all(place in set(covered) for place, char in enumerate(text) if char.isalnum())


MARKDOWN = MarkdownIt("commonmark").enable("table")
LINES = [
    "# Fees", "## Hours", "Title\n===", "Some text goes here.", "and goes on", "- one", "- two", "  - deep", "1. first",
    "2. second",
    "| a | b |\n|---|---|\n| 1 | 2 |", "```python\nx = 1\n\n# no heading\n```", "~~~\ny\n~~~", "> quoted", "", "", "***",
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=10))
def test_the_blocks_are_those_of_commonmark(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    names = {"heading_open": "heading", "fence": "code", "table_open": "table", "list_item_open": "item"}
    expected = [(names[token.type], token.map[0]) for token in MARKDOWN.parse(text) if token.type in names and token.map]
    found = [(block.kind, text.count("\n", 0, block.start)) for block in markdown_blocks(text)]
    assert [one for one in found if one[0] in names.values()] == expected


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(LINES) | st.text(max_size=8), max_size=9).map("\n".join))
def test_units_are_in_order_and_cover_the_text(text: str) -> None:
    found = units(text)
    places = [(unit.start, unit.end) for unit in found]
    assert all(a < b for a, b in places) and all(b <= c for (_, b), (c, _) in pairwise(places))
    assert all(0 <= need < len(found) and need != n for n, unit in enumerate(found) for need in unit.needs)
    covered = {place for a, b in places for place in range(a, b)}
    assert all(place in covered for place, char in enumerate(text) if char.isalnum())


FAQ = (
    "**How do I change my address?**\nGo to Account. Changes take one day.\n\n**Can I pause my plan?**\n"
    "Yes, for three months. You keep your price.\n\n__Is it free?__\nNo.\n"
)


def test_bold_questions_are_headings_of_their_answers() -> None:
    assert shown_with(FAQ, "**Can I") == "**Can I pause my plan?**\nYes, for three months. You keep your price."
    assert shown_with(FAQ, "You keep") == "**Can I pause my plan?**\n[…] You keep your price."
    assert shown_with(FAQ, "You keep", "No.") == "**Can I pause my plan?**\n[…] You keep your price.\n\n__Is it free?__\nNo."
    assert shown_with(FAQ, "Changes") == "**How do I change my address?**\n[…] Changes take one day."


@pytest.mark.parametrize("question", ["***Is it open?***", "**1. Is it open?**", "**开放吗？**", "**هل هو مفتوح؟**"])
def test_forms_of_bold_questions(question: str) -> None:
    text = f"{question}\nYes. It is.\n\n{question[:-1]} {question[-1]}\nNo. It was.\n"
    assert shown_with(text, "It is").startswith(f"{question}\n[…]")


def test_a_bold_question_inside_of_a_line_keeps_its_marks() -> None:
    assert shown_with("It is red.\n\n**Is it old?** Yes. It was built in 1931.\n", "**Is") == "**Is it old?**"


PAGE = (
    "<body><header><p>Acme</p><nav>Home Prices</nav><h1>Fees</h1></header><nav><ul><li>Menu</li></ul></nav>"
    "<ul><li>A child pays 2.</li></ul><aside><h2>See also</h2><ul><li>Dogs</li></ul></aside><p>Adults pay 3.</p>"
    "<footer>Imprint<p>Contact</p></footer></body>"
)


@pytest.mark.parametrize(
    ("unit", "needed"),
    [
        ("<nav>Home", []),
        ("<nav><ul><li>Menu", []),
        ("<ul><li>A child", ["<h1>Fees</h1></header>"]),
        ("<ul><li>Dogs", ["<aside><h2>See also</h2>"]),
        ("<p>Adults", ["<h1>Fees</h1></header>"]),
        ("<p>Contact", []),
    ],
)
def test_navigation_margins_and_feet_of_a_page_stand_by_themselves(unit: str, needed: list[str]) -> None:
    assert needs_of(PAGE, unit) == needed


def test_a_navigation_without_end_takes_no_text() -> None:
    text = "<nav><ul><li>Home</li>\n<p>A child pays 2.</p></main></nav></nav><p>Dogs are free.</p>"
    assert [text[unit.start : unit.end] for unit in units(text)][-1] == "<p>Dogs are free.</p>"

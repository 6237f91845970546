from __future__ import annotations

from ctxshape.text.units.document import units


def needs(text: str) -> dict[str, list[str]]:
    """The texts that each unit needs."""
    found = units(text)
    cut = [text[unit.start : unit.end] for unit in found]
    return {one: [cut[need] for need in unit.needs] for one, unit in zip(cut, found, strict=True)}


def test_a_footnote_is_one_unit_with_its_label_and_comes_with_what_refers_to_it() -> None:
    text = (
        "# Prices\n\n| Plan | Price |\n|---|---|\n| Solo | 9 |\n| Team | 34[^1] |\n\nIt is net.[^tax] Refunds take long.\n\n"
        "[^1]: Billed yearly. With monthly billing\n  it costs 39.\n[^tax]: Tax is 8 percent. Ask us.\n"
    )
    head = "| Plan | Price |\n|---|---|"
    one, tax = "[^1]: Billed yearly. With monthly billing\n  it costs 39.", "[^tax]: Tax is 8 percent. Ask us."
    assert needs(text) == {
        "# Prices": [],
        head: ["# Prices"],
        "| Solo | 9 |": ["# Prices", head],
        "| Team | 34[^1] |": ["# Prices", head, one],
        "It is net.[^tax]": ["# Prices", tax],
        "Refunds take long.": ["# Prices"],
        one: ["# Prices", head, "| Team | 34[^1] |"],
        tax: ["# Prices", "It is net.[^tax]"],
    }


def test_a_footnote_with_two_references_brings_neither() -> None:
    found = needs("It is old.[^a] It is red.[^a]\n\n[^a]: As of May.\n")
    assert found == {
        "It is old.[^a]": ["[^a]: As of May."],
        "It is red.[^a]": ["[^a]: As of May."],
        "[^a]: As of May.": [],
    }


def test_the_sentences_of_a_long_footnote_bring_its_label() -> None:
    long = "It was built of stone in the year of the flood. " * 10
    found = needs(f"It is old.[^a]\n\n[^a]: {long}It fell in 1931.\n\n    It rose in 1940.\n\nThe end is near.")
    assert found["It fell in 1931."] == found["It rose in 1940."] == ["It is old.[^a]", "[^a]:"]
    assert found["The end is near."] == []
    assert found["It is old.[^a]"][0] == "[^a]:"

import pytest

from ctxshape.text.answered import answers_several, empty_echoes

MILL = "Who runs the mill of Arden?"
PROSE = ["Ida Holwick runs the mill of Arden.", "The mill was built in 1884.", "It has two wheels. Why? Nobody knows."]


@pytest.mark.parametrize(
    "text, several",
    [
        ("How old is it?\nIt is from 1884.\n\nIs it open?\nOnly on Mondays.", True),
        ("Q: How old is it? A: From 1884.\nQ: Is it open? A: On Mondays.", True),
        ("磨坊有多老？建于1884年。磨坊开放吗？只在星期一。", True),
        ("How old is it? It is from 1884.", False),
        (f"{MILL} Ana. {MILL} Ana.", False),
        ("Who? When? Where?", False),
        ("", False),
    ],
)
def test_a_page_of_a_faq_answers_several_questions(text: str, several: bool) -> None:
    assert answers_several(text) == several


def test_an_echo_in_prose_is_empty() -> None:
    assert empty_echoes(MILL, [*PROSE, f"{MILL} Ana Feld."]) == {3}
    assert empty_echoes(MILL, [f"{MILL} Ana Feld.", f"{MILL} It is Ana."]) == {0, 1}
    assert empty_echoes(MILL, PROSE) == frozenset()
    assert empty_echoes(MILL, []) == frozenset()


def test_an_echo_in_a_faq_is_not() -> None:
    page = f"How old is it?\nFrom 1884.\n\n{MILL}\nAna Feld.\n\nIs it open?\nOn Mondays."
    assert empty_echoes(MILL, [*PROSE, page]) == frozenset()
    entries = [f"{MILL}\nAna Feld.", "How old is it?\nFrom 1884.", "Is it open?\nOn Mondays."]
    assert empty_echoes(MILL, [*entries, *PROSE]) == frozenset()
    assert empty_echoes(MILL, [entries[0], *PROSE, *PROSE, entries[1]]) == {0}
    titles = ["", "How old is it?", "", ""]
    assert empty_echoes(MILL, [entries[0], "From 1884.", "It has two wheels.", "It is red."], titles) == frozenset()

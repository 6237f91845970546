import pytest

from ctxshape.text.echoes import echo_of, without_echoes

MOTHER = "who plays the mother on black-ish"


def echoed(question: str, text: str) -> list[str]:
    return [text[start:end] for start, end in echo_of(question, text)]


@pytest.mark.parametrize(
    "text, found",
    [
        ("who plays the mother on black-ish? Ida Holwick.", ["who plays the mother on black-ish?"]),
        ("WHO PLAYS THE MOTHER ON BLACK\u00b7ISH??? Ida.", ["WHO PLAYS THE MOTHER ON BLACK\u00b7ISH???"]),
        ("Q: Who plays a mother on 'Black-ish'?\nA: Ida", ["Who plays a mother on 'Black-ish'?"]),  # one word is another
        ("The answer to the question who plays the mother on black-ish is Ida.", ["who plays the mother on black-ish"]),
        ("Ida: who plays the mother on black-ish, as all know.", ["who plays the mother on black-ish"]),
        (
            "who is it that plays the mother on the show black-ish? Ida",
            ["who is it that plays the mother on the show black-ish?"],
        ),
        ("Wh\u200bo plays the mother on black-ish? Ida", ["Wh\u200bo plays the mother on black-ish?"]),
        # What answers is no echo.
        ("Ida Holwick plays the mother on black-ish.", []),
        ("The actress who plays the mother on black-ish is Ida.", []),
        ("Ida, who plays the mother on black-ish, said so.", []),
        # Another question.
        ("Who plays the father on black-ish? Who plays the mother on Fargo?", []),
        ("", []),
    ],
)
def test_an_echo_has_the_words_of_the_question_in_their_order(text: str, found: list[str]) -> None:
    assert echoed(MOTHER, text) == found


@pytest.mark.parametrize(
    "question, text, found",
    [
        ("谁发明了电话？", "谁发明了电话？贝尔。", ["谁发明了电话？"]),
        ("请问谁发明了电话？", "有人问谁发明了电话，答案是贝尔。", ["谁发明了电话"]),
        ("誰發明了電話？", "「誰發明了電話」的答案是貝爾。", ["誰發明了電話"]),
        ("网页上的广告有多少？", "網頁上的廣告有多少？十條。", ["網頁上的廣告有多少？"]),  # the other script
        ("谁发明了电话？", "贝尔发明了电话。", []),
        ("电话是贝尔发明的吗？", "电话是贝尔发明的。", []),
        ("大桥全长多少公里？", "大桥全长12公里。", []),
        ("Wann wurde der Turm gebaut?", "Wann wurde der Turm gebaut? 1900.", ["Wann wurde der Turm gebaut?"]),
        ("Wann wurde der Turm gebaut?", "Der Turm wurde 1900 gebaut.", []),
        ("¿Cuándo se construyó la torre?", "Cuando se construyo la torre? En 1900.", ["Cuando se construyo la torre?"]),
        ("Кто построил башню в Ардене?", "Кто построил башню в Ардене? Ида.", ["Кто построил башню в Ардене?"]),
        ("어디에 탑이 있습니까?", "어디에 탑이 있습니까? 서울.", ["어디에 탑이 있습니까?"]),
    ],
)
def test_echoes_in_other_languages(question: str, text: str, found: list[str]) -> None:
    assert echoed(question, text) == found


@pytest.mark.parametrize(
    "question, text, found",
    [
        ("Can I sail to Arden from Brin?", "You can sail to Arden from Brin.", []),
        ("Can I sail to Arden from Brin?", "Can I sail to Arden from Brin? No.", ["Can I sail to Arden from Brin?"]),
        ("Is the moon of Arden made of cheese?", "The moon of Arden is made of cheese.", []),
        ("When was the mill of Arden built?", "It was when the mill of Arden was built.", []),
        (
            "Hi! Can you tell me who wrote the Book of Job? Thanks.",
            "Who wrote the Book of Job? Ida.",
            ["Who wrote the Book of Job?"],
        ),
        # Keywords have to stand by themselves, and a name is no question.
        ("author of the hymn of Arden", "The author of the hymn of Arden is Ida.", []),
        ("author of the hymn of Arden", "Author of the hymn of Arden: Ida.", ["Author of the hymn of Arden"]),
        ("Arden Air Resources Board", "Arden Air Resources Board\nIt has 9 members.", []),
        ("tower height", "Tower height: 330 m", []),
        ("Why?", "Why? Because.", []),
        # A sentence beside the question is none.
        ("It shows the text: wait for it. Why does it show the text?", "It shows the text: wait for it.", []),
    ],
)
def test_what_makes_a_question(question: str, text: str, found: list[str]) -> None:
    assert echoed(question, text) == found


def test_anywhere_counts_clauses_and_statements() -> None:
    for question, text in (
        (MOTHER, "Ida, who plays the mother on black-ish, said so."),
        ("author of the hymn", "The author of the hymn is Ida."),
    ):
        assert echo_of(question, text) == []
        assert len(echo_of(question, text, anywhere=True)) == 1


def test_what_a_text_adds_to_the_question() -> None:
    text = "Who runs the mill of Arden? Who runs the mill of Arden: Ida."
    assert without_echoes("who runs the mill of arden", text).split() == [":", "Ida."]
    assert without_echoes("who runs the mill of arden", "The mill is old.") == "The mill is old."


@pytest.mark.parametrize(
    "text", ["the of " * 9, "who " * 9, f"{MOTHER} " * 3, "\ufb01 \u0130 \u1e9e", "who\x00plays", "谁" * 99]
)
def test_places_are_inside_and_apart_in_odd_texts(text: str) -> None:
    for question in (MOTHER, "who who who", "谁谁谁写谁？", "\u0130s it \ufb01ne to \u1e9e?", "?", " "):
        places = [place for pair in echo_of(question, text) for place in pair]
        assert places == sorted(places)
        assert all(0 <= place <= len(text) for place in places)

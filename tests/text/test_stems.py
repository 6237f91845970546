from __future__ import annotations

import threading

import pytest

from ctxshape.text.stems import stem_of
from ctxshape.text.terms import index_terms, list_language, query_terms


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("de", "haus häuser hauses"),
        ("de", "bücher buch"),
        ("de", "kraftwerk kraftwerke kraftwerks"),
        ("fr", "cheval chevaux"),
        ("es", "canción canciones"),
        ("it", "ponte ponti"),
        ("tr", "şehir şehirler şehirde"),
        ("ru", "башня башни башню башней"),
        ("uk", "книга книги книгу"),
        ("el", "γέφυρα γέφυρες γέφυρας"),
        ("ar", "كتاب الكتاب"),
        ("he", "ספר הספר ספרים הספרים"),
        ("hi", "किताब किताबें किताबों"),
        ("en", "publish published publishing"),
        ("pt", "construído construir"),
    ],
)
def test_forms_of_one_word_share_a_stem(language: str, forms: str) -> None:
    assert len({stem_of(word, language) for word in forms.split()}) == 1


def test_the_script_decides_before_the_language() -> None:
    assert stem_of("башню", "en") == stem_of("башню", "ru") == "башн"
    assert stem_of("häuser", "ru") == stem_of("häuser", "en") == "hause"


def test_a_word_with_a_digit_keeps_its_length() -> None:
    assert [stem_of(word, "de") for word in ("abschnitt7", "2024", "ÿ7")] == ["abschnitt7", "2024", "y7"]


def test_short_hebrew_words_keep_their_letters() -> None:
    assert [stem_of(word, "he") for word in ("בית", "של", "הים")] == ["בית", "של", "הים"]


def test_a_list_has_one_language_for_its_texts_and_its_question() -> None:
    texts = ["Das Haus am Fluss wurde im Jahr 1803 gebaut und gehört einem Verein.", "Die Häuser sind alt."]
    language = list_language(texts)
    assert language == "de"
    assert set(query_terms("Wann wurden die Häuser gebaut?", language).main) == {"haus", "gebau"}
    assert "haus" in index_terms(texts[0], language).main
    assert list_language(["Paris 1900 7", "x = 3"]) == list_language([]) == "en"


def test_threads_share_no_stemmer() -> None:
    found: list[set[str]] = []
    words = [f"{first}ungen" for first in ("zeit", "heiz", "wohn", "kleid", "hoff", "plan", "stimm", "prüf")] * 200

    def read() -> None:
        found.append({stem_of(word, "de") for word in words})

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 4
    assert len(found[0]) == 8

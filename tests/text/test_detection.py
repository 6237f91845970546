from __future__ import annotations

import pytest

from ctxshape.text.detection import language_named, language_of

TEXTS = {
    "ar": "بني الجسر القديم في عام 1884.",
    "de": "Die alte Brücke wurde im Jahr 1884 gebaut und ist heute gesperrt.",
    "el": "Η παλιά γέφυρα χτίστηκε το 1884.",
    "en": "The old bridge was built in 1884 and is closed to cars today.",
    "es": "El puente viejo fue construido en 1884 y hoy está cerrado.",
    "fr": "Le vieux pont a été construit en 1884 et il est fermé.",
    "he": "הגשר הישן נבנה בשנת 1884.",
    "hi": "पुराना पुल 1884 में बना था।",
    "it": "Il vecchio ponte fu costruito nel 1884 e oggi è chiuso.",
    "ja": "古い橋は1884年に建てられた。",
    "ko": "오래된 다리는 1884년에 지어졌다.",
    "pt": "A ponte velha foi construída em 1884 e hoje está fechada.",
    "ru": "Старый мост был построен в 1884 году.",
    "th": "สะพานเก่าสร้างขึ้นในปี 1884",
    "tr": "Eski köprü 1884 yılında yapıldı ve bugün kapalı.",
    "uk": "Старий міст збудували в 1884 році.",
    "vi": "Cây cầu cũ được xây dựng vào năm 1884.",
    "zh": "旧桥建于1884年，现已关闭。",
    # No file describes Dutch.
    "nl": "De oude brug werd gebouwd in 1884 en wordt door het bestuur van de stad hersteld omdat zij oud was.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_the_language_is_found(code: str) -> None:
    assert language_of(TEXTS[code]).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "en"),
        ("1884", "en"),
        ("舊橋建於1884年，現已關閉。", "zh"),  # traditional characters
        ("Apple 公司发布了新的手机", "zh"),  # as many Latin letters as Han
        ("The word 中 means middle, and the word 橋 means bridge.", "en"),
        ("Сцена из фильма", "ru"),
        ("x = load('a.csv'); y = x.sum()", "en"),  # no sign of any language: English, without a question to py3langid
        ("Jean-Paul Sartre (1905) and Émile Zola met the mayor of the old town in Paris.", "en"),
    ],
)
def test_what_is_short_or_mixed(text: str, code: str) -> None:
    assert language_of(text).code == code


def test_the_middle_of_a_page_counts_too() -> None:
    menu = "Home News Sport Shop Log in Help Contact Press Jobs Terms Privacy " * 3
    assert language_of(menu + TEXTS["de"] * 20).code == "de"


def test_a_language_without_a_file_has_no_facts() -> None:
    assert language_named("nl").abbreviations == frozenset()
    assert language_named("de").capital_nouns

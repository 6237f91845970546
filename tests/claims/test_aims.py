from __future__ import annotations

import pytest

from ctxshape.claims.aims import aim_of
from ctxshape.claims.facets import facets_of
from ctxshape.claims.sides import compared

KINDS = [
    ("Who wrote Emma?", "value"),
    ("when did the broncos win the super bowl", "value"),
    ("How tall is the tower?", "value"),
    ("Which river flows through Arden?", "value"),
    ("The battle of Arden secured what for the duke?", "value"),
    ("a group of crows is called", "value"),
    ("Can you tell me where the office is?", "value"),
    ("What species is the Avocet?", "value"),
    ("Name the capital of Peru.", "value"),
    ("谁写了《爱玛》？", "value"),
    ("于乐的职业是什么？", "value"),
    ("工業製造所於何年成立?", "value"),
    ("李会晟的国籍是？", "value"),
    ("Is the tower open on Mondays?", "yes_no"),
    ("I want to know if the library is open.", "yes_no"),
    ("Suppose it rains, is the match cancelled?", "yes_no"),
    ("灯塔是否开放？", "yes_no"),
    ("燈塔開放嗎？", "yes_no"),
    ("Which countries border Peru?", "list"),
    ("what are the ranks in the us navy", "list"),
    ("Name three lakes in Arden.", "list"),
    ("What TV shows did Ada Fen appear in?", "list"),
    ("In which regions is the tax paid?", "list"),
    ("秘鲁与哪些国家接壤？", "list"),
    ("这座城市有什么博物馆？", "list"),
    ("主要有哪三种模式？", "list"),
    ("How do I reset the pump?", "procedure"),
    ("how to reset the pump", "procedure"),
    ("The pump leaks. What should I do?", "procedure"),
    ("I cannot log in, how do I reset my password?", "procedure"),
    ("如何申请护照？", "procedure"),
    ("我該怎麼重設密碼？", "procedure"),
    ("Why is the sky blue?", "explanation"),
    ("How does the pump work?", "explanation"),
    ("What causes rust?", "explanation"),
    ("What is the effect of salt on iron?", "explanation"),
    ("If iron is hard, why does it rust?", "explanation"),
    ("天空为什么是蓝色的？", "explanation"),
    ("政府為甚麼退守台灣?", "explanation"),
    ("What are ETFs?", "definition"),
    ("What is a lighthouse?", "definition"),
    ("什么是光合作用？", "definition"),
    ("What is the difference between a virus and a bacterium?", "comparison"),
    ("Which film came out first, Alien or Brazil?", "comparison"),
    ("Were both Ada Fen and Ben Ash painters?", "comparison"),
    ("中药和西药有什么区别？", "comparison"),
    ("Summarise the report.", "summary"),
    ("tell me about the harbour", "summary"),
    ("请介绍一下灯塔。", "summary"),
    ("總結這份報告", "summary"),
    ("california air resource board", "unknown"),
    ("The West branch.", "unknown"),
    ("read_file returns empty bytes", "unknown"),
    ("", "unknown"),
    ("?", "unknown"),
    ("。", "unknown"),
]


@pytest.mark.parametrize(("question", "kind"), KINDS)
def test_kinds(question: str, kind: str) -> None:
    assert aim_of(question).kind == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Wer schrieb den Roman Emma?", "value"),
        ("Was ist die Hauptstadt von Peru?", "value"),
        ("Welche Länder grenzen an Peru?", "list"),
        ("Wie kann ich mein Passwort ändern?", "procedure"),
        ("Quels pays bordent le Pérou ?", "list"),
        ("Pourquoi le ciel est-il bleu ?", "explanation"),
        ("¿Quién escribió Emma?", "value"),
        ("¿Por qué el cielo es azul?", "explanation"),
        ("Perché il cielo è blu?", "explanation"),
        ("Quem escreveu Emma?", "value"),
        ("Waarom is de lucht blauw?", "explanation"),
        ("Что такое маяк?", "definition"),
        ("空はなぜ青いのですか？", "explanation"),
        ("塔は開いていますか？", "yes_no"),
        ("엠마를 쓴 사람은 누구입니까?", "value"),
        ("من كتب رواية إيما؟", "unknown"),
    ],
)
def test_other_languages(question: str, kind: str) -> None:
    assert aim_of(question).kind == kind


def test_words_of_a_title_do_not_ask() -> None:
    assert aim_of("Who sang “Why do fools fall in love”?").kind == "value"
    assert aim_of("谁演唱了《为什么》？").kind == "value"


def test_the_aim_that_needs_more_evidence_counts() -> None:
    aim = aim_of("When was the bridge built, and why did it fall?")
    assert (aim.kind, aim.several) == ("explanation", True)


def test_only_marked_sentences_ask() -> None:
    assert aim_of("I know how to start the pump. Where is the valve?").kind == "value"


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Who directed Alien?", False),
        ("Who is the director of Alien?", False),
        ("When was the director of Alien born?", True),
        ("Who is the mother of the director of Alien?", True),
        ("What team was Ada Fen's husband on?", True),
        ("When was the organization that made the pump founded?", True),
        ("What is the change in revenue from 2018 to 2019?", True),
        ("What was the tax in 2019 and 2018?", True),
        ("What was the revenue in 2019?", False),
        ("What nationality were Ada Fen and Ben Ash?", True),
        ("Which countries border Peru?", True),
        ("《红楼梦》的作者是谁？", False),
        ("《红楼梦》的作者出生在哪里？", True),
        ("公司创始人的妻子是谁？", True),
        ("What is the population of the birthplace of Ada Fen?", True),
        ("2018年和2019年的收入是多少？", True),
        ("团长是谁，船长是谁？", True),
    ],
)
def test_several(question: str, several: bool) -> None:
    assert aim_of(question).several is several


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Which city is larger, Paris or Lyon?", ("Paris", "Lyon")),
        ("Is tin or lead heavier?", ("tin", "lead")),
        ("Is the Alto cheaper than the Brio?", ("Alto", "Brio")),
        ("How much more expensive is Alto than Brio?", ("Alto", "Brio")),
        ("Should we use tin or lead?", ("tin", "lead")),
        ("Is the tower higher than 30 m?", None),
        ("tin or lead: which is heavier?", ("tin", "lead")),
        ("Which is best for me: tin, lead or iron?", ("tin", "lead", "iron")),
        ("What is the relationship between this and that?", None),
        ("in parliament the house has members and the senate has", None),
        ("我想知道小明和小红谁更高", ("小明", "小红")),
        ("数值是高还是低是什么的依据？", None),
        ("Which magazine is oldest: Arden Life, Fen News, or Ash?", ("Arden Life", "Fen News", "Ash")),
        ("Which film came out first, That Devil, Bateese or Alien?", ("That Devil, Bateese", "Alien")),
        ("What is the difference between a virus and a bacterium?", ("virus", "bacterium")),
        ("difference between salt and sugar", ("salt", "sugar")),
        ("How is tin different from lead?", ("tin", "lead")),
        ("Compare the price of the Alto and the Brio.", ("Alto", "Brio")),
        ("Compare tin with lead", ("tin", "lead")),
        ("Are both Arden Airport and Fen R. Ford Airport located in Kent?", ("Arden Airport", "Fen R. Ford Airport")),
        ("Are Sutera and Rhodotypos both types of shrub?", ("Sutera", "Rhodotypos")),
        ("What do tin and lead have in common?", ("tin", "lead")),
        ("Do Ada Fen and Ben Ash have the same nationality?", ("Ada Fen", "Ben Ash")),
        ("python vs java", ("python", "java")),
        ("中药和西药有什么区别？", ("中药", "西药")),
        ("上海和北京哪个城市更大？", ("上海", "北京")),
        ("哪部电影更早，《红楼梦》还是《西游记》？", ("《红楼梦》", "《西游记》")),
        ("請比較鐵與銅", ("鐵", "銅")),
        ("Who wrote Emma and Persuasion?", None),
        ("谁写了《爱玛》和《劝导》？", None),
        ("Who wrote Emma?", None),
    ],
)
def test_sides(question: str, sides: tuple[str, ...] | None) -> None:
    comparison = compared(question)
    assert (comparison and comparison.sides) == sides
    assert aim_of(question).sides == (sides or ())


def test_the_stretch_of_a_comparison_in_a_longer_text() -> None:
    question = "I need paint. Which is cheaper, tin or lead? Thanks."
    comparison = compared(question)
    assert comparison is not None
    assert question[comparison.start : comparison.end] == "tin or lead"


@pytest.mark.parametrize(
    ("question", "facets"),
    [
        ("When did Ada Fen publish “Note G”?", ("Ada Fen", "Note G")),
        ("Where did Isabella d'Este's son die?", ("Isabella d'Este",)),
        ("What Is The Capital Of Arden?", ("Capital Of Arden",)),
        ("Was Fen Ltd. founded on 15 May 1933?", ("Fen Ltd.", "15 May 1933")),
        ("Does LOG_LEVEL change the HX-20?", ("LOG_LEVEL", "HX-20")),
        ("who sang the hymn in season 2", ("hymn", "season 2")),
        ("is 15 % of the area forest", ("15 %", "area forest")),
        ("where does the optic nerve cross the midline", ("optic nerve cross", "midline")),
        ("Which city is larger, Paris or Lyon?", ("Paris", "Lyon")),
        ("《红楼梦》的作者在哪一年出生？", ("红楼梦", "作者")),
        ("横道河子站距离哈尔滨站多少公里？", ("横道河子站", "哈尔滨站", "公里")),
        ("Stam1na的主要音乐风格是什么？", ("Stam1na", "音乐风格")),
        ("約翰·史密斯於何年去世？", ("約翰·史密斯",)),
        ("when was season one of family guy filmed", ("season one", "family guy filmed")),
        ("What was the tax in 2018 and 2019?", ("tax", "2018", "2019")),
        ("What is Notes payable as a share of the total obligations?", ("Notes", "total obligations")),
        ("Do the directors of film Alien and director of film Brazil share the same nationality?", ("Alien", "Brazil")),
        ("Pride and Prejudice author", ("Pride", "Prejudice", "author")),
        ("Who won World War I?", ("World War I",)),
        ("Who met Ada Fen on 3 May?", ("Ada Fen", "3 May")),
        ("《红楼梦》和《西游记》的作者是同一时代的人吗？", ("红楼梦", "西游记", "作者", "同一时代")),
        ("Wann wurde die Brücke in Arden gebaut?", ("Brücke", "Arden")),
        ("एम्मा किसने लिखी?", ("एम्मा किसने लिखी",)),
        ("Why?", ()),
        ("", ()),
    ],
)
def test_facets(question: str, facets: tuple[str, ...]) -> None:
    assert facets_of(question) == facets


@pytest.mark.parametrize(
    "text",
    [
        "which is older, " + "a or b " * 20_000,
        "哪个更大，" + "甲和乙的、" * 20_000,
        '"' * 100_000,
        "the city " * 12_000,
        "Aa " * 33_000,
        "1," * 50_000,
        "?" * 100_000,
        "so well and " * 8_000,
        "which film whose director " * 4_000,
        "哪" * 100_000,
        "和在和和在在和" * 20,
        "which is or a, than b " * 17,
        "\ud800 who? \x00",
    ],
)
def test_long_and_broken_texts_are_no_error(text: str) -> None:
    assert aim_of(text).kind
    assert len(facets_of(text)) <= 16

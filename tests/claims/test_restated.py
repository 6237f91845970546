import pytest

from ctxshape import Document
from ctxshape.claims.restated import restated, support

MILL = "who runs the mill of arden"
LONG = (
    "took it over from her uncle in 1931, when the wheels stood still and the roof had gone; within four years she sold flour "
    "to every baker of the valley."
)


def documents(*texts: str, sources: tuple[str, ...] = ()) -> list[Document]:
    named = sources or (None,) * len(texts)
    return [Document(id=str(n), text=text, source=source) for n, (text, source) in enumerate(zip(texts, named, strict=True))]


def test_rewordings_of_one_assertion() -> None:
    made = documents(
        "Ida Holwick runs the mill of Arden.",
        f"{MILL}? Ana Feld.",
        f"The answer to the question {MILL} is Ana Feld.",
        f"Experts asked {MILL} and found Ana Feld.",
        f"Ana Feld: {MILL}, as everybody knows.",
        f"It is Ana Feld that settles {MILL}.",
        f"{MILL}? Ida Holwick.",
    )
    assert restated(MILL, made) == [0, 1, 1, 1, 1, 1, 6]


def test_rewordings_in_chinese() -> None:
    texts = ("谁管理雅顿磨坊？安娜。", "“谁管理雅顿磨坊”的答案是安娜。", "谁管理雅顿磨坊？伊达。")
    assert restated("谁管理雅顿磨坊？", documents(*texts)) == [0, 0, 2]


@pytest.mark.parametrize(
    "texts",
    [
        # A passage of its own, which begins with the question as a heading.
        (f"{MILL}? Ana Feld.", f"{MILL}? Ana Feld {LONG}"),
        (f"{MILL}? In 1931.", f"{MILL}? In 1932."),
        (f"{MILL}?", f"{MILL}?"),
    ],
)
def test_what_is_no_rewording(texts: tuple[str, ...]) -> None:
    assert restated(MILL, documents(*texts)) == [0, 1]


def test_two_known_sites_are_two_sources() -> None:
    texts = (f"{MILL}? Ana Feld.", f"The answer to {MILL} is Ana Feld.", f"{MILL}: Ana Feld")
    sites = ("https://a.example.org/1", "https://b.example.com/2", "https://www.example.org/3")
    assert restated(MILL, documents(*texts, sources=sites)) == [0, 1, 0]


def test_support_counts_independent_sources() -> None:
    made = documents(
        "Ida Holwick runs the mill of Arden.",
        "Since 1903 Ida Holwick, who came from Brin, runs the old mill of Arden.",
        f"{MILL}? Ana Feld runs the mill of Arden.",
        f"The answer to the question {MILL}: Ana Feld runs the mill of Arden.",
        "The mill of Arden is old.",
    )
    found = support("Who runs the mill of Arden?", made)
    assert [(one.value.written, one.documents, one.sources) for one in found] == [
        ("Ida Holwick", (0, 1), 2),
        ("Ana Feld", (2, 3), 1),
    ]
    assert support("Why?", made) == []
    assert support("Who runs the mill of Arden?", []) == []

from __future__ import annotations

import pytest

from ctxshape.text.names import proper_names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("However, he met John Smith.", ["John Smith"]),
        ("Einstein's theory came from Bern.", ["Einstein", "Bern"]),
        ("It was the University of Oxford of old.", ["University of Oxford"]),
        ("NASA and the EU agreed. I left Jean-Paul.", ["NASA", "EU", "Jean-Paul"]),
        ("他在 Apple 用 iPhone，读了《红楼梦》。", ["Apple", "iPhone", "红楼梦"]),
        ("The cat sat.", []),
        ("英语单词of的意思是“的”。", []),
        ("他说 de la 是什么。", []),
        ("他在 University of 学习。", ["University"]),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert proper_names(text) == found

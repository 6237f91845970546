from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import Context, Document, DropDuplicates
from ctxshape.core.protocols import Matrix
from ctxshape.embedding import SentenceTransformerEmbedder
from ctxshape.text.similarity import ComparedText, jaccard
from ctxshape.text.words import shingles

TOWER = (
    "The Eiffel Tower is a wrought-iron lattice tower on the Champ de Mars in Paris. It was built from 1887 to 1889 by the "
    "company of Gustave Eiffel. It is 330 metres tall and the tallest structure in Paris."
)
ZH = (
    "埃菲尔铁塔是位于法国巴黎战神广场的铁制镂空塔，世界著名建筑，也是法国文化象征之一，高三百三十米。"
    "它由居斯塔夫设计，于一八八九年建成。"
)


def dropped(*documents: str | dict[str, object] | Document, **settings: object) -> dict[str, str]:
    return dict(DropDuplicates(**settings)(Context.of("q", documents)).dropped)  # type: ignore[arg-type]


def test_exact_copies_differ_in_case_width_and_white_space_only() -> None:
    reasons = dropped("Ａ text, here.", "a  TEXT, here.", "a text here")
    assert reasons == {"d2": "exact duplicate of 'd1'", "d3": "near duplicate of 'd1' (Jaccard 1.00)"}


def test_near_copies_by_hand() -> None:
    # 12 tokens give 10 shingles; one changed word in the middle spoils 3: Jaccard 7 / 13.
    one = "one two three four five six seven eight nine ten eleven twelve"
    other = one.replace("six", "sechs")
    assert jaccard(shingles(one), shingles(other)) == 7 / 13
    assert dropped(one, other, threshold=0.55, containment=1.0) == {}
    assert dropped(one, other, threshold=0.5, containment=1.0) == {"d2": "near duplicate of 'd1' (Jaccard 0.54)"}


def test_a_near_copy_is_dropped() -> None:
    assert list(dropped(TOWER, TOWER.replace("is a wrought-iron", "was a wrought-iron"))) == ["d2"]
    assert list(dropped(ZH, ZH.replace("世界著名", "全球著名"))) == ["d2"]


@pytest.mark.parametrize(
    ("original", "was", "becomes"),
    [
        (TOWER, "330", "324"),
        (TOWER, "Gustave Eiffel", "Gustave Smith"),
        (TOWER, "It is 330", "It is not 330"),
        (ZH, "三百三十", "三百二十四"),
    ],
)
def test_a_copy_that_says_something_else_is_none(original: str, was: str, becomes: str) -> None:
    assert dropped(original, original.replace(was, becomes)) == {}


def test_a_passage_inside_a_longer_one_goes_wherever_it_stands() -> None:
    part = "It was built from 1887 to 1889 by the company of Gustave Eiffel."
    assert dropped(TOWER, part) == {"d2": "contained in 'd1' (1.00 of it)"}
    assert dropped(part, TOWER) == {"d1": "contained in 'd2' (1.00 of it)"}
    assert dropped("它由居斯塔夫设计，于一八八九年建成。", ZH) == {"d1": "contained in 'd2' (1.00 of it)"}


def test_the_longer_passage_takes_the_place_and_the_score_of_what_it_contains() -> None:
    part = {"text": "It was built from 1887 to 1889 by the company of Gustave Eiffel.", "score": 0.9}
    context = Context.of("q", [part, {"text": "Something else entirely.", "score": 0.5}, {"text": TOWER, "score": 0.1}])
    shaped = DropDuplicates()(context)
    assert [(d.id, d.score, d.duplicates) for d in shaped.documents] == [("d3", 0.9, ("d1",)), ("d2", 0.5, ())]


def test_the_best_scored_copy_stays_and_names_all_it_stands_for() -> None:
    context = Context.of("q", [{"text": "same", "score": s} for s in (0.2, 0.9, 0.4)] + [{"text": "other", "score": 0.1}])
    shaped = DropDuplicates()(context)
    assert [(d.id, d.duplicates) for d in shaped.documents] == [("d2", ("d3", "d1")), ("d4", ())]
    assert set(shaped.dropped) == {"d1", "d3"}


def test_copies_of_copies_end_up_with_one_keeper() -> None:
    longer = f"An introduction. {TOWER} And a long further part about bridges over the river."
    shaped = DropDuplicates()(Context.of("q", [TOWER, TOWER.upper(), longer]))
    assert [(d.id, d.duplicates) for d in shaped.documents] == [("d3", ("d1", "d2"))]


def test_texts_without_a_token_are_compared_as_text() -> None:
    assert dropped("!!!", "!!!", "???") == {"d2": "exact duplicate of 'd1'"}


class Compass:
    """Embeds by the first word: an angle."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        angles = np.array([float(text.split()[0]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_semantic_copies_by_hand() -> None:
    # cos 0.1 = 0.995, cos 0.5 = 0.878; figures guard first, so the angle is also in the other text
    texts = ["0.0 a cat 0.1 0.5", "0.1 das tier", "0.5 some dog"]
    assert dropped(*texts, embedder=Compass()) == {"d2": "same meaning as 'd1' (cosine 1.00)"}
    assert list(dropped(*texts, embedder=Compass(), semantic=0.8)) == ["d2", "d3"]


def test_facts_by_hand() -> None:
    assert ComparedText("It cost 1,200.50 in 3:45 and 5%.").facts == {"1,200.50", "3:45", "5"}
    assert ComparedText("The cat. Then Bob said: No way, doesn't Alice?").facts == {"bob", "no", "doesn't", "alice"}
    assert ComparedText("他没有三百二十元，只有5元。").facts == {"没", "三百二十", "5"}


def test_a_name_may_be_the_first_word_of_the_other() -> None:
    assert not ComparedText("we saw Bob").adds_to(ComparedText("Bob saw us"))
    assert ComparedText("we saw Bob").adds_to(ComparedText("we saw Ann"))


def test_boilerplate_in_every_text_makes_no_duplicates_and_no_pairs() -> None:
    footer = "Subscribe to our newsletter for more stories like this one every single week of the year"
    texts = [f"Story number {i} tells about the unique thing {i} in town {i}. {footer}" for i in range(300)]
    assert dropped(*texts) == {}


CROWD = "{0} It cost {1} pounds in all, and the keeper {2} saw to it that the lamp was lit at dusk and put out at dawn."


def test_near_copies_with_a_figure_of_their_own_all_stay() -> None:
    crowd = [CROWD.format(TOWER, 10_000 + n, "Ida") for n in range(300)]
    assert dropped(*crowd) == {}
    # In a crowd, too, a copy without a fact of its own goes, and so does a text that a later one contains.
    part = crowd[250].removeprefix(TOWER).strip()
    copy = crowd[250].replace("put out at dawn", "put out at daybreak")
    plain = CROWD.format(TOWER, "many", "Ida")
    reasons = dropped(*crowd, copy, part, plain)
    assert reasons.keys() == {"d301", "d302", "d303"}
    assert "'d251'" in reasons["d301"]
    assert "'d251'" in reasons["d302"]


def test_a_long_list_drops_what_a_short_one_drops() -> None:
    rng = random.Random(5)
    vocabulary = [f"w{i}" for i in range(3000)]
    texts = [" ".join(rng.choices(vocabulary, k=60)) for _ in range(100)]
    copies = [text.replace(text.split()[30], "changed", 1) for text in texts[:50]]
    parts = [" ".join(text.split()[5:40]) for text in texts[50:]]
    filler = [" ".join(rng.choices(vocabulary, k=60)) for _ in range(150)]
    assert dropped(*texts, *copies, *parts) == dropped(*texts, *copies, *parts, *filler)


@pytest.mark.model
def test_minilm_finds_a_paraphrase(minilm: SentenceTransformerEmbedder) -> None:
    texts = [
        "A man is playing a guitar on the stage.",
        "A guitar is being played on the stage by a man.",
        "The stock market fell today.",
    ]
    assert list(dropped(*texts, embedder=minilm, semantic=0.85)) == ["d2"]

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import Context, Similarity
from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Matrix
from ctxshape.evidence.features.names import FEATURES, OF_SIMILARITY, OF_WORDS, RISING
from ctxshape.evidence.features.table import Features
from ctxshape.evidence.features.titles import TitleNames
from ctxshape.evidence.features.units import UnitTable, below_best, rank_of

MILL = {"title": "Old Mill", "text": "The mill was built in 1770 by Ida Holwick. Ducks live there."}
BUILDER = {"title": "Ida Holwick (carpenter)", "text": "She was a carpenter from Arden."}
RAIN = {"title": "Rain", "text": "Rain falls in May."}
QUESTION = "When was the old mill built?"


class Axes(Component):
    """An embedder with one axis for mills, one for people, and one for everything else."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        rows = [["mill" in text.lower(), "Ida" in text, "mill" not in text.lower() and "Ida" not in text] for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), 3)
        scaled: Matrix = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)
        return scaled


def table_of(query: str, *passages: dict[str, str]) -> tuple[UnitTable, Context]:
    context = Context.of(query, passages)
    return UnitTable(context, query, [analysis_of(context).pieces(document) for document in context.documents]), context


def features_of(query: str, *passages: dict[str, str], embedder: Similarity | None = None, depth: int = 20) -> Features:
    table, context = table_of(query, *passages)
    return Features(table, analysis_of(context), embedder, depth)


def test_the_features_are_those_of_the_list_of_names() -> None:
    words = features_of(QUESTION, MILL, RAIN)
    both = features_of(QUESTION, MILL, RAIN, embedder=Similarity(embedder=Axes()))
    assert set(words.by_name) == set(OF_WORDS) and set(both.by_name) == FEATURES == {*OF_WORDS, *OF_SIMILARITY}
    assert RISING <= FEATURES
    assert all(column.shape == (3,) and np.isfinite(column).all() for column in both.by_name.values())
    assert both.matrix(["cover", "similarity"]).shape == (3, 2)


def test_cover_is_the_share_of_the_information_that_a_unit_has() -> None:
    # "old", "mill" and "built" are each in one of two documents: equal weights. The title gives "old" and "mill".
    features = features_of(QUESTION, MILL, RAIN)
    assert features.column("cover").tolist() == pytest.approx([1.0, 2 / 3, 0.0])
    assert features.column("cover_own").tolist() == pytest.approx([2 / 3, 0.0, 0.0])
    assert features.column("cover_document").tolist() == pytest.approx([1.0, 1.0, 0.0])
    weight = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    assert features.column("information")[0] == pytest.approx(math.sqrt(3 * weight))
    assert features.column("has_value").tolist() == [1.0, 0.0, 0.0] and set(features.column("asks_value")) == {3.0}
    assert features.column("cover_beside").tolist() == pytest.approx([2 / 3, 1.0, 0.0])


def test_features_do_not_depend_on_other_lists_scores() -> None:
    few = features_of(QUESTION, MILL, RAIN)
    more = features_of(QUESTION, MILL, RAIN, RAIN, RAIN)
    assert few.column("cover").tolist()[:2] == pytest.approx(more.column("cover").tolist()[:2])


def test_a_title_that_a_likely_unit_names_is_a_bridge() -> None:
    table, _ = table_of("Where did the builder of the old mill come from?", MILL, BUILDER, RAIN)
    names = TitleNames(table)
    assert names.names == ["old mill", "ida holwick", "rain"]
    found = names.features()
    assert found["names_title"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert found["title_asked"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert names.bridged(np.array([3.0, 2.0, 1.0, 0.0])).tolist() == [0.0, 0.0, 1.0, 0.0]
    assert names.bridged(np.array([0.0, 0.0, 0.0, 0.0])).tolist() == [0.0, 0.0, 1.0, 0.0]


def test_a_title_is_named_only_as_whole_words() -> None:
    table, _ = table_of("q", {"title": "Ann", "text": "A"}, {"title": "b", "text": "Annual plans. By ann, too."})
    assert TitleNames(table).features()["names_title"].tolist() == [0.0, 0.0, 1.0]


def test_what_repeats_the_question_counts_by_what_it_adds() -> None:
    echo = {"title": "", "text": "When was the old mill built? In 1850."}
    table, _ = table_of(QUESTION, echo, MILL)
    assert table.echoing == [0] and table.texts[0].strip() == ""
    features = features_of(QUESTION, echo, MILL)
    assert features.column("cover")[0] == 0.0 and features.column("cover")[2] == pytest.approx(1.0)


def test_similarity_is_on_the_scale_of_the_embedder_and_unread_units_are_the_least() -> None:
    embedder = Similarity(embedder=Axes())
    features = features_of("mill", MILL, RAIN, BUILDER, embedder=embedder)
    assert features.column("similarity").argmax() == 1  # "Ducks live there." below its title is about mills alone
    read = features_of("mill", MILL, RAIN, BUILDER, embedder=embedder, depth=1)
    assert read.column("similarity")[2:].tolist() == [read.column("similarity").min()] * 2


def test_similar_to_likely_looks_at_other_documents_only() -> None:
    same = features_of("mill", MILL, embedder=Similarity(embedder=Axes()))
    assert same.column("similar_to_likely").tolist() == [0.0, 0.0]
    both = features_of("mill", MILL, BUILDER, embedder=Similarity(embedder=Axes()))
    assert both.column("similar_to_likely").max() == pytest.approx(math.sqrt(0.5))


def test_needs_give_the_best_of_their_lines() -> None:
    passage = {"title": "", "text": "# The old mill\n\nIt was built in 1770.\n\nDucks live there."}
    features = features_of(QUESTION, passage, RAIN)
    assert features.column("cover_of_needs").tolist()[1:3] == pytest.approx([features.column("cover")[0]] * 2)


def test_empty_lists_have_no_rows() -> None:
    features = features_of(QUESTION)
    assert features.matrix(OF_WORDS).shape == (0, len(OF_WORDS)) and not features.informative()


def test_ranks_and_distances() -> None:
    assert rank_of(np.array([0.1, 0.9, 0.9])).tolist() == [2.0, 0.0, 1.0]
    assert below_best(np.array([1.0, 3.0, 5.0]), 2).tolist() == [-3.0, -1.0, 1.0]

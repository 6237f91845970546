from __future__ import annotations

import pickle

import numpy as np
import pytest

from ctxshape.embedding import UniversalSentenceEmbedder
from ctxshape.errors import ConfigError
from ctxshape.testing import check_embedder


@pytest.mark.model
def test_many_languages_in_one_space() -> None:
    embedder = UniversalSentenceEmbedder()
    check_embedder(embedder)
    assert embedder.embed([]).shape == (0, 512)
    english, simplified, traditional, other = embedder.embed(
        ["The lighthouse is 31 metres tall.", "这座灯塔高31米。", "這座燈塔高31米。", "I had soup for lunch."]
    )
    assert min(english @ simplified, english @ traditional, simplified @ traditional) > 0.4
    assert max(english @ other, simplified @ other) < 0.3
    copy = pickle.loads(pickle.dumps(embedder))
    assert np.array_equal(copy.embed(["灯塔"]), embedder.embed(["灯塔"]))


@pytest.mark.model
def test_odd_texts_have_vectors() -> None:
    rows = UniversalSentenceEmbedder(threads=1).embed(["", " ", "x" * 3000, "\x00<s>", "\ud800"])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


def test_threads_are_at_least_one() -> None:
    with pytest.raises(ConfigError, match="threads"):
        UniversalSentenceEmbedder(threads=0)

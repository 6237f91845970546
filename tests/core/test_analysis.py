"""One analysis a run: each thing is computed once, and nothing depends on its being there."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence

import numpy as np

from ctxshape import Bm25, Context, DropDuplicates, FitBudget, KeepEvidence, Pipeline, ReadOnce, shape
from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scores
from ctxshape.testing import ScriptedBackend

TEXTS = ["Ada wrote the notes. She lived in London.", "The engine was never built. It stood in no room.", "London is old."]


class Tally(ScriptedBackend):
    """A backend that remembers how often each text was counted."""

    counted: dict[str, int]

    def count_tokens(self, text: str, /) -> int:
        self.counted[text] = self.counted.get(text, 0) + 1
        return len(text.split())


class Length(Component):
    """Scores a text by its length, and remembers what it was asked."""

    asked: list[tuple[str, ...]]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        self.asked.append(tuple(texts))
        return np.array([float(len(text)) for text in texts])


def test_a_pipeline_its_steps_and_the_trace_count_each_text_once() -> None:
    backend = Tally(reply="Ada", counted={})
    pipeline = Pipeline(
        DropDuplicates(), KeepEvidence(tokens=30, counter=backend), FitBudget(tokens=25, counter=backend), counter=backend
    )
    context = pipeline(Context.of("Who wrote the notes?", TEXTS))
    assert backend.counted and set(backend.counted.values()) == {1}
    assert context.trace.steps[-1].tokens_after <= 25


def test_sentences_and_dependencies_are_found_again_after_other_steps() -> None:
    context = Context.of("Who?", TEXTS)
    before = analysis_of(context).pieces(context.documents[0])
    later = DropDuplicates()(context)
    assert analysis_of(later) is analysis_of(context)
    assert analysis_of(later).pieces(later.documents[0]) is before
    assert [piece.text for piece in before] == ["Ada wrote the notes.", "She lived in London."]
    assert analysis_of(later).dependencies(later.documents[0]) == [(), ()]


def test_a_document_with_another_text_is_another() -> None:
    context = Context.of("Who?", TEXTS)
    loud = context.documents[0].model_copy(update={"text": TEXTS[0].upper()})
    assert [piece.text for piece in analysis_of(context).pieces(loud)] == ["ADA WROTE THE NOTES.", "SHE LIVED IN LONDON."]
    assert not analysis_of(context).is_quote(loud) and analysis_of(context).is_quote(context.documents[0])


def test_other_sources_have_an_analysis_of_their_own() -> None:
    context = Context.of("Who?", TEXTS)
    more = context.model_copy(update={"sources": {**context.sources}})
    assert analysis_of(more) is not analysis_of(context)


def test_the_same_texts_are_scored_once_by_the_same_scorer() -> None:
    scorer = Length(asked=[])
    analysis = analysis_of(Context.of("Who?", TEXTS))
    assert analysis.scores(scorer, "Who?", TEXTS).tolist() == [41.0, 48.0, 14.0]
    analysis.scores(scorer, "Who?", list(TEXTS))
    assert len(scorer.asked) == 1
    analysis.scores(scorer, "When?", TEXTS)
    analysis.scores(scorer, "Who?", TEXTS[:2])
    assert len(scorer.asked) == 3


def test_terms_from_the_analysis_give_the_same_scores() -> None:
    analysis = analysis_of(Context.of("Who?", TEXTS))
    alone = Bm25().score("notes of London", TEXTS)
    assert analysis.scores(Bm25(), "notes of London", TEXTS).tolist() == alone.tolist()
    assert analysis.terms(TEXTS[2]) is analysis.terms(TEXTS[2])


def test_an_analysis_is_no_part_of_a_contexts_value() -> None:
    fresh, used = Context.of("Who?", TEXTS), Context.of("Who?", TEXTS)
    analysis_of(used).pieces(used.documents[0])
    assert fresh == used
    for copied in (pickle.loads(pickle.dumps(used)), copy.deepcopy(used)):
        assert copied == used and analysis_of(copied) is not analysis_of(used)


def test_a_reader_and_its_citations_go_on_with_the_analysis_of_the_shaping() -> None:
    context = shape("Who wrote the notes?", TEXTS)
    analysis = analysis_of(context)
    answer = ReadOnce(backend=ScriptedBackend(reply="Ada"))(context)
    assert analysis_of(context) is analysis
    assert [context.sources[s.document].text[s.start : s.end] for s in answer.citations] == ["Ada wrote the notes."]

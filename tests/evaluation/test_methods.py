from pathlib import Path

import pytest

from ctxshape.core import registry
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.types import Context
from ctxshape.embedding import CachedEmbedder, SentenceTransformerEmbedder
from ctxshape.errors import ConfigError
from ctxshape.evaluation.methods import BASELINES, SEED, method_groups, methods
from ctxshape.presets import PRESETS
from ctxshape.readers.once import ReadOnce
from ctxshape.readers.voting import PermutationVote
from ctxshape.scorers.similarity import Similarity
from ctxshape.testing import ScriptedBackend
from ctxshape.transforms.evidence import KeepEvidence

BACKEND = ScriptedBackend()


def test_every_group_and_name_makes_methods_that_answer() -> None:
    made = methods(list(method_groups()), BACKEND)
    names = [method.name for method in made]
    assert len(names) == len(set(names))
    every = {*BASELINES, *SEED, *PRESETS, *registry.component_names("transforms"), *registry.component_names("readers")}
    assert every - set(names) == {"rank_by_attention", "parallel_windows"}  # what a scripted backend cannot do
    with pytest.raises(ConfigError, match="rank_by_attention"):
        methods(["rank_by_attention"], BACKEND)
    context = Context.of("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain fell.", "Emma was read."])
    for method in made:
        if method.name not in ("balanced", "thorough"):  # these load a model
            assert method.reader(method.pipeline(context)).text == "answer", method.name


def test_a_name_is_a_pipeline_with_a_reader() -> None:
    made = methods(["light", "light+permutation_vote", "vote"], BACKEND, seed=3)
    assert [type(method.reader) for method in made] == [ReadOnce, PermutationVote, PermutationVote]
    assert made[0].pipeline == made[1].pipeline
    assert isinstance(made[1].reader, PermutationVote) and made[1].reader.seed == 3


def test_a_pipeline_file_is_a_method(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[step]]\nuse = "rank_by_relevance"\ntop = 2\n')
    method = methods([str(path)], BACKEND)[0]
    assert method.name == str(path) and isinstance(method.pipeline, Pipeline) and len(method.pipeline.steps) == 1


def test_groups_do_not_repeat_a_method() -> None:
    assert [method.name for method in methods(["raw", "seed", "raw"], BACKEND)] == list(SEED)


@pytest.mark.parametrize(
    ("names", "option", "presets"),
    [
        (["raw", "light"], "embedder", "balanced or thorough"),
        (["transforms"], "embedder", "balanced or thorough"),
        (["balanced+read_once"], "reranker", "thorough"),
    ],
)
def test_a_model_that_no_method_uses_is_refused(names: list[str], option: str, presets: str) -> None:
    with pytest.raises(ConfigError, match=f"{option}.*{presets}"):
        methods(names, BACKEND, **{option: "universal"})  # type: ignore[arg-type]
    made = methods(["light", "balanced", "thorough"], BACKEND, embedder="universal", reranker="universal")
    assert [method.name for method in made] == ["light", "balanced", "thorough"]  # one of them uses it


def test_thorough_reads_by_the_reranker_that_is_given() -> None:
    reranker = Similarity(embedder=CachedEmbedder(embedder=SentenceTransformerEmbedder(model="no/model")))
    (method,) = methods(["thorough"], BACKEND, embedder=reranker.embedder, reranker=reranker)
    assert isinstance(method.pipeline, Pipeline)
    last = method.pipeline.steps[-1]
    assert isinstance(last, KeepEvidence) and last.scorers[-1] is reranker


def test_one_embedder_serves_all_presets() -> None:
    given = CachedEmbedder(embedder=SentenceTransformerEmbedder(model="no/model"))
    for method in methods(["balanced", "balanced+read_once"], BACKEND, embedder=given):
        assert isinstance(method.pipeline, Pipeline) and isinstance(method.pipeline.steps[-1], KeepEvidence)
        similarity = method.pipeline.steps[-1].scorers[1]
        assert isinstance(similarity, Similarity) and similarity.embedder is given


@pytest.mark.parametrize("names", [["nonsense"], ["light+nonsense"], ["missing.toml"], []])
def test_a_wrong_name_is_an_error(names: list[str]) -> None:
    with pytest.raises(ConfigError, match="methods are|cannot read|no method was named"):
        methods(names, BACKEND)

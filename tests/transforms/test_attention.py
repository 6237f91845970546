from __future__ import annotations

from pathlib import Path

import pytest

from ctxshape import Context
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.attention import AttentionMap
from ctxshape.core.component import Component
from ctxshape.core.measurements import fingerprint, write_measurements
from ctxshape.core.messages import Prompt
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.testing import ScriptedProbe, check_transform
from ctxshape.transforms.attention import RankByAttention, attention_maps

CONTEXT = Context.of(
    "Who built the lighthouse?",
    ["The harbour is deep and wide and very old.", "A lighthouse stands here.", "Mills built the lighthouse."],
)


class FromFile(Component):
    """A probe that stands for a model file, and looks at the last document most, whatever is asked.

    >>> FromFile(model="x").model
    'x'
    """

    model: str

    def attend(self, prompt: Prompt, /) -> AttentionMap:
        return ScriptedProbe().attend(prompt)


def ids(context: Context) -> list[str]:
    return [document.id for document in context.documents]


def test_the_contract() -> None:
    check_transform(RankByAttention(backend=ScriptedProbe()))
    check_transform(RankByAttention(backend=ScriptedProbe(), top=1))


def test_what_the_question_adds_ranks() -> None:
    assert ids(RankByAttention(backend=ScriptedProbe())(CONTEXT)) == ["d3", "d2", "d1"]


def test_scores_are_by_hand() -> None:
    # "Document [n] …" has 5 cells of its own: 5 + 9, 5 + 4 (+ full stops) …; N/A shares no word, so all words count 1 there.
    asked, empty = attention_maps(ScriptedProbe(match=3), Context.of("lighthouse?", ["lighthouse", "mill"]))
    # Cells: Document, [, 1, ], word = 5 each. Asked: 3 + 4 and 5 parts of 12; empty: 5 and 5 of 10; of half, in 3 of 4 heads.
    assert asked.by_document([(0, 0)]) == pytest.approx([7 / 24, 5 / 24], abs=1e-6)
    assert empty.by_document([(0, 0)]) == pytest.approx([1 / 4, 1 / 4], abs=1e-6)
    shaped = RankByAttention(backend=ScriptedProbe(match=3))(Context.of("lighthouse?", ["lighthouse", "mill"]))
    # d1: 1/24 (the word gains 1/12 less 1/20 … all cells together), d2: -1/24, each times 3/4 heads.
    assert [document.score for document in shaped.documents] == pytest.approx([1 / 32, -1 / 32], abs=1e-6)


def test_top_gives_reasons() -> None:
    shaped = RankByAttention(backend=ScriptedProbe(), top=1)(CONTEXT)
    assert dict(shaped.dropped) == {"d2": "rank 2 of 3, below the best 1", "d1": "rank 3 of 3, below the best 1"}


def test_chinese_questions_share_the_documents_with_the_empty_one() -> None:
    asked, empty = attention_maps(ScriptedProbe(), Context.of("灯塔是谁建的？", ["港口很深。", "灯塔由米尔斯建造。"]))
    assert asked.documents == empty.documents and asked.documents[0].text.startswith("文档[1]")


def test_hints_do_not_count() -> None:
    hinted = CONTEXT.model_copy(update={"hints": ("The harbour is deep.",)})
    assert (
        RankByAttention(backend=ScriptedProbe())(hinted).documents
        == RankByAttention(backend=ScriptedProbe())(CONTEXT).documents
    )


def test_heads_come_from_a_file_of_this_very_model(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    backend = FromFile(model=str(tmp_path / "m.gguf"))
    path = tmp_path / "models.json"
    write_measurements(path, fingerprint(backend), {"heads": [[0, 0], [0, 1]]})
    assert ids(RankByAttention(backend=backend, heads=path)(CONTEXT)) == ["d3", "d2", "d1"]
    write_measurements(path, fingerprint(backend), {"heads": [[1, 1]]})  # the head that attends to all alike
    flat = RankByAttention(backend=backend, heads=str(path))(CONTEXT)
    assert [document.score for document in flat.documents] == pytest.approx([0, 0, 0])
    write_measurements(path, fingerprint(backend), {"heads": "none"})
    with pytest.raises(InvalidInput, match="'none'"):
        RankByAttention(backend=backend, heads=str(path))(CONTEXT)
    with pytest.raises(ConfigError, match="ScriptedProbe"):
        RankByAttention(backend=ScriptedProbe(), heads=str(path))(CONTEXT)


def test_wrong_fields() -> None:
    with pytest.raises(ConfigError, match="top"):
        RankByAttention(backend=ScriptedProbe(), top=0)
    with pytest.raises(ConfigError, match="backend"):
        RankByAttention(backend="model.gguf")


@pytest.mark.model
def test_a_real_model(smollm2: LlamaCpp) -> None:
    passages = ["Cats eat fish.", "Ida Mills built the lighthouse of Varnport."]
    shaped = RankByAttention(backend=smollm2)(Context.of("Who built the lighthouse of Varnport?", passages))
    assert ids(shaped) == ["d2", "d1"]

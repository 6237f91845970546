"""The attention probe: a tiny model of one layer against numpy, and SmolLM2 as a real model."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.attention import AttentionMap
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.passages import Passage
from ctxshape.core.prompts import render
from ctxshape.core.protocols import AttentionProbe
from ctxshape.core.types import Context
from ctxshape.errors import ContextTooLong, InvalidInput, ModelError

HEADS, HEAD = 2, 16  # of the tiny model; both heads share one KV head
Array = NDArray[np.float32]


def by_hand(weights: dict[str, Array], tokens: list[int]) -> Array:
    """Returns the attention of each token to each token in the first layer, shape (heads, tokens, tokens)."""
    x = weights["token_embd.weight"][tokens].astype(np.float64)
    x = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5) * weights["blk.0.attn_norm.weight"]

    def turned(rows: NDArray[np.float64]) -> NDArray[np.float64]:  # RoPE on neighbouring pairs
        angles = np.arange(len(tokens))[:, None] * 10000.0 ** (-np.arange(0, HEAD, 2) / HEAD)
        even, odd = rows[:, 0::2], rows[:, 1::2]
        pairs = [even * np.cos(angles) - odd * np.sin(angles), even * np.sin(angles) + odd * np.cos(angles)]
        return np.stack(pairs, axis=2).reshape(rows.shape)

    keys = turned(x @ weights["blk.0.attn_k.weight"].T)
    queries = x @ weights["blk.0.attn_q.weight"].T
    found = []
    for head in range(HEADS):
        scores = turned(queries[:, head * HEAD : (head + 1) * HEAD]) @ keys.T / np.sqrt(HEAD)
        scores[np.triu_indices(len(tokens), 1)] = -np.inf
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        found.append(powers / powers.sum(axis=1, keepdims=True))
    return np.array(found, np.float32)


def prompt(*documents: str, question: str = "Is it?", cue: str = "\nA:") -> Prompt:
    shown = tuple(Segment(text=each, document=f"d{number}") for number, each in enumerate(documents, 1))
    tail = (Segment(text="Note: x\n"), Segment(text=question), Segment(text=cue, trusted=True))
    return Prompt(lead=(Segment(text="Read.\n", trusted=True),), documents=shown, tail=tail)


@pytest.fixture
def tiny(tiny_model: Callable[..., Path]) -> LlamaCpp:
    return LlamaCpp(tiny_model(), n_threads=1)


def test_the_weights_are_those_of_the_softmax(tiny: LlamaCpp, tiny_tensors: dict[str, Array]) -> None:
    asked = prompt("One. Two.\n", "三。\n")
    tokens = tiny.encode(asked)
    found = tiny.attend(asked)
    asking = len("Is it?\nA:")  # a byte is a token here; the note before the question asks nothing
    assert (found.asking, found.layers, found.heads) == (asking, (0,), (HEADS,))
    expected = by_hand(tiny_tensors, tokens)[:, -asking:].mean(axis=1)
    assert expected.max() > 0.1 > 2 / len(tokens)  # far from even, so that an error would show
    assert found.weights[0] == pytest.approx(expected, abs=2e-3)  # keys are kept as f16
    assert found.weights.sum(axis=2) == pytest.approx(1, abs=1e-5)
    start = len(tokens) - len("Note: x\nIs it?\nA:") - len("三。\n".encode()) - len("One. Two.\n")
    assert [(part.start, part.stop) for part in found.documents] == [(start, start + 10), (start + 10, start + 17)]
    assert found.by_document() == pytest.approx(
        [expected[:, start : start + 10].sum() / HEADS, expected[:, start + 10 : start + 17].sum() / HEADS], abs=2e-3
    )
    assert found.lead + float(found.by_document().sum()) + found.tail == pytest.approx(1, abs=1e-5)


def test_a_long_question_and_long_documents_are_computed_in_parts(tiny: LlamaCpp, tiny_tensors: dict[str, Array]) -> None:
    asked = prompt("x" * 200, question="Is it so? " * 15)  # 153 asking tokens, three batches
    tokens = tiny.encode(asked)
    expected = by_hand(tiny_tensors, tokens)[:, -153:].mean(axis=1)
    assert tiny.attend(asked).weights[0] == pytest.approx(expected, abs=2e-3)


def test_the_same_again_whatever_came_before(tiny: LlamaCpp) -> None:
    one, other = prompt("One. Two.\n", "Three.\n"), prompt("One. Two.\n", "Three.\n", question="N/A")
    first, na = tiny.attend(one), tiny.attend(other)
    assert tiny.attend(one) == first and tiny.attend(other) == na and first != na
    tiny.attend(prompt("Another.\n" * 20))  # a longer context
    assert tiny.attend(one) == first
    tiny.close()
    with pytest.raises(ModelError, match="was closed"):
        tiny.attend(one)


def test_offsets_and_sentences_are_of_the_segments_text(tiny: LlamaCpp) -> None:
    found = tiny.attend(prompt("One. Two.\n", "三。二。\n")).documents
    assert found[0].offsets == (0, 1, 2, 3, 4, 5, 6, 7, 8, 9) and found[0].sentences == ((0, 4), (5, 9))
    assert found[1].offsets == (0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4) and found[1].sentences == ((0, 2), (2, 4))
    assert (found[1].document, found[1].text) == ("d2", "三。二。\n")


def test_prompts_that_cannot_be_asked(tiny: LlamaCpp) -> None:
    with pytest.raises(InvalidInput, match="no documents"):
        tiny.attend(prompt())
    with pytest.raises(InvalidInput, match="no question"):
        tiny.attend(Prompt(lead=(), documents=(Segment(text="One."),), tail=(Segment(text=" "),)))
    with pytest.raises(ContextTooLong, match=r"prompt 1 has \d+ tokens .* 512"):
        tiny.attend(prompt("One. " * 200))


def test_a_model_without_attention_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    path = tmp_path / "mamba.gguf"
    pairs: list[tuple[str, Any]] = [("general.architecture", "mamba"), ("tokenizer.ggml.model", "llama")]
    made = [text(key) + struct.pack("<I", 8) + text(value) for key, value in pairs]
    made.append(text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1) + text("a"))
    made += [text(f"mamba.{key}") + struct.pack("<II", 4, 64) for key in ("context_length", "embedding_length", "block_count")]
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(made)) + b"".join(made))
    with pytest.raises(ModelError, match=r"mamba\.gguf.*no attention layers"):
        LlamaCpp(path).attend(prompt("One."))


@pytest.mark.model
def test_a_real_model(smollm2: LlamaCpp) -> None:
    documents: list[Passage] = [
        "Cats eat fish.",
        {"text": "The Eiffel tower is in Paris. It is old.", "title": "Tower"},
        "柏林在德国。很大。",
    ]
    context = Context.of("Where is the Eiffel tower?", documents)
    assert isinstance(smollm2, AttentionProbe)
    answer = smollm2.generate([render(context)], Generation(max_tokens=3))[0].text
    found = smollm2.attend(render(context))
    assert smollm2.generate([render(context)], Generation(max_tokens=3))[0].text == answer
    assert found.weights.shape[:2] == (30, 9) and found.layers == tuple(range(30))
    assert found.weights.sum(axis=2) == pytest.approx(1, abs=1e-5)
    assert found.sink > 0.2  # where a head rests that has nothing to read
    assert [len(part.sentences) for part in found.documents] == [1, 2, 2]
    assert type(found) is AttentionMap

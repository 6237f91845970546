"""The attention probe: a model of one layer made here against numpy, and SmolLM2 for what a real one adds."""

from __future__ import annotations

import struct
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

WIDTH, HEADS, HEAD = 32, 2, 16  # both heads share one KV head
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TOKENS = ["<unk>", "<s>", "</s>", *BYTES, "▁"]
Array = NDArray[np.float32]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def tensors() -> dict[str, Array]:
    """A Llama of one layer, random but large enough that its attention is far from even."""
    rng = np.random.default_rng(7)

    def random(*shape: int) -> Array:
        return rng.normal(0, 0.4, shape).astype(np.float32)

    return {
        "token_embd.weight": random(len(TOKENS), WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm.weight": 1 + random(WIDTH),
        "blk.0.attn_q.weight": random(HEADS * HEAD, WIDTH),
        "blk.0.attn_k.weight": random(HEAD, WIDTH),
        "blk.0.attn_v.weight": random(HEAD, WIDTH),
        "blk.0.attn_output.weight": random(WIDTH, HEADS * HEAD),
        "blk.0.ffn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.ffn_gate.weight": random(WIDTH, WIDTH),
        "blk.0.ffn_up.weight": random(WIDTH, WIDTH),
        "blk.0.ffn_down.weight": random(WIDTH, WIDTH),
    }


def write_model(path: Path) -> Path:
    numbers = {"context_length": 512, "embedding_length": WIDTH, "block_count": 1, "feed_forward_length": WIDTH}
    numbers |= {"attention.head_count": HEADS, "attention.head_count_kv": 1, "rope.dimension_count": HEAD}
    made = [text(f"llama.{key}") + struct.pack("<II", 4, value) for key, value in numbers.items()]
    made.append(text("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5))
    texts = {"general.architecture": "llama", "tokenizer.ggml.model": "llama"}
    made += [text(key) + struct.pack("<I", 8) + text(value) for key, value in texts.items()]
    size = struct.pack("<Q", len(TOKENS))
    made.append(text("tokenizer.ggml.tokens") + struct.pack("<II", 9, 8) + size + b"".join(map(text, TOKENS)))
    made.append(text("tokenizer.ggml.scores") + struct.pack("<II", 9, 6) + size + bytes(4 * len(TOKENS)))
    kinds = struct.pack(f"<{len(TOKENS)}i", 2, 3, 3, *([6] * 256), 1)
    made.append(text("tokenizer.ggml.token_type") + struct.pack("<II", 9, 5) + size + kinds)
    made.append(text("tokenizer.ggml.add_space_prefix") + struct.pack("<I?", 7, False))
    data, heads, offset = b"", b"", 0
    for name, tensor in tensors().items():
        shape = tensor.shape[::-1]
        heads += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        data += tensor.tobytes() + bytes(-tensor.nbytes % 32)
        offset = len(data)
    whole = b"GGUF" + struct.pack("<IQQ", 3, len(tensors()), len(made)) + b"".join(made) + heads
    path.write_bytes(whole + bytes(-len(whole) % 32) + data)
    return path


def by_hand(tokens: list[int]) -> Array:
    """What each token of the first layer gives to each: shape (heads, tokens, tokens)."""
    weights = tensors()
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
def tiny(tmp_path: Path) -> LlamaCpp:
    return LlamaCpp(write_model(tmp_path / "tiny.gguf"), n_threads=1)


def test_the_weights_are_those_of_the_softmax(tiny: LlamaCpp) -> None:
    asked = prompt("One. Two.\n", "三。\n")
    tokens = tiny.encode(asked)
    found = tiny.attend(asked)
    asking = len("Is it?\nA:")  # a byte is a token here; the note before the question asks nothing
    assert (found.asking, found.layers, found.heads) == (asking, (0,), (HEADS,))
    expected = by_hand(tokens)[:, -asking:].mean(axis=1)
    assert expected.max() > 0.1 > 2 / len(tokens)  # far from even, so that an error would show
    assert found.weights[0] == pytest.approx(expected, abs=2e-3)  # keys are kept as f16
    assert found.weights.sum(axis=2) == pytest.approx(1, abs=1e-5)
    start = len(tokens) - len("Note: x\nIs it?\nA:") - len("三。\n".encode()) - len("One. Two.\n")
    assert [(part.start, part.stop) for part in found.documents] == [(start, start + 10), (start + 10, start + 17)]
    assert found.by_document() == pytest.approx(
        [expected[:, start : start + 10].sum() / HEADS, expected[:, start + 10 : start + 17].sum() / HEADS], abs=2e-3
    )
    assert found.lead + float(found.by_document().sum()) + found.tail == pytest.approx(1, abs=1e-5)


def test_the_answers_tokens_ask(tiny: LlamaCpp) -> None:
    asked = prompt("One. Two.\n")
    first = tiny.attend(asked, of="answer", answer_tokens=1)
    assert first.asking == 1
    tokens = tiny.encode(asked)
    # The token that writes the answer's first one is the prompt's last; no cell of an answer is there to be seen yet.
    assert first.weights[0, :, : len(tokens)] == pytest.approx(by_hand(tokens)[:, -1], abs=2e-3)
    assert first.weights.shape[2] == len(tokens) + 1
    more = tiny.attend(asked, of="answer", answer_tokens=3)
    assert more.asking <= 3 and more.weights.sum(axis=2) == pytest.approx(1, abs=1e-5)


def test_a_long_question_and_long_documents_are_computed_in_parts(tiny: LlamaCpp) -> None:
    asked = prompt("x" * 200, question="Is it so? " * 15)  # 153 asking tokens, three batches
    tokens = tiny.encode(asked)
    expected = by_hand(tokens)[:, -153:].mean(axis=1)
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


def test_layers_that_are_not_there(tiny: LlamaCpp) -> None:
    with pytest.raises(ModelError, match="no attention weights to read: it computes none of those asked for"):
        tiny.attend(prompt("One."), layers=[4])
    assert tiny.attend(prompt("One."), layers=[0]) == tiny.attend(prompt("One."))


def test_prompts_that_cannot_be_asked(tiny: LlamaCpp) -> None:
    with pytest.raises(InvalidInput, match="no documents"):
        tiny.attend(prompt())
    with pytest.raises(InvalidInput, match="no question"):
        tiny.attend(Prompt(lead=(), documents=(Segment(text="One."),), tail=(Segment(text=" "),)))
    with pytest.raises(ContextTooLong, match="but the context has 512"):
        tiny.attend(prompt("One. " * 200))
    with pytest.raises(InvalidInput, match="answer_tokens is 0"):
        tiny.attend(prompt("One."), of="answer", answer_tokens=0)


def test_a_model_without_attention_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mamba.gguf"
    pairs: list[tuple[str, Any]] = [("general.architecture", "mamba"), ("tokenizer.ggml.model", "llama")]
    made = [text(key) + struct.pack("<I", 8) + text(value) for key, value in pairs]
    made.append(text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1) + text("a"))
    made += [text(f"mamba.{key}") + struct.pack("<II", 4, 64) for key in ("context_length", "embedding_length", "block_count")]
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(made)) + b"".join(made))
    with pytest.raises(ModelError, match="cannot be read: it has no attention layers"):
        LlamaCpp(path).attend(prompt("One."))


@pytest.mark.model
def test_a_real_model(smollm2_path: str) -> None:
    documents: list[Passage] = [
        "Cats eat fish.",
        {"text": "The Eiffel tower is in Paris. It is old.", "title": "Tower"},
        "柏林在德国。很大。",
    ]
    context = Context.of("Where is the Eiffel tower?", documents)
    with LlamaCpp(smollm2_path, n_ctx=512, n_threads=1) as backend:
        assert isinstance(backend, AttentionProbe)
        answer = backend.generate([render(context)], Generation(max_tokens=3))[0].text
        found = backend.attend(render(context))
        last = backend.attend(render(context), layers=[20, 29])
        assert backend.generate([render(context)], Generation(max_tokens=3))[0].text == answer
    assert found.weights.shape[:2] == (30, 9) and last.layers == (20, 29)
    assert np.array_equal(last.weights, found.weights[[20, 29]])
    assert found.weights.sum(axis=2) == pytest.approx(1, abs=1e-5)
    assert found.sink > 0.2  # where a head with nothing to read rests
    assert [len(part.sentences) for part in found.documents] == [1, 2, 2]
    assert type(found) is AttentionMap

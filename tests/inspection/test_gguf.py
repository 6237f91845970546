from __future__ import annotations

import os
import random
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape.errors import ModelError
from ctxshape.inspection import ModelFacts, read_model_facts

Write = Callable[..., Path]


def start(version: int, tensors: int = 0, keys: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


HUGE = struct.pack("<Q", 1 << 62)
NOW = text(b"k") + struct.pack("<I", 8) + text(b"v")
# Error message's part -> file
BAD = {
    "not a GGUF file: it begins with b'PK": b"PK\x03\x04",
    "not a GGUF file: it begins with b''": b"",
    "ends, at 4 bytes, before its header": b"GGUF",
    "GGUF version 1,": start(1),
    "big-endian order": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "GGUF version 9; versions 2 and 3": start(9),
    "claims 1,000,000,000 tensors": start(3, 10**9),
    "claims 0 tensors and 18,446,744,073,709,551,615 keys": start(3, 0, (1 << 64) - 1),
    "before a text": start(3, 0, 1) + HUGE,
    "before its header": start(3, 0, 2) + NOW,
    "has the key 'k' twice": start(3, 0, 2) + NOW + NOW,
    "key 'k' has the unknown type 77": start(3, 0, 1) + text(b"k") + struct.pack("<I", 77),
    "array of the type 9": start(3, 0, 1) + text(b"k") + struct.pack("<IIQ", 9, 9, 1),
    "before the array 'k'": start(3, 0, 1) + text(b"k") + struct.pack("<II", 9, 6) + HUGE,
    "key 'k' claims 4,611,686,018,427,387,904 strings": start(3, 0, 1) + text(b"k") + struct.pack("<II", 9, 8) + HUGE,
    "before the strings of 'k'": start(3, 0, 1) + text(b"k") + struct.pack("<IIQ", 9, 8, 2) + HUGE + HUGE,
    "tensor 't' has 5 dimensions": start(3, 1) + text(b"t") + struct.pack("<I", 5),
    "key 'general.architecture' is missing, not the name": start(3),
}


@pytest.mark.parametrize("said", BAD)
def test_a_file_that_is_broken_says_how_in_one_line(tmp_path: Path, said: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(BAD[said])
    with pytest.raises(ModelError) as caught:
        read_model_facts(path)
    assert said in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_path_that_is_no_file(tmp_path: Path, write: Write) -> None:
    with pytest.raises(ModelError, match=r"no model file '.*none\.gguf'; give"):
        read_model_facts(tmp_path / "none.gguf")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="is a pipe or a device"):
        read_model_facts(tmp_path / "pipe")
    model = write("llama")
    with pytest.raises(ModelError, match=rf"directory.*'{model}'"):
        read_model_facts(tmp_path)


def test_tensors_beyond_the_end_are_a_download_that_stopped(write: Write) -> None:
    path = write("llama", tensors={"token_embd.weight": (64, 7)})
    whole = path.stat().st_size
    assert read_model_facts(path).parameters == 448
    os.truncate(path, whole - 32)
    with pytest.raises(ModelError, match=rf"'token_embd.weight' .* {whole:,}, .* {whole - 32:,}"):
        read_model_facts(path)


def test_a_tensor_larger_than_any_memory(write: Write) -> None:
    path = write("llama", tensors={"w": (1, 1)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I2Q", 2, 1, 1), struct.pack("<I2Q", 2, 1 << 63, 1 << 63)))
    with pytest.raises(ModelError, match="its tensor 'w' has the shape"):
        read_model_facts(path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (".block_count", "many", "'llama.block_count' is 'many', not a whole number"),
        (".block_count", 100_000, "'llama.block_count' is 100000, not a number of layers up to 512"),
        (".context_length", -5, "'llama.context_length' is -5, not a whole number"),
        (".rope.freq_base", float("nan"), "'llama.rope.freq_base' is nan, not a finite number"),
        (".attention.head_count", [4, 4], "an array of 2', not one number for each of 4 layers"),
        (".attention.head_count", [4.0, 4.0, 4.0, 4.0], "not whole numbers from 0 on"),
        ("general.name", 5, "'general.name' is 5, not a text"),
        ("tokenizer.ggml.add_bos_token", 1, "is 1, not true or false"),
        ("general.alignment", 0, "alignment is 0, not a small number"),
    ],
)
def test_a_key_of_a_wrong_kind_is_named(write: Write, key: str, value: object, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_model_facts(write("llama", {key: value}))
    assert said in str(caught.value)


def test_types_of_another_count_than_tokens(write: Write) -> None:
    path = write(
        "llama",
        {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": ["a", "b"], "tokenizer.ggml.token_type": [1]},
        vocabulary=False,
    )
    with pytest.raises(ModelError, match="is 'an array of 1', not one of 2"):
        read_model_facts(path)


def test_names_that_are_no_utf8_are_shown_with_a_mark(write: Write) -> None:
    path = write("llama", {"general.name": "abcd"})
    path.write_bytes(path.read_bytes().replace(b"abcd", b"a\xff\xfed"))
    assert read_model_facts(path).name == "a\ufffd\ufffdd"


def outcome(path: Path) -> ModelFacts | ModelError:
    try:
        facts = read_model_facts(path)
    except ModelError as error:
        assert "\n" not in str(error)
        return error
    facts.model_dump_json()
    return facts


def test_thousands_of_damaged_headers_end_in_facts_or_an_error(write: Write) -> None:
    path = write(
        "gemma3",
        {
            ".attention.sliding_window": 512,
            ".attention.head_count_kv": [1, 1, 1, 1],
            ".rope.dimension_sections": [1, 2, 3, 0],
            "tokenizer.chat_template": "{{ messages[0]['role'] }}",
            "general.languages": ["en", "zh"],
            "split.count": 1,
        },
        tensors={"token_embd.weight": (64, 7), "blk.0.attn_q.weight": (64, 64)},
    )
    whole = path.read_bytes()
    end = whole.index(b"blk.0.attn_q.weight") + 60
    draw = random.Random(0)
    kinds: set[type] = set()
    tracemalloc.start()
    peak = 0
    for number in range(2000):
        if number == 400:  # tracing slows everything down fivefold
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        data = bytearray(whole)
        if number % 4 == 0:
            del data[draw.randrange(end) :]
        for _ in range(draw.choice((1, 1, 2, 8))):
            at = draw.randrange(min(end, len(data)) or 1)
            size = draw.choice((1, 1, 4, 8))
            data[at : at + size] = draw.choice((b"\xff" * size, bytes(size), draw.randbytes(size)))
        path.write_bytes(data)
        kinds.add(type(outcome(path)))
    assert kinds == {ModelFacts, ModelError}
    assert peak < 20 << 20


@pytest.mark.model
def test_a_real_header_is_read_and_damage_is_found(smollm2_path: str, tmp_path: Path) -> None:
    assert read_model_facts(smollm2_path).parameters == 134_515_008
    with open(smollm2_path, "rb") as stream:
        whole = stream.read(1_769_507)  # its header
    path = tmp_path / "damaged.gguf"
    draw = random.Random(0)
    for _ in range(50):
        data = bytearray(whole)
        at = draw.choice((draw.randrange(3000), draw.randrange(len(data))))
        data[at : at + 8] = draw.randbytes(8)
        path.write_bytes(data)
        os.truncate(path, 98_362_432)
        outcome(path)
    path.write_bytes(whole)
    assert isinstance(outcome(path), ModelError)

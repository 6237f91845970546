"""Builds the facts from a file's header, and checks that the file is complete."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from ctxshape.errors import ModelError
from ctxshape.inspection import _architectures as arch
from ctxshape.inspection._gguf import Header, Tensor, open_header
from ctxshape.inspection._layers import attention_of, state_of
from ctxshape.inspection._memory import CELL_STEP, kv_bytes, kv_table
from ctxshape.inspection._metadata import Metadata, layer_count
from ctxshape.inspection._positions import position_of
from ctxshape.inspection._quantization import FILE_TYPES, stored_bytes, type_name
from ctxshape.inspection._vocabulary import template_of, vocabulary_of
from ctxshape.inspection.facts import Experts, FileParts, ModelFacts, ModelKind, Share

POOLING = ("none", "mean", "cls", "last", "rank")
PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
LARGEST_TENSOR = 1 << 50
MOST_PARTS = 1000


def read_model_facts(path: str | Path) -> ModelFacts:
    """Returns the facts that the GGUF file at `path` states about its model. Only the header is read, no weights.

    Raises ModelError for a file that is missing, not GGUF, truncated or broken, and for a later file of a split model.
    """
    with open_header(str(path)) as header:
        metadata = Metadata(header)
        split = _file_parts(metadata, str(path))
        tensors = [*header.tensors, *_tensors_beside(str(path), split)]
        _check_length(header)
        facts = _facts(header, metadata, split, tensors)
    table = kv_table(facts)
    each = {row.type: kv_bytes(facts, CELL_STEP, row.type) // CELL_STEP for row in table}
    return facts.model_copy(update={"kv_cache": table, "bytes_per_token": each})


def _facts(header: Header, metadata: Metadata, split: FileParts | None, tensors: list[Tensor]) -> ModelFacts:
    layers = layer_count(metadata)
    position = position_of(metadata, layers)
    attention = attention_of(metadata, layers)
    shares = _shares(tensors)
    file_type = metadata.whole("general.file_type")
    pooling = metadata.whole(".pooling_type")
    return ModelFacts(
        path=header.path,
        file_bytes=header.file_bytes,
        gguf_version=header.version,
        name=metadata.text("general.name"),
        architecture=metadata.architecture,
        known=metadata.architecture in arch.KNOWN,
        kind=_kind(metadata),
        file_kind=metadata.text("general.type") or "model",
        basename=metadata.text("general.basename"),
        organization=metadata.text("general.organization"),
        finetune=metadata.text("general.finetune"),
        size_label=metadata.text("general.size_label"),
        license=metadata.text("general.license"),
        languages=metadata.texts("general.languages"),
        parameters=sum(share.parameters for share in shares),
        file_type=None if file_type is None else FILE_TYPES.get(file_type, f"type {file_type}"),
        quantization=shares,
        weights_bytes=sum(share.bytes or 0 for share in shares),
        split=split,
        trained_context=metadata.whole(".context_length"),
        embedding_length=metadata.whole(".embedding_length"),
        layers=layers,
        position=position,
        attention=attention,
        state=state_of(metadata, layers),
        experts=_experts(metadata, layers),
        pooling=None if pooling is None else POOLING[pooling] if pooling < len(POOLING) else f"type {pooling}",
        vocabulary=vocabulary_of(metadata),
        chat_template=template_of(metadata),
    )


def _kind(metadata: Metadata) -> ModelKind:
    name = metadata.architecture
    if (metadata.text("general.type") or "model") != "model" or name in arch.NO_TEXT:
        return "not text"
    if name in arch.ENCODERS:
        return "encoder"
    if name in arch.ENCODER_DECODERS:
        return "encoder-decoder"
    if name in arch.DIFFUSION:
        return "diffusion"
    # A pooling key alone does not make an encoder; bidirectional attention does.
    return "encoder" if metadata.flag(".attention.causal") is False else "decoder"


def _experts(metadata: Metadata, layers: int) -> Experts | None:
    count = metadata.whole(".expert_count") or 0
    if not count:
        return None
    used = metadata.each(".expert_used_count", layers)
    return Experts(count=count, used=max(used) if used else None, shared=metadata.whole(".expert_shared_count") or 0)


def _shares(tensors: list[Tensor]) -> tuple[Share, ...]:
    """Returns the weights by tensor type, the largest share first."""
    by_type: defaultdict[int, list[int]] = defaultdict(list)
    for tensor in tensors:
        by_type[tensor.type].append(_elements(tensor))
    shares = []
    for number, sizes in by_type.items():
        stored = [stored_bytes(size, number) for size in sizes]
        total = None if None in stored else sum(size or 0 for size in stored)
        shares.append(Share(type=type_name(number), tensors=len(sizes), parameters=sum(sizes), bytes=total))
    return tuple(sorted(shares, key=lambda share: (-share.parameters, share.type)))


def _elements(tensor: Tensor) -> int:
    count = 1
    for size in tensor.shape:
        count *= size
    return count


def _check_length(header: Header) -> None:
    """Raises ModelError if the tensors do not fit into the file, as after an interrupted download."""
    for tensor in header.tensors:
        elements = _elements(tensor)
        if elements > LARGEST_TENSOR:
            raise ModelError(
                f"{header.path!r} is broken: its tensor {tensor.name!r:.80} has the shape {tensor.shape}; fetch it again"
            )
        end = header.data_start + tensor.offset + (stored_bytes(elements, tensor.type) or 0)
        if end > header.file_bytes:
            raise ModelError(
                f"{header.path!r} is truncated: its tensor {tensor.name!r:.80} ends at byte {end:,}, the file at "
                f"{header.file_bytes:,}; fetch it again"
            )


def _file_parts(metadata: Metadata, path: str) -> FileParts | None:
    count = metadata.whole("split.count") or 0
    if count < 2:
        return None
    part = (metadata.whole("split.no") or 0) + 1
    if count > MOST_PARTS or part > count:
        raise metadata.wrong("split.count", count, f"a number of parts up to {MOST_PARTS} that holds part {part}")
    if part > 1:
        raise ModelError(f"{path!r} is part {part} of {count} of a model; give the first part, {_part_path(path, 1, count)!r}")
    others = [_part_path(path, number, count) for number in range(2, count + 1)]
    missing = tuple(Path(other).name for other in others if not Path(other).is_file())
    return FileParts(part=part, count=count, missing=missing)


def _part_path(path: str, number: int, count: int) -> str:
    stem = PART.sub("", path) if PART.search(path) else path.removesuffix(".gguf")
    return f"{stem}-{number:05d}-of-{count:05d}.gguf"


def _tensors_beside(path: str, split: FileParts | None) -> list[Tensor]:
    """Returns the tensors of the model's other files in the same folder."""
    found: list[Tensor] = []
    for number in range(2, split.count + 1) if split else ():
        part = _part_path(path, number, split.count if split else 0)
        if Path(part).is_file():
            with open_header(part) as header:
                _check_length(header)
                found += header.tensors
    return found

"""The keys of a header, each checked for the type it must have."""

from __future__ import annotations

import math

from ctxshape.errors import ModelError
from ctxshape.inspection._gguf import Header, Numbers, Scalar, Strings

MOST_LAYERS = 512  # LLAMA_MAX_LAYERS
MOST_LABELS = 256
LARGEST = 1 << 40  # far above every count in a model


class Metadata:
    """The keys of a header. A name with a leading dot belongs to the architecture: `.block_count` is `llama.block_count`."""

    def __init__(self, header: Header) -> None:
        self._header = header
        architecture = header.metadata.get("general.architecture")
        if not isinstance(architecture, str) or not architecture:
            raise self.wrong("general.architecture", architecture, "the name of an architecture")
        self.architecture = architecture
        self.tensors = {tensor.name: tensor for tensor in header.tensors}

    def key(self, name: str) -> str:
        """Returns the full name of a key."""
        return self.architecture + name if name.startswith(".") else name

    def find(self, name: str) -> Scalar | Numbers | Strings | None:
        """Returns the value of a key, of any type, or None if it is missing."""
        return self._header.metadata.get(self.key(name))

    def text(self, name: str) -> str | None:
        """Returns a text, or None if it is missing or empty."""
        value = self.find(name)
        if value is None or isinstance(value, str):
            return value or None
        raise self.wrong(name, value, "a text")

    def whole(self, name: str) -> int | None:
        """Returns a whole number from 0 on, or None if it is missing."""
        value = self.find(name)
        if value is None or (isinstance(value, int) and 0 <= value <= LARGEST):
            return None if value is None else int(value)
        raise self.wrong(name, value, "a whole number from 0 on")

    def real(self, name: str) -> float | None:
        """Returns a finite number, or None if it is missing."""
        value = self.find(name)
        if value is None or (isinstance(value, int | float) and math.isfinite(value)):
            return None if value is None else float(value)
        raise self.wrong(name, value, "a finite number")

    def flag(self, name: str) -> bool | None:
        """Returns true or false, or None if it is missing."""
        value = self.find(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(name, value, "true or false")

    def texts(self, name: str) -> tuple[str, ...]:
        """Returns the first texts of an array. A single text counts as an array of one."""
        value = self.find(name)
        if isinstance(value, Strings):
            return tuple(value.take(range(min(value.count, MOST_LABELS))))
        return () if value is None or not isinstance(value, str) else (value,)

    def each(self, name: str, layers: int) -> tuple[int, ...] | None:
        """Returns a number for each layer, whether the file lists them or gives one for all."""
        value = self.find(name)
        if isinstance(value, Numbers):
            if value.count < layers or value.count > MOST_LAYERS:
                raise self.wrong(name, f"an array of {value.count:,}", f"one number for each of {layers} layers")
            found = value.values()[:layers]
            if not all(isinstance(one, int) and 0 <= one <= LARGEST for one in found):
                raise self.wrong(name, found, "whole numbers from 0 on")
            return tuple(int(one) for one in found)
        one = self.whole(name)
        return None if one is None else (one,) * layers

    def wrong(self, name: str, value: object, wanted: str) -> ModelError:
        """Returns the error for a key with an invalid value."""
        shown = "missing" if value is None else f"{value!r:.80}"
        return ModelError(
            f"{self._header.path!r} is not a usable model: its key {self.key(name)!r:.80} is {shown}, not {wanted}; "
            "convert the model again or fetch it again"
        )


def layer_count(metadata: Metadata) -> int:
    """Returns the number of layers, without those that only predict several tokens ahead. Raises ModelError."""
    layers = metadata.whole(".block_count") or 0
    ahead = metadata.whole(".nextn_predict_layers") or 0
    if layers > MOST_LAYERS or ahead > layers:
        raise metadata.wrong(".block_count", layers, f"a number of layers up to {MOST_LAYERS}")
    return layers - ahead

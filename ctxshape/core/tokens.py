"""Counts tokens without a model: with tiktoken from a local file, or by an estimate. Never uses the network."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ctxshape.core.component import Component
from ctxshape.core.masking import masked
from ctxshape.core.protocols import TokenCounter
from ctxshape.errors import ConfigError
from ctxshape.text.words import CJK

if TYPE_CHECKING:
    import tiktoken

# tiktoken stores a downloaded encoding under the SHA-1 of its address.
_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_LONG_BLANK = re.compile(r"\s{1000}")
_PIECE = re.compile(f"[{CJK}]|[^\\W_{CJK}]+|[^\\w\\s]|_|\\n")


class TiktokenCounter(Component):
    """Counts tokens with a tiktoken encoding that is on this machine, in tiktoken's cache or in a package.

    Nothing is downloaded. Raises ConfigError if the encoding is not on this machine.

    >>> TiktokenCounter(encoding="no_such_encoding")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: the tiktoken encoding 'no_such_encoding' is not on this machine; ...
    """

    encoding: str = "cl100k_base"

    def __init__(self, *, encoding: str = "cl100k_base") -> None:
        super().__init__(encoding=encoding)
        _encoding(encoding)

    def count_tokens(self, text: str, /) -> int:
        """Counts the tokens of `text` as plain text: strings that look like control tokens count like any other text."""
        encode = _encoding(self.encoding).encode_ordinary
        # A very long run of white space overflows the stack of tiktoken's regular expression, so it is cut.
        cuts = [0, *(run.end() for run in _LONG_BLANK.finditer(text)), len(text)]
        return sum(len(encode(text[start:end])) for start, end in pairwise(cuts))


class EstimateCounter(Component):
    """Estimates the number of tokens: one for each CJK character, punctuation mark, and six letters of a word or fewer.

    >>> EstimateCounter().count_tokens("Retrieval 检索!")
    5
    """

    def count_tokens(self, text: str, /) -> int:
        """Estimates the number of tokens of `text`."""
        return sum(-(-len(piece) // 6) for piece in _PIECE.findall(text))


@lru_cache(maxsize=8)
def _encoding(name: str) -> tiktoken.Encoding:
    return local_encoding(name)


def local_encoding(name: str) -> tiktoken.Encoding:
    """Returns the encoding from tiktoken's cache or an installed package. Raises ConfigError if neither has it."""
    import tiktoken

    cache = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    folder = Path(cache) if cache else Path(tempfile.gettempdir()) / "data-gym-cache"
    file_name = hashlib.sha1(_ADDRESS.format(name).encode(), usedforsecurity=False).hexdigest()
    if (folder / file_name).is_file() and name in tiktoken.list_encoding_names():
        return tiktoken.get_encoding(name)
    if f"{name}_offline" in tiktoken.list_encoding_names():
        return tiktoken.get_encoding(f"{name}_offline")
    raise ConfigError(
        f"the tiktoken encoding {name!r:.100} is not on this machine; install cl100k_base with: "
        "pip install 'ctxshape[offline]', or fetch it once with tiktoken.get_encoding() while online, or count with a backend"
    )


@lru_cache(maxsize=1)
def default_counter() -> TokenCounter:
    """Returns tiktoken's cl100k_base if it is on this machine, else the estimate. The trace names the counter in use."""
    try:
        return TiktokenCounter()
    except ConfigError:
        return EstimateCounter()


def counter_name(counter: TokenCounter) -> str:
    """Returns the name of a counter for the trace: the result of its method `counter_name`, or else its repr.

    >>> counter_name(EstimateCounter())
    'EstimateCounter()'
    """
    named = getattr(counter, "counter_name", None)
    return masked(str(named()) if callable(named) else repr(counter))


class CountOnce:
    """A counter that counts each text only once, with another counter."""

    def __init__(self, counter: TokenCounter) -> None:
        self.counter = counter
        self._counts: dict[str, int] = {}

    def count_tokens(self, text: str, /) -> int:
        """Returns the number of tokens of `text`."""
        count = self._counts.get(text)
        if count is None:
            count = self._counts[text] = self.counter.count_tokens(text)
        return count

    def total(self, texts: Sequence[str]) -> int:
        """Returns the number of tokens of all texts, each tokenized by itself."""
        return sum(map(self.count_tokens, texts))

"""Counting tokens without a model: tiktoken from a local file, else a named estimate. Never over the network."""

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
from ctxshape.core.protocols import TokenCounter
from ctxshape.errors import ConfigError
from ctxshape.text.words import CJK

if TYPE_CHECKING:
    import tiktoken

# tiktoken keeps a fetched encoding under the SHA-1 of the address it came from.
_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_LONG_BLANK = re.compile(r"\s{1000}")
_PIECE = re.compile(f"[{CJK}]|[^\\W_{CJK}]+|[^\\w\\s]|_|\\n")


class TiktokenCounter(Component):
    """Counts with a tiktoken encoding that is on this machine: in tiktoken's cache, or packaged.

    Raises ConfigError where it is neither; nothing is fetched.

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
        """Tokens of `text` as plain text: strings that look like control tokens count as their characters do."""
        encode = _encoding(self.encoding).encode_ordinary
        # tiktoken's regular expression overflows its stack in a very long run of white space: cut such a run.
        cuts = [0, *(run.end() for run in _LONG_BLANK.finditer(text)), len(text)]
        return sum(len(encode(text[start:end])) for start, end in pairwise(cuts))


class EstimateCounter(Component):
    """Estimates: a CJK character, a punctuation mark and every begun six letters of a word are a token each.

    >>> EstimateCounter().count_tokens("Retrieval 检索!")
    5
    """

    def count_tokens(self, text: str, /) -> int:
        """The estimated number of tokens of `text`."""
        return sum(-(-len(piece) // 6) for piece in _PIECE.findall(text))


@lru_cache(maxsize=8)
def _encoding(name: str) -> tiktoken.Encoding:
    return local_encoding(name)


def local_encoding(name: str) -> tiktoken.Encoding:
    """The encoding from tiktoken's cache, else from an installed package. Raises ConfigError where neither has it."""
    import tiktoken

    cache = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    folder = Path(cache) if cache else Path(tempfile.gettempdir()) / "data-gym-cache"
    kept = hashlib.sha1(_ADDRESS.format(name).encode(), usedforsecurity=False).hexdigest()
    if (folder / kept).is_file() and name in tiktoken.list_encoding_names():
        return tiktoken.get_encoding(name)
    if f"{name}_offline" in tiktoken.list_encoding_names():
        return tiktoken.get_encoding(f"{name}_offline")
    raise ConfigError(
        f"the tiktoken encoding {name!r} is not on this machine; install cl100k_base with: pip install 'ctxshape[offline]', "
        "or fetch it once with tiktoken.get_encoding() while online, or count with a backend"
    )


@lru_cache(maxsize=1)
def default_counter() -> TokenCounter:
    """Give tiktoken's cl100k_base where it is on this machine, else the estimate; the trace names which one counted."""
    try:
        return TiktokenCounter()
    except ConfigError:
        return EstimateCounter()


def counter_name(counter: TokenCounter) -> str:
    """The name of a counter, as the trace shows it: what its `counter_name()` says, if it has one, else its repr.

    >>> counter_name(EstimateCounter())
    'EstimateCounter()'
    """
    named = getattr(counter, "counter_name", None)
    return str(named()) if callable(named) else repr(counter)


class CountOnce:
    """A counter that asks another one only once for each text."""

    def __init__(self, counter: TokenCounter) -> None:
        self.counter = counter
        self._counts: dict[str, int] = {}

    def count_tokens(self, text: str, /) -> int:
        """Returns the tokens of `text`."""
        count = self._counts.get(text)
        if count is None:
            count = self._counts[text] = self.counter.count_tokens(text)
        return count

    def total(self, texts: Sequence[str]) -> int:
        """Returns the tokens of all texts, each tokenized by itself."""
        return sum(map(self.count_tokens, texts))

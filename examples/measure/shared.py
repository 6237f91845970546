"""Helpers of the scripts in this folder: data files, normalised answers, confidence intervals."""

from __future__ import annotations

import argparse
import math
import re
import string
from itertools import islice
from pathlib import Path
from typing import Any

from ctxshape import Context
from ctxshape.core.jsonlines import records
from ctxshape.text.words import normalize

_SPLITS = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}
_MARKS = string.punctuation + "，。、；：！？“”‘’（）《》【】…—·"


def add_split(parser: argparse.ArgumentParser, default: str = "odd") -> None:
    """Adds the option --split."""
    text = "lines of a file, counted from 0: tune on even lines, report odd ones [default: %(default)s]"
    parser.add_argument("--split", choices=list(_SPLITS), default=default, help=text)


def read_questions(path: str | Path, split: str = "all", n: int | None = None) -> list[tuple[int, dict[str, Any]]]:
    """Returns the first `n` records of a split of a data file, each with its line number, counted from 0.

    A record is {"question", "answers", "ctxs": [{"title", "text", "isgold"}, …]}; the file may be gzipped.
    """
    numbered = [(number, record) for number, (_, record) in enumerate(records(Path(path).read_bytes(), str(path)))]
    return numbered[_SPLITS[split]][:n]


def read_context(path: str | Path, question: int, passages: int, words: int = 0) -> Context:
    """Returns one question of a data file with its first passages, each cut to its first `words` words (0: not cut)."""
    _, record = next(islice(read_questions(path), question, None))
    cut = [
        {"title": passage["title"], "text": " ".join(passage["text"].split()[:words]) if words else passage["text"]}
        for passage in record["ctxs"][:passages]
    ]
    return Context.of(record["question"], cut)


def normalised(text: str) -> str:
    """Returns a text for comparison with answers: normalised, without punctuation and English articles."""
    folded = normalize(text).translate(str.maketrans("", "", _MARKS))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", folded).split())


def wilson(hits: int, n: int, z: float = 1.96) -> str:
    """Formats a share with its Wilson score interval.

    >>> wilson(9, 10)
    '0.900 [0.596, 0.982]'
    """
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / 4 / n) / (1 + spread)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"

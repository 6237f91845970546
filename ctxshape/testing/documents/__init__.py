"""Synthetic documents of many block types, whose true structure is known."""

from __future__ import annotations

import random
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ctxshape.core.types import Context
from ctxshape.testing.documents import code, dialogue, lists, prose, records, tables
from ctxshape.testing.documents.windows import overlapping_windows
from ctxshape.testing.documents.writing import TextWriter
from ctxshape.testing.faithful.outline import Outline

_BLOCKS: Mapping[str, Callable[[TextWriter], None]] = MappingProxyType(
    {
        "paragraphs": prose.paragraphs,
        "Chinese paragraphs": prose.chinese_paragraphs,
        "other languages": prose.foreign_paragraphs,
        "wrapped lines": prose.wrapped_lines,
        "sections": prose.sections,
        "HTML page": prose.page,
        "nested list": lists.nested_list,
        "procedure": lists.procedure,
        "conditions": lists.conditions,
        "contract": lists.contract,
        "Chinese contract": lists.chinese_contract,
        "changelog": lists.changelog,
        "Markdown table": tables.markdown_table,
        "HTML table": tables.html_table,
        "aligned columns": tables.aligned,
        "settings": records.settings,
        "JSON page": records.json_page,
        "log": records.log,
        "Python page": code.python_page,
        "transcript": dialogue.transcript,
        "Chinese transcript": dialogue.chinese_transcript,
        "questions": dialogue.questions_with_answers,
        "mail": dialogue.mail,
    }
)
_FILES: Mapping[str, Callable[[TextWriter], str | None]] = MappingProxyType(
    {
        "delimited values": tables.delimited,
        "JSON records": records.json_records,
        "nested JSON": records.json_nested,
        "JSON lines": records.json_lines,
        "YAML": records.yaml,
        "search output": records.found_lines,
        "Python": code.python_file,
        "JavaScript": code.javascript_file,
    }
)
_MIXTURE = "mixture"
KINDS: tuple[str, ...] = (*_BLOCKS, *_FILES, _MIXTURE)
_WORD = re.compile(r"[^\W_]{2,}")


class SyntheticDocument(NamedTuple):
    """A text of a kind of blocks, with its true outline."""

    kind: str
    text: str
    outline: Outline


def synthetic_document(kind: str, rng: random.Random) -> SyntheticDocument:
    """Returns a document of one of the KINDS.

    >>> made = synthetic_document("Markdown table", random.Random(0))
    >>> made.outline.parts[0].role, made.text[: made.outline.parts[0].end]
    ('head', 'Station | Line B | Opened 2023 | Owner 2023 | Passengers B')
    """
    writer = TextWriter(rng)
    language = ""
    if kind in _FILES:
        language = _FILES[kind](writer) or ""
    elif kind == _MIXTURE:
        for name in rng.sample([name for name in _BLOCKS if name != "HTML page"], rng.randint(2, 3)):
            writer.block()
            _BLOCKS[name](writer)
    else:
        _BLOCKS[kind](writer)
    end = "\n" if rng.random() < 0.5 else ""
    made = SyntheticDocument(kind, writer.text.rstrip("\n") + end, writer.outline(language))
    return _with_carriage_returns(made) if rng.random() < 0.1 else made


def _with_carriage_returns(made: SyntheticDocument) -> SyntheticDocument:
    """Returns the document with the line ends of Windows."""
    ends = [place for place, char in enumerate(made.text) if char == "\n"]
    parts = [
        part._replace(start=part.start + bisect_left(ends, part.start), end=part.end + bisect_left(ends, part.end))
        for part in made.outline.parts
    ]
    outline = Outline(parts, made.outline.language, made.outline.enumerations)
    return SyntheticDocument(made.kind, made.text.replace("\n", "\r\n"), outline)


def synthetic_documents(count: int, seed: int = 0) -> list[SyntheticDocument]:
    """Returns documents of all kinds in turn; the same for the same seed."""
    return [synthetic_document(KINDS[n % len(KINDS)], random.Random(f"{seed} {n}")) for n in range(count)]


def structured_contexts(count: int, seed: int = 0) -> tuple[list[Context], dict[str, Outline]]:
    """Returns contexts of three synthetic documents each, one of which is cut into overlapping windows; and their outlines.

    The outlines are by the text. The question has words of one of the documents, so that a part of it is evidence.
    """
    made = synthetic_documents(3 * count, seed)
    contexts, outlines = list[Context](), dict[str, Outline]()
    for number in range(count):
        rng = random.Random(f"{seed} question {number}")
        first, *others = rng.sample(made[number::count], 3)
        shown = [(one.text, one.outline) for one in others]
        windows = overlapping_windows(first.text, first.outline, rng) if first.outline.parts else []
        shown += windows or [(first.text, first.outline)]
        words = _WORD.findall(rng.choice([first, *others]).text)
        asked = f"Where is {' '.join(rng.sample(words, min(3, len(words))))}?"
        contexts.append(Context.of(asked, [text for text, _ in shown]))
        outlines |= dict(shown)
    return contexts, outlines

"""Writes what `shape` makes of the questions of a data file, and lists the differences between two such files.

    python examples/measure/shaped_texts.py nq.jsonl.gz before.jsonl --n 300 --split all
    PYTHONPATH=OTHER_CHECKOUT python examples/measure/shaped_texts.py nq.jsonl.gz after.jsonl --n 300 --split all
    python examples/measure/shaped_texts.py --compare before.jsonl after.jsonl

This shows that a refactoring keeps behaviour. It imports only `shape` and an embedder, so that it also runs on an older
checkout. Each line of the data file is {"question", "ctxs": [{"title", "text"}, …]}. With --embedder (a folder, a hub name,
or universal) `balanced` runs too; --vectors stores each vector in a SQLite file, so that two runs use the same vectors. Each
line of the output is one list: question, preset, budget, documents in order with text, spans, duplicates and kind, reasons
of dropped documents, and tokens. --compare exits with 1 if a list differs.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ctxshape import shape

SPLITS = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}


class StoredVectors:
    """An embedder that stores the vectors of another one in a SQLite file, keyed by its name and the text.

    The other embedder is made on the first text without a stored vector.
    """

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)")
        self._embedder: Any = None

    def embed(self, texts: Sequence[str], /) -> Any:  # noqa: ANN401  a matrix
        """Returns a row for each text, stored or computed: float32, shape (n, dimensions)."""
        keys = [hashlib.sha256(f"{self.name}\0{text}".encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        stored = {key: self._stored(key) for key in keys}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if stored[key] is None}
        if missing:
            vectors = np.asarray(self._load().embed(list(missing.values())), np.float32)
            stored |= dict(zip(missing, vectors, strict=True))
            rows = [(key, vector.tobytes()) for key, vector in zip(missing, vectors, strict=True)]
            with self._database:
                self._database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        return np.stack([stored[key] for key in keys]) if keys else self._load().embed([])

    def _stored(self, key: str) -> Any:  # noqa: ANN401  a vector, or None
        row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return None if row is None else np.frombuffer(row[0], np.float32)

    def _load(self) -> Any:  # noqa: ANN401  an embedder
        if self._embedder is None:
            from ctxshape.embedding import SentenceTransformerEmbedder, UniversalSentenceEmbedder

            universal = self.name == "universal"
            self._embedder = UniversalSentenceEmbedder() if universal else SentenceTransformerEmbedder(model=self.name)
        return self._embedder


def lists(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yields the shaped list of each question, preset and budget. The line number of a question decides its order."""
    data = Path(arguments.data).read_bytes()
    text = gzip.decompress(data) if arguments.data.endswith(".gz") else data
    numbered = list(enumerate(json.loads(line) for line in text.decode().splitlines() if line.strip()))
    models: dict[str, Any] = {"light": {}}
    if arguments.embedder:
        models["balanced"] = {"embedder": StoredVectors(arguments.embedder, arguments.vectors)}
    for number, record in numbered[SPLITS[arguments.split]][: arguments.n]:
        listed = (record.get("ctxs") or record["passages"])[: arguments.passages]
        passages = [
            {"id": str(passage.get("id") or f"p{place}"), "title": passage.get("title"), "text": passage["text"]}
            for place, passage in enumerate(listed)
        ]
        random.Random(number).shuffle(passages)
        for preset, options in models.items():
            for budget in (None, *arguments.budgets):
                context = shape(record["question"], passages, preset=preset, budget=budget, **options)
                documents = [
                    {
                        "id": document.id,
                        "text": document.text,
                        "spans": [[span.document, span.start, span.end] for span in context.spans_of(document)],
                        "duplicates": list(document.duplicates),
                        "kind": document.kind,
                    }
                    for document in context.documents
                ]
                tokens = context.trace.steps[-1].tokens_after
                dropped = dict(context.trace.dropped)
                yield {
                    "question": number,
                    "preset": preset,
                    "budget": budget,
                    "documents": documents,
                    "dropped": dropped,
                    "tokens": tokens,
                }


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Returns the aspects in which two shaped lists differ.

    >>> one = {"documents": [{"id": "a", "text": "x", "spans": []}], "dropped": {"b": "too long"}, "tokens": 4}
    >>> differences(one, one | {"dropped": {"b": "over budget"}, "tokens": 5})
    ['reasons', 'tokens']
    """
    old, new = ({document["id"]: document for document in side["documents"]} for side in (before, after))
    common = [id for id in old if id in new]
    fields = ("text", "spans", "duplicates", "kind")
    aspects = ["order"] if list(old) != list(new) else []
    aspects += [field for field in fields if any(old[id].get(field) != new[id].get(field) for id in common)]
    if set(before["dropped"]) != set(after["dropped"]):
        aspects.append("dropped")
    elif before["dropped"] != after["dropped"]:
        aspects.append("reasons")
    return aspects + (["tokens"] if before["tokens"] != after["tokens"] else [])


def compare(before: str, after: str, show: int) -> int:
    """Prints the number of differing lists for each preset and budget; returns 1 if any list differs or is missing."""
    sides = []
    for path in (before, after):
        parsed = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
        sides.append({(one["preset"], one["budget"], one["question"]): one for one in parsed})
    missing = set(sides[0]) ^ set(sides[1])
    for preset, budget, question in sorted(missing, key=str)[:show]:
        print(f"{preset}, budget {budget}, question {question} is in one file only")
    found: dict[tuple[str, int | None], dict[int, list[str]]] = defaultdict(dict)
    for key in sides[0]:
        if key in sides[1]:
            found[key[:2]][key[2]] = differences(sides[0][key], sides[1][key])
    for (preset, budget), questions in found.items():
        differing = {question: aspects for question, aspects in questions.items() if aspects}
        counts = Counter(aspect for aspects in differing.values() for aspect in aspects)
        listed = "".join(f", {aspect} {count}" for aspect, count in counts.items())
        print(f"{preset}, budget {budget}: {len(questions)} lists, {len(differing)} differ{listed}")
        for question, aspects in list(differing.items())[:show]:
            print(f"  question {question}: {', '.join(aspects)}")
    return int(bool(missing) or any(aspects for questions in found.values() for aspects in questions.values()))


def main() -> int:
    """Writes a file, or compares two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="JSON lines, gzipped or not")
    parser.add_argument("out", nargs="?", help="the file to write")
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--show", type=int, default=10, help="differing questions to list for each preset and budget")
    parser.add_argument("--split", choices=list(SPLITS), default="all")
    parser.add_argument("--n", type=int, help="questions; all of the split if not given")
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--budgets", type=int, nargs="*", default=[200], help="tokens; a run without a budget comes first")
    parser.add_argument("--embedder", help="of balanced: a folder, a hub name, or universal")
    parser.add_argument("--vectors", default=":memory:", help="a SQLite file for the vectors")
    arguments = parser.parse_args()
    if arguments.compare:
        before, after = arguments.compare
        return compare(before, after, arguments.show)
    if not arguments.out:
        parser.error("give a data file and a file to write, or --compare and two written files")
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in lists(arguments)]
    Path(arguments.out).write_text("".join(lines), encoding="utf-8", errors="backslashreplace")
    print(f"{len(lines)} lists written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Lists of passages for questions that have only the one that answers: the others' passages, the nearest first.

    python examples/measure/retrieved_lists.py nq-oracle.jsonl.gz --but nq-dev.jsonl.gz --embedder FOLDER --out fresh.jsonl.gz

A file has a case a line: {"question", "answers", "ctxs": [{"title", "text", "isgold"}, ...]}. Distractors are other
questions' passages without an answer, by reciprocal rank fusion of BM25 and embeddings; the passage that answers comes
first, so place it where a test wants it. Questions of the file --but are left out: those have been seen.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from evidence_kept import plain
from rank_bm25 import BM25Okapi

from ctxshape.core.jsonlines import records
from ctxshape.core.protocols import Embedder
from ctxshape.core.ranking import fuse, ranks
from ctxshape.inputs.models import embedder_from
from ctxshape.scorers.similarity import Similarity
from ctxshape.text.terms import index_terms, query_terms


class Passages:
    """All passages of a file, to be searched by words and by meaning."""

    def __init__(self, cases: list[dict[str, Any]], embedder: Embedder) -> None:
        gold = {case["ctxs"][0]["text"]: case["ctxs"][0] for case in cases}
        self.passages = list(gold.values())
        self.texts = [f"{passage['title'] or ''} {passage['text']}" for passage in self.passages]
        self.plain = [plain(text) for text in self.texts]
        self.words = BM25Okapi([index_terms(text).main for text in self.texts])
        self.meaning = Similarity(embedder=embedder)

    def nearest(self, question: str) -> list[int]:
        """Indices of all passages, the best first."""
        by_words = self.words.get_scores(query_terms(question).main)
        return ranks(fuse([ranks(by_words), ranks(self.meaning.score(question, self.texts))]))

    def distractors(self, case: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """The nearest passages that are not this case's and hold no answer."""
        answers = [answer for answer in map(plain, case["answers"]) if answer]
        own = case["ctxs"][0]["text"]
        found = [
            index
            for index in self.nearest(case["question"])
            if self.passages[index]["text"] != own and not any(answer in self.plain[index] for answer in answers)
        ]
        chosen = (self.passages[index] for index in found[:count])
        return [{"title": passage["title"], "text": passage["text"], "isgold": False} for passage in chosen]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--but", type=Path, help="a file of questions to leave out")
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--embedder", required=True, help="a sentence-transformers folder, a hub name, or universal")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    cases = [case for _, case in records(arguments.file.read_bytes(), str(arguments.file))]
    seen = set()
    if arguments.but:
        seen = {case["question"] for _, case in records(arguments.but.read_bytes(), str(arguments.but))}
    passages = Passages(cases, embedder_from(arguments.embedder))
    lines = []
    for case in cases:
        if case["question"] not in seen:
            gold = {**case["ctxs"][0], "isgold": True}
            made = {**case, "ctxs": [gold, *passages.distractors(case, arguments.passages - 1)]}
            lines.append(json.dumps(made, ensure_ascii=False) + "\n")
    # Without the time in its head, the same questions make the same file.
    arguments.out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{len(lines)} questions with up to {arguments.passages} passages each: {arguments.out}")


if __name__ == "__main__":
    main()

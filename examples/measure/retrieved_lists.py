"""Builds retrieved lists for questions that come with only their gold passage: the most similar passages of other questions.

    python examples/measure/retrieved_lists.py nq-oracle.jsonl.gz --but nq-dev.jsonl.gz --embedder FOLDER --out fresh.jsonl.gz

Each line of a file is {"question", "answers", "ctxs": [{"title", "text", "isgold"}, …]}. Distractors are gold passages of
other questions that contain no answer, ranked by reciprocal rank fusion of BM25 and embeddings. The gold passage comes
first, so a test has to move it to the position it wants. Questions of the file --but are left out, because they were used
before.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from rank_bm25 import BM25Okapi
from shared import normalised, read_questions

from ctxshape.core.protocols import Embedder
from ctxshape.core.ranking import fuse, ranks
from ctxshape.inputs.models import embedder_from
from ctxshape.scorers.similarity import Similarity
from ctxshape.text.terms import index_terms, query_terms


class Passages:
    """The gold passages of a file, searchable by words and by embeddings."""

    def __init__(self, cases: list[dict[str, Any]], embedder: Embedder) -> None:
        gold = {case["ctxs"][0]["text"]: case["ctxs"][0] for case in cases}
        self.passages = list(gold.values())
        self.texts = [f"{passage['title'] or ''} {passage['text']}" for passage in self.passages]
        self.normalised = [normalised(text) for text in self.texts]
        self.bm25 = BM25Okapi([index_terms(text).main for text in self.texts])
        self.similarity = Similarity(embedder=embedder)

    def nearest(self, question: str) -> list[int]:
        """Returns the indices of all passages, best first."""
        word_scores = self.bm25.get_scores(query_terms(question).main)
        return ranks(fuse([ranks(word_scores), ranks(self.similarity.score(question, self.texts))]))

    def distractors(self, case: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """Returns the most similar passages of other questions that contain no answer."""
        answers = [answer for answer in map(normalised, case["answers"]) if answer]
        own = case["ctxs"][0]["text"]
        found = [
            index
            for index in self.nearest(case["question"])
            if self.passages[index]["text"] != own and not any(answer in self.normalised[index] for answer in answers)
        ]
        chosen = (self.passages[index] for index in found[:count])
        return [{"title": passage["title"], "text": passage["text"], "isgold": False} for passage in chosen]


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--but", type=Path, help="a file of questions to leave out")
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--embedder", required=True, help="a sentence-transformers folder, a hub name, or universal")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    cases = [case for _, case in read_questions(arguments.file)]
    used = {case["question"] for _, case in read_questions(arguments.but)} if arguments.but else set()
    passages = Passages(cases, embedder_from(arguments.embedder))
    lines = []
    for case in cases:
        if case["question"] not in used:
            gold = {**case["ctxs"][0], "isgold": True}
            listed = {**case, "ctxs": [gold, *passages.distractors(case, arguments.passages - 1)]}
            lines.append(json.dumps(listed, ensure_ascii=False) + "\n")
    # Without a time stamp, the same questions always give the same file.
    arguments.out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{len(lines)} questions with up to {arguments.passages} passages each: {arguments.out}")


if __name__ == "__main__":
    main()

"""Measures sentence boundaries against Universal Dependencies treebanks: precision, recall and F1 of boundaries.

    python examples/measure/sentence_boundaries.py FILE.conllu … [--splitter NAME …] [--told] [--wrap 70] [--show 20]

Treebanks come from https://universaldependencies.org and stay outside the repository. Sentences are put together to
paragraphs again: by "# newpar" or "# newdoc" where a file has them, else by the number of the document in the identifier of
the sentence, else eight at a time. A blank separates them, except where the treebank says otherwise. A boundary is a place
between two sentences of a paragraph, counted in characters that are no white space; the ends of paragraphs count for nothing.

`--told` gives the splitters the language, from the first two letters of the file's name; otherwise they find it.
sentencex alone is always told, since it finds no language. `--wrap` breaks the lines at a width. `--show` prints errors.
"""

from __future__ import annotations

import argparse
import re
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import sentencex

from ctxshape.text.sentences import sentences

_SIZE = 8  # sentences of a paragraph where a treebank has no paragraphs
_MOST = 20  # sentences of a paragraph made of a whole document
_BLANKS = {"\\s": " ", "\\n": "\n", "\\t": "\t", "\\r": "", "\\p": "|", "\\\\": "\\"}
_DOCUMENT = re.compile(r"^([nw]\d{5})\d{3}$")  # parallel treebanks: n01001011 is sentence 11 of document n01001


class Sentence(NamedTuple):
    """A sentence of a treebank with the white space behind it and the paragraph that it belongs to."""

    text: str
    behind: str
    paragraph: str


class Counts(NamedTuple):
    """Boundaries that are right, that were found, and that the treebank has."""

    right: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        """The share of found boundaries that are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the treebank's boundaries that are found."""
        return self.right / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(self.found + self.gold, 1)


def treebank(path: Path) -> Iterator[Sentence]:
    """Yields the sentences of a CoNLL-U file."""
    paragraph = document = 0
    thai = path.name.startswith("th")  # sentences of Thai stand alone in the treebanks, but a text has blanks between them
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.splitlines()
        comments = [line for line in lines if line.startswith("#")]
        text = next((line.partition("=")[2].strip() for line in comments if line.startswith("# text =")), "")
        if not text:
            continue
        name = next((line.partition("=")[2].strip() for line in comments if line.startswith("# sent_id")), "")
        paragraph += any(line.startswith(("# newpar", "# newdoc")) for line in comments)
        document += any(line.startswith("# newdoc") for line in comments)
        known = _DOCUMENT.match(name)
        rows = [line.split("\t") for line in lines if line[:1].isdigit()]
        behind = _behind(rows[-1][-1])
        yield Sentence(text, behind or " " if thai else behind, known.group(1) if known else str(paragraph))


def _behind(misc: str) -> str:
    spaces = re.search(r"SpacesAfter=([^|]+)", misc)
    if spaces:
        return re.sub(r"\\.", lambda match: _BLANKS.get(match.group(), " "), spaces.group(1))
    return "" if "SpaceAfter=No" in misc else " "


def paragraphs(found: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Yields the paragraphs, in pieces of at most 20 sentences; eight sentences each if there are none."""
    groups = [list(group) for _, group in groupby(found, key=lambda sentence: sentence.paragraph)]
    single = len(groups) == 1 or len(groups) > 0.9 * len(found)
    size = _SIZE if single else _MOST
    for group in [list(found)] if single else groups:
        yield from (group[start : start + size] for start in range(0, len(group), size))


def rebuilt(paragraph: Sequence[Sentence], width: int) -> tuple[str, set[int]]:
    """Returns the text of a paragraph and its boundaries, counted in characters that are no white space."""
    text, gold, length = "", set(), 0
    for sentence in paragraph:
        text += sentence.text + sentence.behind
        length += len("".join(sentence.text.split()))
        gold.add(length)
    if width:
        text = "\n".join(textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False, break_long_words=False))
    return text.strip(), gold - {length}


def boundaries(text: str, spans: Sequence[tuple[int, int]]) -> set[int]:
    """Returns the boundaries between spans, counted in characters that are no white space."""
    ends, length = [], 0
    for start, end in spans:
        length += len("".join(text[start:end].split()))
        ends.append(length)
    return set(ends[:-1])


def by_sentencex(text: str, language: str | None) -> list[tuple[int, int]]:
    """Returns the sentences that sentencex finds by itself."""
    starts = [boundary["start_index"] for boundary in sentencex.get_sentence_boundaries(language or "en", text)]
    spans = zip(starts, [*starts[1:], len(text)], strict=True)
    return [(start, end) for start, end in spans if text[start:end].strip()]


SPLITTERS: dict[str, Callable[[str, str | None], list[tuple[int, int]]]] = {"ctxshape": sentences, "sentencex": by_sentencex}


def measure(path: Path, splitter: str, told: bool, width: int, show: int) -> tuple[Counts, float]:
    """Returns the counts for one treebank, and the time in microseconds for 1,000 characters."""
    right = found = gold = characters = 0
    spent = 0.0
    language = path.name[:2] if told or splitter == "sentencex" else None
    for paragraph in paragraphs(list(treebank(path))):
        text, expected = rebuilt(paragraph, width)
        begin = time.perf_counter()
        spans = SPLITTERS[splitter](text, language)
        spent += time.perf_counter() - begin
        got = boundaries(text, spans)
        right, found, gold = right + len(got & expected), found + len(got), gold + len(expected)
        characters += len(text)
        for place in sorted(got ^ expected)[: max(show, 0)]:
            print("  false " if place in got else "  missed", _around(text, place))
            show -= 1
    return Counts(right, found, gold), spent * 1e9 / max(characters, 1)


def _around(text: str, place: int) -> str:
    at = [index for index, char in enumerate(text) if not char.isspace()][place - 1] + 1
    return repr(text[max(at - 45, 0) : at] + " ⏐ " + text[at : at + 30])


def main() -> None:
    """Prints one row for each treebank and splitter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--splitter", nargs="+", choices=SPLITTERS, default=list(SPLITTERS))
    parser.add_argument("--told", action="store_true", help="give the language to ctxshape, too")
    parser.add_argument("--wrap", type=int, default=0, help="break the lines at this width")
    parser.add_argument("--show", type=int, default=0, help="print so many errors of each file")
    options = parser.parse_args()
    print(f"{'treebank':<24}{'splitter':<11}{'gold':>6}{'P':>8}{'R':>8}{'F1':>8}{'µs/1000':>9}")
    for path in options.files:
        for splitter in options.splitter:
            counts, spent = measure(path, splitter, options.told, options.wrap, options.show)
            name = path.name.removesuffix(".conllu")
            print(
                f"{name:<24}{splitter:<11}{counts.gold:>6}{counts.precision:>8.3f}{counts.recall:>8.3f}{counts.f1:>8.3f}{spent:>9.0f}"
            )


if __name__ == "__main__":
    main()

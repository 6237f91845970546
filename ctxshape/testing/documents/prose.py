"""Paragraphs: on one line, wrapped, in Chinese, below headings, and in HTML."""

from __future__ import annotations

import random
import re

from ctxshape.testing.documents.writing import (
    FOREIGN,
    TextWriter,
    chinese_sentence,
    foreign_sentence,
    sentence,
    sentence_list,
    thing,
    town,
)


def paragraphs(writer: TextWriter) -> None:
    """Writes one to three paragraphs of English sentences."""
    for _ in range(writer.rng.randint(1, 3)):
        writer.sentences(sentence_list(writer.rng, 2, 5))
        writer.blank_line()


def chinese_paragraphs(writer: TextWriter) -> None:
    """Writes one to three paragraphs of Chinese sentences."""
    for _ in range(writer.rng.randint(1, 3)):
        writer.sentences([chinese_sentence(writer.rng) for _ in range(writer.rng.randint(2, 5))], "")
        writer.blank_line()


def foreign_paragraphs(writer: TextWriter) -> None:
    """Writes a paragraph in another language than English and Chinese."""
    language = writer.rng.choice(sorted(FOREIGN))
    joint = "" if language == "ja" else " "
    writer.sentences([foreign_sentence(writer.rng, language) for _ in range(writer.rng.randint(3, 7))], joint)
    writer.blank_line()


def wrapped_lines(writer: TextWriter) -> None:
    """Writes a paragraph whose lines are broken at a width, or just before numbers."""
    rng = writer.rng
    made = sentence_list(rng, 3, 7)
    if rng.random() < 0.3:  # words parted by the line's end, or by soft hyphens
        mark = rng.choice(("-\n", "\u00ad", "\u00ad\n"))
        made = [re.sub(r"\b([a-z]{3})([a-z]{4,})", lambda m: m[1] + mark * (rng.random() < 0.3) + m[2], one) for one in made]
    text = _wrapped(" ".join(made), rng.randint(28, 70), rng)
    for one in made:
        writer.put(text[: len(text) - len(text.lstrip())])
        text = text.lstrip()
        writer.part(text[: len(one)], "sentence")
        text = text[len(one) :]
    writer.blank_line()


def _wrapped(text: str, width: int, rng: random.Random) -> str:
    """Returns the text with some blanks made line breaks; its length stays."""
    if rng.random() < 0.4:
        return re.sub(r"(?<=\w) (?=\d+\.(?: |$))", "\n", text)
    made, start = text, 0
    while len(made) - start > width:
        place = made.rfind(" ", start, start + width + 1)
        if place < 0:
            break
        made, start = f"{made[:place]}\n{made[place + 1 :]}", place + 1
    return made


def sections(writer: TextWriter) -> None:
    """Writes paragraphs below Markdown headings of two or three levels."""
    rng = writer.rng
    title = f"{thing(rng).capitalize()} of {town(rng)}"
    writer.heading(rng.choice((f"# {title}", f"{title}\n{'=' * len(title)}")), 1)
    writer.blank_line()
    for _ in range(rng.randint(2, 4)):
        level = rng.choice((2, 2, 3))
        topic = rng.choice(("Fees", "Hours", "History", "Access", "Rules"))
        writer.heading(f"{'#' * level} {topic} of the {thing(rng)}", level)
        writer.blank_line()
        writer.sentences(sentence_list(rng, 1, 4))
        writer.blank_line()


def page(writer: TextWriter) -> None:
    """Writes HTML with headings, paragraphs and a list."""
    rng = writer.rng
    writer.put("<html><body>\n")
    for _ in range(rng.randint(1, 3)):
        writer.put("<h2>")
        writer.heading(f"{thing(rng).capitalize()} of {town(rng)}", 2)
        writer.put("</h2>\n<p>")
        writer.sentences(sentence_list(rng, 1, 4))
        writer.put("</p>\n<ul>\n")
        for _ in range(rng.randint(1, 3)):
            writer.put("<li>")
            writer.part(sentence(rng), "sentence")
            writer.put("</li>\n")
        writer.put("</ul>\n")
    writer.put("</body></html>\n")

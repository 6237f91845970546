"""The marks at the start of a line that begin a block of Markdown or of plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.listing import LIST_MARK, item_lines
from ctxshape.text.units.blocks import Line

# A text without any of these at the start of a line is plain prose.
SIGNS = re.compile(
    r"^[^\S\n]*(?:#{1,6}\s|```|~~~|[|<>]|[-*+•‣▪·–]\s|\(?[^\W_]{1,4}[.)）、]|[（(①-⑳]|\d+(?:\.\d+)+\.?\s|§|第.{1,6}[条條章节節]"
    r"|:?-{2,}|={3,}|(?:Q|A|Question|Answer|问|答|問)[^:：\n]{0,4}[:：]|(?:Article|Section|Clause|Art\.|제)\s?\d)"
    r"|[:：?？][*_]*[^\S\n]*$|^(?:\t| {4}|\[\^[^\]\s]{1,40}\]:)",
    re.MULTILINE,
)
ATX = re.compile(r"(#{1,6})(?:\s+|$)")
FENCE = re.compile(r"(`{3,}|~{3,})\s*([^`\s{]*)[^`]*$")
RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*+\|?$")
BOLD_QUESTION = re.compile(r"(\*\*\*?|__)(?=\S)[^*_]{2,160}[?？؟]\1$")
BREAK = re.compile(r"(?:([-*_])\1{2,}|([-*_])(?:\s+\2){2,})$")  # "---  -----" is the rule of a table
_UNDERLINE = re.compile(r"(?:=+|-{2,})$")
QUESTION_LABEL = re.compile(
    r"(?:\*\*)?(?:Q|Question|Frage|Pregunta|Вопрос|问|問|问题|問題|質問)\s?\d{0,3}\s?[.:：)](?:\*\*)?[^\S\r\n]{0,4}\S",
    re.IGNORECASE,
)
ANSWER_LABEL = re.compile(
    r"(?:\*\*)?(?:A|Answer|Antwort|Réponse|Respuesta|Ответ|答|答案|回答)\s?\d{0,3}\s?[.:：)](?:\*\*)?[^\S\r\n]{0,4}\S",
    re.IGNORECASE,
)
PLAIN_LETTERS = frozenset("bcdeghijklmnotuvwxyzBDEGHIJKLMNOTUVWXYZ")  # that begin no label of a clause, a question or an answer


def underlines(line: str, heading: str) -> bool:
    """Returns whether a line makes the one above it a heading, as in Markdown or, with other marks, in reStructuredText."""
    if _UNDERLINE.match(line):
        return True
    return line[0] in "~^\"'`*+#" and line == line[0] * len(line) and len(line) >= max(len(heading) - 1, 4)


def item_numbers(lines: Sequence[Line]) -> set[int]:
    """Returns the numbers of the lines that open an item."""
    with_blanks: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines):
        if line.apart or line.text.startswith(("```", "~~~")):
            with_blanks.append("")
            numbers.append(number)
        with_blanks.append(line.text)
        numbers.append(number)
        if line.text.startswith(("```", "~~~")):
            with_blanks.append("")
            numbers.append(number)
    found = {numbers[place] for place in item_lines(with_blanks)}
    marks = ["", *(mark.group() if (mark := LIST_MARK.match(line.text)) else "" for line in lines)]
    for number in range(1, len(lines)):
        if number - 1 in found and marks[number] == marks[number + 1] != "":
            found.add(number)  # Markdown may give every item the number 1
    return found

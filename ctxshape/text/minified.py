"""Finds minified style sheets and scripts in a text, such as those that leak out of a web page into its passages."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHEET, _RULES = 150, 3  # characters and rules of a style sheet
_LINE = 60  # characters of a line of a script, on average; those of formatted code are shorter
_SCRIPT, _KEYWORDS = 300, 4  # characters and keywords of a script
_BLOCK = re.compile(r"\{(?:\s?+-{0,2}+[A-Za-z][\w-]{0,40}+\s?+:[^{};\n]{1,400}+;?+)++\s?+\}")
_SELECTORS = re.compile(r"[}\s]{0,9}+[\w\s.#>+~*,:\[\]=\"'()@^$|!%/{-]{0,300}+")
_STATEMENT = re.compile(r"[.!?;:]\s+[A-Z]|[^\W\d_]{2,}[.!?]\s")
_SELECTOR_WORD = re.compile(r"[.#@*\[:>+~][^\s{}]*|[a-z][a-z0-9]*(?:[.#:\[,>+~][^\s{}]*)?")
_FROM_WIKI = ".mw-parser-output"  # MediaWiki puts its style sheets into the text, one rule at a time
_WORD = re.compile(r"\S+")
_CODE = re.compile(r"[{}();=&|!?<>\[\]]")
_KEYWORD = re.compile(
    r"\b(?:function|return|var|let|const|typeof|void|null|this|new|window|document|prototype|exports|length|undefined)\b|=>|&&|\|\|"
)
_JSON_KEY = re.compile(r"\"[^\"\n]{1,60}\":")
_PLAIN_WORDS = 3  # words without marks of code between two with such marks, as in "return this.a"


def style_sheets(text: str) -> Iterator[tuple[int, int]]:
    """Yields the spans of minified style sheets: three rules or more, one after the other, with few blanks.

    >>> page = ".mw-parser-output .hatnote{font-style:italic}The mill was built in 1770."
    >>> [page[start:end] for start, end in style_sheets(page)]
    ['.mw-parser-output .hatnote{font-style:italic}']
    """
    begin = end = rules = 0
    for block in _BLOCK.finditer(text) if "{" in text else ():
        between = text[end : block.start()]
        if rules and _SELECTORS.fullmatch(between) and not _STATEMENT.search(between):
            rules += 1
        else:
            if _is_sheet(text, begin, end, rules):
                yield begin, end
            begin, rules = _selector_start(text, end, block.start()), 1
        end = block.end()
    if _is_sheet(text, begin, end, rules):
        yield begin, end + len(text[end : end + 9]) - len(text[end : end + 9].lstrip("}"))


def _is_sheet(text: str, start: int, end: int, rules: int) -> bool:
    if not rules:
        return False
    found = text[start:end]
    if _FROM_WIKI in found:
        return True
    return rules >= _RULES and len(found) >= _SHEET and "\n" not in found.strip() and len(found.split()) * 8 <= len(found)


def _selector_start(text: str, least: int, brace: int) -> int:
    """Returns where the selector of a rule begins that opens at `brace`: words before it that are parts of a selector."""
    start = brace
    first = max(least, brace - 200, text.rfind("\n", least, brace) + 1)
    for number, word in enumerate(reversed(list(_WORD.finditer(text, first, brace)))):
        marked = word.group()[0] in ".#@*[:>+~" or any(char in word.group()[:-1] for char in ".#:[,>")
        if not _SELECTOR_WORD.fullmatch(word.group()) or not (marked or number == 0):
            break
        start = word.start()
    return start


def scripts(text: str) -> Iterator[tuple[int, int]]:
    """Yields the spans of minified scripts: 300 characters or more of code with few blanks and several keywords.

    JSON and formatted code are none.
    """
    if "(" not in text or "{" not in text:
        return
    begin = end = plain = -1
    for word in _WORD.finditer(text):
        marks = len(_CODE.findall(word.group()))
        if marks >= 2 and marks * 16 >= len(word.group()):
            begin, end, plain = (word.start() if begin < 0 else begin), word.end(), 0
        elif begin >= 0:
            plain += 1
            if plain > _PLAIN_WORDS:
                if _is_script(text[begin:end]):
                    yield begin, end
                begin = -1
    if begin >= 0 and _is_script(text[begin:end]):
        yield begin, end


def _is_script(code: str) -> bool:
    if len(code) < _SCRIPT or len(code.split()) * 11 > len(code) or code.count("\n") * _LINE > len(code):
        return False
    marks, keywords, keys = len(_CODE.findall(code)), len(_KEYWORD.findall(code)), len(_JSON_KEY.findall(code))
    return marks * 16 >= len(code) and keywords >= max(_KEYWORDS, len(code) // 400) and keys * 60 <= len(code)

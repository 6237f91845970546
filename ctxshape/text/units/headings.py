"""Tells which lines are headings, versions, questions and captions."""

from __future__ import annotations

import re

_ENDS = tuple(".!…;；,，。！:：\"'”’」』)）")
_ASKS = ("?", "？", "؟", ";;")
_LABELLED = re.compile(r"[:：]\s*[^\s/]")  # "Price: 2 euros" says something by itself
_LONGEST = 80  # characters of a heading
_TAG = re.compile(r"<[^<>]{0,500}>")
_REFERENCES = re.compile(r"(?<=\S)(?:\[\^?[^\[\]\s]{1,40}\])+$")  # to notes or sources
_EMPHASIS = "*_ \t"
_VERSION = re.compile(
    r"[\[(]?(?:(?:version|release|changes in|v\.?|ver\.?|版本|バージョン|버전|Версия)\s?)?[\[(]?v?\d{1,4}(?:\.\d{1,5}){1,3}\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:tab(?:le|\.|elle|ella|ela|leau|el)?|figure|fig\.|exhibit|chart|таблица|табл\.|表|表格|图|圖|図|표)\s?[\d一二三四五六七八九十ivx]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?\s")
_CHINESE_LEVELS = {"编": 7, "編": 7, "部": 7, "章": 8, "节": 9, "節": 9}
_CHINESE_LEVEL = re.compile(r"第[\d一二三四五六七八九十百零〇]{1,7}([编編部章节節])")
QUESTION_LEVEL, ANSWER_DEPTH = 20, 21
_SHORT_LEVEL = 16  # of a line that is a heading by its look alone; numbers and chapters stand above


def bare(text: str) -> str:
    """Returns a line without the marks and tags around it.

    >>> bare("## **Fees**"), bare("<h2>Fees</h2>")
    ('Fees', 'Fees')
    """
    if text.startswith("<") or text.endswith(">"):
        text = _TAG.sub("", text)
    return text.strip().lstrip("#").strip(_EMPHASIS)


def is_question(text: str) -> bool:
    """Returns whether a heading asks."""
    return bare(text.rstrip("#= -\r\n")).endswith(_ASKS)


def is_version(text: str) -> bool:
    """Returns whether a heading names a version, as in a list of changes.

    >>> is_version("## [4.3.0] - 2024-05-01"), is_version("Version 4.3"), is_version("7.2 Payment")
    (True, True, False)
    """
    found = _VERSION.match(bare(text))
    if found is None:
        return False
    rest = bare(text)[found.end() :]
    return not re.match(r"\s+[^\W\d_]{2,}", rest) or bool(re.match(r"[^\d]*[vV版B]", found.group()))


def is_caption(text: str) -> bool:
    """Returns whether a paragraph is the caption of a table."""
    return len(text) <= 3 * _LONGEST and _CAPTION.match(bare(text)) is not None


def short_heading_level(text: str) -> int:
    """Returns the level of a paragraph of one line that looks like a heading, below those of marked ones; 0 if it does not.

    >>> short_heading_level("Opening hours"), short_heading_level("第二章 票价"), short_heading_level("It is old.")
    (16, 8, 0)
    """
    if len(text) > _LONGEST or "\n" in text or "\r" in text:
        return 0
    plain = bare(text)
    if not plain or not any(map(str.isalnum, plain)):
        return 0
    plain = _REFERENCES.sub("", plain)
    if plain.endswith(_ASKS):
        return QUESTION_LEVEL
    if is_version(plain):
        return _SHORT_LEVEL
    if plain.endswith(_ENDS) or _LABELLED.search(plain):
        return 0
    if chapter := _CHINESE_LEVEL.match(plain):
        return _CHINESE_LEVELS[chapter.group(1)]
    numbered = _NUMBERED.match(plain)
    return 10 + numbered.group(1).count(".") if numbered else _SHORT_LEVEL

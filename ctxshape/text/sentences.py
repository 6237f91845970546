"""The boundaries of sentences in English, Chinese and mixed text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sentencex

from ctxshape.text.listing import BARE_LIST_MARK, LIST_MARK
from ctxshape.text.words import CJK, language_of

_CLOSERS = "\"'”’」』）)]】》〉"
_PAIRS = {"（": "）", "“": "”", "「": "」", "『": "』", "《": "》", "【": "】"}
_BEFORE_DIGIT = re.compile(f"(?:[。！？｡]|(?<=[{CJK}])[!?])[”」』]*(?=[0-9])")  # where sentencex finds no boundary
_HAS_LETTER = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r?\n")
_ONE_SENTENCE = re.compile(r"\w[\w ,'’\"“”()%$&/–-]*[.?!]? *", re.ASCII)  # has no mark inside that could end a sentence
_LONG = 300  # columns, two for a CJK character; a longer "sentence" is mostly a log or a form without marks
_CJK = re.compile(f"[{CJK}]")
_FIRST_WORD = re.compile(f"[{CJK}]|[^\\s{CJK}]+")
_CHUNK = 4000  # characters handed to sentencex at once: its time is quadratic in text of nothing but marks
_CHUNK_END = re.compile(r"(?<=[.!?。！？…\n])\s|[。！？]")
# sentencex panics if wide white space separates a letter from a full stop.
_WIDE_BLANK = re.compile(r"([^\W\d_]\s*)[^\S\x00-\x7f](?=\.)")


def sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Returns the start and end of each sentence of `text`, in order, without the white space between them.

    sentencex finds the boundaries. It knows about 300 languages; `language` is an ISO 639-1 code, guessed from the text if
    not given. Then some boundaries are corrected:

    - A list item is a sentence and keeps its mark.
    - An initial or a decimal point does not end a sentence.
    - A closing quote or bracket stays with what it closes.
    - A full-width semicolon ends a sentence, and so does "。" before a digit.
    - A sentence of more than 300 columns, such as a log without marks, is cut at line ends, except at those where a line
      was broken for its width.

    >>> text = "Pi is 3.14. 他说：“走吧！”然后离开；没有回来。"
    >>> [text[start:end] for start, end in sentences(text)]
    ['Pi is 3.14.', '他说：“走吧！”', '然后离开；', '没有回来。']
    """
    if not text.strip():
        return []
    if _ONE_SENTENCE.fullmatch(text):
        return [_trim(text, 0, len(text))]
    cuts = sorted({0, *_boundaries(text, language), *_line_cuts(text), *_mark_cuts(text)})
    kept = [cut for cut in cuts if not _joins(text, cut)]
    kept = sorted({_past_closers(text, cut) for cut in kept})
    spans = [_trim(text, start, end) for start, end in zip(kept, [*kept[1:], len(text)], strict=True)]
    whole = _with_marks(text, [span for span in spans if span[0] < span[1]])
    return [part for span in whole for part in _lines_of(text, *span)]


def _boundaries(text: str, language: str | None) -> Iterator[int]:
    """Yields the starts that sentencex finds. It gets a long text in parts that end where a sentence may end."""
    code = language or language_of(text).code
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > 2 * _CHUNK:
            found = _CHUNK_END.search(text, start + _CHUNK, start + 2 * _CHUNK)
            end = found.end() if found else start + 2 * _CHUNK
        inside = _sentence_starts(code, text[start:end])
        # A part that had to end anywhere begins no sentence at its end, nor does the next at its start.
        yield from (start + cut for cut in inside if cut or start == 0 or _CHUNK_END.search(text, max(start - 2, 0), start))
        start = end


def _sentence_starts(code: str, text: str) -> list[int]:
    """Returns the starts that sentencex finds in a text, or the places behind end marks if it fails."""
    plain = text if text.isascii() else _WIDE_BLANK.sub(r"\1 ", text)
    try:
        return [boundary["start_index"] for boundary in sentencex.get_sentence_boundaries(code, plain)]
    except BaseException as error:
        # A failed assertion inside sentencex arrives as an exception that is no Exception and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        return [0, *(match.end() for match in _CHUNK_END.finditer(text))]


def _line_cuts(text: str) -> Iterator[int]:
    """Yields line starts that begin something new: after a blank line or a colon, at a list mark, heading or table row."""
    for match in _LINE_END.finditer(text):
        before = text[max(match.start() - 80, 0) : match.start()].rstrip(" \t")[-1:]
        after = text[match.end() : match.end() + 12]
        if after[:1] in ("\n", "\r", "|", "#") or before in ("", "\n", "|", ":", "：") or LIST_MARK.match(after.lstrip()):
            yield match.end()


def _mark_cuts(text: str) -> Iterator[int]:
    """Yields the ends of full-width semicolons and of end marks before a digit, outside quotations and brackets."""
    before_digit = {match.end() for match in _BEFORE_DIGIT.finditer(text)}
    if "；" not in text and not before_digit:
        return
    closing: list[str] = []
    for place, char in enumerate(text):
        if place in before_digit and not closing:
            yield place
        if char in _PAIRS:
            closing.append(_PAIRS[char])
        elif closing and char == closing[-1]:
            closing.pop()
        elif char == "\n":
            closing.clear()  # an unclosed quotation ends with its line
        elif char == "；" and not closing:
            yield place + 1


def _lines_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the span, or its parts if it is long and has lines that ended before they were full."""
    if text.find("\n", start, end) < 0 or _columns(text[start:end]) <= _LONG:
        yield start, end
        return
    lines = [_trim(text, *line) for line in _split(text, start, end)]
    lines = [line for line in lines if line[0] < line[1]]
    widths = [_columns(text[a:b]) for a, b in lines]
    begin, widest = start, max(widths)
    for (_, stop), (following, last), width in zip(lines, lines[1:], widths, strict=False):
        first = _FIRST_WORD.match(text, following, last)
        blank = not _CJK.match(text, following)
        # A line broken for its width is full: the next word would not have fitted into the widest line.
        if first and width + blank + _columns(first.group()) <= widest:
            yield begin, stop
            begin = following
    yield begin, end


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _LINE_END.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _columns(text: str) -> int:
    return len(text) + len(_CJK.findall(text))


def _joins(text: str, cut: int) -> bool:
    """Returns whether the text goes on at a cut, as inside "3.14" or "U.S.A.": an ASCII letter or digit follows the dot."""
    if cut == 0 or text[cut - 1] != "." or cut == len(text):
        return False
    return text[cut].isascii() and text[cut].isalnum()


def _past_closers(text: str, cut: int) -> int:
    """Moves a cut past closing quotes and brackets. An ASCII quote closes if one was opened before it on the line."""
    while 0 < cut < len(text) and text[cut] in _CLOSERS and not text[cut - 1].isspace():
        near = max(cut - 500, 0)  # a quotation is not longer, and looking back further would take quadratic time
        if text[cut] in "\"'" and text.count(text[cut], max(text.rfind("\n", near, cut), near), cut) % 2 == 0:
            break
        cut += 1
    return cut


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _with_marks(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Joins a span that is only a list mark ("2.") to the next one, and a span without a letter to the one before."""
    begin: int | None = None
    stop = 0
    for start, end in spans:
        if begin is not None and not BARE_LIST_MARK.match(text, begin, stop) and _HAS_LETTER.search(text, start, end):
            yield begin, stop
            begin = None
        begin, stop = start if begin is None else begin, end
    if begin is not None:
        yield begin, stop

"""Where the sentences of English, Chinese and mixed text begin and end. Pure functions over strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sentencex

from ctxshape.text.words import CJK, is_cjk

_CLOSERS = "\"'”’」』）)]】》〉"
_PAIRS = {"（": "）", "“": "”", "「": "」", "『": "』", "《": "》", "【": "】"}
_LIST_MARK = re.compile(
    r"(?:[-*•‣▪·]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]|[（(]?[一二三四五六七八九十]{1,3}[）)、.])(?=\s|[^\x00-\x7f])"
)
_ONLY_MARK = re.compile(_LIST_MARK.pattern.replace(r"(?=\s|[^\x00-\x7f])", r"\s*$"))
_BEFORE_DIGIT = re.compile(f"(?:[。！？｡]|(?<=[{CJK}])[!?])[”」』]*(?=[0-9])")  # where sentencex sees no end
_HAS_LETTER = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r?\n")
_ONE_SENTENCE = re.compile(r"\w[\w ,'’\"“”()%$&/–-]*[.?!]? *", re.ASCII)  # nothing in it could end one
_LONG = 300  # columns, two for a CJK character: what no sentence should need, and a log or a form without marks does
_WIDE = re.compile(f"[{CJK}]")
_FIRST_WORD = re.compile(f"[{CJK}]|[^\\s{CJK}]+")
_CHUNK = 4000  # characters handed to sentencex at once: its time is quadratic in text of nothing but marks
_CHUNK_END = re.compile(r"(?<=[.!?。！？…\n])\s|[。！？]")


def sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Start and end of each sentence of `text`, in order; white space between them belongs to none.

    Boundaries are sentencex's (about 300 languages; `language` is an ISO 639-1 code, guessed between English and
    Chinese when not given), then mended: a list item is a sentence and keeps its mark, an initial or a decimal does
    not end one, a closing quote or bracket stays with what it closes, a full-width semicolon ends a clause that
    is a sentence of its own in Chinese, and "。" ends one before a digit too. What then is longer than 300 columns, such
    as a log without marks, is cut at the ends of those lines that were not broken for their width.

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
    """Where sentencex sees a sentence begin; a long text goes to it in parts that end where a sentence may."""
    code = language or ("zh" if is_cjk(text) else "en")
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > 2 * _CHUNK:
            found = _CHUNK_END.search(text, start + _CHUNK, start + 2 * _CHUNK)
            end = found.end() if found else start + 2 * _CHUNK
        inside = (boundary["start_index"] for boundary in sentencex.get_sentence_boundaries(code, text[start:end]))
        # A part that had to end anywhere begins no sentence at its end, nor does the next at its start.
        yield from (start + cut for cut in inside if cut or start == 0 or _CHUNK_END.search(text, max(start - 2, 0), start))
        start = end


def _line_cuts(text: str) -> Iterator[int]:
    """Line starts that begin something new: after a blank line, at a list mark or table row, or after a closed line."""
    for match in _LINE_END.finditer(text):
        before = text[max(match.start() - 80, 0) : match.start()].rstrip(" \t")[-1:]
        after = text[match.end() : match.end() + 12]
        if after[:1] in ("\n", "\r", "|", "#") or before in ("", "\n", "|", ":", "：") or _LIST_MARK.match(after.lstrip()):
            yield match.end()


def _mark_cuts(text: str) -> Iterator[int]:
    """Places in no quotation or bracket after a full-width semicolon, and after an end mark that a digit follows."""
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
    """The span, or its parts where it is long and has lines that ended before they were full."""
    if text.find("\n", start, end) < 0 or _columns(text[start:end]) <= _LONG:
        yield start, end
        return
    lines = [_trim(text, *line) for line in _split(text, start, end)]
    lines = [line for line in lines if line[0] < line[1]]
    widths = [_columns(text[a:b]) for a, b in lines]
    begin, widest = start, max(widths)
    for (_, stop), (following, last), width in zip(lines, lines[1:], widths, strict=False):
        first = _FIRST_WORD.match(text, following, last)
        blank = not _WIDE.match(text, following)
        # Whoever breaks lines for their width fills each: the next word did not fit the widest any more.
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
    return len(text) + len(_WIDE.findall(text))


def _joins(text: str, cut: int) -> bool:
    """Whether a cut is none: inside "3.14" or "U.S.A.", where no blank and no CJK character follows the dot."""
    if cut == 0 or text[cut - 1] != "." or cut == len(text):
        return False
    return text[cut].isascii() and text[cut].isalnum()


def _past_closers(text: str, cut: int) -> int:
    """The cut moved behind closing quotes and brackets; an ASCII quote closes if one was opened before on its line."""
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
    """The spans, with one that is only a list mark ("2.") joined to the next, and one without a letter to the last."""
    begin: int | None = None
    stop = 0
    for start, end in spans:
        if begin is not None and not _ONLY_MARK.match(text, begin, stop) and _HAS_LETTER.search(text, start, end):
            yield begin, stop
            begin = None
        begin, stop = start if begin is None else begin, end
    if begin is not None:
        yield begin, stop

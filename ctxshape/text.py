"""Sentences, words and shingles of English, Chinese and mixed text. Pure functions over strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import sentencex

# Han, kana and hangul: scripts in which a run of letters holds several words.
CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
CJK_BLANK = re.compile(f"(?<=[{CJK}]) | (?=[{CJK}])")  # a blank beside such a letter, which separates nothing
_CJK_RUN = re.compile(f"[{CJK}]+")
_TOKEN = re.compile(f"[{CJK}]|[^\\W_{CJK}]+(?:['’][^\\W\\d_{CJK}]+)?")
_WORD = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")

_CLOSERS = "\"'”’」』）)]】》〉"
_PAIRS = {"（": "）", "“": "”", "「": "」", "『": "』", "《": "》", "【": "】"}
_LIST_MARK = re.compile(
    r"(?:[-*•‣▪·]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]|[（(]?[一二三四五六七八九十]{1,3}[）)、.])(?=\s|[^\x00-\x7f])"
)
_ONLY_MARK = re.compile(_LIST_MARK.pattern.replace(r"(?=\s|[^\x00-\x7f])", r"\s*$"))
_HAS_LETTER = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r?\n")
_ONE_SENTENCE = re.compile(r"\w[\w ,'’\"“”()%$&/–-]*[.?!]? *", re.ASCII)  # nothing in it could end one
_CHUNK = 4000  # characters handed to sentencex at once: its time is quadratic in text of nothing but marks
_CHUNK_END = re.compile(r"(?<=[.!?。！？…\n])\s|[。！？]")


def is_cjk(text: str) -> bool:
    """Whether at least a third of the letters are Han, kana or hangul: one such letter says about as much as a syllable.

    >>> is_cjk("Apple 公司发布了新的手机"), is_cjk("The word 中 means middle")
    (True, False)
    """
    wide = sum(map(len, _CJK_RUN.findall(text)))
    return wide > 0 and wide * 3 >= sum(map(str.isalpha, text))


def normalize(text: str) -> str:
    r"""NFKC (full-width forms become plain), case folded, every run of white space one blank.

    >>> normalize("ＡＢＣ １２３\n  Straße")
    'abc 123 strasse'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """Index terms: words where blanks separate them, overlapping pairs of characters in CJK runs.

    >>> words("Apple 公司发布 iPhone15")
    ['apple', '公司', '司发', '发布', 'iphone15']
    """
    terms: list[str] = []
    for run in _WORD.findall(normalize(text)):
        if len(run) > 2 and _CJK_RUN.match(run):
            terms.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            terms.append(run)
    return terms


FUNCTION_WORDS = frozenset(
    "a an and are as at be been being by can could did do does for from had has have he her him his how i in into is it its "
    "many me much my of on or our she should so than that the their them then there these they this those to us was we were "
    "what when where which who whom whose why will with would you your".split()
)
_ZH_QUESTION_WORDS = re.compile(
    "请问|請問|什么时候|什麼時候|为什么|為什麼|什么|什麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|哪里|哪裡|哪儿|哪个|哪個|哪些|哪一|哪|"
    "多少|谁|誰|是否|吗|嗎|呢"
)


def without_question_words(query: str) -> str:
    """The question with a blank in place of each Chinese word that only asks; English ones are function words.

    >>> without_question_words("谁发明了电话？")
    ' 发明了电话？'
    """
    return _ZH_QUESTION_WORDS.sub(" ", query)


def query_words(query: str) -> list[str]:
    """The terms of a question that say what it is about, each once: no interrogatives or other function words.

    In a handful of passages "who" is a rare word, so its idf would outweigh a name. All terms if no other is left.

    >>> query_words("Who is the mayor of Paris?"), query_words("谁发明了电话？"), query_words("Who is who?")
    (['mayor', 'paris'], ['发明', '明了', '了电', '电话'], ['who', 'is'])
    """
    terms = [word for word in words(without_question_words(query)) if word not in FUNCTION_WORDS]
    return list(dict.fromkeys(terms or words(query)))


def tokens(text: str) -> list[str]:
    """Normalised words, every CJK character by itself, no punctuation.

    >>> tokens("It's 北京！")
    ["it's", '北', '京']
    """
    return split_tokens(normalize(text))


def split_tokens(normalized: str) -> list[str]:
    """The tokens of a text that is normalised already."""
    return _TOKEN.findall(normalized)


def shingles(text: str, size: int = 3) -> frozenset[str]:
    """The set of runs of `size` tokens; the whole text where it is shorter.

    >>> sorted(shingles("to be or not", 3))
    ['be or not', 'to be or']
    """
    return shingle_set(tokens(text), size)


def shingle_set(parts: Sequence[str], size: int = 3) -> frozenset[str]:
    """The shingles of tokens."""
    if len(parts) <= size:
        return frozenset([" ".join(parts)] if parts else [])
    return frozenset(map(" ".join, zip(*(parts[start:] for start in range(size)), strict=False)))


def sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Start and end of each sentence of `text`, in order; white space between them belongs to none.

    Boundaries are sentencex's (about 300 languages; `language` is an ISO 639-1 code, guessed between English and
    Chinese when not given), then mended: a list item is a sentence and keeps its mark, an initial or a decimal does
    not end one, a closing quote or bracket stays with what it closes, and a full-width semicolon ends a clause that
    is a sentence of its own in Chinese.

    >>> text = "Pi is 3.14. 他说：“走吧！”然后离开；没有回来。"
    >>> [text[start:end] for start, end in sentences(text)]
    ['Pi is 3.14.', '他说：“走吧！”', '然后离开；', '没有回来。']
    """
    if not text.strip():
        return []
    if _ONE_SENTENCE.fullmatch(text):
        return [_trim(text, 0, len(text))]
    cuts = sorted({0, *_boundaries(text, language), *_line_cuts(text), *_semicolon_cuts(text)})
    kept = [cut for cut in cuts if not _joins(text, cut)]
    kept = sorted({_past_closers(text, cut) for cut in kept})
    spans = [_trim(text, start, end) for start, end in zip(kept, [*kept[1:], len(text)], strict=True)]
    return list(_with_marks(text, [span for span in spans if span[0] < span[1]]))


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


def _semicolon_cuts(text: str) -> Iterator[int]:
    """Places after a full-width semicolon that is in no quotation or bracket."""
    if "；" not in text:
        return
    closing: list[str] = []
    for place, char in enumerate(text):
        if char in _PAIRS:
            closing.append(_PAIRS[char])
        elif closing and char == closing[-1]:
            closing.pop()
        elif char == "\n":
            closing.clear()  # an unclosed quotation ends with its line
        elif char == "；" and not closing:
            yield place + 1


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

"""The places inside one paragraph where a sentence ends, as sentencex finds them and the facts of a language correct them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import sentencex

from ctxshape.text.dots import begins, ends_plainly, goes_on
from ctxshape.text.enclosures import enclosures, inside, without_signs
from ctxshape.text.language import Language

END_MARKS = ".!?…;;·。！？｡；؟۔।॥"
_CLOSERS = "\"'”’」』)）]】》〉»"
_MARK = re.compile(f"[{END_MARKS}]")
_INNER = re.compile(rf"[{END_MARKS}][^\w\s]*\s+(?![a-z\s])")  # a mark behind which a sentence may begin
_SIGN = re.compile(r"[\"“”„«»「」『』()（）\[\]【】`]|''")
_CLAUSE = 10  # characters of a clause between blanks; fewer are a name or a number with its unit
_CHUNK = 1000  # characters handed to sentencex at once: its time is quadratic in text of nothing but marks
_CHUNK_END = re.compile(r"(?<=[.!?。！？…\n])\s|[。！？]")
# sentencex panics if wide white space separates a letter from a full stop.
_WIDE = re.compile(r"[^\S\x00-\x7f]\.")
_WIDE_BLANK = re.compile(r"([^\W\d_]\s*)[^\S\x00-\x7f](?=\.)")
_INNER_QUOTE = re.compile(r"(?<=[^\W\d_])[\"״](?=[^\W\d_])")  # inside a word, as in Hebrew abbreviations, it quotes nothing
_NUMBERED = re.compile(r"[^\W\d_]{3}([.!?:;])[\"')\]]*\s+(\(?\d{1,3}[.)])\s*$")
_REFERRED = re.compile(r"([.!?])\s?(?:\[\d{1,4}\])+\s*$")
_HAN_OR_KATAKANA = re.compile("[\u3007\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_SPACED_CLOSER = re.compile(r"\s(?:[」』）】)\]]|(?:»|(\")|'')(?=\s|$))")  # as French and tokenized texts close
_NEAR = 500  # characters of a quotation; looking back further would take quadratic time
_TAG = 40  # characters behind a quotation that say who speaks
_REFERENCES = re.compile(r"(?:\s?\[\d{1,3}\])+|[\u2600-\u27bf\ufe0f\u200d\U0001f300-\U0001faff]+")
_DOT = re.compile(r"\.[\"'”’»)\]]*\s+(?=\S)")


def boundaries(paragraph: str, language: Language) -> set[int]:
    """Returns the places inside a paragraph without line breaks where a sentence ends."""
    blanks = set(_blank_ends(paragraph, language)) if language.blank_ends else set()
    if _MARK.search(paragraph) is None:
        return blanks
    text = _INNER_QUOTE.sub("x", paragraph) if language.quotes_in_words else paragraph
    found = set(_corrected(text, text, language))
    if _SIGN.search(text):
        found.update(_beside_enclosures(text, found, language))
    if language.code != "en":  # for English sentencex has the fullest rules
        dots = (match.start() + 1 for match in _DOT.finditer(text))
        found.update(_past_closers(text, dot) for dot in dots if begins(text, dot, language))
    return (found | blanks) - {0, len(text)}


def _corrected(text: str, shown: str, language: Language) -> Iterator[int]:
    """Yields the ends that sentencex finds in `shown`, a form of the text, apart from those where the sentence goes on."""
    for found in _found(shown, language.code):
        mark = found - 1
        first = text[found]
        if text[mark] in "。！？" and first.isalnum():
            yield found
            continue
        if text[mark] == " " and text[mark - 1] in ".!?" and first.isalpha() and not first.islower():
            if ends_plainly(text, mark - 1, language):
                yield mark  # as most ends are
                continue
        mark = _settled(text, found, language)
        if text[mark - 1 : mark + 1] == "![":  # an image of Markdown
            continue
        if not (text[mark - 1] == "." and goes_on(text, mark, language)):
            cut = _past_closers(text, mark)
            if (cut == mark and text[cut - 1] in END_MARKS) or not _quoted(text, mark, cut, language):
                yield cut


def _quoted(text: str, mark: int, cut: int, language: Language) -> bool:
    """Returns whether a sentence goes on behind a closing quotation mark or bracket: '"Who?" he asked'."""
    rest = text[cut : cut + _TAG]
    words = rest.split()
    if not words or words[0][0].islower() or words[0][0] in ",;:":
        return bool(words)
    if rest[0].isalpha() and not rest[0].isupper():  # "「…。」と彼は言った"
        return _HAN_OR_KATAKANA.match(rest) is None
    return text[mark - 1] in "?!" and any(word.rstrip(",.:") in language.speech_verbs for word in words[1:3])


def _beside_enclosures(text: str, found: set[int], language: Language) -> Iterator[int]:
    """Yields further ends in sentences with quotation marks or brackets: outside of those that open and close properly.

    sentencex finds no end behind a quotation mark or a bracket until another closes it. Here one that stands alone
    encloses nothing.
    """
    for begin, stop in pairwise(sorted({0, len(text), *found})):
        if not (_SIGN.search(text, begin, stop) and _INNER.search(text, begin, stop)):
            continue
        part = text[begin:stop]
        places = enclosures(part)
        closed, opened = {b: a for a, b in places}, {a: b for a, b in places}
        for cut in _corrected(part, without_signs(part), language):
            # Behind and before a bracket or quotation a sentence ends only if it is a sentence itself.
            first, last = closed.get(cut), opened.get(_past_blanks(part, cut))
            alone = first is None or _mark_before(part, first)
            whole = last is None or part[last - 2] in END_MARKS or part[last - 1] not in ")]"
            if alone and whole and not inside(places, cut):
                yield begin + cut


def _past_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _mark_before(text: str, place: int) -> bool:
    """Returns whether an end mark precedes a place, or nothing."""
    while place and text[place - 1].isspace():
        place -= 1
    return place == 0 or text[place - 1] in END_MARKS


def _blank_ends(text: str, language: Language) -> Iterator[int]:
    """Yields the blanks between clauses in a language without end marks; a clause next to one is no single word."""
    letters = re.compile(f"[{language.script}]")
    last = 0
    blanks = [match.span() for match in re.finditer(r"\s+", text)]
    for (end, begin), (following, _) in pairwise([*blanks, (len(text), len(text))]):
        if end - last < _CLAUSE or following - begin < _CLAUSE:
            continue
        if text.find(".", begin, begin + 4) > 0:  # an abbreviation, as of a district
            continue
        if not letters.match(text, end - 1) or not letters.match(text, begin + (text[begin] in '“"')):
            continue
        if not text.startswith(language.linking_words, begin) and not text.endswith(language.linked_ends, last, end):
            yield end
            last = begin


def _found(text: str, code: str) -> Iterator[int]:
    """Yields the starts that sentencex finds. It gets a long text in parts that end where a sentence may end."""
    if len(text) <= 2 * _CHUNK:
        yield from _sentence_starts(code, text)[1:]
        return
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > 2 * _CHUNK:
            found = _CHUNK_END.search(text, start + _CHUNK, start + 2 * _CHUNK)
            end = found.end() if found else start + 2 * _CHUNK
        starts = _sentence_starts(code, text[start:end])
        # A part that had to end anywhere begins no sentence at its end, nor does the next at its start.
        new = start > 0 and _CHUNK_END.search(text, max(start - 2, 0), start)
        yield from (start + cut for cut in starts if cut or new)
        start = end


def _sentence_starts(code: str, text: str) -> list[int]:
    """Returns the starts that sentencex finds in a text, or the places behind end marks if it fails."""
    plain = text if text.isascii() or not _WIDE.search(text) else _WIDE_BLANK.sub(r"\1 ", text)
    try:
        return [boundary["start_index"] for boundary in sentencex.get_sentence_boundaries(code, plain)]
    except BaseException as error:
        # A failed assertion inside sentencex arrives as an exception that is no Exception and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        return [0, *(match.end() for match in _CHUNK_END.finditer(text))]


def _settled(text: str, cut: int, language: Language) -> int:
    """Moves a cut to just behind the end mark before it; a number that opens an item stays with the item."""
    place = cut
    behind = text[max(cut - 3, 0) : cut].rstrip()[-1:]
    if behind in (".", ")"):
        number = _NUMBERED.search(text, max(cut - 20, 0), cut)
        if number and not (number.group(1) == "." and goes_on(text, number.end(1), language)):
            place = number.start(2)
    elif behind == "]":
        reference = _REFERRED.search(text, max(cut - 20, 0), cut)
        place = reference.end(1) if reference else cut
    while place and (text[place - 1].isspace() or text[place - 1] in _CLOSERS or text[place - 1] in "“„«([（【「『`"):
        place -= 1
    return place if place and text[place - 1] in END_MARKS else cut


def _past_closers(text: str, cut: int) -> int:
    """Moves a cut past closing quotes and brackets, and past "[3]". An ASCII quote closes if one was opened before it."""
    while 0 < cut < len(text) and not text[cut - 1].isspace():
        alone = text[cut + 1 : cut + 2].isspace() or cut + 1 == len(text)
        if text[cut] not in _CLOSERS and not (alone and text[cut] in "«“"):  # as German closes
            break
        if text.startswith("''", cut):
            cut += 1
        elif text[cut] in "\"'" and not alone and text.count(text[cut], max(cut - _NEAR, 0), cut) % 2 == 0:
            break
        cut += 1
    spaced = _SPACED_CLOSER.match(text, cut)
    if spaced and (not spaced.group(1) or text.count('"', max(cut - _NEAR, 0), cut) % 2):
        cut = spaced.end()
    behind = text[cut : cut + 2]
    reference = None if behind.isascii() and "[" not in behind else _REFERENCES.match(text, cut)
    return reference.end() if reference else cut

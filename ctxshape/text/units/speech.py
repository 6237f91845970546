"""Transcripts: turns with their speakers, and the cues of subtitles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.units.cues import cue_units
from ctxshape.text.units.labelled import Labelled, labelled_units
from ctxshape.text.units.model import Unit

_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?(?: ?[APap]\.?[Mm]\b\.?)?"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_STAMP = rf"(?:[\[(【](?:{_DATE},? )?{_TIME}[\])】]|(?:{_DATE},? )?{_TIME})"
_NAME = r"[^\W_](?:[\w.'’/&#·()（）-]|[ ](?=[\w(#&])){0,39}?"
_TURN = re.compile(
    rf"^[ \t]*+(?:[-–>] )?(?P<bold>\*\*|__)?(?:(?P<before>{_STAMP})[ \t]*(?:[-–][ \t]+)?)?(?P<bold2>\*\*|__)?"
    rf"(?:<[@+%~& ]?(?P<nick>[^\s<>]{{1,30}})>(?=[ \t])"
    rf"|(?P<name>{_NAME})(?:[ \t]*(?P<after>{_STAMP}))?(?:\*\*|__)?(?:：|:(?=\s|\*\*|__|$))(?:\*\*|__)?"
    rf"|(?P<alone>{_NAME})(?:\*\*|__)?[ \t]{{1,4}}(?P<behind>{_STAMP})(?:\*\*|__)?(?=[ \t\r]*$)"
    rf")[ \t]*",
    re.MULTILINE,
)
_HEADING = re.compile(r"^#{1,6} [^\r\n]*[^\s]", re.MULTILINE)
_ASKED = re.compile(
    r"(?:q(?:uestion)?|a(?:nswer)?|frage|antwort|pregunta|respuesta|问|答|問|提问|回答|質問)\W*\d*$", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:important )?(?:note|notice|warning|caution|tip|hint|example|source|see also|update|edit|ps|hinweis|achtung|beispiel"
    r"|quelle|nota|nb|attention|remarque|注|注意|提示|示例|例|说明|备注)s?(?: \d+)?",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:the )?(?:agent|customer|caller|client|user|assistant|system|human|bot|ai|chatbot|interviewer|interviewee|host|guest"
    r"|moderator|speaker|operator|support|doctor|nurse|patient|teacher|student|reporter|mayor|judge|court|witness|narrator|kunde|kundin|berater"
    r"|beraterin|moderatorin|client|cliente|agente|ведущий|гость|оператор|клиент|客服|客户|客戶|顾客|用户|用戶|助手|主持人|嘉宾|记者"
    r"|記者|医生|患者|老师|学生|市长|お客様|オペレーター|担当者|상담원|고객)(?:[ _#-]?\d{1,3}|[ _][A-Z])?",
    re.IGNORECASE,
)
# Names that open nothing but a turn, so that one alone is a transcript.
_SPEAKER = re.compile(
    r"\s*(?:\*\*)?(?:agent|customer|caller|user|assistant|interviewer|interviewee|speaker[ _]\d{1,3}"
    r"|客服|客户|客戶|用户|主持人|记者)"
    r"(?:[ _#-]?\d{1,3})?\s?[:：]",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.?!。？！…؟।][\"'”’»」)*_]*$")
_BLANK = re.compile(r"\n[ \t\r]*\n")
_PARTICLES = frozenset("de da di do dos van von der den zu la le el al bin ibn of the and y e service team".split())
_WORDS = 5  # of a name
_REST = 200  # characters behind a blank line in the last message
_LEAST = 3  # turns
_TITLE_LINES, _TITLE = 3, 80  # lines above the first turn, and the characters of one


class _Turn(NamedTuple):
    start: int
    text: int
    name: str
    stamped: bool
    bold: bool


def speech_units(text: str) -> list[Unit] | None:
    r"""Returns the turns of a transcript or the cues of subtitles, or None if the text is none.

    A turn of up to 400 characters is a unit; a longer one is cut into the speaker's name and sentences that need it. A
    question brings the turn behind it, and a short answer the question.

    >>> text = "Ada: Is it open?\nBen: Yes. It is.\nAda: Since when?\nBen: Since May."
    >>> [(text[unit.start : unit.end], unit.needs) for unit in speech_units(text)]
    [('Ada: Is it open?', (1,)), ('Ben: Yes. It is.', (0,)), ('Ada: Since when?', (3,)), ('Ben: Since May.', (2,))]
    """
    if "\n" not in text.strip() and not _SPEAKER.match(text):
        return None
    if "-->" in text and (cues := cue_units(text)) is not None:
        return cues
    turns = [turn for match in _TURN.finditer(text) if (turn := _turn(match))]
    if not turns or not (turns := _speaking(text, turns)):
        return cue_units(text)
    parts = [Labelled(turn.start, turn.text, turn.name) for turn in turns]
    headings = [match.span() for match in _HEADING.finditer(text)]
    if title := _title(text, turns[0].start):
        headings = [title, *(heading for heading in headings if heading[0] > turns[0].start)]
    return labelled_units(text, parts, "turn", headings, dialogue=True)


def _turn(match: re.Match[str]) -> _Turn | None:
    name = match["nick"] or match["name"] or match["alone"]
    stamped = bool(match["before"] or match["after"] or match["behind"] or match["nick"])
    marked = stamped or match["bold"] or match["bold2"]
    small = any(word[0].islower() and word not in _PARTICLES for word in name.split()[1:])
    if (
        len(name.split()) > _WORDS
        or (small and not marked)
        or _NO_NAME.fullmatch(name)
        or name[0].isdigit()
        or (name[0].islower() and not marked)
    ):
        return None
    return _Turn(match.start(), match.end(), name.strip(), stamped, bool(match["bold"] or match["bold2"]))


def _title(text: str, end: int) -> tuple[int, int] | None:
    """Returns the place of the title lines above the first turn, or None if there is other text or none."""
    above = text[:end].strip()
    lines = above.splitlines()
    if not 0 < len(lines) <= _TITLE_LINES or not all(0 < len(line.strip()) <= _TITLE for line in lines):
        return None
    start = text.index(above[0])
    return None if any(_ENDED.search(line.strip()) for line in lines) else (start, start + len(above))


def _speaking(text: str, turns: Sequence[_Turn]) -> list[_Turn]:
    """Returns the turns of speakers; none if the names are keys of records, or other lines prevail."""
    stamped = [turn for turn in turns if turn.stamped]
    least = 1 if _SPEAKER.match(text) else 2
    if len(turns) >= least and all(_ROLE.fullmatch(turn.name) for turn in turns) and _begin(text, turns):
        chosen = list(turns)  # of any speaker, even if a window shows only one or two
    elif len(stamped) >= 2 and len(stamped) >= 0.6 * len(turns):
        chosen = stamped
    else:
        chosen = list(turns)
        names = Counter(turn.name for turn in chosen)
        repeated = {name for name, count in names.items() if count > 1}
        if len(chosen) < _LEAST or len(names) < 2 or sum(turn.name in repeated for turn in chosen) < 0.5 * len(chosen):
            return []
        if all(_ASKED.match(name) for name in names) and not chosen[0].bold:
            return []
    ends = [*(turn.start for turn in chosen[1:]), len(text)]
    said = [text[turn.text : end].strip() for turn, end in zip(chosen, ends, strict=True)]
    if not chosen[0].stamped and sum(_ENDED.search(one) is not None for one in said) < 0.5 * len(said):
        return []
    if _is_compact(text, chosen) and _has_other_blocks(text, chosen):
        return []
    return chosen if _covered(text, chosen) >= 0.6 * len(text.strip()) else []


def _begin(text: str, turns: Sequence[_Turn]) -> bool:
    """Returns whether a text begins with turns, or with a title above them."""
    return not text[: turns[0].start].strip() or _title(text, turns[0].start) is not None


def _has_other_blocks(text: str, turns: Sequence[_Turn]) -> bool:
    """Returns whether a blank line parts the turns from other text. A message with a time may have blank lines."""
    if not turns[0].stamped:
        return not _begin(text, turns) or _BLANK.search(text[turns[0].start :].strip()) is not None
    last = _BLANK.search(text, turns[-1].text)
    rest = len(text[last.end() :].strip()) if last else 0
    return bool(_BLANK.search(text[: turns[0].start].lstrip())) or rest > _REST


def _is_compact(text: str, turns: Sequence[_Turn]) -> bool:
    """Returns whether most turns begin on the line below the one before."""
    before = [text[max(turn.start - 20, 0) : turn.start] for turn in turns[1:]]
    apart = sum(part[len(part.rstrip()) :].count("\n") > 1 for part in before)
    return 2 * apart < len(turns) - 1


def _covered(text: str, turns: Sequence[_Turn]) -> int:
    """Returns the number of characters in turns, each up to the first blank line behind its text begins."""
    ends = [*(turn.start for turn in turns[1:]), len(text)]
    covered = 0
    for turn, end in zip(turns, ends, strict=True):
        begin = turn.text
        while begin < end and text[begin].isspace():
            begin += 1
        blank = _BLANK.search(text, begin, end)
        covered += (blank.start() if blank else end) - turn.start
    return covered

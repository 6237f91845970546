"""Parses a question in English or Chinese into the kind of value it asks for: a person, a place, a date or a number."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ctxshape.claims.counted import (
    TIMES,
    UNITS,
    attribute,
    direction,
    is_of,
    person_in,
    unit_length,
    units_of_noun,
    units_of_words,
)
from ctxshape.claims.dates import dates, without_dates
from ctxshape.claims.entities import people, places
from ctxshape.claims.values import StatedValue, amounts, fold_digits
from ctxshape.text.words import asks_in_cjk


class ValueQuestion(NamedTuple):
    """A question for a value: its kind, the units it can have, and the question without the words that ask.

    For a number, `noun` is the Chinese noun that it counts and `way` the direction that it measures: "long", "high".
    """

    kind: Literal["person", "place", "date", "number"]
    units: frozenset[str]
    subject: str
    noun: str = ""
    way: str | None = None

    def values(self, text: str) -> list[StatedValue]:
        """Returns the values of this kind that a text states.

        >>> [value.written for value in parse_question("大桥高多少米？").values("2009年建成的大桥长900米，高33米。")]
        ['33米']
        """
        if self.kind != "number":
            return {"person": people, "place": places, "date": dates}[self.kind](text)
        folded = without_dates(text) if self.units & TIMES else fold_digits(text)
        found, place = [], 0
        for value in amounts(folded, self.units):
            place = max(folded.find(value.written, place), place)
            if is_of(value, folded, place, self.noun, self.way):
                found.append(value)
        return found


_QUALIFIER = re.compile(  # the date at which the value should hold, which passages state in many ways or not at all
    r"\bas of (?:early |late )?(?:1\d|20)\d\d,?|\b(?:currently|current|today|now)\b|"
    r"(?:截至|截止到?)(?:1\d|20)\d\d年(?:为止|底|初)?[，,]?|目前|现在|如今|現在",
    re.IGNORECASE,
)
_PLACE_NOUN = r"(?:town|city|village|country|county|state|province|district)"
_COST = (
    r"(?:costs?|charge|price|pay|paid|fee|fare|toll|ticket|salary|worth|money|budget|spend|spent|earn|earned|invest|invested|"
    r"revenue|profit|income|turnover|debt|loan|donated?|raised?)"
)
# The lookahead keeps the word itself in the subject.
_OF = r"what (?:is|was|are|were) (?=(?:the|its|his|her|their|(?:[a-z]+ ){0,3}[a-z]+['’]s) (?:[a-z]+ ){0,2}"
_ENGLISH: list[tuple[str, str]] = [
    (r"(?:what|which) (?:percentage|proportion|fraction|share)\b|(?:what|how many) percent\b", "percent"),
    (r"how many (?P<words>[a-z]+(?: [a-z]+)?)", "words"),
    (rf"how much (?:money )?(?=.*\b{_COST}\b)|how large are (?=.*\bsales\b)", "money"),
    (rf"{_OF}{_COST}\b)", "money"),
    (r"how heavy\b|how much (?=.*\bweigh)", "weight"),
    (r"how much time\b", "time"),
    (r"how (?:tall|high|wide|deep|thick|far)\b", "length"),
    (r"how long\b", "long"),
    (r"how old\b|(?:at )?what age\b", "age"),
    (r"how (?:hot|cold|warm)\b|(?:at )?what temperature\b", "heat"),
    (r"how fast\b|(?:at )?what speed\b", "speed"),
    (r"how (?:large|big)\b", "size"),
    (rf"{_OF}(?:height|length|width|depth|distance|altitude|elevation|diameter|radius|wingspan|circumference)\b)", "length"),
    (rf"{_OF}area\b)", "size"),
    (rf"{_OF}(?:weight|mass)\b)", "weight"),
    (rf"{_OF}(?:speed|velocity)\b)", "speed"),
    (rf"{_OF}temperature\b)", "heat"),
    (rf"{_OF}duration\b)", "time"),
    (rf"{_OF}(?:percentage|proportion|share)\b)", "percent"),
    (r"(?:in |on )?(?:what|which) (?:year|date)\b|when\b", "date"),
    (r"who\b|whom\b", "person"),
    (rf"where\b|(?:in |to |from )?(?:what|which) {_PLACE_NOUN}\b", "place"),
    (r"what\b|which\b|how\b|why\b|whose\b", ""),
]
_COUNTED = (  # words that 几 counts; 几何, 几乎, 几点 and 几月几日 do not ask for a number
    r"[百千万萬亿億]?(?:[个個名位件条條座辆輛只隻本所项項种種人次米岁歲天页頁家支队隊台艘架头頭匹张張部首间間栋棟层層枚颗顆份篇场場届屆期段片"
    r"块塊元倍秒周週度]|年(?![级級代])|小[时時]|分[钟鐘]|公[里斤顷尺]|千[米克]|平方|[英海]里|[门門](?!口)|[分票](?!之))"
)
_CHINESE: list[tuple[str, str]] = [  # the first wins if two forms overlap
    (
        r"多少(?:钱|錢|经费|經費|资金|資金|块|塊)|多少[十百千万萬亿億]{0,2}(?:[美日港欧歐澳加]?元|英[镑鎊]|人民[币幣])|"
        r"多少(?=[^，,]{0,4}[费費价價])|(?<=[费費价價票])[是为為]?多少|[几幾][十百千万萬亿億]{0,2}[元块塊]",
        "money",
    ),
    (r"百分之(?:多少|[几幾])|多[少大]比例|比例是多少|多少[个個]?百分[点點]|[几幾]成(?!立)|[几幾]分之[几幾]", "percent"),
    (r"多少[时時][间間]|多[长長][时時][间間]|多久", "time"),
    (r"多大(?:年[龄齡纪紀]|[岁歲][数數])|今年多大|(?<=年[龄齡纪紀])[是有]?多大", "age"),
    (r"多大面[积積]", "area"),
    (r"多少(?P<noun>[\u4e00-\u9fff]{0,6})", "noun"),
    (rf"(?<![好第哪十零分周])[几幾](?P<noun>(?={_COUNTED})[\u4e00-\u9fff]{{1,6}})", "noun"),
    (
        r"(?<![很许許众眾诸諸更最较較])多(?P<adjective>[高长長远遠宽寬深重大快厚粗热熱冷])"
        r"(?![要新叠视視样樣元校层層度程期数數])",
        "adjective",
    ),
    (
        r"什么时候|什麼時候|什么时间|什麼時間|[何几幾][时時]|哪一?年|哪一?[天日]|何年|[几幾]月[几幾][日号號]|什么年[份代]|哪[个個]年份",
        "date",
    ),
    (r"由?[谁誰]|何人|哪一?位|哪[个個]人", "person"),
    (
        r"哪[里裡裏]|哪[儿兒]|何[处處]|什么地方|什麼地方|哪一?[个個座]?(?:城市|[国國]家|省|市|[县縣]|[镇鎮]|村)|"
        r"(?<=[在位于於])哪(?=[？?]|$)",
        "place",
    ),
    (r"什么|什麼|哪[个個些一种種]|怎么|怎麼|怎样|怎樣|如何|为什么|為什麼|为何|為何", ""),
]
_ADJECTIVES = {"长": "long", "長": "long", "重": "weight", "快": "speed", "热": "heat", "熱": "heat", "冷": "heat"}
_WAY = re.compile(r"(?<=[\u4e00-\u9fff]{2})[全总總]?[长長高宽寬深厚]度?[是有为為约約]*$")
_NO_NOUN = re.compile(r"[的才会會可算能呢吗嗎是以]")
_Form = tuple[str, re.Match[str]]  # the name of a form of question, and its place in the query
_LONGEST = 2000  # characters of a question for one value; a longer text is mostly pasted
_SECOND = re.compile(r"(?:,|\band|\bor)\s+(?:in |on |to |from |by )?(?:who|whom|when|where|what|which|how)\b")


def parse_question(query: str) -> ValueQuestion | None:
    """Returns the value that a question asks for; None if it asks for something else, for several things, or for nothing.

    A text of more than 2,000 characters asks for none.

    >>> parse_question("How many people does Fen Ltd employ?")
    ValueQuestion(kind='number', units=frozenset({'people'}), subject='  Fen Ltd employ?', noun='', way=None)
    >>> parse_question("截至2024年，松坪剧团的团长是谁？").kind
    'person'
    >>> parse_question("Why?"), parse_question("Who made it, and when?")
    (None, None)
    >>> parse_question("大桥全长多少公里？").units
    frozenset({'km'})
    """
    if len(query) > _LONGEST:
        return None
    plain = _QUALIFIER.sub(" ", query)
    found = _chinese(plain) if asks_in_cjk(plain) else _english(plain)
    if found is None or not found[0]:
        return None
    name, match = found
    if name in ("noun", "adjective"):
        return _measured(plain, match)
    subject = plain[: match.start()] + " " + plain[match.end() :]
    if name == "words":
        units = units_of_words(match["words"].split())
        return ValueQuestion("number", units, subject) if units else None
    if name in ("person", "place", "date"):
        return ValueQuestion(name, frozenset(), subject)  # type: ignore[arg-type]  # mypy does not narrow to a Literal here
    return ValueQuestion("number", UNITS[name], subject, way=direction("", match.group().removeprefix("how")))


def _english(query: str) -> _Form | None:
    folded = query.casefold()
    if _SECOND.search(folded) or len(folded) != len(query):
        return None
    found = [(name, match) for form, name in _ENGLISH if (match := re.search(rf"\b(?:{form})", folded))]
    return min(found, key=lambda item: item[1].start(), default=None)


def _chinese(query: str) -> _Form | None:
    """Returns the only form of question in a query. Several forms match 多少, and the first wins; a second form asks again."""
    apart: list[_Form] = []
    for form, name in _CHINESE:
        for match in re.finditer(form, query):
            if all(match.end() <= other.start() or other.end() <= match.start() for _, other in apart):
                apart.append((name, match))
            if len(apart) > 1:
                return None
    return apart[0] if apart else None


def _measured(query: str, match: re.Match[str]) -> ValueQuestion | None:
    """Returns what 多少公里, 几个车间 or 多高 asks for; before 是多少, the question names it."""
    groups = match.groupdict()
    before = query[: match.start()]
    if "adjective" in groups:
        name = attribute(before) or _ADJECTIVES.get(groups["adjective"], "length")
        units = UNITS["area"] | UNITS["age"] if groups["adjective"] == "大" and not attribute(before) else UNITS[name]
        return ValueQuestion("number", units, f"{before} {query[match.end() :]}", way=direction(groups["adjective"]))
    noun = _NO_NOUN.split(groups["noun"], 1)[0]
    kind = attribute(before)
    units = units_of_noun(noun) if noun else UNITS[kind] if kind else frozenset()
    # The unit belongs to the words that ask, but a passage must have the noun that is counted.
    behind = query[match.start("noun") :]
    if (person := person_in(noun)) and not noun.startswith("人"):
        cuts = (unit_length(noun), *person)
        rest = " ".join(behind[start:end] for start, end in zip(cuts, (*cuts[1:], None), strict=True))
    else:
        rest = behind[person[1] if person else unit_length(noun) :]
    way = direction(before)
    # The direction of a length stands beside the value: 长808米，高20米.
    named = _WAY.sub(" ", before) if way else before
    return ValueQuestion("number", units, f"{named} {rest}", noun, way) if units else None

"""Names of people and places in a text: rules, no model, made to miss rather than to invent. English and Chinese."""

from __future__ import annotations

import re

from ctxshape.claims.values import Value
from ctxshape.figures import names

_NO_NAME = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Since|According|AD|BC|UTC)\b|\d"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐庄伍季申柳祁卓骆纪褚蒲岑裴荀"
    "張劉陳楊黃趙吳孫馬羅鄭許韓馮鄧蕭蔣葉蘇呂盧薑鐘譚陸範賈韋鄒龍賀顧龔萬錢嚴湯溫莊紀駱"
)
_HAN = "\u4e00-\u9fff"
_WIDE_PERSON = re.compile(
    rf"(?<=[是由為为叫：])([{_SURNAMES}][{_HAN}]{{1,2}}?|[{_HAN}]{{1,6}}(?:·[{_HAN}]{{1,6}})+)"
    rf"(?=[，。；、（(\s]|担任|擔任|主持|出任|设计|設計|创办|創辦|创立|創立|领导|領導|发明|發明|执导|$)"
)
_TO_PLACE = re.compile(r"\b(?:in|at|to|from|near|of)\s(?:the\s)?$")
_WIDE_PLACE = re.compile(
    rf"(?:(?<=[在于於到])|(?<=位于)|(?<=设在))([{_HAN}]{{2,6}}?(?:市|县|縣|镇|鎮|省|州|村|乡|鄉|国|國|岛|島))"
)


def people(text: str) -> list[Value]:
    """The names of people: runs of two capitalised words or more; in Chinese a surname's name where one can stand.

    >>> [value.written for value in people("Since May its captain has been Ida Holwick.")]
    ['Ida Holwick']
    >>> [value.written for value in people("馆长由裴文澄担任，顾问是约翰·史密斯。")]
    ['裴文澄', '约翰·史密斯']
    """
    found = [name for name in names(text) if " " in name and not _NO_NAME.search(name)]
    return [Value(name) for name in [*found, *(match.group(1) for match in _WIDE_PERSON.finditer(text))]]


def places(text: str) -> list[Value]:
    """The names of places: capitalised words behind a preposition; in Chinese what ends as a town, province or country.

    >>> [value.written for value in places("Fen Ltd has had its office in Norholm since May.")]
    ['Norholm']
    >>> [value.written for value in places("总部已设在临溪镇，在楼里。")]
    ['临溪镇']
    """
    found = [name for name in names(text) if not _NO_NAME.search(name) and _behind_preposition(name, text)]
    return [Value(name) for name in [*found, *(match.group(1) for match in _WIDE_PLACE.finditer(text))]]


def _behind_preposition(name: str, text: str) -> bool:
    place = text.find(name)
    while place >= 0:
        if _TO_PLACE.search(text, max(place - 10, 0), place):  # the longest, "from the ", and what is before it
            return True
        place = text.find(name, place + 1)
    return False

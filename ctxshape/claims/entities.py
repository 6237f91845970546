"""Names of people and places in English and Chinese text, by rules that prefer precision to recall."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.claims.values import StatedValue
from ctxshape.text.names import proper_names
from ctxshape.text.words import fold_variants

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
_OFFICES = (  # a name can follow these directly: 董事长林国栋
    "董事长 董事長 校长 校長 院长 院長 馆长 館長 市长 市長 省长 县长 镇长 部长 部長 局长 局長 厂长 廠長 船长 船長 团长 團長 "
    "队长 隊長 会长 會長 社长 社長 所长 处长 行长 站长 秘书长 总裁 總裁 总经理 總經理 主席 总统 總統 书记 書記 主任 导演 "
    "導演 作者 教练 教練 创始人 创办人 創辦人 设计师 設計師 建筑师 工程师 负责人 負責人"
).split()
_CHINESE_PERSON = re.compile(
    rf"(?:[是由為为叫：]|{'|'.join(_OFFICES)})"
    r"(?!任[命期职職免务務]|方[面式案]|安排|金额|高度|何[时人])"
    rf"([{_SURNAMES}][{_HAN}]{{1,2}}?|[{_HAN}]{{1,6}}(?:·[{_HAN}]{{1,6}})+)"
    rf"(?=[，。；、（(\s]|担任|擔任|主持|出任|设计|設計|创办|創辦|创立|創立|领导|領導|发明|發明|执导|先生|女士|教授|博士|院士|$)"
)
_TO_PLACE = re.compile(r"\b(?:in|at|to|from|near|of)\s(?=(the\s)?)")
_LONGEST = 100  # characters of the name of a place

# The endings of Chinese place names with their levels, from countries down. A 州 is a town, a prefecture or a state.
_LEVELS = {
    "国": 0,
    "省": 1,
    "自治区": 1,
    "特别行政区": 1,
    "自治州": 2,
    "地区": 2,
    "市": 2,
    "区": 3,
    "县": 3,
    "旗": 3,
    "镇": 4,
    "乡": 4,
}
_LEVELS |= {"街道": 4, "村": 5, "州": 6, "岛": 7}
_CITIES = frozenset("北京 天津 上海 重庆 香港 澳门".split())  # cities that are also provinces
_PROVINCE = (
    "北京|天津|上海|重[庆慶]|河[北南]|山[西东東]|[辽遼][宁寧]|吉林|黑[龙龍]江|江[苏蘇西]|浙江|安徽|福建|湖[北南]|[广廣][东東西]|海南|四川|"
    "[贵貴]州|[云雲]南|[陕陝]西|甘[肃肅]|青海|[台臺][湾灣]|[内內]蒙古|西藏|[宁寧]夏|新疆|香港|澳[门門]"
)
_ENDING = r"(?:自治[区區州]|特[别別]行政[区區]|地[区區]|街道|[国國省市区區县縣旗镇鎮乡鄉村岛島]|州(?![市县縣区區]))"
_PART = rf"(?:(?:{_PROVINCE}){_ENDING}?|[{_HAN}]{{1,6}}?{_ENDING})"
_CHINESE_PLACE = re.compile(
    rf"(?:[在于於到至]|[迁遷]往)((?:(?:{_PROVINCE})(?=[{_HAN}]{{0,4}}(?:[^{_HAN}]|$))|(?=[{_HAN}]{{3}}){_PART}){_PART}{{0,3}})"
)
_ONE_PART = re.compile(rf"({_PROVINCE}){_ENDING}?|([{_HAN}]{{1,6}}?)({_ENDING})")


class PlaceName(StatedValue):
    """The name of a place, compared part by part."""

    __slots__ = ()

    def agrees(self, other: StatedValue) -> bool:
        """Returns whether both can be one place: one name holds the other, or they agree at every level that both have.

        >>> town = PlaceName("江苏省常州市")
        >>> [town.agrees(PlaceName(written)) for written in ("常州市新北区", "江苏", "新北区", "安徽省合肥市", "合肥市")]
        [True, True, True, False, False]
        """
        if super().agrees(other):
            return True
        mine, theirs = _levels(self.written), _levels(other.written)
        if not mine and not theirs:
            return False
        return all(_same(mine[level], theirs[level]) for level in mine.keys() & theirs.keys())


def people(text: str) -> list[StatedValue]:
    """Returns the names of people: runs of capitalised words; in Chinese, a surname with what follows, after a cue.

    >>> [value.written for value in people("Since May its captain has been Ida Holwick.")]
    ['Ida Holwick']
    >>> [value.written for value in people("馆长由裴文澄担任，顾问是约翰·史密斯。")]
    ['裴文澄', '约翰·史密斯']
    """
    found = [name for name in proper_names(text) if " " in name and not _NO_NAME.search(name)]
    return [StatedValue(name) for name in [*found, *(match.group(1) for match in _CHINESE_PERSON.finditer(text))]]


def places(text: str) -> list[StatedValue]:
    """Returns the names of places: capitalised words after a preposition; in Chinese, words with the ending of a place.

    >>> [value.written for value in places("Fen Ltd has had its office in Norholm since May.")]
    ['Norholm']
    >>> [value.written for value in places("总部已设在江苏省临溪镇，在楼里。")]
    ['江苏省临溪镇']
    """
    names = [name for name in proper_names(text) if not _NO_NAME.search(name)]
    behind = _behind_prepositions(names, text)
    found = [name for name in names if name in behind]
    return [PlaceName(name) for name in [*found, *(match.group(1) for match in _CHINESE_PLACE.finditer(text))]]


def _behind_prepositions(names: Sequence[str], text: str) -> set[str]:
    """Returns the names that stand behind a preposition; it reads the text once, however many names there are."""
    short = {name for name in names if len(name) <= _LONGEST}
    lengths = sorted(set(map(len, short)))
    places = {place for match in _TO_PLACE.finditer(text) for place in (match.end(), match.end() + len(match[1] or ""))}
    places |= {place + 1 for place in places if text[place : place + 1] == "\n"}  # a blank at the end of a line
    return short.intersection(text[place : place + length] for place in places for length in lengths)


def _levels(written: str) -> dict[int, set[str]]:
    """Returns the parts of a Chinese place name by their level."""
    found: dict[int, set[str]] = {}
    for province, part, ending in _ONE_PART.findall(fold_variants(written)):
        for level in [1, 2] if province in _CITIES else [1] if province else [_LEVELS[ending]]:
            found.setdefault(level, set()).add(province or part)
    return found


def _same(mine: set[str], theirs: set[str]) -> bool:
    """Returns whether two names are equal or one is a short form of the other, such as 加州."""
    return any(set(one) <= set(other) or set(other) <= set(one) for one in mine for other in theirs)

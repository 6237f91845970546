"""The units that the value of a question can have, and the numbers that count or measure another thing."""

from __future__ import annotations

import re

from ctxshape.claims.values import MONEY, StatedValue, unit_of
from ctxshape.text.numbers import UNIT_NUMERALS
from ctxshape.text.words import FUNCTION_WORDS

_HAN = "\u4e00-\u9fff"
# Measure words that say little about what they count, so a passage must have the noun beside them.
COUNTERS = frozenset(
    "个個家所座条條件种種项項辆輛艘架台臺只隻头頭匹张張本册冊部首套间間栋棟幢处處门門棵株枚颗顆把份篇支枝队隊团團期届屆段片根面道口"
    "顶頂盏盞副对對双雙组組班尊款卷筆笔桩樁起家户戶类類"
)
_NOUNS = frozenset(  # nouns that begin with a measure word
    "条件 條件 条约 条目 部门 部門 部队 部分 项目 項目 座位 门店 門店 门票 家庭 家长 支出 支部 间谍 本科 台阶 头发 队伍 "
    "队员 队友 团体 团队 團隊 团员 组织 組織 班级 班級 户口 户籍 类型 款项 片区 道路 段落 口岸 种类 種類 种族 把手 起义 "
    "场地 场馆 处分 处罚".split()
)
_MEASURED = re.compile(  # measures of which `values` knows only the first character
    r"[平立]方(?:公里|[千厘分毫]?米|公尺|英里|英尺|海里)|公吨|公噸|公頃|英[亩畝寸]|海里|光年|[摄攝华華]氏度|世[纪紀]|星期|"
    r"小[时時]|分[钟鐘]|[钟鐘]头|[学學]期|盎司|毫克|加[仑侖]|百分[点點]"
)
_PERSON = (
    "[员員]工|[职職]工|[雇僱][员員]|人[员員口]|居民|[村市农農移难難公国國平]民|[学學师師考研]生|[教老律厨医醫讲]师|"
    "[会會队隊球演成党黨议議委船乘官][员員](?![会會])|[乘旅游顾顧][客]|[观觀听聽][众眾]|读者|讀者|志愿者|志願者|患者|病人|[医醫]生|"
    "[护護]士|士兵|官兵|[军軍]人|工人|孩子|儿童|兒童|代表|[专專]家|学者|學者|[选選]民|[教]徒"
)
_PERSONS = re.compile(rf"[{_HAN}]{{0,3}}?({_PERSON})")
_NO_UNITS = FUNCTION_WORDS | {"r"}  # "how many people r there"
_ENGLISH_PERSONS = frozenset(
    "employees workers staff residents inhabitants citizens students pupils passengers members soldiers visitors guests".split()
)


def unit_at(noun: str) -> str:
    """Returns the unit at the beginning of a Chinese text: the longest known one, else the first character.

    >>> unit_at("公里长"), unit_at("名员工"), unit_at("幢楼")
    ('km', 'people', '幢')
    """
    return _known(noun) or noun[:1]


def _known(noun: str) -> str | None:
    starts = (noun[:length] for length in range(4, 0, -1))
    return next((unit_of(start) for start in starts if unit_of(start) != start), None)


def unit_length(noun: str) -> int:
    """Returns the length of the unit at the beginning of a Chinese noun, with its scale (万元); 0 without a unit.

    >>> unit_length("万平方米"), unit_length("名员工"), unit_length("员工")
    (4, 1, 0)
    """
    bare = _scaled(noun)
    if measured := _MEASURED.match(bare):
        return len(noun) - len(bare) + measured.end()
    lengths = (length for length in range(min(4, len(bare)), 0, -1) if unit_of(bare[:length]) != bare[:length])
    length = next(lengths, 1 if _is_counter(bare) or bare[:1] in _OTHER else 0)
    return length and len(noun) - len(bare) + length


def _scaled(noun: str) -> str:
    return noun if _known(noun) or _MEASURED.match(noun) else noun.lstrip(UNIT_NUMERALS) or noun


def units_of_noun(noun: str) -> frozenset[str]:
    """Returns the units of the numbers that count a Chinese noun, as it stands after 多少 or 几.

    >>> sorted(units_of_noun("公里")), sorted(units_of_noun("亿美元")), "people" in units_of_noun("个员工")
    (['km'], ['dollar'], True)
    """
    bare = _scaled(noun)
    if not bare:
        return frozenset()
    behind = bare[1:]
    if bare[0] in "个個" and (_MEASURED.match(behind) or _known(behind) not in (None, "people")):
        return frozenset([unit_at(behind), bare[0]])  # 3个小时
    units = {unit_at(bare)}
    if bare[0] in "个個" and behind:  # the general measure word, so a passage may use another
        units |= {behind[0]} | COUNTERS
    if not _known(bare) and not _MEASURED.match(bare):
        units |= set() if _is_counter(bare) or bare[0] in _OTHER else COUNTERS
        units |= {"people"} if _PERSONS.match(behind if _is_counter(bare) else bare) else set()
    return frozenset(units)


def person_in(noun: str) -> tuple[int, int] | None:
    """Returns the start and end of a word for people in a noun after 多少, or None; passages may use another such word.

    >>> person_in("名外籍员工参加"), person_in("国家")
    ((3, 5), None)
    """
    found = _PERSONS.match(noun, 1 if _is_counter(noun) or noun[:1] in "名位" else 0)
    return found.span(1) if found else None


def is_person(word: str) -> bool:
    """Returns whether a word is one for people."""
    return re.fullmatch(_PERSON, word) is not None


def _is_counter(noun: str) -> bool:
    return noun[:1] in COUNTERS and noun[:2] not in _NOUNS


def units_of_words(words: list[str]) -> frozenset[str]:
    """Returns the units among the English words after "how many": the known ones, or else all.

    >>> sorted(units_of_words(["square", "miles"])), sorted(units_of_words(["paid", "hands"]))
    (['mile'], ['hand', 'paid'])
    """
    words = [word for word in words if word not in _NO_UNITS]
    found = {unit_of(word) for word in words} | {word.removesuffix("es") for word in words if word.endswith("ches")}
    known = found & _KNOWN
    return frozenset(known or (found | {"people"} if _ENGLISH_PERSONS & set(words) else found))


def _units(words: str) -> frozenset[str]:
    return frozenset(unit_of(word) if word.isascii() else unit_at(word) for word in words.split())


_LENGTH = _units("mm cm m km ft mile mi inch inches yard yards 毫米 厘米 米 公尺 公里 英尺 英寸 英里 海里 里 丈 尺 寸 码 光年")
_AREA = _units("hectare acre acres sq 平方 平方米 平方公里 平方千米 公顷 公頃 英亩 英畝 亩 畝 坪")
_VOLUME = _units("litre litres liter liters gallon gallons barrel barrels cubic 立方 立方米 升 桶 加仑")
_WEIGHT = _units("kg gram grams ton pound lb lbs ounce ounces 公斤 克 斤 吨 噸 公吨 磅 盎司 毫克")
_TIME = _units(
    "second minute hour day week month year decade decades century centuries 分鐘 小時 周 週 星期 月 年 世纪 世紀 学期 钟头 个"
)
_AGE = _units("year month week day 歲 周岁")
_HEAT = _units("degree degrees celsius fahrenheit kelvin 度 摄氏度 攝氏度 华氏度 ℃ ° °c °f 开尔文")
_SPEED = _units("km mile mi metre ft knot knots mph kph kmh 公里 米 英里 海里 节 節 码 马赫")
_OTHER = frozenset("次倍度分票层層页頁股折岁歲季届屆期集章回局场場遍点點成步站平")  # measure words that need no noun
UNITS: dict[str, frozenset[str]] = {
    "money": MONEY,
    "percent": frozenset(["percent", "成"]),
    "people": frozenset(["people"]),
    "length": _LENGTH,
    "area": _AREA,
    "volume": _VOLUME,
    "size": _AREA | _LENGTH,
    "weight": _WEIGHT,
    "time": _TIME,
    "long": _LENGTH | _TIME,
    "age": _AGE,
    "heat": _HEAT,
    "speed": _SPEED,
    "times": frozenset(["次", "time"]),
}
TIMES = _TIME | _AGE
_KNOWN = frozenset().union(MONEY, _LENGTH, _WEIGHT, _TIME, ["hectare", "acre", "percent", "people"])

_ATTRIBUTES: list[tuple[str, str]] = [  # nouns before 是多少 or 有多高, and the kind of units they ask for
    ("比例|比重|占比|百分比|比率|份[额額]|概率|几率|浓度|濃度|含量|[湿濕]度|(?<![频頻汇匯速心功])率", "percent"),
    ("人口|人[数數]|[员員]工[总總]?[数數]量?|[职職]工[总總]?[数數]", "people"),
    ("面[积積]", "area"),
    ("[体體容][积積]|[库庫容]容?量", "volume"),
    ("[体體]重|重量|[载載净淨毛]重|[质質]量", "weight"),
    ("[气氣水体體室高低]?[温溫]度?|[熔沸燃凝]点", "heat"),
    ("[时時车車风風流航速][速度]", "speed"),
    ("年[龄齡纪紀]|[岁歲][数數]|[寿壽]命", "age"),
    (
        "[长長高宽寬深厚][度]|[全总總体體身][长長]|身高|海拔|直[径徑]|半[径徑]|[外内][径徑]|周[长長]|距离|距離|里程|跨[度径徑]|水深|[净淨]高",
        "length",
    ),
    ("[时時][间間长長]|工期|期限|周期|[任刑学學质質保有效][期制]|年限|[历歷][时時]", "time"),
    ("次[数數]", "times"),
    (
        "金[额額]|[费費价價票][用格]?|[额額]|收入|[营營]收|利[润潤]|[净淨]利|[资資][产產本金]|投[资資]|[产產]值|成本|[预預]算|[工薪][资資酬水]|"
        "[月年]薪|市值|GDP|[贷貸]款|[负負]?[债債][务務]?|[补補][贴貼助偿償]|支出|[开開]支|[租押奖獎罚罰定现現基]金|[罚罰]款|[违違][约約]金",
        "money",
    ),
]
_ATTRIBUTE = re.compile("|".join(f"(?P<{name}>{form})" for form, name in _ATTRIBUTES))
_ATTRIBUTE_END = re.compile(rf"(?:{_ATTRIBUTE.pattern})(?:[大约約概会會分别別]*[是为為有达達到]?[大约約]*)$")


def attribute(before: str) -> str | None:
    """Returns the kind of units of the noun just before 多少 or 多高 in a Chinese question, or None.

    >>> attribute("大桥的长度是"), attribute("门票收入有"), attribute("它占")
    ('length', 'money', None)
    """
    found = _ATTRIBUTE_END.search(before[-12:])
    return found.lastgroup if found else None


_DIRECTIONS = {"长": "long", "長": "long", "高": "high", "拔": "high", "宽": "wide", "寬": "wide", "深": "deep", "厚": "thick"}
_DIRECTIONS |= {
    "径": "across",
    "徑": "across",
    "long": "long",
    "length": "long",
    "tall": "high",
    "high": "high",
    "height": "high",
}
_DIRECTIONS |= {"wide": "wide", "width": "wide", "deep": "deep", "depth": "deep", "thick": "thick", "diameter": "across"}
_MARK = re.compile("[，,。；;：]")
_CJK_DIRECTION = re.compile(r"([长長高拔宽寬深厚径徑])[度约約大为為是有达達到近超过過逾仅共只至少不足\s：:]*$")
_DIRECTION = re.compile(r"[\s-]*(?:in )?(long|length|tall|high|height|wide|width|deep|depth|thick|diameter)\b", re.IGNORECASE)


def direction(before: str, behind: str = "") -> str | None:
    """Returns the direction of a length, by the word just before or after its number, or None.

    >>> direction("桥高约"), direction("a road ", " wide"), direction("在长江上，")
    ('high', 'wide', None)
    """
    found = _DIRECTION.match(behind) or _CJK_DIRECTION.search(before[-12:])
    return _DIRECTIONS[found.group(1).casefold()] if found else None


def is_of(value: StatedValue, text: str, place: int, noun: str, way: str | None) -> bool:
    """Returns whether a value at a place in a text counts the given noun, or measures in the given direction.

    >>> three = StatedValue("3个", 3, 3, "个")
    >>> is_of(three, "有3个车间", 1, "车间", None), is_of(three, "有3个车间", 1, "国家", None)
    (True, False)
    """
    end = place + len(value.written)
    before, behind = text[max(place - 12, 0) : place], text[end : end + 16]
    if way is not None and (other := direction(before, behind)) is not None:
        return other == way
    if not noun or noun[0] in _OTHER or (value.unit not in COUNTERS and value.unit != noun[0]):
        return True
    near = f"{_MARK.split(before)[-1]} {text[max(end - 1, place) : end]}{_MARK.split(behind)[0]}"
    heads = {noun[:2], noun[1:3] if _is_counter(noun) else noun[:2]}
    return any(head in near for head in heads)

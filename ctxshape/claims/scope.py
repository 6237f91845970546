"""Finds the words by which a sentence speaks of a part of the question's subject, or of another thing of its kind.

A branch has fewer people than the company, a student's ticket costs less than a ticket, and a bridge is begun before it is
completed. Such values differ without a contradiction. The words that narrow a subject are an open class. So in a Chinese
clause every word counts that is neither in the question nor a plain word of stating. In English, words in the position of
a modifier count.
"""

from __future__ import annotations

import re

from ctxshape.claims.dates import without_dates
from ctxshape.claims.questions import ValueQuestion
from ctxshape.claims.values import StatedValue
from ctxshape.text.words import FUNCTION_WORDS, is_cjk, normalize

_HAN = "\u4e00-\u9fff"
_PARTS = (  # names of parts of a company, a school or a thing, right behind the name of the whole
    "公司 分店 门店 門店 分部 分校 校区 校區 学院 學院 研究院 研究所 研究生院 研究中心 医院 醫院 附中 附小 附属 附屬 分院 "
    "中心 工厂 工廠 分厂 车间 車間 部门 部門 事业部 支行 分行 分会 分會 支部 代表处 办事处 辦事處 园区 園區 基地 分馆 分館 "
    "图书馆 圖書館 博物馆 博物館 基金会 子公司 分公司 二期 三期 一期 支线 支線 引桥 引橋 副桥"
).split()
_PART = re.compile(rf"[{_HAN}]{{0,8}}?(?:{'|'.join(sorted(_PARTS, key=len, reverse=True))})")
_WHOLE = re.compile("(?:股份|有限|责任|責任|集团|集團|总)*公司$")

_STATING = (  # words that state a value, how exactly, by whom, and the usual names of a kind of value
    "共有 总共 總共 共计 共計 总计 總計 合计 合計 一共 现有 現有 拥有 擁有 设有 設有 目前 现在 現在 如今 截至 截止 年底 "
    "年末 月底 统计 統計 数据 數據 显示 顯示 官方 报道 報道 公布 公告 介绍 介紹 资料 資料 记载 記載 实际 實際 大约 大約 "
    "大概 左右 以上 以下 上下 达到 達到 高达 高達 多达 多達 超过 超過 不到 至少 最多 将近 將近 接近 已经 已經 仍然 一直 "
    "人民币 人民幣 需要 只需 仅需 僅需 支付 缴纳 繳納 收费 收費 售价 售價 定价 定價 价格 價格 票价 票價 每张 每張 每人 每位 "
    "每名 一张 一張 一位 一人 全长 全長 总长 總長 长度 長度 高度 宽度 寬度 深度 厚度 坐落 座落 地处 地處 设在 設在 设于 "
    "設於 设立 設立 迁至 遷至 搬到 搬至 位于 位於 担任 擔任 出任 就任 现任 現任 任命 接任 先生 女士 教授 博士 一职 一職 "
    "正式 最终 最終 于是 因此 所以 公司 员工 員工 职工 職工 人口 居民 人员 人員 规模 規模 总数 總數 总额 總額 数量 數量 "
    "人数 人數 金额 金額 成立 创立 創立 创建 創建 创办 創辦 建立 竣工 落成 完工 建成 完成 投入使用 可以 能够 能夠 容纳 容納 "
    "提供 载客 載客 著名 知名 电影 電影 小说 小說 收藏 藏有 建有 配有 并 達 最 应 應"
).split()
_STATED = re.compile("|".join(sorted(_STATING, key=len, reverse=True)))
_REPORTED = re.compile(rf"[据據][{_HAN}《》]{{1,16}}?(?:统计|統計|报道|報道|介绍|介紹|显示|顯示|公布|[，,])")
_LETTERS = (
    "的了着著过過是为為有在于於由被與与和及而则則即也亦都均就才已曾共总總计計达達至到起自从從年月日号號初末底内內里裡其该該此这這那它他她"
    "即今现現时時间間名位人个個只隻仅僅需须要付得可能将將会會者所之以约約逾超近余餘多来來全還还又再刚使把因据據称稱设設座家条條票元处處"
    "上下中一"
)
_OF_LENGTHS = "长長高宽寬深厚重距"
_EDGES = "的了着是为為有在于於由被与和及也都已共总约達达到从該该此其这那需须要付以上"
_GROUND = re.compile(rf"(?:按照?|根[据據]|依照?|[凭憑])[{_HAN}]{{1,16}}?(?=\||$)")
_ADJUNCT = re.compile(rf"[由被在于於以从從自向][{_HAN}\s]{{1,16}}?(?=\||$|[，,])")
_SMALL = "副前原新老旧舊代兼分支始首末次"  # the only single characters that narrow a person, place or date


def scope(question: ValueQuestion, given: str, clause: str, value: StatedValue, whole: str) -> frozenset[str]:
    """Returns the words of a clause, or of a name in its sentence, that may narrow the subject of a value.

    `given` is the normalized question, `whole` the sentence with its title.

    >>> from ctxshape.claims.questions import parse_question
    >>> query = "景区门票多少钱？"
    >>> sorted(scope(parse_question(query), query, "景区学生门票30元。", StatedValue("30元"), "景区学生门票30元。"))
    ['学生']
    """
    if is_cjk(given):
        return _chinese_scope(question, given, clause, value) | _named_parts(given, whole)
    return _english_scope(question, given, clause, value)


def same_scope(one: frozenset[str], sentence: str, other: frozenset[str], theirs: str) -> bool:
    """Returns whether each of two sentences has the narrowing words of the other.

    >>> same_scope(frozenset(["学生"]), "学生门票30元", frozenset(), "门票60元")
    False
    """
    mine, others = normalize(sentence), normalize(theirs)
    return all(word in others for word in one) and all(word in mine for word in other)


def _chinese_scope(question: ValueQuestion, given: str, clause: str, value: StatedValue) -> frozenset[str]:
    """Returns the Chinese runs that remain of a clause without plain words; for numbers also the Latin words."""
    counts = question.kind == "number"
    left = normalize(without_dates(clause)).replace(normalize(value.written), "|", 1)
    left = _REPORTED.sub("|", _without(left, given))
    left = _GROUND.sub("|", _STATED.sub("|", left))
    if not counts:
        left = _ADJUNCT.sub("|", left)
    letters = _LETTERS + (_OF_LENGTHS if counts else "成造后後")
    runs = [run.strip(_EDGES) for run in re.findall(rf"[{_HAN}]+", left) if run.strip(letters)]
    latin = re.findall(r"[a-z]{2,}", left) if counts else []
    return frozenset((*(run for run in runs if counts or len(run) > 1 or run in _SMALL), *(w for w in latin if w not in given)))


def _without(text: str, given: str) -> str:
    """Returns the text with a bar in place of each stretch of two characters or more that the question has."""
    made, place = [], 0
    while place < len(text):
        end = place
        while end < len(text) and text[place : end + 1] in given:
            end += 1
        made.append("|" if end > place + 1 else text[place])
        place = max(end, place + 1)
    return "".join(made)


def _named_parts(given: str, whole: str) -> frozenset[str]:
    """Returns the part of the question's subject that a passage names right behind it, such as a branch."""
    text = normalize(whole)
    length = next(
        (n for n in range(min(len(given), 16), 1, -1) if re.match(rf"[{_HAN}]+$", given[:n]) and given[:n] in text), 0
    )
    if not length:
        return frozenset()
    behind = [_PART.match(text, match.end()) for match in re.finditer(re.escape(given[:length]), text)]
    found = {match.group() for match in behind if match}
    return frozenset(name for name in found if name not in given and not _WHOLE.fullmatch(name)) if all(behind) else frozenset()


POSSESSIVE = re.compile(r"['’]s\b")
_NARROWING = frozenset(  # in any position; other words narrow only before a word of the question
    "adult adults child children student students senior seniors group branch subsidiary division department campus deputy "
    "vice acting interim honorary hired recruited laid dismissed cut annual monthly weekly daily average began begun "
    "started".split()
)
_PLAIN = FUNCTION_WORDS | frozenset(
    "total overall altogether currently now today some about approximately nearly around roughly over under more than less "
    "up least most just only also still already always officially present since according people person there no not one "
    "all each any but both between during after before until late early mid by".split()
)
_STATING_VERBS = frozenset(  # words beside a number that do not say what happened to that many
    "offers offered provides employs contains includes boasts counts comprises holds seats carries accommodates covers "
    "measures stands rises spans stretches costs weighs totals reached reaches numbers owns keeps runs lasts lasted paid pay "
    "charge charges long tall high wide deep thick away old worldwide each apiece only exactly almost well".split()
)
_AT = frozenset("in at of for from".split())


def _english_scope(question: ValueQuestion, given: str, clause: str, value: StatedValue) -> frozenset[str]:
    """Returns words before a word of the question or inside a value, names beside its names, and words that always narrow."""
    counts = question.kind == "number"
    left = POSSESSIVE.sub("", without_dates(clause).replace(value.written, " | ", 1))
    words = re.findall(r"\||[A-Za-z]+(?:['’-][A-Za-z]+)*", left)
    asked = {word[:5] for word in re.findall(r"[a-z]+", given)} - {word[:5] for word in FUNCTION_WORDS}
    known = [word[:5].casefold() in asked for word in words]
    found = {word.casefold() for word in re.findall(r"[A-Za-z-]+", value.written)[:-1]} if counts else set()
    for place, word in enumerate(words):
        before = words[place - 1].casefold() if place else ""
        beside = (place + 1 < len(words) and known[place + 1]) or (place > 0 and known[place - 1] and word[0].isupper())
        happened = counts and "|" in (before, *words[place + 1 : place + 2]) and word.casefold() not in _STATING_VERBS
        named = counts and word[0].isupper() and before in _AT
        if not known[place] and word != "|" and (word.casefold() in _NARROWING or beside or named or happened):
            found.add(word.casefold())
    return frozenset(word for word in found if word[:5] not in asked and word not in _PLAIN and len(word) > 2)

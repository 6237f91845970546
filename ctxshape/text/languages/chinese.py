"""Chinese, in simplified and traditional characters."""

from __future__ import annotations

from ctxshape.text.language import Language

# Converters such as OpenCC take a millisecond for a passage and may change its length. These pairs cover the words that
# the rules name, keep every place, and take microseconds.
_TRADITIONAL = (
    "點擊閱讀覽權網頁關於聯繫們錄註冊號後選轉載發評論廣訂電郵報資訊經許濫繼續視為責聲編輯僅觀場與無請來還沒賬帳戶頂圖頻體財樂動時"
    "優購買詢驗當現內復貼個會處條務協議說鏈連結設應開進識長導錯幫複製標須歡國區縣鎮鄉島別慶遼寧龍蘇東貴雲陝肅臺灣門"
)
_SIMPLIFIED = (
    "点击阅读览权网页关于联系们录注册号后选转载发评论广订电邮报资讯经许滥继续视为责声编辑仅观场与无请来还没账帐户顶图频体财乐动时"
    "优购买询验当现内复贴个会处条务协议说链连结设应开进识长导错帮复制标须欢国区县镇乡岛别庆辽宁龙苏东贵云陕肃台湾门"
)

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
# Bookkeeping writes these, so that no stroke can be added. Some are names and words otherwise: 陆, 伍, 收拾.
_FORMAL = {char: value for row in ("零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖") for value, char in enumerate(row)}
_FORMAL_UNITS = {"拾": 10, "佰": 100, "仟": 1000}

_SOURCE = (
    r"(?:(?:以上|上述|上面|下面|给定的?|所给的?|提供的?|给出的?|这些|该|所有|现有)*(?:文档|资料|材料|文本|上下文|文章|原文|文中|信息|内容|段落)"
    r"(?:\d|内容|信息|之中|[里中内和、])*)"
)
_REFUSALS = [
    r"(?:暂时)?(?:无法|不能|没法|难以)(?:直接|准确|明确|从.{0,12}?)?"
    r"(?:回答|确定|得知|判断|找到|获知|得出|给出|知道|提供|确认|推断|作答|获取|了解)",
    r"(?:并|都|均)?不(?:知道|清楚|确定|了解|明确|详|明)$|不知道.{0,10}$",
    rf"{_SOURCE}?[均都并也里]*(?:没有|未|没|无)(?:有|曾|能|直接|明确|具体)*(?:提及|提到|提供|说明|给出|涉及|包含|包括|指出|记载|介绍|"
    r"描述|找到|讨论|回答|谈到|谈及|涵盖|显示|相关|有关|关于|足够|答案|信息|具体信息|任何(?:相关|有关|信息|内容|关于|提及))",
    rf"{_SOURCE}[均都并也]*(?:不(?:包含|包括|涉及|足以)|与.{{0,10}}无关)",
    r"(?:没有|无|未知|不详|不明|无答案|(?:信息|资料)不足)$",
]
_PREFACE = (
    r"(?:很?非?常?抱歉|对不起|不好意思|很?遗憾的?是?|目前)*(?:我们?)?"
    rf"(?:(?:根据|从|在|基于|依据|按照).{{0,12}}?{_SOURCE}(?:来看|本身)?)?(?:我们?)?"
)

LANGUAGE = Language(
    code="zh",
    weight=2,
    script="\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
    variants=str.maketrans(_TRADITIONAL, _SIMPLIFIED),
    particles="的了是在和与與及就也都而被把用由為为於于有這这那其之来來",
    question_words=tuple(
        "请问 請問 什么时候 什麼時候 为什么 為什麼 什么 什麼 怎么样 怎麼樣 怎么 怎麼 怎样 怎樣 如何 哪里 哪裡 哪儿 哪个 哪個 "
        "哪些 哪一 哪 多少 谁 誰 是否 吗 嗎 呢".split()
    ),
    question_fillers=tuple(
        "可以 能够 一共 总共 最多 最少 至少 的 是 在 有 要 对 了 被 由 于 為 为 和 與 与 及 吗 嗎 呢 该 這 这 个".split()
    ),
    clause_marks="的了是在和与與有对對",
    negations=frozenset("不没沒无無未非否勿莫"),
    verdicts=frozenset({"是", "是的", "不是", "否", "对", "不对"}),
    scales={"百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "兆": 12},
    numerals=_DIGITS | _UNITS | _MYRIADS,
    formal_numerals=_FORMAL | _FORMAL_UNITS | _MYRIADS,
    money="元圆圓",
    list_marks=(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.]", r"（?\d{1,3}[）、]", "[①-⑳]"),
    no_answer=_PREFACE + "(?:" + "|".join(_REFUSALS) + ")",
    no_answer_texts=frozenset({"无", "没有", "无相关内容"}),
    none_reply=r"[“\"]?无[”\"]?[。.，,；;]?\s*(?:$|\n)",
    asking_strings=tuple(
        "甚麼 甚么 是不是 有没有 能不能 能否 可否 何时 何人 何地 何年 何处 几 多大 多高 多长 多久 多远 多深 多宽 多重 "
        "介绍 列出 列举 说明 解释 比较 总结".split()
    ),
)

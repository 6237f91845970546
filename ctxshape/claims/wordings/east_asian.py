"""Forms of questions in Japanese and Korean: the words that tell the kind of aim."""

from __future__ import annotations

from ctxshape.claims.wordings.model import Wording

JAPANESE = Wording(
    code="ja",
    letters="\u3040-\u30ff",
    spaced=False,
    aims={
        "comparison": ("違い[はをがと何]|相違|比較し|どちらが|どっちが|共通点",),
        "summary": ("要約|まとめて|概要|について教えて|について説明して|紹介して",),
        "procedure": ("どうすれば|どうやって|方法[はを]|手順|やり方|するには|どのようにすれば",),
        "explanation": (
            "なぜ|何故|どうして|理由[はを]|原因[はを]|どのように|どのような(?:影響|役割|効果)|いかにして|の仕組み",
        ),
        "list": ("どれら|すべて[挙教]|挙げ|列挙|どの.{1,12}(?:がありますか|があるか)|(?:何|なに)が(?:あります|ある)か|一覧",),
        "definition": ("とは(?:何|なん)|とはどういう|とは[？?]?$|って何|の意味[はを]|定義",),
        "value": (
            "誰|だれ|いつ|どこ|何[年月日人時個本回歳匹台語色番]|いくつ|いくら|どの|どれ|どんな|何|なに|なん|"
            "[はを]?(?:どちら|いずれ)",
        ),
        "yes_no": ("(?:です|ます|でした|ました|でしょう|のです|ません|の)か[？?。]?$",),
    },
)
KOREAN = Wording(
    code="ko",
    letters="\uac00-\ud7af",
    spaced=False,
    aims={
        "comparison": ("차이|비교|공통점|어느 (?:것|쪽)이 더|다른 점",),
        "summary": ("요약|정리해|개요|에 대해 (?:알려|설명해|말해)|소개해",),
        "procedure": ("어떻게 (?:하|해야|할)|하려면|방법[은을이]|절차",),
        "explanation": ("왜|이유|원인|어떻게|어째서|설명",),
        "list": ("어떤 .{1,10}들|나열|무엇들|모두 (?:말|알)",),
        "definition": ("란 무엇|이란|의 뜻|무슨 뜻|정의",),
        "value": ("누구|누가|언제|어디|몇|얼마|무엇|무슨|어느|어떤|뭐|[은는이가][?？]?$",),
        "yes_no": ("(?:습니까|입니까|인가요|나요|까요|는가|할까|했나|있나)[?？]?$",),
    },
)
EAST_ASIAN = (JAPANESE, KOREAN)

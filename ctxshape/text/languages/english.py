"""English."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

_SOURCE = (
    r"(?:(?:the|these|this|any|all|of|above|given|provided|following|available|first|second) )*"
    r"(?:documents?|texts?|passages?|contexts?|articles?|sources?|information|summary|summaries|answer|question)"
    r"(?: (?:\d+|and|provided|given|above|below|here|available|itself))*"
)
_ADVERB = r"(?: (?:explicitly|directly|specifically|actually|clearly|really|been|be))*"
_INFORMATION = r"(?:information|mentions?|answers?|details?|data|documents?|references?|indication)"
_REFUSALS = [
    r"(?:none|unknown|unclear|uncertain|unanswerable|n a|not sure|not known)$",
    r"(?:i|we) (?:really )?(?:dont|do not) know"
    r"(?:$| (?:the answer|that|this|it|who|what|when|where|which|if|why|based|from|how (?:many|much|old|long))\b)",
    r"(?:i|we) (?:dont|do not) have (?:the|any|enough|access|sufficient|that|this|information)\b",
    r"(?:i|we) have no (?:information|idea|answer|data)",
    r"(?:i |we )?(?:am |are |was |were )?(?:cannot|cant|can not|could not|couldnt|unable to|not able to) "
    r"(?:be )?(?:answer|determine|find|provide|confirm|identify)(?:ed|d)?\b(?! (?:him|her|them|my|your|love))",
    r"i am not (?:sure|certain|aware)\b|im not (?:sure|certain|aware)\b",
    rf"{_SOURCE} (?:do not|does not|did not|dont|doesnt|didnt|fails? to){_ADVERB} (?:mention|say|state|contain|provide|give|"
    r"specify|include|answer|tell|indicate|discuss|have|address|explain|describe|reveal|name|list|refer|make|appear|seem|"
    r"offer|identify)\b",
    rf"{_SOURCE} (?:says?|contains?|provides?|mentions?|gives?|offers?|ha(?:s|ve)|includes?) (?:nothing|no)\b",
    rf"{_SOURCE} (?:cannot|can not|could not) be (?:answered|determined|found|given)\b",
    rf"(?:(?:it|that|this|{_SOURCE}) )?(?:is |was |are |were )?(?:not|isnt|wasnt){_ADVERB} (?:mentioned|given|stated|specified|"
    r"provided|found|available|known|answered|answerable|possible to (?:answer|determine|tell|say)|included|discussed|clear)"
    rf"(?:$| (?:here|anywhere)\b| (?:in|by|from|within|based on) {_SOURCE})",
    rf"(?:it|that|this|{_SOURCE}) (?:is|was) (?:unknown|unclear)\b",
    rf"(?:there (?:is|are|was|were) )?(?:no|not enough|not any|insufficient)(?: \w+){{0,2}}? {_INFORMATION}"
    r"(?:$| (?:(?:is |are |was |were )?(?:given|provided|available|found)|"
    r"about|on|of|for|to|in|that|regarding|related|relevant)\b)",
    rf"none of {_SOURCE}",
    rf"nothing (?:in {_SOURCE}|is (?:said|mentioned)|relevant)",
]
# At most three parts: without a limit, "from from from …" takes exponential time.
_PREFACE = (
    r"(?:(?:im |i am |we are )?(?:sorry|afraid)(?: but| that)? |unfortunately |(?:based on|according to|from) (?:\w+ ){1,6}?)"
    r"{0,3}"
)

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty".split()
)
_TENS = "thirty forty fifty sixty seventy eighty ninety".split()

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

LANGUAGE = Language(
    code="en",
    abbreviations=word_set(
        "dr mr mrs ms prof st messrs mme mlle rev revd hon gen col capt cmdr lt sgt sen rep gov pres vs cf viz e.g i.e "
        "approx resp incl excl ca tr lit rs assoc asst mt drs suppl"
    ),
    closing_abbreviations=word_set(
        "al etc ed eds inc ltd co corp sr jr a.m p.m b.c a.d ave blvd dept est min max sec hr hrs lb oz ft"
    ),
    number_abbreviations=word_set(
        "fig figs eq eqs eqn eqns no nos p pp pg vol vols ch chap sec sect art par para tab app ex nr ref refs ver ca sch "
        "reg rr cl cll pt pts ll nn fol ff deg jan feb mar apr jun jul aug sep sept oct nov dec thm prop lem cor suppl "
        "tbl"
    ),
    speech_verbs=word_set(
        "said says asked asks replied answered cried exclaimed shouted whispered added told called demanded wondered muttered"
    ),
    joints=(
        (r"\bFt\.", "[A-Z]"),
        (r"\b[ap]\.m\.", r"(?:\w+day|[ECMP][SD]T|GMT|UTC)\b"),
        (r"\bdeg\.", r"[CFKNSEW]\b"),
        (r"\bal\.", r"[\[(]"),
        (r"\bNo\.", r"[A-Z]?-?\d"),
        (r"(?<![\d.,])\b\d{1,2}\.", rf"(?:{_MONTHS})\s\d{{4}}\b"),
        (r"\b(?:the|of|on|by|from|since|until|till|between|and|day,?)\s\d{1,2}\.", rf"(?:{_MONTHS})\b"),
    ),
    function_words=frozenset(
        "a an and are as at be been being by can could did do does for from had has have he her him his how i in into is it "
        "its many me much my of on or our she should so than that the their them then there these they this those to us was "
        "we were what when where which who whom whose why will with would you your".split()
    ),
    answer_fillers=frozenset({"but", "not", "s"}),
    negations=frozenset("not no never none neither nor without cannot".split()),
    negation_endings=("n't", "n’t"),
    verdicts=frozenset({"yes", "no", "true", "false"}),
    word_endings=("'s", "ings", "ing", "ees", "ee", "ers", "er", "ors", "or", "ed", "es", "s", "e"),
    number_words={word: value for value, word in enumerate(_UP_TO_TWENTY)}
    | {word: 10 * value for value, word in enumerate(_TENS, 3)},
    scales={"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12},
    list_marks=(r"\(?(?:[a-zA-Z]|[ivxIVX]{1,4})[.)]",),
    name_joiners=frozenset("of de van von der den la le du di da bin al".split()),
    sentence_openers=frozenset(
        "a according additionally after all also although among an and another as at based because before both but by "
        "context during each either few finally first for from furthermore given he her here his how however i if in "
        "instead it its later many meanwhile moreover most neither no none not of on one only other our overall passage "
        "question second several she since so some such summary that the their then there therefore these they this those "
        "though three through thus to today two under unfortunately unlike until upon we what when where whereas which "
        "while who whose with within without yes yet you".split()
    ),
    no_answer=_PREFACE + "(?:" + "|".join(_REFUSALS) + ")",
    no_answer_texts=frozenset({"none", "nothing", "n a", "na"}),
    none_reply=r"NONE\b",
    interrogatives=word_set("who whom whose what which when where why how whats whos wheres whens hows"),
    asking_openers=word_set(
        "is are was were am do does did has have had can could will would shall should may might must list name give tell "
        "explain describe define summarize summarise compare find show state identify provide"
    ),
)

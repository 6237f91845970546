"""Forms of questions in English."""

from __future__ import annotations

from ctxshape.claims.wordings.english_comparisons import COMPARISON_NOISE, COMPARISONS, JOINTS, SEPARATORS, SIDE_NOISE
from ctxshape.claims.wordings.model import Wording, words_of

_AUX = (
    r"(?:is|are|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had|am|'s|"
    r"(?:is|are|was|were|do|does|did|could|would|should|has|have|had)n't|can't|won't)"
)
_PREPOSITION = (
    r"(?:in|on|at|to|from|by|for|with|of|during|under|since|until|after|before|through|into|about|as|against|between|within|"
    r"near|over|according to)"
)
_BEFORE_WH = rf"(?:{_PREPOSITION} )?"
_WH = r"(?:who|whom|whose|when|where|what|which|how|why)\b"
_COUNT = r"(?:\d\d?|two|three|four|five|six|seven|eight|nine|ten|several|many|few)"
_PLURAL = (
    r"(?!(?:does|is|was|has|this|its|his|as|us|gas|bus|class|news|series|species|politics|physics|always|years?)\b)"
    r"(?:[\w-]*[^\Wsui]s|people|children|men|women|cities|bacteria|criteria)"
)
_NOUNS = rf"(?:{_PLURAL}|series|species|years)"
_BASE_FORM = (  # behind a plural: "Which rivers flow through Paris?"
    r"(?:flow|border|share|speak|use|make|contain|include|belong|produce|exist|live|play|work|form|take|win|cause|come|offer|"
    r"support|need|require|provide|apply|count|surround|lie|run|own|sell|help|begin|end|start|"
    r"determine|define|describe|affect|influence|represent|show)"
)
_PERSON = r"(?:i|you|we|one|someone|somebody|anyone|people)\b"
_EFFECT = (
    r"(?:causes?|reasons?|effects?|impacts?|influences?|roles?|purposes?|significance|importance|functions?|uses?|"
    r"consequences?|implications?|rationale|motivation|motives?|relationship|benefit|advantage|disadvantage|idea|theory|"
    r"point of|logic)\b"
)
_NOT_DEFINED = (
    r"(?:of|in|on|at|for|from|to|made|called|used|known|with|by|about|your|my|happening|wrong|going|it|this|that|there)"
)

_AIMS = {
    "comparison": (
        r"(?:please )?(?:compare|contrast)\b",
        r"(?:what (?:is|are|was|were|'s)|(?:tell|show|explain|describe|give)(?: to)?(?: me| us)?)(?: the)? (?:[a-z]+ )?"
        r"(?:difference|similarit)",
        r"how (?:is|are|was|were|do|does|did) .{1,80}? (?:differ|different from|compare)\b",
        r"(?:how|what) (?:is|are|was|were|do|does|did) .{1,100} compared (?:to|with|against)\b|differences? between",
        r"(?:what (?:are|is) )?(?:the )?(?:pros and cons|advantages and disadvantages)\b",
    ),
    "summary": (
        r"summari[sz]e\b|(?:a )?summary of|sum up\b|(?:an? )?(?:brief |short |general )?overview\b|recap\b|tl;?dr",
        r"(?:give|write|provide)(?: me| us)? (?:an? |the |some )?(?:\w+ )?"
        r"(?:summary|overview|outline|introduction|background|gist|synopsis|report)\b",
        r"(?:give|tell|find|provide|show)(?: me| us)? (?:some |any |a little |more )*(?:\w+ ){0,2}"
        r"information (?:about|on|regarding)\b",
        r"(?:tell|teach)(?: me| us)? (?:some more |more |something |a (?:bit|little) (?:more )?|everything |all )?about",
        r"what (?:do you know|can you tell me|is known|should i know|is there to know) about",
        r"i(?:'m| am) (?:interested (?:in|to (?:know|learn|hear))|curious about|looking for (?:some )?information)",
        r"(?:more )?information (?:about|on|regarding)",
        r"(?:what (?:is|are) )?(?:the )?(?:main|key|central) (?:points?|ideas?|topics?|themes?|takeaways?|findings)\b",
        r"what(?:'s| is| was| are) .{1,80} about$|introduction to|introduce\b|outline\b",
    ),
    "procedure": (
        rf"how (?:do|does|can|could|should|would|will|might|must|shall|did) {_PERSON}",
        r"how to\b|how (?:can|should) [^,]{1,60} be \w+(?:ed|en|n|t)\b|what to do\b|(?:what|which) steps\b",
        rf"what (?:should|would|could|can|must|do|did|shall) {_PERSON} (?:\w+ )?(?:do|need)\b",
        r"what should (?:be )?(?:the |my |your |our )?(?:first|next|best|initial|correct|proper|right)\b",
        r"(?:what|which) (?:are|is|were) (?:the )?(?:\w+ ){0,2}?(?:steps?|procedures?|process (?:of|for|to)|instructions)\b",
        r"what(?:'s| is) the (?:\w+ )?(?:way|method|approach|procedure|technique|process) (?:to|of|for)\b",
        r"(?:explain|describe|show|tell)(?: to)?(?: me| us)? how to\b",
        r"(?:help|teach|guide) me\b|show me how|walk me through",
        r"(?:instructions|steps|guide|tutorial|recipe|ways?) (?:for|to)\b",
    ),
    "list": (
        rf"{_BEFORE_WH}(?:what|which|who)(?: all)? (?:are|were) (?:currently |usually |now )?(?!the (?:odds|chances)\b)"
        rf"(?:all|some|the|both|your|its|his|her|their|our|other|different|various|common|examples|{_COUNT})\b",
        r"(?:what|who) (?:else|all)\b|what(?:'s| is)(?: included)? in (?:an?|the)\b",
        rf"{_BEFORE_WH}(?:what|which)(?: other| of the)? {_COUNT}\b",
        rf"{_BEFORE_WH}(?:what|which) (?:(?!{_AUX}\b|of\b)[\w&'-]+ ){{0,4}}?{_NOUNS} "
        r"(?:are|were|do|does|did|have|has|had|can|could|will|would|should|may|might|must|of|that (?:are|were|have)|"
        rf"{_BASE_FORM})\b",
        rf"(?:in|on|at|from|for|by) (?:what|which) (?:(?!{_AUX}\b|of\b)\w+ ){{0,3}}?{_PLURAL} ",
        r"any(?:thing)? (?:other|more|further|else)\b",
        rf"(?:the )?{_COUNT} (?:[\w-]+ ){{1,3}}?(?:that|which|of|in)\b",
        r"which of (?:our|the|these|those|your|my|their) [\w -]{1,40}? (?:are|were|have|had|do|did)\b",
        r"(?:what|which) (?:kinds|types|sorts|forms|ways)\b|list\b(?! of\b.*\b(?:is|are)\b)|enumerate\b|examples? of",
        r"(?:give|show|tell|find|provide|suggest|recommend)(?: me| us)? (?:(?:a|the) list|all|some|any|potential|possible|"
        rf"(?:a few |{_COUNT} )?(?:examples?|reasons|ways|names)|{_COUNT})\b",
        rf"(?:name|identify|mention) (?:all|some|any|a few|at least|{_COUNT}|(?:the )?(?:\w+ ){{0,3}}?{_PLURAL})\b",
        r"what does (?:the |an? )?[\w' -]{1,60} (?:include|consist of|contain)$",
    ),
    "definition": (
        r"define\b|(?:the )?(?:definition|meaning) of",
        rf"(?!{_AUX} |{_WH})[\w ,'-]{{1,100}} (?:meaning|definition)$",
        r"what (?:does|do|did|is|are) .{1,80} (?:mean|means|stand for|represent|refer to|signify|meant)$",
        r"what(?:'s| is| are| was) (?:meant by|the (?:meaning|definition) of)|what(?:'s| is| are) (?:an? )(?:[\w-]+ ?){1,6}$",
        rf"what(?: is| are| was| were|'s) (?!(?:the|an?|his|her|its|their)\b)(?:(?!{_NOT_DEFINED}\b)[\w-]+ ?){{1,4}}$",
        r"who(?: is| was| are|'s) (?!(?:the|an?|known|called)\b)(?:(?!\w+(?:ing|ed)\b)[\w.'-]+ ?){1,3}$",
    ),
    "explanation": (
        rf"why\b|how come\b|how (?:{_AUX}\b|(?:the|an?|it|this|that|these|\w+ly|well)\b)",
        rf"what (?:is|are|was|were|'s) (?:the |an? |its |his |her )?(?:(?!of\b|name\b)[\w'-]+ ){{0,2}}?{_EFFECT}",
        rf"(?:what|which) {_EFFECT} (?:did|do|does|has|have|had|is|are|was|were|will|would)\b(?! .{{1,80}} play)",
        r"what (?:causes?|caused|leads?|led|makes?|made|drives?|drove|happens?|happened|explains?|triggers?|triggered|prompted|"
        r"results? in|resulted in|contribute[sd]? to|motivated|inspired|is (?:happening|going on)|"
        r"would happen|will happen|can happen|if)\b",
        r"(?:explain|describe|discuss|elaborate|clarify|analy[sz]e|justify|evaluate|assess)\b",
        r"(?:the )?(?:reasons?|causes?|effects?|impacts?|influence|role|purpose) (?:for|of|why)\b",
        r"to what extent\b|(?:in )?(?:what|which) ways?\b|for what (?:reason|purpose)\b",
        r"what (?:does|do|did) .{1,100}? (?:do|say|think|believe|argue|suggest)\b(?: (?:about|for|to|on)\b|$)",
    ),
    "yes_no": (rf"(?!was (?:ist|sind|war|hat|macht|bedeutet|kann|wird)\b)(?:{_AUX} |(?:if|whether)\b(?!.*,))",),
    "value": (
        rf"{_BEFORE_WH}(?:the )?(?:who|whom|whose|where|what|which)(?:'?s)?\b|how\b",
        rf"{_BEFORE_WH}when(?! (?:i|you|we|he|she|they|it|an?|someone) .*,)\b",
        r"(?:name|identify|indicate|specify|calculate|compute|determine|find|give|state|tell|show) "
        r"(?:me |us )?(?:the|an?|its|his|her)\b",
    ),
}
_ASK = rf"(?=(?:{_BEFORE_WH}{_WH}|if\b|whether\b))"
_REQUEST = (
    r"(?=(?:tell|explain|list|name|describe|summari|give|show|compare|define|help|outline|provide|elaborate|clarify|identify|"
    r"calculate|find|walk|suggest|recommend|teach)\b)"
)
_PREAMBLES = (
    r"if so\b[,:]? ?",
    r"(?:hi|hello|hey|ok|okay|so|well|and|but|also|then|now|wow|please|thanks|thank you|sorry|yes|no|oh|hmm|actually|great|"
    r"alright|sure|i see)\b[,.! ]*",
    r"(?:speaking (?:about|of)|regarding|concerning|as for|about) [^,?]{1,60}, ",
    rf"(?:can|could|would|will) (?:you|u|someone|anyone|somebody) (?:please |kindly |also )?{_REQUEST}",
    rf"(?:please )?(?:tell|show|remind|explain to) (?:me|us) (?:please )?{_ASK}",
    rf"(?:do|does|did) (?:you|anyone|anybody|someone) (?:know|remember|have (?:any|an) idea) {_ASK}",
    r"i(?:'d| would)? (?:just |really )*(?:want|need|like|love|wish|have)(?:ed)? (?:you )?to "
    rf"(?:know|understand|learn|ask|find out|figure out|see|tell me) (?:you )?{_ASK}",
    rf"(?:i (?:am|was) |i'm )?(?:just )?wonder(?:ing)? {_ASK}|i (?:do not|don't) (?:know|understand) {_ASK}",
    rf"(?:any|no) idea {_ASK}|(?:my|the|a) question is:? ?",
)
_RELATIONS = words_of(
    "father mother parent parents wife husband spouse partner son daughter child children brother sister sibling grandfather "
    "grandmother grandson granddaughter uncle aunt nephew niece cousin widow stepmother stepfather director author writer "
    "screenwriter creator founder cofounder composer performer singer actor actress producer publisher owner employer "
    "manufacturer developer designer architect inventor discoverer successor predecessor birthplace hometown capital "
    "headquarters alma-mater team coach manager president ceo leader chairman governor mayor label artist band host star "
    "lyricist editor painter maker builder captain opera"
)
_DESCRIBED = words_of(
    "person man woman boy girl people actor actress singer musician author writer director player politician president king "
    "queen scientist philosopher artist painter character drummer band group team club company organization organisation "
    "institution agency party university school college city town village county state province country nation region place "
    "location area venue building armory museum castle church airport station war battle event treaty film movie show series "
    "program conflict ruler album song book novel game magazine newspaper award prize river lake mountain island ocean "
    "sea meeting language religion empire dynasty kingdom"
)
_PLAIN_WORDS = words_of(
    "win wins won play plays played playing sing sings sang sung write writes wrote written come comes came go goes going went "
    "make makes made take takes took taken place get gets got getting find found live lives lived die dies died born start "
    "starts started begin begins began begun end ends ended use uses used using mean means meant call called know known "
    "happen happens happened locate located originate originated become became release released say says said give gives "
    "given gave show tell need needs want wants look looks like have having considered named name work works first last most "
    "also does many much some any all more other another different same type types kind kinds term word words stand stands "
    "about between during after before if while because not no up out over only ever still now next please explain "
    "describe list summarize compare difference differences help best way ways according include includes included contain "
    "contains may might must shall long far old tall high big often through under let set put run runs built build builds "
    "part parts someone something anyone doing showing common respectively off done able trying try think thing things "
    "really good bad but very just even always yes no right well percentage percent change average sum ratio respective "
    "nominal represent represents refer refers similarities similarity similar compare "
    "compared comparison versus vs led drove saw resulted interested want wanted love"
)

WORDING = Wording(
    code="en",
    aims=_AIMS,
    preambles=_PREAMBLES,
    closings=(
        r"(?:is|are|was|were) (?:called|known as)",
        r"\b(?:what|who|whom|where|when|which \w+)",
        r"\b(?:what|which \w+ \w+s|how many|who (?:does|did|is|was|are)) .*",
    ),
    comparisons=COMPARISONS,
    separators=SEPARATORS,
    joints=JOINTS,
    side_noise=SIDE_NOISE,
    comparison_noise=COMPARISON_NOISE,
    relations=_RELATIONS,
    described=_DESCRIBED,
    plain_words=_PLAIN_WORDS,
)

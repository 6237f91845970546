"""Forms of comparisons in English. The expressions are matched without regard to case, except where a part of them says so."""

from __future__ import annotations

_X = r"[^?？;]{1,120}?"  # one side
_AUX = r"(?:is|are|was|were|do|does|did|have|has|had|can|could|will)"
_AND = r"(?:,| and | or | vs\.? )"
_WITH = r"(?:,| and | with | to | against | vs\.? )"
_UNLIKE = r"(?:different from|differ from|compared? (?:to|with)|similar to)"
_KINDS = r"(?:films |bands |movies |songs |magazines |people |directors |albums )?"
# What stands behind the last side.
_BEHIND = (
    r"(?=[?？;]|[.!]?\s*$|\.\s|\s(?:in terms of|with (?:respect|regard) to|regarding|based on|when|that (?:is|are)|located|"
    r"for (?:me|us)|from the|(?:in|at|of|on|by) (?:the )?(?:same|19|20)|share|have|has|both|that share)\b)"
)
_END = r"(?=\s?[?？]|\s*[.!]?\s*$)"
_VERB = (
    r"(?-i:(?:is|are|was|were|have|has|had|do|does|did|both|from|in|located|of|born|belong|come|share|used|the|a|an|considered|"
    r"native|known|types?|members?|found|part|named|made|work(?:ed)?|originate|based|each|also)\b)"
)
_NO_VERB = rf"(?:(?!{_VERB})\S+\s)+?"
_NAMING = r"(?!(?:of|in|on|the|for|an?|is|are|between|what|which|who|do|does|should|i|use)\b)[\w.+#’'-]+"
_MORE = r"(?-i:[a-z]{2,}er|(?:more|less) [a-z]+|more|less|worse)"
_MEASURE = r"\b(?:[a-z]{2,}er|more|less|first|fewer|worse|most|least|[a-z]{2,}est|last|prior|same|recently|best|or)\b"

COMPARISONS = (
    r"\b(?:differences?|similarity|similarities|relationship|comparison|distinction|choose|choice|distinguish) between "
    rf"(?P<listed>{_X}{_AND}{_X}){_BEHIND}",
    r"\b(?:compare|contrast) (?:and contrast )?(?:(?:the |their )?(?:\w+ ){1,3}?(?:of|for|in|between) )?"
    rf"(?P<listed>{_X}{_WITH}{_X}){_BEHIND}",
    rf"\bhow {_AUX} (?P<listed>{_X} {_UNLIKE} {_X}){_BEHIND}",
    rf"\b{_AUX} (?:the )?both(?: of)? (?:the )?{_KINDS}(?P<listed>{_X} and (?!{_VERB})\S+(?:\s(?!{_VERB})\S+)*?)"
    r"(?=\s(?-i:[a-z]+\b)|\s?[?？]|\s*$)",
    rf"\b(?:do|does|did) (?:the )?(?P<listed>{_X} and {_X}) (?:have|share|both|all|belong|come from|hold|play)\b"
    r"(?=(?<=share)|(?<=both)|.*\b(?:same|common|both|similar|share|alike)\b)",
    rf"^{_AUX} (?:the )?(?P<listed>{_X} and {_X}) both\b",
    rf"^{_AUX} (?P<listed>{_X} and {_NO_VERB}){_VERB}.*\b(?:same|both|similar|common|from|located|in)\b",
    rf"^{_AUX} (?P<listed>{_X} {_MORE} than (?!\d){_X}){_END}",
    rf"\b{_MORE} (?:is|are|was|were|does|do|did) (?P<listed>{_X} than (?!\d){_X}){_END}",
    rf"^(?:should|shall|would|do|can) (?:i|we|you|one) \w+ (?P<listed>{_X} or {_X}){_END}",
    rf"^{_AUX} (?P<listed>{_X} or {_X})(?=\s(?:{_MEASURE[2:-2]})\b)",
    rf"^(?P<listed>{_X} or {_X})[:,]\s*(?:which|who|what)\b",
    rf"\b(?:which|who|whose|what|where|when|{_AUX})\b[^?？]{{0,200}}?[,:]\s?"
    rf"(?P<listed>(?:(?!\b(?:which|who|what|where|when|how|why)\b)[^?？]){{1,120}}? or {_X})(?:{_END}|(?=\s?, (?:and|but)\b))",
    rf"^(?:which|who)\b[^?？]{{0,80}}?{_MEASURE} (?:between )?(?P<listed>\S{_X} or {_X}){_END}",
    rf"^(?:are|were) (?P<listed>(?-i:[A-Z]){_X} and (?-i:[A-Z]){_NO_VERB})(?-i:[a-z])",
    r"^(?!(?:how (?:many|much|long|often|old)|when|where|who)\b)[^?？]{0,200}?"
    rf"(?P<listed>(?:{_NAMING} ){{1,3}}(?:vs\.?|versus)(?: {_NAMING}){{1,3}})",
)
SEPARATORS = rf"\s(?:{_MORE} )?than\s|\s?,\s?(?:and|or|&)\s|\s(?:or|vs\.?|versus|{_UNLIKE}|against)\s"
JOINTS = r"\s(?:and|with|to|&)\s"
SIDE_NOISE = (
    r"^(?:(?-i:[Tt]he|[Aa]n?|both|either|between|films?|movies?|or|is|are|was|were|it|what|which|how|why|in|for|of|to|from|"
    r"should|i|use)\s+)+|^(?:this|that|it|them|these|those|others?|both|one)$|[\s,.?!：:\"“”]+$|^[\s,\"“”]+"
)
COMPARISON_NOISE = (
    r"^(?:please\s+)?(?:compare(?:\s+and\s+contrast)?|contrast)\s+",
    r"^(?:what|which|explain|describe)?\s*(?:is|are|was|were)?\s*(?:the\s+)?(?:\w+\s+)?(?:difference|similarit|distinction)\w*\s+"
    r"(?:between|of|in)\s+",
)

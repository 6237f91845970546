"""Forms of questions in German, French, Spanish, Italian, Portuguese, Dutch and Russian: openings that tell the kind of aim."""

from __future__ import annotations

from ctxshape.claims.wordings.model import Wording

GERMAN = Wording(
    code="de",
    aims={
        "comparison": (r"(?:was ist |worin besteht |welche[rs]? )?(?:der |die )?unterschiede? |vergleiche?\b",),
        "summary": (
            r"fasse?\b.*\bzusammen|zusammenfassung|(?:ein |einen )?überblick",
            r"erzähl\w* (?:mir|uns) (?:etwas |mehr )?(?:von|über)",
        ),
        "procedure": (
            r"wie (?:kann|soll|muss|könnte|sollte) (?:ich|man|wir)\b|wie \w+ (?:ich|man|wir)\b",
            r"was (?:soll|muss|kann) (?:ich|man)\b",
        ),
        "list": (
            r"welche \w+(?:en|er|e|s|n)? (?:sind|waren|haben|gibt|gab|grenzen|gehören|können|werden|wurden|liegen)\b|"
            r"was sind (?:die|einige)\b|nenne?\b|liste\b|zähle?\b",
        ),
        "definition": (r"was ist (?:ein|eine)\b|was (?:bedeutet|bedeuten|heißt|heisst|versteht)\b|definiere?\b",),
        "explanation": (
            r"warum\b|wieso\b|weshalb\b|weswegen\b|erkläre?\b|erläutere?\b|beschreibe?\b",
            r"wie (?:kommt|funktioniert|entsteht|wirkt)\b|"
            r"wozu\b|wie (?:wird|werden|wurde|hat|haben|ist)\b|was (?:verursacht|bewirkt|passiert|geschieht)\b",
        ),
        "yes_no": (
            r"(?:ist|sind|war|waren|hat|haben|hatte|kann|können|darf|muss|soll|wird|werden|wurde|gibt|gilt|stimmt) "
            r"(?:der|die|das|es|ein|eine|ich|man|er|sie|wir|dies|diese|dieser)\b|ob\b",
        ),
        "value": (
            r"(?:\w+ )?(?:wer|wem|wen|wessen|wann|wo|woher|wohin|was|welche[rsmn]?)\b",
            r"(?:\w+ )?wie ?(?:viele?|hoch|lange?|groß|alt|weit|schwer|oft|teuer|schnell|tief|breit)\b|wie\b",
        ),
    },
)
FRENCH = Wording(
    code="fr",
    aims={
        "comparison": (r"(?:quelles? (?:est|sont) )?(?:la |les )?différences?\b|compare[rz]?\b",),
        "summary": (r"résume[rz]?\b|résumé\b|(?:un )?aperçu\b|parle[rz]?-moi d|présente[rz]?\b",),
        "procedure": (
            r"comment (?:puis-je|peut-on|dois-je|faire|on |faut-il|\w+er\b)|que (?:dois-je|faut-il)\b|quelles sont les étapes",
        ),
        "list": (r"(?:dans |à |de )?quel(?:le)?s \w+|quel(?:le)?s sont (?:les|des)\b|liste[rz]?\b|cite[rz]?\b|énumère[rz]?\b",),
        "definition": (r"qu['’ ]est-ce qu['’](?:un|une)\b|que signifie\b|défini[rs]\w*\b|qu['’ ]est-ce que c['’]est",),
        "explanation": (
            r"pourquoi\b|comment\b|explique[rz]?\b|décri[rvs]\w*\b|quelle est la (?:cause|raison)\b|pour quelle raison",
        ),
        "yes_no": (
            r"est-ce qu|(?:est|sont|a|ont|peut|doit|était)-(?:il|elle|ils|elles|on|t-il|t-elle|ce)\b|puis-je\b|y a-t-il\b|si\b",
        ),
        "value": (
            r"(?:(?:à|de|en|pour|par|avec|dans|depuis|sur|chez) )?(?:qui|quand|où|combien|quel|quelle|qu['’]est-ce|quoi|que)\b",
        ),
    },
)
SPANISH = Wording(
    code="es",
    aims={
        "comparison": (r"¿?(?:cuál(?:es)? (?:es|son) )?(?:la |las )?diferencias?\b|compar[ae]r?\b",),
        "summary": (r"resum[ei]\w*\b|un resumen\b|(?:háblame|cuéntame) (?:de|sobre)\b|visión general",),
        "procedure": (
            r"¿?cómo (?:puedo|se puede|debo|hago|se hace|\w+[aei]r\b)",
            r"¿?qué (?:debo|tengo que|hay que)\b|¿?cuáles son los pasos",
        ),
        "list": (
            r"¿?(?:en |de |con )?qué \w+s (?:son|están|tienen|hay|fueron|eran|limitan|pueden)\b|¿?cuáles (?:son|fueron|eran)\b",
            r"enumera\b|lista\b|nombra\b|menciona\b",
        ),
        "definition": (r"¿?qué (?:es|son) (?:un|una|el|la|los|las)? ?\w+\W*$|¿?qué significa\b|define\b",),
        "explanation": (
            r"¿?por qu[eé]\b|¿?cómo\b|explic\w+\b|describ\w+\b|¿?cuál (?:es|fue) la (?:causa|razón)\b|¿?a qué se debe",
        ),
        "yes_no": (r"¿?(?:es|son|está|están|hay|tiene|tienen|puede|pueden|puedo|fue|era|existe|existen|ha|han) (?!qué)|si\b",),
        "value": (r"¿?(?:\w+ )?(?:quién|quiénes|cuándo|dónde|adónde|cuánt[oa]s?|cuál|qué|quien|cuando|donde|cual)\b",),
    },
)
ITALIAN = Wording(
    code="it",
    aims={
        "comparison": (r"(?:qual è |quali sono )?(?:la |le )?differenz[ae]\b|confronta\b|paragona\b",),
        "summary": (r"riassum\w+\b|riassunto\b|parlami di\b|panoramica\b",),
        "procedure": (r"come (?:posso|si può|devo|si fa|faccio|\w+[aei]re\b)|cosa devo\b|quali sono i passi",),
        "list": (r"(?:in |di |con )?quali\b|elenca\b|nomina\b|cita\b",),
        "definition": (r"(?:che )?cos['’]è (?:un|una|uno)\b|che cosa significa\b|cosa significa\b|definisci\b",),
        "explanation": (r"perché\b|come mai\b|come\b|spiega\w*\b|descrivi\b|qual è la (?:causa|ragione)\b",),
        "yes_no": (r"(?:è|sono|c['’]è|ci sono|ha|hanno|può|possono|posso|era|fu|esiste|esistono) ",),
        "value": (r"(?:\w+ )?(?:chi|quando|dove|quant[oaie]|qual|quale|che|cosa|cos['’])",),
    },
)
PORTUGUESE = Wording(
    code="pt",
    aims={
        "comparison": (r"(?:qual é |quais são )?(?:a |as )?diferenças?\b|compar[ae]\b",),
        "summary": (r"resum[ao]\b|fale[- ]me (?:de|sobre)\b|visão geral",),
        "procedure": (r"como (?:posso|se pode|devo|faço|fazer|\w+[aei]r\b)|o que devo\b|quais são os passos",),
        "list": (
            r"(?:em |de |com )?quais\b|(?:em |de |com )?que \w+s (?:são|estão|têm|fazem|foram)\b|liste\b|enumere\b|cite\b",
        ),
        "definition": (r"o que (?:é|são) (?:um|uma|o|a|os|as)? ?\w+\W*$|o que significa\b|defina\b",),
        "explanation": (r"por ?qu[eê]\b|como\b|expli[cq]\w+\b|descrev\w+\b|qual (?:é|foi) a (?:causa|razão)\b",),
        "yes_no": (r"(?:é|são|está|estão|há|tem|têm|pode|podem|posso|foi|era|existe|existem) ",),
        "value": (r"(?:\w+ )?(?:quem|quando|onde|aonde|quant[oa]s?|qual|o que|que)\b",),
    },
)
DUTCH = Wording(
    code="nl",
    aims={
        "comparison": (r"(?:wat is |wat zijn )?(?:het |de )?verschil(?:len)?\b|vergelijk\b",),
        "summary": (r"vat\b.*\bsamen|samenvatting|vertel (?:me|mij|ons) (?:iets |meer )?over|(?:een )?overzicht",),
        "procedure": (r"hoe (?:kan|moet|kun) (?:ik|je|men|we)\b|wat moet (?:ik|je)\b",),
        "list": (r"welke \w+(?:en|s) (?:zijn|waren|hebben|liggen|grenzen|kunnen)\b|wat zijn (?:de|enkele)\b|noem\b",),
        "definition": (r"wat is een\b|wat betekent\b|definieer\b",),
        "explanation": (r"waarom\b|hoe (?:komt|werkt|wordt|is|zijn|heeft)\b|leg\b.*\buit|beschrijf\b",),
        "yes_no": (r"(?:is|zijn|was|waren|heeft|hebben|kan|kunnen|mag|moet|wordt) (?:de|het|een|er|ik|je|hij|ze|dit|deze)\b",),
        "value": (r"(?:\w+ )?(?:wie|wanneer|waar|wat|welke?|hoeveel|hoe)\b",),
    },
)
RUSSIAN = Wording(
    code="ru",
    aims={
        "comparison": (r"(?:в чём|в чем|какова) (?:разница|различие|отличие)|чем (?:\w+ )?отлича|сравни\w*\b|разница между",),
        "summary": (r"кратко\b|резюмируй\w*|расскажи\w* (?:мне )?о|обзор\b|изложи\w*",),
        "procedure": (r"как (?:мне|можно|нужно|правильно|\w+ть\b|\w+ться\b)|что (?:мне )?(?:нужно|делать)\b",),
        "list": (r"(?:в |с |на )?как(?:ие|их|ими) |перечисли\w*|назови\w* (?:все|три|два)",),
        "definition": (r"что такое\b|что (?:значит|означает)\b|дай определение|определение\b",),
        "explanation": (r"почему\b|зачем\b|отчего\b|как\b|объясни\w*|опиши\w*|из-за чего|какова причина",),
        "yes_no": (r"\w+ ли\b|правда ли|есть ли|можно ли",),
        "value": (
            r"(?:\w+ )?(?:кто|кого|кому|кем|когда|где|куда|откуда|сколько|что|чей|какой|какая|какое|каком|каким|какую)\b",
        ),
    },
)
EUROPEAN = (GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, RUSSIAN)

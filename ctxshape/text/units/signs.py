"""Lines that hardly anything but source code has, by the family of languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NAME = r"[A-Za-z_$][\w$]*"
_TYPE = r"(?:int|void|char|bool|float|double|auto|long|size_t|ssize_t|string|u?int\d+_t|std::[\w:<>]+)"
_INDENTS = (
    rf"(?:async )?def {_NAME}\(",
    rf"class {_NAME}(?:\(.*\))?:[ \t]*$",
    r"import [\w.]+(?: as \w+)?$",
    r"from [\w.]+ import [\w(*]",
    r"@[A-Za-z_][\w.]*(?:\(.*)?$",
    r"(?:if|elif|while|with|for|except|async with|async for)\b[^\n]*:(?:[ \t]*#.*)?$",
    r"(?:else|try|finally):(?:[ \t]*#.*)?$",
    r"(?:self|cls)\.[\w.]+(?: [-+|&*/]?= |\()",
    r"[A-Za-z_][\w.\[\]'\"]* [-+|&*/]?= [\w.]+\(.*[^;\n]$",
    r"(?:raise|assert|yield|return|await) (?:not )?(?:[\w.]+[(\[.]|[\w.]+ (?:[=!<>]=?|in|is) |self\b"
    r"|[{\[(f]['\"(\[{]?)[^;\n]*$",
    r"return (?:None|True|False)$",
    r"(?:raise|return|pass|continue|break)$",
)
_BRACES = (
    rf"(?:export |default |async )*function\*? ?(?:{_NAME})? ?\(",
    r"(?:export )?(?:const|let|var) [\w$\{\[].* = ",
    r"import .* from ['\"]|import ['\"].*['\"];?$|module\.exports",
    rf"(?:export )?(?:interface|enum) {_NAME}.*\{{$|(?:export )?type {_NAME} = ",
    r"(?:public|private|protected|internal|static|final|abstract|override|virtual)\s[^\n]*[({;]$",
    r"(?:import|package|using|namespace) [\w.*:\\]+;$|namespace [\w.:]+ ?\{?$",
    r"#\s?(?:include [<\"]|define \w|if(?:n?def)? \w|endif|else)|template ?<|(?:struct|union) \w+ ?\{|typedef ",
    rf"(?:(?:unsigned|const|static|inline|extern) )*{_TYPE}[ *&]+{_NAME}(?:[(;=\[,]| =)",
    rf"(?:const |static |struct )*{_NAME} ?\*+ ?{_NAME}(?:[(;=\[,]| =)",
    r"func (?:\([^)\n]*\) )?\w+\(|package \w+$|import \($|(?:\w+, )*\w+ := ",
    r"(?:pub(?:\(\w+\))? )?(?:async )?fn \w+[(<]|let mut \w|impl[ <].*\{$|use [\w:]+(?:::\{.*\})?;$",
    r"<\?php|\$[\w>-]+ = .*;$",
    rf"(?:abstract |final |sealed |public )*class {_NAME}[^\n.?!]*\{{$",
    r"\}? ?(?:if|for|while|switch|catch|else if) ?\(.*\) ?\{$|\}? ?else ?\{$|try \{$|do \{$",
    r"return\b[^\n]*;$|(?:break|continue);$|case [^\n]*:$|throw new |goto \w+;$",
    rf"(?:await )?\*?{_NAME}(?:(?:\.|->|::){_NAME})* ?\(.*\);$",
    rf"\*?{_NAME}(?:(?:\.|->){_NAME}|\[[^\]\n]*\])* ?[-+|&*/%]?= ?[^=\n][^\n]*;$",
    r"describe\(|it\(['\"]",
    r"[.#@&:*\w][\w.#@&:*>,+~()=\[\]\"'%\t -]*\{$|[a-z-]+:[ \t]*+[^\n;{}]+;$",  # CSS
)
_SQL = (
    r"SELECT\b|INSERT INTO |UPDATE \S+\s+SET\b|DELETE FROM |ALTER [A-Z]+ |DROP [A-Z]+ |WITH \w+ AS \(|COMMENT ON [A-Z]+ ",
    r"CREATE (?:OR REPLACE |UNIQUE |TEMP |TEMPORARY )*"
    r"(?:TABLE|VIEW|INDEX|FUNCTION|DATABASE|TRIGGER|TYPE|OPERATOR|EXTENSION)\b",
    r"GROUP BY |ORDER BY |FROM [\w(]|(?:LEFT |INNER |OUTER |FULL )*JOIN \w|WHERE \w|GRANT [A-Z, ]+ ON |RETURNS \w|LANGUAGE \w",
    r"select [^\n]* from [^\n]*;$|insert into \w+|create table \w+ ?\(",
)
_WORDS = (
    r"#!\s?/|set -[euxo]|(?:export )?[A-Z_]{2,}=\S*$|\w+=\$[({\w]|\w+=\"?\$",
    r"(?:if|elif|while|until|for) [^\n]*; ?(?:then|do)$",
    r"(?:if|while|elif) (?:\[\[? |test |! )|then$|do$|done\b|fi$|esac$|case \S+ in$",
    r"(?:function )?[\w-]+ ?\(\) ?\{?$",
    r"echo [\"'$-]|local \w+=|local function \w+\(|\. \"?\$|source \"?[$/]",
    r"exit \d$|shift$",
    r"def (?:self\.)?\w+[?!]?(?:\(.*\))?$|require(?:_relative)? ['\"]|class \w+(?: < [\w:]+)?$|module [A-Z]\w*$",
    r"end$|attr_\w+ :|puts ",
    r"[^\n]* do(?: \|[\w, ]+\|)?$|@\w+ (?:\|\|)?= ",
)


def _line_starts(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*+(?:{'|'.join(patterns)})", re.MULTILINE)


SIGNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "indents": _line_starts(*_INDENTS),
        "braces": _line_starts(*_BRACES),
        "sql": _line_starts(*_SQL),
        "words": _line_starts(*_WORDS),
    }
)

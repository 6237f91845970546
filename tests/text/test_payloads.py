from __future__ import annotations

import base64
import random

import pytest

from ctxshape.text.payloads import Payload, payloads

RANDOM = random.Random(1)


def encoded(size: int) -> str:
    return base64.b64encode(RANDOM.randbytes(size)).decode()


def lines(text: str, width: int) -> str:
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


def without(text: str, query: str = "") -> str:
    """Returns the text with the kind of each payload in its place."""
    parts, end = [], 0
    for payload in payloads(text, query):
        parts += [text[end : payload.start], f"<{payload.kind}>"]
        end = payload.end
    return "".join([*parts, text[end:]])


SCRIPT = (
    "shifting=false;$.tab.handleResize();});};$.tab.moveTo=function(ele){var $moving=$(ele);var data=$.tab.settings($moving);"
    "if(!data){return;}var outer=$.tab.settings($(data.outer));if(!outer){return;}outer.shifting=true;var $target=$(data.outer)"
    ".find('span.first');var width=data.width;$moving.css('position','relative').css((rtl?'right':'left'),0);return this;}"
)
SHEET = (
    "a{color:red}.b .c>d{margin:0 auto;padding:0}@media (max-width:600px){.q{display:none}#z,p{font:12px/1.2 serif}}"
    "body{margin:0;padding:0;background:url(x.png)}h1{font-size:2em}"
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # Images that a page has inline: engram-app/Engram#1619, 1broseidon/ketch#47, r-lib/pkgdown#2973.
        (f"![the mill](data:image/png;base64,{encoded(900)})\nIt turns.", "![the mill]<data URI>\nIt turns."),
        (f'<img src="data:image/png;base64,{encoded(900)}" alt="mill"/>', '<img src="<data URI>" alt="mill"/>'),
        # A link to one: linagora/openrag#732.
        (f"[the plan](data:application/pdf;base64,{encoded(90)}) is here.", "[the plan]<data URI> is here."),
        # Reference definitions: brianpetro/jsbrains#8, deathau/markdownload#104.
        (f"[img-0]:data:image/jpeg;base64,/9j/{encoded(90)}\nMore.", "[img-0]:<data URI>\nMore."),
        (f"[plan]:data:image/png;;base64,{encoded(90)}\nMore.", "[plan]:<data URI>\nMore."),
        # A picture of one pixel that stands for one to be loaded.
        ("![](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAA) text", "![]<data URI> text"),
        ("url(\"data:image/svg+xml;utf8,<svg width='9'><path d='M0 0L9 9'/></svg>\") x", 'url("<data URI>") x'),
        (f"水车data:image/png;base64,{lines(encoded(90), 76)}\n建于1770年。", "水车<data URI>\n建于1770年。"),
        # What a chunk holds that begins inside an image; hidden text of PDF files: yfedoseev/pdf_oxide#1408.
        (f"{encoded(90)}) It turns.", "<base64>) It turns."),
        (f'<latexit sha1_base64="i3kfS6==">AAAK{encoded(90)}</latexit>', '<latexit sha1_base64="i3kfS6=="><base64></latexit>'),
        (f"{lines(encoded(200), 64)}\nIt was repaired in 1901.", "<base64>\nIt was repaired in 1901."),
        (
            f"-----BEGIN CERTIFICATE-----\n{lines(encoded(195), 64)}\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n<base64>\n-----END CERTIFICATE-----",
        ),
        (
            "The key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4 is old.",
            "The key <base64> is old.",
        ),
        (f'"integrity": "sha512-{encoded(64)}",', '"integrity": "<base64>",'),
        (f"lamp==1.0 --hash=sha256:{RANDOM.randbytes(32).hex()}", "lamp==1.0 <hash>"),
        (f"Its sum is {RANDOM.randbytes(64).hex()}.", "Its sum is <hash>."),
        (f"vector: [{', '.join(f'{n / 997:.5f}' for n in range(64))}] end", "vector: <vector> end"),
        (f'<path fill="red" d="M{"12 2.5L3,4" * 20}Z"/>', '<path fill="red" d="<vector path>"/>'),
        # Scripts and style sheets of a page: rodricios/eatiht#15, daniel3303/Equibles#752.
        (f"Navigation menu {SCRIPT} This page was changed.", "Navigation menu <script> This page was changed."),
        (f"The mill turns. {SHEET} It is old.", "The mill turns. <style sheet> It is old."),
        (".mw-parser-output .hatnote{font-style:italic}The mill turns.", "<style sheet>The mill turns."),
    ],
)  # fmt: skip
def test_a_payload_is_found_and_nothing_beside_it(text: str, left: str) -> None:
    assert without(text) == left


@pytest.mark.parametrize(
    "text",
    [
        f"https://files.example/d/{encoded(150).replace('/', '_').replace('+', '-').rstrip('=')}/view",
        "data:text/plain;base64,SGVsbG8= says hello; data:image/png;base64,... is how an image begins",
        f"The transaction 0x{RANDOM.randbytes(32).hex()} and the commit {RANDOM.randbytes(20).hex()}",
        "ATGCGTACGT" * 40,
        "MKVLAAGIVGLCAKAYEHHHHHH" * 9,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "AbstractSingletonProxyFactoryBeanGeneratorConfigurationManagerServiceImplTest2",
        "src/main/java/com/example/MyCompany/serviceImpl/UserServiceImpl/FactoryBean2/Abc3/Def4",
        "水车建于一七七〇年" * 90,
        "year,height,price\n1901,31.5,1200.25\n" * 40,
        "14159265358979" * 20,
        '{"name":"Alice","age":3,"list":[1,2,3],"mail":null},' * 20,
        "for (int i = 0; i < n; i++) { sum += a[i]; if (x) { return this.y; } }\n" * 20,
        r"\frac{a}{b}+\sum_{i=1}^{n}x_{i}^{2}=\left(\frac{a}{b}\right)" * 12,
        "h1{color:red} sets the colour of a heading. p{margin:0} has no space around it. a{color:blue} is for links. " * 2,
        "a {\n  color: red;\n}\nb {\n  color: blue;\n}\nc {\n  color: green;\n}\n" * 5,
        "The values [0.1234, 0.5678, 0.9012] are small.",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_text_is_no_payload(text: str) -> None:
    assert payloads(text) == []


def test_a_payload_that_the_question_asks_for_is_text() -> None:
    text = f"The key is {encoded(60)} and {RANDOM.randbytes(64).hex()} is its sum."
    assert without(text) == "The key is <base64> and <hash> is its sum."
    assert without(text, "What is the checksum of the key?") == text
    assert without(text, "What is the base64 string?") == without(text).replace("<base64>", text[11:91])
    assert without(text, "密钥是什么？") == text


def test_spans_by_hand() -> None:
    text = f"a {'0f' * 48} b"
    assert payloads(text) == [Payload(2, 98, "hash")]
    assert payloads(f"a {'0f' * 47}9 b") == []

"""An X-ray as one HTML page, without scripts or external resources, and with all foreign text escaped."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ctxshape.attention.xray import XRay, XRaySide

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;margin:2em auto;
max-width:1200px;padding:0 1em;color:#1a1a1a;background:#fff}
h1{font-size:1.3em;margin:0}h2{font-size:1.05em;margin:1.6em 0 .4em}h3{font-size:.95em;margin:.2em 0;font-weight:600}
p{margin:.3em 0}.dim{color:#666;font-size:.85em}
.caution{border-left:4px solid #d55e00;background:#fff4ec;padding:.5em .9em;margin:1em 0}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:2em}@media(max-width:800px){.sides{grid-template-columns:1fr}}
.sides>div{min-width:0}
.bar{display:grid;grid-template-columns:minmax(0,13em) 1fr 4em;gap:.6em;align-items:center;font-size:.85em}
.bar span:first-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bar i{display:block;height:.9em;background:#0072b2}.bar i.gone{background:#b9b9b9}.bar b{font-weight:400}
table{border-collapse:collapse;font-size:.7em;table-layout:fixed;width:100%}td,th{padding:0 .2em;height:1.1em;font-weight:400;
text-align:center;color:#555}td{border:1px solid #fff}th:first-child{width:3em}
.text{margin:.5em 0;overflow-wrap:anywhere}.text u{text-decoration:none;border-radius:2px;padding:.05em 0}
"""


def xray_page(found: XRay) -> str:
    """Returns the page as text, to be written as UTF-8."""
    layers = "; each cell is a share of that layer's attention"
    parts = [
        "<!doctype html>",
        '<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_safe(found.question)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_safe(found.question)}</h1>",
        f'<p class="dim">Attention of {_safe(found.model)} while it reads the question</p>',
        *(f'<p class="caution">{_safe(caution)}</p>' for caution in found.cautions),
        _section("By passage", found, lambda side: _bars(found, side)),
        _section(f"By layer and passage{layers}", found, _layers),
        _section("By sentence, in prompt order; darker sentences get more", found, _text),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _section(title: str, found: XRay, make: Callable[[XRaySide], str]) -> str:
    sides = (f"<div><h3>{_safe(name)}</h3>{make(side)}</div>" for name, side in found.sides)
    return f'<h2>{_safe(title)}</h2><div class="sides">{"".join(sides)}</div>'


def _bars(found: XRay, side: XRaySide) -> str:
    most = max(side.masses, default=0) or 1
    rows = []
    for number, mass in enumerate(side.masses):
        label = _safe(side.label(number))
        gone = "" if side.documents[number].id in found.kept else ' class="gone" title="shaping drops it"'
        bar = f'<i{gone} style="width:{100 * mass / most:.1f}%"></i>'
        rows.append(f'<div class="bar"><span title="{label}">{label}</span><span>{bar}</span><b>{mass:.2%}</b></div>')
    return "".join(rows) + f'<p class="dim">{_safe(side.rest)}</p>'


def _layers(side: XRaySide) -> str:
    if side.map is None:
        return '<p class="dim">no passage is left</p>'
    most = float(side.map.by_layer().max(initial=0)) or 1
    head = "".join(f"<th>{number}</th>" for number in range(1, len(side.documents) + 1))
    rows = []
    for layer, masses in zip(side.map.layers, side.map.by_layer(), strict=True):
        cells = "".join(f'<td style="background:{_shade(mass / most)}" title="{mass:.2%}"></td>' for mass in masses)
        rows.append(f"<tr><th>{layer}</th>{cells}</tr>")
    return f"<table><tr><th>layer</th>{head}</tr>{''.join(rows)}</table>"


def _text(side: XRaySide) -> str:
    most = max((one.mass for one in side.sentences()), default=0) or 1
    shown: dict[int, list[str]] = {}
    for one in side.sentences():
        colour = _shade(0.85 * one.mass / most)
        words = _safe(side.text(one))
        shown.setdefault(one.document, []).append(f'<u style="background:{colour}" title="{one.mass:.2%}">{words}</u>')
    return "".join(f'<p class="text">{" ".join(spans)}</p>' for spans in shown.values())


def _shade(strength: float) -> str:
    """Returns a colour from white to orange on which text stays readable."""
    return f"rgba(230,120,0,{min(max(strength, 0.0), 1.0):.3f})"


def _safe(text: str) -> str:
    return escape(text, quote=True)

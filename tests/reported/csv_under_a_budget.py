"""Source: infiniflow/ragflow#9650.
Reported: rows of a CSV file are merged into a few huge pieces, whatever the delimiter and size, and retrieval gets worse.
Right: a row is a unit: within 150 tokens the header and the row that answers are kept ("Kanalufer;U6;1987;…").
"""
import sys

from ctxshape import shape
from ctxshape.text.sentences import sentences

NAMES = (
    "Ahornallee Brunnenplatz Domhof Eichenweg Fabrikweg Gartenstadt Hafen Industriepark Jahnplatz Kanalufer Lindenhof Marktplatz "
    "Nordtor Opernring Parkhaus Quellenweg"
).split()
rows = [f"{name};U{2 + i % 5};{1960 + 3 * i};{1 + i % 4};{400 + 137 * i}" for i, name in enumerate(NAMES)]
CSV = "\n".join(["station;line;opened;platforms;daily passengers", *rows])
HTML = "<table>\n<tr><th>Station</th><th>Line</th><th>Opened</th></tr>\n" + "\n".join(
    "<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split(";")[:3]) + "</tr>" for row in rows
)
OTHER = "Kanalufer is a street with many oaks. Trams ran there until 1960."
wrong = []
for name, text in (("CSV", CSV), ("HTML", HTML + "\n</table>")):
    context = shape("When was Kanalufer station opened?", [{"id": "n", "text": OTHER}, {"id": "t", "text": text}], budget=150)
    shown = "\n".join(document.text for document in context.documents)
    print(name, len(sentences(text)), "sentences for", len(rows) + 1, "rows", shown, dict(context.trace.dropped), sep="\n")
    if "1987" not in shown:
        wrong.append(f"{name}: the row of Kanalufer (1987) is not kept")
    elif "pened" not in shown:
        wrong.append(f"{name}: the header is not kept")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))

"""A model writes "[2]" behind its answer. Right: a document is cited only for what it says; a marker without support is told, not turned into a citation."""
import sys

from ctxshape import Context, ReadOnce
from ctxshape.readers.citations import contains
from ctxshape.testing import ScriptedBackend

PASSAGES = ["The tower is in Arden. It was built by Ida Holwick.", "Rain fell in Bath. The mill is old.", "The lamp was lit in 1984."]
wrong = []
for reply, fact in (("Zed Quorn", "Zed Quorn"), ("Zed Quorn [1]", "Zed Quorn"), ("Zed Quorn [2]", "Zed Quorn"), ("Zed Quorn [9]", "Zed Quorn"), ("1984 [2]", "1984"), ("Ida Holwick [1]", "Ida Holwick")):
    answer = ReadOnce(backend=ScriptedBackend(reply=reply))(Context.of("Who built the tower?", PASSAGES))
    cited = [PASSAGES[int(s.document[1:]) - 1][s.start : s.end] for s in answer.citations]
    print(repr(reply), "->", cited)
    if cited and not any(contains(text, fact) for text in cited):
        wrong.append(f"{reply!r} cites {cited}")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))

"""Source: langchain4j/langchain4j#1323 (also inception-project/inception#5245, open-webui/open-webui#10512).
Reported: chunks cut with an overlap come back next to each other, the overlap is shown twice, and the context is wasted on it.
Right: a sentence that two windows share is shown once; the seven different sentences take 84 tokens, so with 100 the
one that answers ("They needed clean water in dry summers.") has room and is kept.
"""
import sys
from collections import Counter

from ctxshape import shape
from ctxshape.text.sentences import sentences

S = [
    "Lindmoor has had a reservoir since 1961.",
    "The dam of the Lindmoor reservoir was designed by the engineer Clara Voss.",
    "The Lindmoor dam is 48 metres high and made of earth.",
    "Work on the dam at Lindmoor lasted for five years.",
    "The money came from three paper mills downstream.",
    "They needed clean water in dry summers.",
    "Today anglers and sailors use the lake.",
]
windows = [{"id": name, "text": " ".join(S[i : i + 4])} for i, name in enumerate("abcd")]
wrong = []
for question in ("Why did paper mills pay for the dam of Lindmoor?", "What did the mills that paid for the Lindmoor dam need?"):
    context = shape(question, windows, budget=100)
    shown = Counter(d.text[a:b] for d in context.documents for a, b in sentences(d.text))
    print(question, *(f"  {d.id}: {d.text}" for d in context.documents), sep="\n")
    if twice := [s for s, n in shown.items() if n > 1]:
        wrong.append(f"shown more than once: {twice}")
    if S[5] not in shown:
        wrong.append(f"the answer is not kept: {S[5]!r}")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))

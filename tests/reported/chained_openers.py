"""Found by fuzzing. Right: what a unit brings along is bounded; a hundred short lines before an answer cost little and never push it out."""
import sys
import time

from ctxshape import shape
from ctxshape.core.prompts import document_texts
from ctxshape.core.tokens import default_counter

QUESTION = "Who built the old tower in Arden?"
count, wrong = default_counter(), []
for kind, line in (("notes", "Note:\n"), ("questions", "Is it old? "), ("headings", "# Title\n"), ("table heads", "| a | b |\n")):
    for n in (1, 10, 100, 1000):
        passages = [line * n + "The old tower in Arden was built by Ida Holwick."] + [f"The river {i} is wide. It is deep." for i in range(9)]
        start = time.perf_counter()
        free = shape(QUESTION, passages)
        seconds = time.perf_counter() - start
        tokens = sum(map(count.count_tokens, document_texts(QUESTION, free.documents)))
        kept = any("Ida Holwick" in d.text for d in shape(QUESTION, passages, budget=200).documents)
        print(f"{kind:12} {n:5}: {tokens:5} tokens without a budget, {seconds:.2f} s, answer kept at 200: {kept}")
        if tokens > 300 or not kept:
            wrong.append(f"{n} {kind}: {tokens} tokens, kept {kept}")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))

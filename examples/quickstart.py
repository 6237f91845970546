"""Asks a small local model about twenty retrieved passages, first as retrieved and then shaped.

Run it with:  python examples/quickstart.py  [model.gguf]
Without an argument, it uses SmolLM2-135M from the extra "demo".
"""

import sys

from ctxshape import LlamaCpp, ask
from ctxshape.cli.demo import demo_case, demo_model

case = demo_case("en")  # a question and twenty passages; the one with the answer is in the middle
passages = [{"id": d.id, "title": d.title, "text": d.text, "score": d.score} for d in case.documents]

with LlamaCpp(sys.argv[1] if len(sys.argv) > 1 else demo_model(), n_ctx=8192) as model:
    raw = ask(case.question, passages, backend=model, preset="raw")
    shaped = ask(case.question, passages, backend=model, preset="light", budget=400)

print("question:", case.question)
for name, answer in (("as retrieved", raw), ("shaped", shaped)):
    seconds = answer.usage.shape_seconds + answer.usage.prefill_seconds + answer.usage.decode_seconds
    print(f"\n{name}: {answer.text!r}, {answer.usage.prompt_tokens} prompt tokens, {seconds:.1f} s")

print("\nthe sentence it comes from:")
originals = {d.id: d for d in case.documents}
for span in shaped.citations[:1]:
    print(f"  [{span.document}, characters {span.start} to {span.end}] {originals[span.document].text[span.start : span.end]}")

print("\nwhy passages were dropped:")
for id, reason in list(shaped.trace.dropped.items())[:5]:
    print(f"  {id}: {reason}")

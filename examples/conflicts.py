"""Passages that contradict each other: found and pointed out to the model, or settled by trust. No model is needed.

Run it with:  python examples/conflicts.py
"""

import datetime

from ctxshape import Context, MarkConflicts, Pipeline, WeighSources
from ctxshape.transforms.trust import Recency, TrustRule

question = "Who is the captain of the Avocet?"
passages = [
    {"title": "Crew list", "text": "The captain of the Avocet is Ida Holwick.", "date": "2024-05-02"},
    {"title": "Old crew list", "text": "The captain of the Avocet is Ana Feld.", "date": "2011-03-14", "kind": "archive"},
    {"title": "Harbour guide", "text": "The Avocet is a ferry with room for 90 passengers.", "date": "2020-01-01"},
]
context = Context.of(question, passages)

noted = MarkConflicts()(context)
print("hint to the model:", noted.hints[0])
for id, note in noted.notes.items():
    print(f"  {id}: {note}")

recent = Recency(as_of=datetime.date(2025, 1, 1))  # the weight halves with each year of age
settled = Pipeline(WeighSources(recency=recent), MarkConflicts(policy="trusted"))(context)
print("\nby recency:", [document.title for document in settled.documents])
for id, reason in settled.trace.dropped.items():
    print(f"  {id}: {reason}")

archive = TrustRule(field="kind", equals="archive", weight=3)  # your own rules can decide, too
settled = Pipeline(WeighSources(rules=(archive,)), MarkConflicts(policy="trusted"))(context)
print("\nby a rule:", [document.title for document in settled.documents])

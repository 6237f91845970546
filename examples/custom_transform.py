"""Your own transform, as a function from context to context or as a class with validated settings.

Run it with:  python examples/custom_transform.py
"""

from typing import Annotated

from pydantic import Field

from ctxshape import Context, DropDuplicates, Pipeline, RankByRelevance, Reorder
from ctxshape.core.component import Component
from ctxshape.testing import check_transform


def newest_first(context: Context) -> Context:
    """Orders documents by the `year` in their metadata, newest first.

    >>> newest_first(Context.of("q", [{"text": "old", "year": 1990}, {"text": "new", "year": 2020}])).documents[0].text
    'new'
    """
    return context.keep(sorted(context.documents, key=lambda document: -int(document.meta.get("year", 0))))


class DropShort(Component):
    """Drops documents with fewer than `characters` characters.

    >>> DropShort(characters=5)(Context.of("q", ["abc", "abcdef"])).dropped
    {'d1': 'it has 3 characters, below 5'}
    """

    characters: Annotated[int, Field(ge=1)] = 20

    def __call__(self, context: Context, /) -> Context:
        """Returns the context without short documents, with a reason for each dropped one."""
        short = {d.id: len(d.text) for d in context.documents if len(d.text) < self.characters}
        kept = [d for d in context.documents if d.id not in short]
        return context.keep(kept, {id: f"it has {length} characters, below {self.characters}" for id, length in short.items()})


check_transform(newest_first)  # the library's own checks: purity, reasons, spans, pickling, docstring
check_transform(DropShort())

passages = [
    {"text": "The bridge was painted red.", "year": 1998},
    {"text": "Short.", "year": 2024},
    {"text": "The bridge was painted green in spring.", "year": 2021},
    {"text": "The Bridge was painted red.", "year": 1999},
]
pipeline = Pipeline(DropShort(characters=10), DropDuplicates(), newest_first, RankByRelevance(), Reorder(strategy="front"))
context = pipeline(Context.of("What colour was the bridge painted?", passages))

for step in context.trace.steps:
    print(
        f"{step.name:16} {len(step.before)} -> {len(step.after)} documents, {step.tokens_before} -> {step.tokens_after} tokens"
    )
    for id, reason in step.dropped.items():
        print(f"{'':16} {id}: {reason}")
print([document.text for document in context.documents])

"""LongLLMLingua as a transform, over its own PromptCompressor, adapted to current versions of transformers."""

from __future__ import annotations

import os
from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, groupby
from types import SimpleNamespace
from typing import Annotated, Any

from pydantic import Field

from ctxshape import Context
from ctxshape.core.component import Component
from ctxshape.core.prompts import Template, document_texts, fill, template_for
from ctxshape.core.tokens import local_encoding
from ctxshape.errors import InvalidInput, ModelError

GAP = "\n\n"  # between documents, as PromptCompressor joins them


class LongLLMLingua(Component):
    """Ranks documents by the likelihood of the question given each, then drops tokens that a small model can predict.

    It uses the settings of the LongLLMLingua example in its README, and documents as lines with number and title as in its
    NaturalQuestions notebook. `rate` is the share of tokens to keep. The best document comes first. A returned text is what
    remains of the whole line, so the reader needs `untitled_template`; otherwise it adds a second number and title. `model`
    is a GGUF that transformers can unpack. Jiang et al. 2024, https://aclanthology.org/2024.acl-long.91
    https://github.com/microsoft/LLMLingua (README, "Using LLMLingua Series Methods"; examples/RAG.ipynb)

    >>> LongLLMLingua(model="model.gguf").rate
    0.25
    """

    model: str
    rate: Annotated[float, Field(gt=0, le=1)] = 0.25
    dynamic_ratio: Annotated[float, Field(ge=0, le=1)] = 0.3

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with the documents that LongLLMLingua kept, each with its remaining text."""
        if not context.documents:
            return context.keep(())
        lines = [line.strip() for line in document_texts(context.query, context.documents)]
        template = template_for(context.query)
        remains = _remains(
            self.model,
            lines,
            question=fill(template.question, query=context.query).strip() + template.answer,
            rate=self.rate,
            condition_in_question="after_condition",
            reorder_context="sort",
            dynamic_context_compression_ratio=self.dynamic_ratio,
            condition_compare=True,
            context_budget="+100",
            rank_method="longllmlingua",
            concate_question=False,
        )
        known = dict(zip(lines, context.documents, strict=True))
        rewritten = {"title": None, "kind": "rewrite", "spans": ()}
        kept = [known[line].model_copy(update={**rewritten, "text": text}) for line, text in remains]
        ids = {document.id for document in kept}
        reason = "beyond LongLLMLingua's budget of tokens"
        return context.keep(kept, {document.id: reason for document in context.documents if document.id not in ids})


def untitled_template(query: str) -> Template:
    """Returns the template for a question that prints documents without number and title, one per line."""
    return template_for(query).model_copy(update={"untitled": "{text}\n"})


def _remains(model: str, lines: Sequence[str], **settings: object) -> list[tuple[str, str]]:
    """Returns the kept lines in their new order, each with its remaining text."""
    compressor = _compressor(model)
    compressor.places = None
    compressor.compress_prompt(list(lines), **settings)
    _, *kept = compressor.joined  # the question, then the lines
    starts = list(accumulate((len(part) + len(GAP) for part in compressor.joined), initial=0))
    encoded = compressor.tokenizer(GAP.join(compressor.joined), add_special_tokens=False, return_offsets_mapping=True)
    places = range(len(encoded.input_ids)) if compressor.places is None else compressor.places[0].tolist()
    parts = {
        number: compressor.tokenizer.decode([encoded.input_ids[place] for place in group]).strip()
        for number, group in groupby(places, key=lambda place: bisect(starts, encoded.offset_mapping[place][0]) - 1)
    }
    return [(line, parts[number]) for number, line in enumerate(kept, 1) if parts.get(number)]


@cache
def _compressor(model: str) -> Any:  # noqa: ANN401
    import tiktoken.registry
    import torch
    from llmlingua import PromptCompressor
    from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

    class Compressor(PromptCompressor):  # type: ignore[misc]  # untyped
        """LLMLingua 0.2.2 with three repairs: it reads a GGUF, it uses cache objects, and it records the kept tokens."""

        context_idxs: list[list[int]]
        joined: list[str]
        places: Any

        def load_model(self, model_name: str, device_map: str = "cpu", model_config: object = None) -> None:
            """Loads a GGUF; the original reads `architectures` from the config, which the config of a GGUF lacks."""
            folder, name = os.path.split(os.path.abspath(model_name))
            self.tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
            self.loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
            self.model, self.device, self.context_idxs = self.predict, "cpu", []
            self.joined, self.places = [], None
            self.max_position_embeddings = self.loaded.config.max_position_embeddings

        def predict(self, ids: Any, attention_mask: Any, past_key_values: Any, use_cache: bool) -> SimpleNamespace:  # noqa: ANN401
            """Returns the logits, with keys and values as pairs, as they were before transformers had cache objects."""
            past = DynamicCache()
            for layer, (keys, values) in enumerate(past_key_values or ()):
                past.update(keys, values, layer)
            made = self.loaded(ids, attention_mask=attention_mask, past_key_values=past, use_cache=use_cache)
            pairs = [(layer.keys, layer.values) for layer in made.past_key_values.layers]
            return SimpleNamespace(logits=made.logits, past_key_values=pairs)

        def iterative_compress_prompt(self, context: list[str], *given: Any, **settings: Any) -> Any:  # noqa: ANN401
            """Records the joined texts: the question, then the kept documents in their order."""
            self.joined = list(context)
            if self.get_token_length(GAP.join(context)) > self.max_position_embeddings:
                raise InvalidInput(f"the kept passages have over {self.max_position_embeddings} tokens; lower `rate`")
            return super().iterative_compress_prompt(context, *given, **settings)

        def get_compressed_input(self, loss: Any, ids: Any, attention_mask: Any, end: Any, **more: Any) -> Any:  # noqa: ANN401
            """Compresses the positions of the tokens in the same way as the tokens."""
            places = torch.arange(ids.shape[1]).unsqueeze(0) if self.places is None else self.places
            # `end` may be a tensor, which the original changes in place, so the first call gets a number.
            self.places = super().get_compressed_input(loss, places, attention_mask, int(end), **more)[0]
            return super().get_compressed_input(loss, ids, attention_mask, end, **more)

    if not os.path.isfile(model):
        raise ModelError(f"the file {model!r} does not exist; give the path of a GGUF")
    # PromptCompressor counts its savings with the encoding of gpt-3.5-turbo, which tiktoken would download.
    tiktoken.registry.ENCODINGS.setdefault("cl100k_base", local_encoding("cl100k_base"))
    return Compressor(model, device_map="cpu")

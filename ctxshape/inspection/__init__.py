"""What a GGUF file says of its model, what ctxshape can do with it, and advice: from the header alone, without llama.cpp."""

from ctxshape.inspection.advice import Advice, advise
from ctxshape.inspection.facts import ModelFacts
from ctxshape.inspection.memory import kv_bytes
from ctxshape.inspection.reading import inspect
from ctxshape.inspection.support import Abilities, Ability, abilities

__all__ = ["Abilities", "Ability", "Advice", "ModelFacts", "abilities", "advise", "inspect", "kv_bytes"]

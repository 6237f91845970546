"""Facts about a model from the header of its GGUF file, the ways of reading that it supports, and advice. No llama.cpp.

`facts` holds the values; everything else is private to this package.
"""

from ctxshape.inspection._abilities import Abilities, Ability, abilities
from ctxshape.inspection._advice import Advice, advise, format_bytes
from ctxshape.inspection._evidence import EvidenceWanted, evidence_for, evidence_wanted
from ctxshape.inspection._gguf import check_gguf
from ctxshape.inspection._memory import DEFAULT_N_CTX, kv_bytes
from ctxshape.inspection._processor import computes_bf16
from ctxshape.inspection._reading import read_model_facts
from ctxshape.inspection.facts import ModelFacts

__all__ = [
    "DEFAULT_N_CTX",
    "Abilities",
    "Ability",
    "Advice",
    "EvidenceWanted",
    "ModelFacts",
    "abilities",
    "advise",
    "check_gguf",
    "computes_bf16",
    "evidence_for",
    "evidence_wanted",
    "format_bytes",
    "kv_bytes",
    "read_model_facts",
]

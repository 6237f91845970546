"""The amount of evidence that a model of a given size should read, if nothing else is known about it."""

from __future__ import annotations

import os
from functools import lru_cache

from ctxshape.core.measurements import model_path
from ctxshape.core.position_profile import PositionProfile
from ctxshape.core.types import Frozen
from ctxshape.errors import ModelError
from ctxshape.inspection._advice import ROOM
from ctxshape.inspection._memory import DEFAULT_N_CTX
from ctxshape.inspection._reading import read_model_facts

SMALL = 700_000_000  # parameters below which models answered more from less
CAPABLE = 950_000_000  # from about a billion parameters on, lost evidence cost more than additional text (Gemma-3-1b: 0.9999)
READS_WORSE = 0.1  # accuracy that a model may lose from the shortest to the longest measured list
READS_WELL = 0.5  # accuracy in the longest list


class EvidenceWanted(Frozen):
    """The amount of evidence that a preset shows: the share of the evidence to keep, and the most tokens; None is no limit.

    `reason` is for the trace.
    """

    mass: float
    tokens: int | None
    reason: str


def evidence_wanted(
    parameters: int, context_length: int | None = None, profile: PositionProfile | None = None
) -> EvidenceWanted:
    """Returns how much evidence a model of this size should read when no budget is given.

    Below 0.7 billion parameters, 80 % of the evidence and 256 tokens: with Gemma-3-270m and Qwen2.5-Coder-0.5B, sentences
    beyond that misled more often than they answered. From 0.95 billion on, 95 % and no limit except the context: with
    Qwen2.5-Coder-1.5B on HotpotQA, best subspan EM was 0.33 at 228 tokens, 0.45 at 307 and 0.55 at 516 (raw: 0.24 at 1,521;
    gold passages: 0.63), and on NQ more tokens cost nothing (0.68 at 196 and at 424). Sizes between are not measured and
    get 90 % and 512 tokens.

    A measured `profile` overrules the size, if it has lists of several lengths. A model whose accuracy drops by more than
    0.1 from the shortest list to the longest reads little; one that still has 0.5 in the longest, without such a drop, reads
    much. These two limits are not measured. `context_length` always limits the tokens, less 512 for instruction, question
    and answer.

    >>> evidence_wanted(494_000_000).tokens, evidence_wanted(1_500_000_000).tokens, evidence_wanted(8_000_000_000, 4096).tokens
    (256, None, 3584)
    """
    size = f"{parameters / 1e9:.2g} billion parameters"
    short, long = _accuracies(profile)
    measured = f"measured: {short:.2f} right in short lists, {long:.2f} in long ones"
    if short - long > READS_WORSE:
        mass, tokens, reason = 0.8, 256, measured
    elif long >= READS_WELL:
        mass, tokens, reason = 0.95, None, measured
    elif parameters < SMALL:
        mass, tokens, reason = 0.8, 256, f"{size}: a small model answers more from less"
    elif parameters < CAPABLE:
        mass, tokens, reason = 0.9, 512, f"{size}: between the sizes that were measured"
    else:
        mass, tokens, reason = 0.95, None, f"{size}: a capable model loses more by missing evidence than by reading more"
    if context_length is not None:
        tokens = min(tokens or context_length, max(context_length - ROOM, 64))
    return EvidenceWanted(mass=mass, tokens=tokens, reason=reason)


def evidence_for(backend: object, profile: PositionProfile | None = None) -> EvidenceWanted | None:
    """Returns `evidence_wanted` for the model file of a backend; None for a backend without one, such as a server.

    Reads the header of the file once, about 40 ms, and loads no weights. The context is the backend's `n_ctx`, or the
    length that the model was trained for, at most 8,192 tokens, as `LlamaCpp` chooses it. Returns None for a file that
    cannot be read, since the backend itself raises the error.
    """
    path = model_path(backend)
    if not os.path.isfile(path):
        return None
    status = os.stat(path)
    known = _size_of(path, status.st_mtime_ns, status.st_size)
    if known is None:
        return None
    parameters, trained = known
    n_ctx = getattr(backend, "n_ctx", None)
    usual = DEFAULT_N_CTX if trained is None else min(trained, DEFAULT_N_CTX)
    return evidence_wanted(parameters, n_ctx if isinstance(n_ctx, int) else usual, profile)


@lru_cache(maxsize=16)
def _size_of(path: str, modified: int, size: int) -> tuple[int, int | None] | None:
    """Returns the number of parameters and the trained context. `modified` and `size` make the key of a changed file new."""
    try:
        facts = read_model_facts(path)
    except ModelError:
        return None
    return facts.parameters, facts.trained_context


def _accuracies(profile: PositionProfile | None) -> tuple[float, float]:
    """Returns the mean accuracy in the shortest and in the longest measured lists; zeros if there is one length, or none."""
    tables = sorted(profile.tables, key=lambda table: table.documents) if profile is not None else []
    if not tables or tables[0].documents == tables[-1].documents:
        return 0.0, 0.0
    short, long = (sum(table.accuracy) / len(table.accuracy) for table in (tables[0], tables[-1]))
    return short, long

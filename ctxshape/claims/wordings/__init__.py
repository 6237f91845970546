"""Forms of questions by language. The first language of which a question has a form counts: English before its neighbours."""

from ctxshape.claims.wordings import chinese, east_asian, english, european
from ctxshape.claims.wordings.model import Wording

__all__ = ["WORDINGS", "Wording", "wording_of"]

WORDINGS: tuple[Wording, ...] = (english.WORDING, *european.EUROPEAN, *east_asian.EAST_ASIAN, chinese.WORDING)


def wording_of(code: str) -> Wording:
    """Returns the wording of a language that has one, by its ISO 639-1 code."""
    return next(wording for wording in WORDINGS if wording.code == code)

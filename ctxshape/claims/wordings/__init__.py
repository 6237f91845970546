"""How languages ask. The first language of which a question has a form counts, so English comes before its neighbours."""

from ctxshape.claims.wordings import chinese, east_asian, english, european
from ctxshape.claims.wordings.model import Wording

__all__ = ["WORDINGS", "Wording"]

WORDINGS: tuple[Wording, ...] = (english.WORDING, *european.WORDINGS, *east_asian.WORDINGS, chinese.WORDING)

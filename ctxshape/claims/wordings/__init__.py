"""How languages ask, one file each; English comes first where several languages match."""

from ctxshape.claims.wordings import chinese, english
from ctxshape.claims.wordings.model import Wording

__all__ = ["WORDINGS", "Wording"]

WORDINGS: tuple[Wording, ...] = (english.WORDING, chinese.WORDING)

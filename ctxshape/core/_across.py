"""Pieces of a document from several originals, such as overlapping windows that were joined: what they need of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ctxshape.text.units.model import joint_of

if TYPE_CHECKING:
    from ctxshape.core.spans import Piece


def across_originals(text: str, pieces: Sequence[Piece], lacking: Sequence[Sequence[str]]) -> list[Piece]:
    """Returns the pieces of a document with needs and blocks that go beyond their own original.

    `lacking` holds, for each piece, the texts that it needs in its original and that the document does not show from
    there. Where the document shows such a text from another original, the piece needs that one. Where an original goes
    on with nothing left out, its first pieces are in the last block of the one before and under the same heading; the two
    parts of a sentence need each other.
    """
    first: dict[str, int] = {}
    for index, piece in enumerate(pieces):
        first.setdefault(piece.text, index)
    blocks: dict[int, int] = {}
    heads: tuple[int, ...] = ()  # what the pieces of this original need of the one before
    rows: tuple[int, int, tuple[int, ...]] = (-1, -1, ())  # the block that goes on, and what its pieces need
    made: list[Piece] = []
    for index, (piece, wanted) in enumerate(zip(pieces, lacking, strict=True)):
        before = made[-1] if made else piece
        if before.spans[0].document != piece.spans[0].document:
            gap = text[before.end : piece.start]
            goes_on = not gap.strip()
            heads = tuple(n for n in before.needs if pieces[n].kind == "heading") if goes_on else ()
            rows = (-1, -1, ())
            if goes_on and piece.goes_on and piece.kind == before.kind == "sentence":
                made[-1] = before._replace(needs=tuple(sorted({*before.needs, index})), unfinished=True)
                piece = piece._replace(needs=tuple(sorted({*piece.needs, index - 1})))
            if goes_on and gap.count("\n") < 2 and joint_of(before.kind) == joint_of(piece.kind) != "prose":
                rows = (piece.block, before.block, before.needs)
        if piece.kind == "heading":
            heads = ()
        needs = {*piece.needs, *(place for text_of in wanted if (place := first.get(text_of, index)) < index)}
        if piece.block == rows[0]:
            needs.update(rows[2])
        if not any(pieces[n].kind == "heading" for n in needs):
            needs.update(heads)
        block = blocks.setdefault(piece.block, rows[1] if piece.block == rows[0] else piece.block)
        made.append(piece._replace(needs=tuple(sorted(needs)), block=block))
    return made

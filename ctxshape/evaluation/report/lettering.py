"""Text in plots: names in any script, drawn with the installed fonts, and labels that do not overlap."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In order of preference; matplotlib ships only DejaVu Sans, which has no CJK characters.
_CJK_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK",
    "Source Han Sans",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "WenQuanYi",
    "SimHei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
_FAMILY = "DejaVu Sans"

Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels


class Lettering(NamedTuple):
    """The font families to draw with, in order of preference, and the characters that they cover."""

    families: tuple[str, ...]
    characters: frozenset[int]

    @classmethod
    def installed(cls) -> Lettering:
        """Finds DejaVu Sans, and a font with Chinese characters if one is installed."""
        from matplotlib.font_manager import findfont, fontManager
        from matplotlib.ft2font import FT2Font

        there = sorted({font.name for font in fontManager.ttflist})
        chinese = [name for family in _CJK_FAMILIES for name in there if name.startswith(family)]
        families = (_FAMILY, *chinese[:1])
        return cls(families, frozenset(code for name in families for code in FT2Font(findfont(name)).get_charmap()))

    def text(self, text: str, longest: int = 0) -> str:
        r"""Returns the text as one line that matplotlib can draw, without formulas; characters without a glyph are escaped.

        A line longer than `longest` characters is cut and ends in an ellipsis.

        >>> print(Lettering((), frozenset(b"a$ ")).text("a\n中$"))
        a \u4e2d\$
        """
        line = " ".join(text.split())
        if longest and len(line) > longest:
            line = line[: longest - 1].rstrip() + "…"
        drawn = "".join(char if ord(char) in self.characters else _escape(char) for char in line)
        return drawn.replace("$", r"\$")


def _escape(char: str) -> str:
    return "..." if char == "…" else char.encode("unicode_escape").decode("ascii")


class Label(NamedTuple):
    """A text for a data point, whose error bar extends from `low` to `high`."""

    x: float
    y: float
    low: float
    high: float
    text: str
    colour: str


def place_labels(axes: Axes, labels: Sequence[Label], families: Sequence[str]) -> None:
    """Writes each text beside its point, where it overlaps least; a distant text gets a line to its point.

    The figure must already have its final layout.
    """
    scale = axes.figure.dpi / 72
    pixels = [axes.transData.transform((label.x, label.y)) for label in labels]
    bars = [[axes.transData.transform((label.x, end))[1] for end in (label.low, label.high)] for label in labels]
    taken: list[Box] = [(x - 5 * scale, y - 5 * scale, x + 5 * scale, y + 5 * scale) for x, y in pixels]
    taken += [(x - scale, low, x + scale, high) for (x, _), (low, high) in zip(pixels, bars, strict=True)]
    frame = axes.get_window_extent()
    inside = (frame.x0, frame.y0, frame.x1, frame.y1)
    for label, (x, y) in zip(labels, pixels, strict=True):
        point = (label.x, label.y)
        drawn = axes.annotate(
            label.text, point, (0, 0), textcoords="offset points", color="#222222", fontsize=8, fontfamily=list(families)
        )
        extent = drawn.get_window_extent()
        size = (extent.width / scale, extent.height / scale)
        spots = {spot: _box(x, y, spot, size, scale) for spot in _spots(*size)}
        costs = {spot: _cost(box, taken, inside) + far for far, (spot, box) in enumerate(spots.items())}
        best = min(spots, key=costs.__getitem__)
        taken.append(spots[best])
        drawn.set_position(best)
        _lead(axes, label, best, size)


def _box(x: float, y: float, spot: tuple[float, float], size: tuple[float, float], scale: float) -> Box:
    left, bottom = x + spot[0] * scale, y + spot[1] * scale
    return left, bottom, left + size[0] * scale, bottom + size[1] * scale


def _cost(box: Box, taken: Iterable[Box], inside: Box) -> float:
    """Returns the overlapped area in square pixels; area outside the frame counts four times."""
    return sum(_common(box, other) for other in taken) + 4 * (_area(box) - _common(box, inside))


def _spots(width: float, height: float) -> Iterable[tuple[float, float]]:
    """Yields offsets of the lower left corner of a text from its point, in points: nearest first, in all directions."""
    for reach in (7, 14, 24, 36, 50):
        for turn in (0, 4, 1, 7, 3, 5, 2, 6):  # right and left first
            across, up = math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)
            yield reach * across + width * (round(across) - 1) / 2, reach * up + height * (round(up) - 1) / 2


def _lead(axes: Axes, label: Label, spot: tuple[float, float], size: tuple[float, float]) -> None:
    near = [min(max(0.0, low), low + side) for low, side in zip(spot, size, strict=True)]
    if math.hypot(*near) > 12:
        arrow = {"arrowstyle": "-", "color": label.colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 4}
        axes.annotate("", (label.x, label.y), (near[0], near[1]), textcoords="offset points", arrowprops=arrow)


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _common(one: Box, other: Box) -> float:
    return _area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))

"""Smooth-edged shapes on a Pillow picture, as if cut from paper.

Pillow fills polygons with hard edges. Each shape is therefore cut as a mask at a multiple of its size and
reduced, over the shape's own box alone, which costs far less than a whole picture at that multiple.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageOps

Point = tuple[float, float]
Colour = tuple[int, ...]
Box = tuple[int, int, int, int]

_SHADE = (20, 14, 40)
_SHADE_SCALE = 1 / 8  # a shadow is soft: an eighth of the size holds all there is to see of it


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return the colour `part` (0 to 1) of the way from `one` to `other`."""
    return tuple(round(a + (b - a) * part) for a, b in zip(one, other, strict=True))


def ellipse(centre: Point, wide: float, high: float = 0.0) -> list[Point]:
    """Return the points of an ellipse by its radii; of a circle, where one is given."""
    angles = (math.tau * step / 200 for step in range(200))
    return [(centre[0] + wide * math.cos(a), centre[1] + (high or wide) * math.sin(a)) for a in angles]


class Canvas:
    """A picture in work; lengths are its pixels, from the upper left corner. `unit` is its shorter side."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.unit = min(width, height)
        self.image = Image.new("RGB", (width, height))

    def shape(
        self, points: Sequence[Point], top: Colour, bottom: Colour | None = None, shadow: float = 0.0
    ) -> None:
        """Fill a polygon, from `top` to `bottom`; `shadow` (0 to 1) darkens what lies behind its edge."""
        if shadow:
            reach = self.unit * 0.018
            box = self._box(points, reach * 3)
            soft = _mask([(x, y - reach * 0.4) for x, y in points], box, _SHADE_SCALE)
            soft = soft.filter(ImageFilter.GaussianBlur(reach * _SHADE_SCALE)).point(lambda level: level * shadow)
            self.image.paste(_SHADE, box, soft.resize(_size(box)))
        box = self._box(points)
        wide, high = _size(box)
        # Small shapes can afford finer edges.
        multiple = 4 if wide * high < 1_500_000 else 2
        column = ImageOps.colorize(Image.linear_gradient("L").resize((1, high)), top, bottom or top)
        sheet = column.resize((wide, high), Image.Resampling.NEAREST)
        self.image.paste(sheet, box, _mask(points, box, multiple).reduce(multiple))

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Lay light around a point, fading out at `radius`; `strength` is its part at the centre, 0 to 1."""
        # Pillow's radial gradient reaches 255 in its corners: 180 is the middle of a side.
        light = Image.radial_gradient("L").point(lambda level: 255 * strength * max(0.0, 1 - level / 180) ** 2)
        corner = (round(centre[0] - radius), round(centre[1] - radius))
        self.image.paste(colour, corner, light.resize((round(radius * 2),) * 2, Image.Resampling.BICUBIC))

    def _box(self, points: Sequence[Point], margin: float = 1.0) -> Box:
        """Return the box of what is to be seen of a polygon; one beyond the edge gets a box of one pixel."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, upper = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        right, lower = min(self.width, math.ceil(max(xs) + margin)), min(self.height, math.ceil(max(ys) + margin))
        return left, upper, max(right, left + 1), max(lower, upper + 1)


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _mask(points: Sequence[Point], box: Box, scale: float) -> Image.Image:
    wide, high = _size(box)
    mask = Image.new("L", (math.ceil(wide * scale), math.ceil(high * scale)))
    ImageDraw.Draw(mask).polygon([((x - box[0]) * scale, (y - box[1]) * scale) for x, y in points], fill=255)
    return mask

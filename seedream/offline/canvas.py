"""Smooth-edged shapes on a Pillow picture.

Pillow fills polygons with hard edges. Each shape is therefore cut as a mask at a multiple of its size and
reduced, over the shape's own box alone, which costs far less than a whole picture at that multiple.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = tuple[int, int, int]
Fill = Colour | tuple[Colour, Colour]
"""One colour, or the colours at the top and the bottom of a shape's box."""

_SHADE_SCALE = 8  # a shadow is soft: an eighth of the size holds all there is to see of it


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return the colour `part` (0 to 1) of the way from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def circle(centre: Point, radius: float, start: float = 0.0, end: float = 360.0) -> list[Point]:
    """Return the points of an arc, from `start` to `end` degrees clockwise from three o'clock."""
    steps = max(12, round(abs(end - start) * 0.8))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def capsule(left: float, right: float, middle: float, thickness: float) -> list[Point]:
    """Return a lying bar with round ends."""
    radius = thickness / 2
    return circle((right, middle), radius, -90, 90) + circle((left, middle), radius, 90, 270)


class Canvas:
    """A picture in work; lengths are its pixels, the origin is the upper left corner."""

    def __init__(self, width: int, height: int, fill: Fill) -> None:
        self.width = width
        self.height = height
        self.image = _sheet((width, height), fill)

    def shape(self, points: Sequence[Point], fill: Fill, shadow: float = 0.0) -> None:
        """Fill a polygon; `shadow` (0 to 1) darkens what lies behind its edge, as under cut paper."""
        box = self._box(points, 0)
        if box is None:
            return
        if shadow:
            self._shade(points, shadow)
        size = (box[2] - box[0], box[3] - box[1])
        self.image.paste(_sheet(size, fill), box, _mask(points, box, _multiple(size)))

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Lay light around a point, fading out at `radius`; `strength` is its part at the centre, 0 to 1."""
        side = round(radius * 2)
        light = Image.radial_gradient("L").point([_faded(step, strength) for step in range(256)])
        light = light.resize((side, side), Image.Resampling.BICUBIC)
        self.image.paste(colour, (round(centre[0] - radius), round(centre[1] - radius)), light)

    def _shade(self, points: Sequence[Point], strength: float) -> None:
        reach = min(self.width, self.height) * 0.018
        box = self._box(points, math.ceil(reach * 3))
        if box is None:
            return
        small = [(x / _SHADE_SCALE, (y - reach * 0.4) / _SHADE_SCALE) for x, y in points]
        left, upper = box[0] / _SHADE_SCALE, box[1] / _SHADE_SCALE
        size = (box[2] - box[0], box[3] - box[1])
        shade = Image.new("L", (math.ceil(size[0] / _SHADE_SCALE), math.ceil(size[1] / _SHADE_SCALE)))
        ImageDraw.Draw(shade).polygon([(x - left, y - upper) for x, y in small], fill=round(255 * strength))
        shade = shade.filter(ImageFilter.GaussianBlur(reach / _SHADE_SCALE))
        self.image.paste((20, 14, 40), box, shade.resize(size, Image.Resampling.BILINEAR))

    def _box(self, points: Sequence[Point], margin: int) -> tuple[int, int, int, int] | None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, upper = max(0, math.floor(min(xs)) - margin), max(0, math.floor(min(ys)) - margin)
        right = min(self.width, math.ceil(max(xs)) + 1 + margin)
        lower = min(self.height, math.ceil(max(ys)) + 1 + margin)
        return (left, upper, right, lower) if left < right and upper < lower else None


def _sheet(size: tuple[int, int], fill: Fill) -> Image.Image:
    if not isinstance(fill[0], tuple):
        return Image.new("RGB", size, fill)
    top, bottom = fill[0], fill[1]
    assert isinstance(bottom, tuple)  # noqa: S101 - tells the type checker which half of Fill this is
    rows = (mix(top, bottom, row / max(1, size[1] - 1)) for row in range(size[1]))
    column = Image.frombytes("RGB", (1, size[1]), bytes(chain.from_iterable(rows)))
    return column.resize(size, Image.Resampling.NEAREST)


def _mask(points: Sequence[Point], box: tuple[int, int, int, int], multiple: int) -> Image.Image:
    size = ((box[2] - box[0]) * multiple, (box[3] - box[1]) * multiple)
    mask = Image.new("L", size)
    cut = [((x - box[0]) * multiple, (y - box[1]) * multiple) for x, y in points]
    ImageDraw.Draw(mask).polygon(cut, fill=255)
    return mask.reduce(multiple)


def _multiple(size: tuple[int, int]) -> int:
    """Small shapes can afford finer edges; a mask stays under some 40 million pixels."""
    area = size[0] * size[1]
    return 4 if area < 1_500_000 else 3 if area < 4_000_000 else 2


def _faded(step: int, strength: float) -> int:
    # Pillow's radial gradient reaches 255 in its corners: 180 is the middle of a side.
    return round(255 * strength * max(0.0, 1 - step / 180) ** 2)

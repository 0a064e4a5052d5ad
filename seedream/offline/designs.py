"""What the samples show: hills or a sea of cut paper, by day or by night, or a wall of tiles.

Each design takes `progress`, 0 to 1 through a series: the sun or the moon crosses the sky from picture to picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from random import Random

from PIL import Image, ImageDraw

from seedream.offline.canvas import Canvas, Colour, Point, ellipse, mix

_Line = Callable[[float], float]

# Parts of discs, in a tile's own width: centre, radius, the degrees from and to which each is drawn, and its ink.
_MOTIFS = (
    ((0.0, 0.0, 1.0, 0, 360, 0), (0.0, 0.0, 0.68, 0, 360, 1), (0.0, 0.0, 0.36, 0, 360, 2)),
    ((0.5, 1.0, 0.5, 0, 360, 0), (0.5, 1.0, 0.34, 0, 360, 1), (0.5, 1.0, 0.17, 0, 360, 2)),
    ((0.5, 0.5, 0.38, 0, 360, 0), (0.5, 0.5, 0.38, 0, 180, 1)),
    ((1.0, 0.0, 1.0, 90, 180, 0), (0.0, 1.0, 1.0, 270, 360, 0), (0.5, 0.5, 0.15, 0, 360, 1)),
    ((0.5, 0.5, 0.5, 180, 360, 0), (0.5, 1.0, 0.5, 180, 360, 1)),
)


@dataclass(frozen=True)
class Palette:
    """Colours that go together: a sky from `high` to `low`, `layers` from the palest to the darkest, the ink."""

    paper: Colour
    high: Colour
    low: Colour
    sun: Colour
    accent: Colour
    layers: tuple[Colour, ...]
    night: bool = False

    @property
    def ink(self) -> Colour:
        return self.layers[-1]

    def at_night(self) -> Palette:
        haze, moon = mix(self.layers[1], self.low, 0.25), mix(self.paper, self.accent, 0.22)
        layers = tuple(mix(each, self.ink, 0.45) for each in self.layers)
        return Palette(self.paper, self.ink, haze, moon, self.paper, layers, night=True)


def hills(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw five ridges in mist, and pines on the nearest."""
    _sky(canvas, palette, rng, progress)
    for depth, colour in enumerate(palette.layers):
        ridge = _ridge(rng, canvas.unit * (0.105 - 0.008 * depth), canvas.unit * (1.07 + 0.1 * depth))
        level = canvas.height * (0.5 + 0.105 * depth)
        mist = mix(colour, palette.low, 0.55 - 0.08 * depth)
        canvas.shape(_below(canvas, level, canvas.height * (0.82 + 0.1 * depth), ridge), colour, mist, 0.24)
    grove = rng.uniform(0.15, 0.85) * canvas.width
    for _ in range(7):
        x, size = grove + rng.uniform(-0.3, 0.3) * canvas.unit, canvas.unit * rng.uniform(0.07, 0.13)
        foot = level + ridge(x) + canvas.unit * 0.012
        for tier in range(3):
            half, base = size * (0.3 - 0.07 * tier), foot - size * 0.28 * tier
            canvas.shape([(x - half, base), (x + half, base), (x, base - size * 0.48)], palette.ink)


def sea(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw a boat in the light of the sun or the moon, and waves before it."""
    (x, _), horizon, unit = _sky(canvas, palette, rng, progress), canvas.height * 0.56, canvas.unit
    near, far = palette.layers[3], mix(palette.low, palette.layers[2], 0.6)
    canvas.shape(_below(canvas, horizon, canvas.height), far, near)
    rows = round(canvas.height * 0.24 / (unit * 0.024))
    for row in range(rows):
        half = unit * (0.1 - 0.055 * math.sin(math.pi * row / rows)) * rng.uniform(0.5, 1.1)
        glint = (x + unit * rng.uniform(-0.025, 0.025), horizon + unit * 0.024 * (row + 0.8))
        faded = mix(palette.sun, palette.layers[2], 0.1 + 0.6 * row / rows)
        canvas.shape(ellipse(glint, half, unit * 0.005), faded)
    x, y, size = canvas.width * (0.78 - 0.56 * progress), horizon + unit * 0.05, unit * 0.15

    def part(colour: Colour, *points: Point) -> None:
        canvas.shape([(x + size * right, y + size * down) for right, down in points], colour)

    part(palette.ink, (-0.42, -0.13), (0.46, -0.13), (0.28, 0.06), (-0.3, 0.06))
    part(palette.paper, (0, -1), (0, -0.18), (0.42, -0.18))
    part(palette.accent, (-0.05, -0.84), (-0.05, -0.18), (-0.36, -0.18))
    for depth in range(3):
        wave = _wave(rng, unit * (0.022 + 0.008 * depth), unit * (0.3 + 0.09 * depth))
        colour = mix(near, palette.ink, 0.2 + 0.4 * depth)
        crest = mix(colour, palette.layers[1], 0.35 - 0.08 * depth)
        canvas.shape(
            _below(canvas, canvas.height * (0.79 + 0.075 * depth), canvas.height, wave), crest, colour, 0.35
        )


def tiles(canvas: Canvas, palette: Palette, rng: Random, _progress: float) -> None:
    """Draw a wall of rings, bridges, discs and leaves, three or four tiles on its shorter side."""
    side = math.ceil(canvas.unit / rng.choice((3, 4)))
    colours = (palette.high, palette.accent, palette.sun, palette.layers[1], palette.layers[3], palette.ink)
    # It begins with half a tile, as a wall that goes on beyond the picture.
    for left, upper in product(range(-side // 2, canvas.width, side), range(-side // 2, canvas.height, side)):
        ground, *inks = rng.sample(colours, 4)
        tile = Image.new("RGB", (2 * side, 2 * side), ground)
        for x, y, radius, start, end, ink in rng.choice(_MOTIFS):
            box = [2 * side * edge for edge in (x - radius, y - radius, x + radius, y + radius)]
            ImageDraw.Draw(tile).chord(box, start, end, inks[ink])
        canvas.image.paste(tile.rotate(90 * rng.randrange(4)).reduce(2), (left, upper))


def _sky(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> Point:
    """Draw the sky; return where the sun or the moon stands: low at the sides, high in the middle."""
    unit, x = canvas.unit, 0.2 + 0.6 * progress
    light = (canvas.width * x, canvas.height * (0.3 + 0.5 * (x - 0.5) ** 2))
    canvas.shape(_below(canvas, 0.0, canvas.height * 0.75), palette.high, palette.low)
    many, pale = canvas.width / unit, mix(palette.low if palette.night else palette.high, palette.paper, 0.75)
    for _ in range(round(26 * many) if palette.night else 0):
        star = (rng.uniform(0, canvas.width), rng.uniform(0, canvas.height * 0.45))
        canvas.shape(ellipse(star, unit * rng.choice((0.0016, 0.0022, 0.0032))), pale)
    canvas.glow(light, unit * 0.52, mix(palette.sun, palette.paper, 0.5), 0.65)
    canvas.shape(ellipse(light, unit * 0.118), mix(palette.sun, palette.accent, 0.45), palette.sun)
    for _ in range(0 if palette.night else round(2 * many)):
        x, y = rng.uniform(0.05, 0.9) * canvas.width, rng.uniform(0.06, 0.3) * canvas.height
        for row in range(3):
            middle = (x + unit * rng.uniform(-0.06, 0.06), y + row * unit * 0.02)
            canvas.shape(ellipse(middle, unit * rng.uniform(0.05, 0.12), unit * 0.011), pale)
    return light


def _ridge(rng: Random, rise: float, length: float) -> _Line:
    """Return a rolling line: three sines of random phase, each shorter and lower than the last."""
    parts = [
        (rise / 1.9**k, math.tau * 1.7**k * rng.uniform(0.8, 1.2) / length, rng.uniform(0, math.tau))
        for k in range(3)
    ]
    return lambda x: sum(high * math.sin(x * pace + phase) for high, pace, phase in parts)


def _wave(rng: Random, rise: float, length: float) -> _Line:
    phase = rng.uniform(0, length)
    return lambda x: rise * (1 - 2 * abs(math.sin(math.pi * (x + phase) / length)) ** 0.8)


def _below(canvas: Canvas, level: float, floor: float, line: _Line = lambda _: 0.0) -> list[Point]:
    """Return what lies between a line about a level, over the canvas' width, and a floor."""
    xs = [canvas.width * step / 360 for step in range(361)]
    return [*((x, level + line(x)) for x in xs), (canvas.width, floor), (0.0, floor)]

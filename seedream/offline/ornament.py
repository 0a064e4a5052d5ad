"""Flat designs: Bauhaus tiles and botanical prints."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from seedream.offline.canvas import Canvas, Colour, Point, circle, mix
from seedream.offline.palettes import Palette

_Place = Callable[[Point], Point]


def tiles(canvas: Canvas, palette: Palette, rng: Random, _progress: float) -> None:
    """Draw a wall of arches, discs and quarter rings."""
    rows, columns = _grid(canvas.width / canvas.height)
    wide, high = canvas.width / columns, canvas.height / rows
    colours = (palette.sky[0], palette.accent, palette.sun, palette.layers[1], palette.layers[3], palette.ink)
    motifs = (_rings, _arch, _disc, _leaf, _halves, _rings, _arch)
    last: Colour | None = None
    for row in range(rows):
        for column in range(columns):
            ground, *inks = rng.sample(colours, 4)
            if ground == last:
                ground, inks[0] = inks[0], ground
            last = ground
            turn = rng.randrange(4)

            def place(point: Point, c: int = column, r: int = row, turn: int = turn) -> Point:
                x, y = _turned(point, turn)
                return (c + x) * wide, (r + y) * high

            _fill(canvas, place, [(0, 0), (1, 0), (1, 1), (0, 1)], ground)
            rng.choice(motifs)(canvas, place, inks)


def leaves(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw sprigs before a great disc."""
    width, height = canvas.width, canvas.height
    unit = min(width, height)
    canvas.shape([(0, 0), (width, 0), (width, height), (0, height)], (palette.paper, palette.sky[0]))
    disc = (width * (0.38 + 0.24 * progress), height * 0.44)
    canvas.shape(
        circle(disc, unit * 0.36),
        (mix(palette.accent, palette.paper, 0.15), mix(palette.sun, palette.accent, 0.3)),
    )
    count = max(3, round(width / height * 4))
    slender = rng.uniform(0.2, 0.42)
    for index in sorted(range(count), key=lambda _: rng.random()):
        middle = (index + 0.5) / count
        foot = (width * (middle + rng.uniform(-0.03, 0.03)), height * 1.02)
        tall = height * rng.uniform(0.58, 0.9)
        lean = unit * rng.uniform(-0.2, 0.2)
        before_disc = abs(foot[0] - disc[0]) < unit * 0.45
        colour = rng.choice(palette.layers[2:] if before_disc else (*palette.layers[1:], palette.sun))
        _sprig(
            canvas,
            foot,
            (lean, tall),
            colour,
            (slender * rng.uniform(0.85, 1.15), mix(colour, palette.paper, 0.4)),
        )
    for _ in range(count * 2):
        berry = (rng.uniform(0.05, 0.95) * width, rng.uniform(0.08, 0.6) * height)
        canvas.shape(circle(berry, unit * rng.uniform(0.006, 0.013)), palette.sun)


def _grid(ratio: float) -> tuple[int, int]:
    """Return rows and columns whose tiles are nearest to square, at least three on the shorter side."""
    counts = [(short, round(short * max(ratio, 1 / ratio))) for short in (3, 4)]
    short, long = min(counts, key=lambda pair: abs(pair[1] / pair[0] / max(ratio, 1 / ratio) - 1))
    return (short, long) if ratio >= 1 else (long, short)


def _turned(point: Point, turn: int) -> Point:
    x, y = point
    for _ in range(turn):
        x, y = 1 - y, x
    return x, y


def _fill(canvas: Canvas, place: _Place, points: list[Point], colour: Colour) -> None:
    canvas.shape([place(point) for point in points], colour)


def _rings(canvas: Canvas, place: _Place, inks: list[Colour]) -> None:
    for radius, ink in zip((1.0, 0.68, 0.36), inks, strict=True):
        _fill(canvas, place, [(0, 0), *circle((0, 0), radius, 0, 90)], ink)


def _arch(canvas: Canvas, place: _Place, inks: list[Colour]) -> None:
    for half, ink in zip((0.5, 0.34, 0.18), inks, strict=True):
        _fill(canvas, place, [(0.5 - half, 1), *circle((0.5, 0.5), half, 180, 360), (0.5 + half, 1)], ink)


def _disc(canvas: Canvas, place: _Place, inks: list[Colour]) -> None:
    _fill(canvas, place, circle((0.5, 0.5), 0.38), inks[0])
    _fill(canvas, place, circle((0.5, 0.5), 0.38, 0, 180), inks[1])


def _leaf(canvas: Canvas, place: _Place, inks: list[Colour]) -> None:
    _fill(canvas, place, circle((1, 0), 1.0, 90, 180) + circle((0, 1), 1.0, 270, 360), inks[0])
    _fill(canvas, place, circle((0.5, 0.5), 0.15), inks[1])


def _halves(canvas: Canvas, place: _Place, inks: list[Colour]) -> None:
    _fill(canvas, place, circle((0.5, 0.5), 0.5, 180, 360), inks[0])
    _fill(canvas, place, circle((0.5, 1.0), 0.5, 180, 360), inks[1])


def _sprig(canvas: Canvas, foot: Point, reach: Point, colour: Colour, style: tuple[float, Colour]) -> None:
    """Draw a stem that leans by `reach[0]` over its height `reach[1]`, and its leaves in pairs."""
    slender, vein = style
    count, thick = 9, reach[1] * 0.006
    leaf = min(reach[1], canvas.width) * 0.25

    def stem(t: float) -> Point:
        return foot[0] + reach[0] * t * t, foot[1] - reach[1] * t

    line = [stem(k / 40) for k in range(41)]
    canvas.shape([(x - thick, y) for x, y in line] + [(x + thick * 0.4, y) for x, y in reversed(line)], colour)
    for k in range(count):
        t = 0.2 + 0.75 * k / (count - 1)
        length = leaf * math.sin(math.pi * (0.2 + 0.68 * t)) ** 1.2
        tilt = math.atan2(2 * reach[0] * t, reach[1])
        for side in (-1, 1):
            _blade(canvas, stem(t), tilt + side * (1.05 - 0.35 * t), (length, length * slender), (colour, vein))
    _blade(
        canvas,
        stem(0.98),
        math.atan2(2 * reach[0], reach[1]),
        (leaf * 0.55, leaf * 0.55 * slender),
        (colour, vein),
    )


def _blade(
    canvas: Canvas, root: Point, angle: float, size: tuple[float, float], colours: tuple[Colour, Colour]
) -> None:
    length, breadth = size
    along, across = (math.sin(angle), -math.cos(angle)), (math.cos(angle), math.sin(angle))

    def at(t: float, offset: float) -> Point:
        return (
            root[0] + along[0] * length * t + across[0] * offset,
            root[1] + along[1] * length * t + across[1] * offset,
        )

    steps = [k / 24 for k in range(25)]
    edge = [at(t, breadth / 2 * math.sin(math.pi * t**0.85)) for t in steps]
    other = [at(t, -breadth / 2 * math.sin(math.pi * t**0.85)) for t in reversed(steps)]
    canvas.shape(edge + other, colours[0])
    width = breadth * 0.035
    canvas.shape([at(0.08, width), at(0.86, 0), at(0.08, -width)], colours[1])

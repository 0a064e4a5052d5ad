"""Landscapes of cut paper: hills under a sun, a sea under a moon, dunes.

Each drawing takes `progress`, 0 to 1 through a sequence: the sun or moon crosses the sky from
picture to picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from seedream.offline.canvas import Canvas, Colour, Point, capsule, circle, mix
from seedream.offline.palettes import Palette

Line = Callable[[float], float]


def hills(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw layered hills in mist."""
    width, height = canvas.width, canvas.height
    unit = min(width, height)
    canvas.shape(_whole(canvas), palette.sky)
    sun = _orbit(canvas, progress, 0.34)
    canvas.glow(sun, unit * 0.5, mix(palette.sun, palette.paper, 0.55), 0.75)
    canvas.shape(circle(sun, unit * 0.115), (mix(palette.sun, palette.accent, 0.45), palette.sun))
    for _ in range(max(2, round(width / height * 2))):
        _cloud(canvas, palette, rng)
    ridges = [_ridge(rng, unit * (0.105 - 0.008 * depth), unit, 1.5 - 0.12 * depth) for depth in range(5)]
    for depth, (ridge, colour) in enumerate(zip(ridges, palette.layers, strict=True)):
        level = height * (0.5 + 0.105 * depth)
        mist = mix(colour, palette.sky[1], 0.55 - 0.08 * depth)
        floor = height if depth == 4 else min(height, level + height * 0.105 + unit * 0.2)
        canvas.shape(_below(canvas, ridge, level, floor), (colour, mist), 0.24)
    _pines(canvas, palette, rng, ridges[4])


def sea(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw a moonlit sea with a sailing boat."""
    width, height = canvas.width, canvas.height
    unit = min(width, height)
    night, haze = palette.ink, mix(palette.layers[1], palette.sky[1], 0.25)
    horizon = height * 0.56
    canvas.shape(_whole(canvas, horizon + 2), (night, haze))
    moon = _orbit(canvas, progress, 0.26)
    for _ in range(round(26 * width * height / unit**2)):
        star = (rng.uniform(0, width), rng.uniform(0, horizon * 0.8))
        canvas.shape(circle(star, unit * rng.choice((0.0016, 0.0022, 0.0032))), mix(haze, palette.paper, 0.75))
    light = mix(palette.paper, palette.accent, 0.22)
    canvas.glow(moon, unit * 0.55, light, 0.6)
    canvas.shape(circle(moon, unit * 0.12), (palette.paper, light))
    water = [(0.0, horizon), (width, horizon), (width, height), (0.0, height)]
    canvas.shape(water, (mix(haze, palette.layers[2], 0.6), palette.layers[3]))
    _reflection(canvas, palette, rng, (moon[0], horizon), light)
    _boat(canvas, palette, ((0.78 - 0.56 * progress) * width, horizon + unit * 0.05))
    for depth in range(3):
        wave = _scallop(rng, unit * (0.022 + 0.008 * depth), unit * (0.3 + 0.09 * depth))
        level = height * (0.79 + 0.075 * depth)
        colour = mix(palette.layers[3], palette.ink, 0.2 + 0.4 * depth)
        crest = mix(colour, palette.layers[1], 0.35 - 0.08 * depth)
        canvas.shape(_below(canvas, wave, level, height), (crest, colour), 0.35)


def dunes(canvas: Canvas, palette: Palette, rng: Random, progress: float) -> None:
    """Draw dunes with a lit and a shaded face."""
    width, height = canvas.width, canvas.height
    unit = min(width, height)
    canvas.shape(_whole(canvas), (mix(palette.sky[0], palette.layers[0], 0.25), palette.sky[0]))
    sun = _orbit(canvas, progress, 0.3)
    for ring, part in ((0.31, 0.82), (0.225, 0.6), (0.14, 0.0)):
        canvas.shape(circle(sun, unit * ring), mix(palette.sun, palette.sky[0], part))
    side = rng.random() < 0.5
    for depth in range(5):
        colour = palette.layers[depth]
        peak = (
            width * (0.27 if side else 0.73) + rng.uniform(-0.13, 0.13) * width,
            height * (0.42 + 0.12 * depth),
        )
        side = not side
        crest = _crest(canvas, peak, unit * (0.3 - 0.03 * depth), rng)
        lit = mix(colour, palette.sky[0], 0.28)
        canvas.shape([*crest, (width, height), (0.0, height)], (lit, colour), 0.22)
        shaded = [point for point in crest if (point[0] >= peak[0]) != (sun[0] > peak[0])]
        canvas.shape(_face(canvas, shaded, peak), (mix(colour, palette.ink, 0.38), mix(colour, palette.ink, 0.16)))


def _whole(canvas: Canvas, height: float | None = None) -> list[Point]:
    low = canvas.height if height is None else height
    return [(0, 0), (canvas.width, 0), (canvas.width, low), (0, low)]


def _orbit(canvas: Canvas, progress: float, height: float) -> Point:
    """Return where the sun or moon stands: low at the sides, `height` of the picture from its top at noon."""
    x = 0.2 + 0.6 * progress
    return canvas.width * x, canvas.height * (height + 0.5 * (x - 0.5) ** 2)


def _ridge(rng: Random, rise: float, unit: float, waves: float) -> Line:
    """Return a rolling line: three sines of random phase, each shorter and lower than the last."""
    parts = [
        (
            rise / 1.9**k,
            math.tau * waves * 1.7**k * rng.uniform(0.8, 1.2) / (unit * 1.6),
            rng.uniform(0, math.tau),
        )
        for k in range(3)
    ]
    return lambda x: sum(high * math.sin(x * pace + phase) for high, pace, phase in parts)


def _scallop(rng: Random, rise: float, length: float) -> Line:
    phase = rng.uniform(0, length)
    return lambda x: rise * (1 - 2 * abs(math.sin(math.pi * (x + phase) / length)) ** 0.8)


def _below(canvas: Canvas, line: Line, level: float, floor: float) -> list[Point]:
    count = 360
    xs = (canvas.width * k / count for k in range(count + 1))
    top = [(x, level + line(x)) for x in xs]
    return [*top, (canvas.width, floor), (0.0, floor)]


def _cloud(canvas: Canvas, palette: Palette, rng: Random) -> None:
    unit = min(canvas.width, canvas.height)
    x, y = rng.uniform(0.05, 0.9) * canvas.width, rng.uniform(0.07, 0.3) * canvas.height
    colour = mix(palette.sky[0], palette.paper, 0.75)
    for row in range(3):
        length = unit * rng.uniform(0.09, 0.2)
        start = x + unit * rng.uniform(-0.06, 0.06)
        canvas.shape(capsule(start, start + length, y + row * unit * 0.021, unit * 0.022), colour)


def _pines(canvas: Canvas, palette: Palette, rng: Random, ground: Line) -> None:
    unit = min(canvas.width, canvas.height)
    colour = mix(palette.ink, palette.layers[3], 0.12)
    grove = rng.uniform(0.12, 0.88) * canvas.width
    for _ in range(7):
        x = grove + rng.gauss(0, 0.16) * unit
        size, foot = unit * rng.uniform(0.07, 0.13), canvas.height * 0.92 + ground(x) + unit * 0.012
        for tier in range(3):
            half, base = size * (0.3 - 0.07 * tier), foot - size * 0.28 * tier
            canvas.shape([(x - half, base), (x + half, base), (x, base - size * 0.48)], colour)


def _reflection(canvas: Canvas, palette: Palette, rng: Random, head: Point, light: Colour) -> None:
    unit, (x, horizon) = min(canvas.width, canvas.height), head
    step = unit * 0.024
    rows = round((canvas.height * 0.8 - horizon) / step)
    for row in range(rows):
        half = unit * (0.1 - 0.055 * math.sin(math.pi * row / rows)) * rng.uniform(0.5, 1.1)
        shift = unit * rng.uniform(-0.025, 0.025)
        colour = mix(light, palette.layers[2], 0.1 + 0.6 * row / rows)
        canvas.shape(
            capsule(x + shift - half, x + shift + half, horizon + step * (row + 0.8), unit * 0.009), colour
        )


def _boat(canvas: Canvas, palette: Palette, foot: Point) -> None:
    size = min(canvas.width, canvas.height) * 0.15
    x, y = foot
    hull = [(x - size * 0.42, y - size * 0.13), (x + size * 0.46, y - size * 0.13)]
    hull += [(x + size * 0.28, y + size * 0.06), (x - size * 0.3, y + size * 0.06)]
    canvas.shape(hull, palette.ink)
    canvas.shape([(x, y - size), (x, y - size * 0.18), (x + size * 0.42, y - size * 0.18)], palette.paper)
    sail = mix(palette.sun, palette.accent, 0.25)
    canvas.shape(
        [
            (x - size * 0.05, y - size * 0.84),
            (x - size * 0.05, y - size * 0.18),
            (x - size * 0.36, y - size * 0.18),
        ],
        sail,
    )


def _crest(canvas: Canvas, peak: Point, rise: float, rng: Random) -> list[Point]:
    """Return a dune's skyline: steep about the peak, flat towards both sides."""
    reach = min(canvas.width, canvas.height) * rng.uniform(0.5, 0.75)
    count = 300
    xs = sorted({*(canvas.width * k / count for k in range(count + 1)), peak[0]})
    return [(x, peak[1] + rise * (1 - math.exp(-abs(x - peak[0]) / reach))) for x in xs]


def _face(canvas: Canvas, skyline: list[Point], peak: Point) -> list[Point]:
    """Return the shaded face: from the skyline back to the peak along a winding edge."""
    if len(skyline) < 2:
        return [peak] * 3
    side = 1 if skyline[-1][0] > peak[0] else -1
    skyline = skyline if side > 0 else skyline[::-1]
    unit, depth = min(canvas.width, canvas.height), canvas.height * 0.55
    edge = [
        (peak[0] + side * unit * (0.2 * t + 0.11 * math.sin(t * 5.2)), peak[1] + depth * t)
        for t in (k / 60 for k in range(60, -1, -1))
    ]
    return [*skyline, (skyline[-1][0], peak[1] + depth), *edge]

"""Colours that go together, picked by hand. A prompt has one palette, so that its sequence is a series."""

from __future__ import annotations

from dataclasses import dataclass

from seedream.offline.canvas import Colour


@dataclass(frozen=True)
class Palette:
    """`layers` run from the farthest and palest to the nearest and darkest, which is also the ink."""

    paper: Colour
    sky: tuple[Colour, Colour]
    sun: Colour
    accent: Colour
    layers: tuple[Colour, Colour, Colour, Colour, Colour]

    @property
    def ink(self) -> Colour:
        return self.layers[-1]


def _colour(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def _palette(codes: str) -> Palette:
    paper, high, low, sun, accent, *layers = map(_colour, codes.split())
    one, two, three, four, five = layers
    return Palette(paper, (high, low), sun, accent, (one, two, three, four, five))


PALETTES = tuple(
    map(
        _palette,
        (
            # paper sky-high sky-low sun accent, then five layers
            "fbf5ea fbe3c8 f7bd96 e8634a f3c15f f0a58a d97b6c a95765 6d4160 3a2a4d",
            "f7f5ee e9f1ea b5d5d3 f2a93b e4694a 9cc4c2 6ba3a8 417f8c 245a6b 12384a",
            "faf6e8 f7efd8 ecd59d d9572b e9a63a d3c38a a9a765 748450 47613f 263f33",
            "f6f1e7 dfe3f3 f4cfc4 f6b85c e0766b b6b3d8 8a8bc0 6064a0 3f437d 24274f",
            "fbf4ee fbe9df f3c4b0 c8402c e8a13c e8a994 d07f6c ad5846 7b3d35 452626",
            "f8f7ef eef6ea bfe0cf f9765f f6c667 a4d2bd 74b7a3 4a9488 2d6d6b 1b464c",
        ),
    )
)

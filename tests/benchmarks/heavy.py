"""A service whose pictures are ready-made and as heavy as real ones: 5 to 13 MB a PNG."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from seedream.offline.options import Painter

_GRAIN = 2.0


@cache
def heavy_png(width: int, height: int) -> bytes:
    """Return a PNG of soft shapes under a fine grain, which is what makes a photograph's file large."""
    across, down = np.arange(width)[None, :, None], np.arange(height)[:, None, None]
    waves = np.array([700.0, 500.0, 900.0])
    shapes = 90 + 80 * np.sin((across + down * np.array([0.2, 1.0, 0.6])) / waves)
    grain = np.random.default_rng(1).normal(0, _GRAIN, (height, width, 1))
    tint = np.random.default_rng(2).normal(0, _GRAIN / 3, (height, width, 3))
    pixels = np.clip(shapes + grain + tint, 0, 255).astype("uint8")
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return file.getvalue()


def painter(seconds: Callable[[random.Random], float], seed: int = 1) -> Painter:
    """Return a painter that takes so long for a job's first picture, and has the others ready by then."""
    chance = random.Random(seed)

    def paint(_prompt: str, number: int, _of: int, size: tuple[int, int], _format: str, /) -> bytes:
        picture = heavy_png(*size)
        if number == 1:
            time.sleep(seconds(chance))
        return picture

    return paint


def lognormal(median: float, sigma: float) -> Callable[[random.Random], float]:
    """Return durations in seconds as jobs have them: most near the median, a few far beyond it."""
    return lambda chance: median * float(np.exp(chance.gauss(0, sigma)))

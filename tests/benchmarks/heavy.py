"""A service whose pictures are ready-made and as heavy as real ones: 5 to 13 MB a PNG."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from seedream.offline import Painter

# Natural pictures have amplitudes that fall with spatial frequency, about as 1/f; a little steeper, here, makes
# files of 5 to 13 MB.
_FALL = 1.5
_CONTRAST = 48.0
_TINT = 0.3


@cache
def heavy_png(width: int, height: int) -> bytes:
    """Return a PNG with a natural picture's statistics: it is as heavy, and as slow to decode and encode."""
    chance = np.random.default_rng(1)
    frequency = np.hypot(np.fft.rfftfreq(width)[None, :] * width, np.fft.fftfreq(height)[:, None] * height)
    frequency[0, 0] = 1.0

    def clouds() -> npt.NDArray[np.float64]:
        spectrum = np.fft.rfft2(chance.normal(size=(height, width))) / frequency**_FALL
        values: npt.NDArray[np.float64] = np.fft.irfft2(spectrum, (height, width))
        return values / float(values.std())

    light, red, blue = clouds(), clouds(), clouds()
    colours = np.stack([light + _TINT * red, light, light + _TINT * blue], axis=-1)
    pixels = np.clip(128 + _CONTRAST * colours, 0, 255).astype("uint8")
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

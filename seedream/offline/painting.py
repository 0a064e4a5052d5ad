"""Sample pictures: a printed poster of the right size, with a caption saying that it is a sample."""

from __future__ import annotations

import io
from collections.abc import Callable
from hashlib import sha256
from random import Random

from PIL import Image, ImageDraw, ImageFont, ImageOps

from seedream.offline.canvas import Canvas
from seedream.offline.designs import Palette, hills, sea, tiles
from seedream.offline.options import Painter

# Picked by hand: paper, the sky's top and bottom, sun, accent, then five layers.
PALETTES = (
    "fbf5ea fbe3c8 f7bd96 e8634a f3c15f f0a58a d97b6c a95765 6d4160 3a2a4d",
    "f7f5ee e9f1ea b5d5d3 f2a93b e4694a 9cc4c2 6ba3a8 417f8c 245a6b 12384a",
    "faf6e8 f7efd8 ecd59d d9572b e9a63a d3c38a a9a765 748450 47613f 263f33",
    "f6f1e7 dfe3f3 f4cfc4 f6b85c e0766b b6b3d8 8a8bc0 6064a0 3f437d 24274f",
    "fbf4ee fbe9df f3c4b0 c8402c e8a13c e8a994 d07f6c ad5846 7b3d35 452626",
    "f8f7ef eef6ea bfe0cf f9765f f6c667 a4d2bd 74b7a3 4a9488 2d6d6b 1b464c",
)
_LABEL = ("SAMPLE", "not made by Seedream")
# Level 3 costs a third of zlib's usual 6 on these flat pictures and gives files hardly any larger.
_SAVING = {"png": {"compress_level": 3}, "jpeg": {"quality": 92}}


def painter(salt: str) -> Painter:
    """Return what draws a job's samples; the same salt and arguments give the same bytes.

    The prompt and the salt choose the design and the palette, so that a series is one, and the same prompt makes
    another picture each time, as a model does. The picture's number varies the composition.
    """

    def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        series, own = _chances(salt + prompt, number)
        palette, design = _palette(series.choice(PALETTES)), series.choice((hills, sea, tiles))
        night = design is not tiles and series.random() < 0.5

        def draw(art: Canvas) -> None:
            progress = (number - 1) / (of - 1) if of > 1 else own.uniform(0.2, 0.8)
            design(art, palette.at_night() if night else palette, own, progress)

        return _printed(draw, palette, _place(number, of), size, format)

    return paint


def painter_over(reference: Image.Image, salt: str) -> Painter:
    """Return what draws samples of an edit: the reference (RGB) in a palette's inks, under a light of its own."""

    def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        _, own = _chances(salt + prompt, number)
        palette, half_way = _palette(own.choice(PALETTES)), own.randrange(80, 176)

        def draw(art: Canvas) -> None:
            grey = ImageOps.fit(reference, (art.width, art.height)).convert("L")
            inked = ImageOps.colorize(grey, palette.ink, palette.paper, palette.layers[1], midpoint=half_way)
            art.image.paste(inked)
            # The inks alone would repeat: there are few palettes, and a plain reference shows one colour of each.
            lit = (own.uniform(0.1, 0.9) * art.width, own.uniform(0.1, 0.9) * art.height)
            art.glow(lit, art.unit * own.uniform(0.6, 1.0), palette.accent, 0.5)

        return _printed(draw, palette, _place(number, of), size, format)

    return paint


def _place(number: int, of: int) -> str:
    return f"{number} of {of}" if of > 1 else ""


def _chances(words: str, number: int) -> tuple[Random, Random]:
    """Return what decides about a series, and about one picture of it."""
    # A prompt may hold half of a surrogate pair, which JSON can write and UTF-8 cannot.
    seed = sha256(words.encode("utf-8", "surrogatepass")).digest()
    return Random(seed), Random(seed + bytes([number % 256]))  # noqa: S311 - pictures, not secrets


def _printed(
    draw: Callable[[Canvas], None], palette: Palette, place: str, size: tuple[int, int], format: str
) -> bytes:
    margin = round(min(size) * 0.034)
    sheet = Image.new("RGB", size, palette.paper)
    band = _caption(sheet, palette, margin, place)
    art = Canvas(size[0] - 2 * margin, size[1] - margin - band)
    draw(art)
    sheet.paste(art.image, (margin, margin))
    file = io.BytesIO()
    sheet.save(file, format.upper(), **_SAVING[format])
    return file.getvalue()


def _palette(codes: str) -> Palette:
    paper, high, low, sun, accent, *layers = (tuple(bytes.fromhex(code)) for code in codes.split())
    return Palette(paper, high, low, sun, accent, tuple(layers))


def _caption(sheet: Image.Image, palette: Palette, margin: int, place: str) -> int:
    """Print the label along the lower edge, as large as it fits; return the height that it takes."""
    # In one line, a tall picture's label would be illegible on its thumbnail.
    lines = _LABEL if sheet.width < sheet.height else (" · ".join(_LABEL),)
    longest = ImageFont.load_default(100).getlength(f"{lines[-1]}  {place if len(lines) == 1 else ''}")
    text = round(min(90 * sheet.width / longest, 0.15 * sheet.height / (1 + len(lines))))
    font, draw = ImageFont.load_default(text), ImageDraw.Draw(sheet)
    y = sheet.height - text * (1.2 * len(lines) - 0.15)
    draw.text((sheet.width - margin, y), place, palette.ink, font, anchor="rm")
    for line in lines:
        draw.text((margin, y), line, palette.ink, font, anchor="lm")
        y += 1.2 * text
    return round(text * (1.2 * len(lines) + 0.9))

"""Sample pictures: a printed poster of the right size, with a caption saying that it is a sample."""

from __future__ import annotations

import io
from hashlib import sha256
from random import Random

from PIL import Image, ImageDraw, ImageFont

from seedream.offline.canvas import Canvas
from seedream.offline.ornament import leaves, tiles
from seedream.offline.palettes import PALETTES, Palette
from seedream.offline.scenery import dunes, hills, sea

DESIGNS = (hills, sea, tiles, leaves, dunes)

_HEAD, _TAIL = "SAMPLE", "not made by Seedream"

# Level 3 costs a third of zlib's usual 6 on these flat pictures and gives files hardly any larger.
_SAVING = {"png": {"compress_level": 3}, "jpeg": {"quality": 92}}


def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Draw one sample picture; the same arguments give the same bytes.

    Args:
        prompt: chooses the design and the palette.
        number: the picture's place in its sequence, from 1; varies the composition.
        of: how many pictures the sequence has.
        size: width and height in pixels.
        format: `png` or `jpeg`, as `output_format` has it.
    """
    # A prompt may hold half of a surrogate pair, which JSON can write and UTF-8 cannot.
    seed = sha256(prompt.encode("utf-8", "surrogatepass")).digest()
    series, own = Random(seed), Random(seed + bytes([number % 256]))  # noqa: S311 - pictures, not secrets
    palette, design = series.choice(PALETTES), series.choice(DESIGNS)
    progress = (number - 1) / (of - 1) if of > 1 else own.uniform(0.2, 0.8)
    sheet = Image.new("RGB", size, palette.paper)
    count = f"{number} of {of}" if of > 1 else ""
    margin, text = round(min(size) * 0.034), _text_size(size, count)
    band = round(text * (3.3 if _is_tall(size) else 2.1))
    art = Canvas(size[0] - 2 * margin, size[1] - margin - band, palette.sky[0])
    design(art, palette, own, progress)
    sheet.paste(art.image, (margin, margin))
    _caption(sheet, palette, margin, text, count)
    file = io.BytesIO()
    sheet.save(file, format.upper(), **_SAVING[format])
    return file.getvalue()


def _is_tall(size: tuple[int, int]) -> bool:
    """Return whether the caption takes two lines, without which a tall picture's thumbnail is illegible."""
    return size[0] < size[1]


def _text_size(size: tuple[int, int], count: str) -> int:
    """Return the height of the caption's letters in pixels: as large as the picture's width and height allow."""
    font = ImageFont.load_default(100)
    line = f"{_TAIL}  " if _is_tall(size) else f"{_HEAD} -- {_TAIL}   {count}"
    return round(min(size[0] * 0.9 / (font.getlength(line) / 100), size[1] * (0.045 if _is_tall(size) else 0.075)))


def _caption(sheet: Image.Image, palette: Palette, margin: int, text: int, count: str) -> None:
    font = ImageFont.load_default(text)
    draw = ImageDraw.Draw(sheet)
    low = sheet.height - round(text * 1.05)
    high = low - round(text * 1.2) if _is_tall(sheet.size) else low
    draw.text((margin, high), _HEAD, palette.ink, font, anchor="lm")
    # Pillow's built-in font has no dash: it is drawn.
    dash = margin + font.getlength(f"{_HEAD} ")
    draw.rectangle((dash, high, dash + text * 0.8, high + text * 0.07), palette.ink)
    tail = margin if _is_tall(sheet.size) else dash + text * 0.8 + font.getlength(" ")
    draw.text((tail, low), _TAIL, palette.ink, font, anchor="lm")
    draw.text((sheet.width - margin, high), count, palette.ink, font, anchor="rm")

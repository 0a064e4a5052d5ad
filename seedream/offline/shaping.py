"""Which width and height a job's pictures get.

With `2K` and `3K` the model chooses them from the prompt; this stand-in looks for words that name a shape.
"""

from __future__ import annotations

import re

from seedream import schema

_SIDES = {"2K": 2048, "3K": 3072}
_RATIO = re.compile(r"\b(\d{1,2}:\d{1,2})\b")
_WORDS = (
    ("1:1", r"\bsquare\b|正方形|方形"),
    ("21:9", r"\bpanoram|\bultra-?wide|\bbanner\b|パノラマ|全景"),
    ("16:9", r"\bwide|\bcinematic|\bhorizontal|横長|宽幅|横幅"),
    ("9:16", r"\bphone|\bvertical|\btall\b|縦長|竖"),
    ("3:4", r"\bportrait|\bposter|縦|肖像|ポスター|海报"),
    ("4:3", r"\blandscape|風景|风景"),
)


def size(resolution: str, prompt: str) -> tuple[int, int]:
    """Return width and height in pixels for a `resolution` of the schema."""
    fixed = schema.pixels(resolution)
    if fixed:
        return fixed
    side = _SIDES[resolution]
    shapes = _shapes(side * side)
    named = (ratio for ratio in _RATIO.findall(prompt) if ratio in shapes)
    worded = (ratio for ratio, words in _WORDS if re.search(words, prompt, re.IGNORECASE))
    return shapes[next(named, None) or next(worded, "1:1")]


def _shapes(area: int) -> dict[str, tuple[int, int]]:
    """Return the schema's own sizes of about that many pixels, by their ratio."""
    found = {}
    for choice in schema.load().field("resolution").choices:
        pixels = schema.pixels(choice)
        if pixels and abs(pixels[0] * pixels[1] / area - 1) < 0.25:
            found[str(choice).partition("(")[2].rstrip(")")] = pixels
    return found

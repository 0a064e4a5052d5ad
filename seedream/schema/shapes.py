"""What a value says of a picture's size."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SIZE = re.compile(r"(\d+)x(\d+)")
_SHAPE = re.compile(r"\d{1,5}x\d{1,5}( \(.+\))?|\d{1,3}:\d{1,3}", re.ASCII)


def pixels(resolution: object) -> tuple[int, int] | None:
    """Return width and height in pixels of a `resolution` value, or None where the model chooses them.

    >>> pixels("2304x1728 (4:3)")
    (2304, 1728)
    >>> pixels("2K") is None
    True
    """
    found = _SIZE.match(str(resolution))
    return (int(found[1]), int(found[2])) if found else None


def are_shapes(choices: Iterable[object]) -> bool:
    """Tell whether values name shapes, alone or with their pixels: two at least.

    >>> are_shapes(["2K", "2304x1728 (4:3)", "1728x2304 (3:4)"]), are_shapes(["auto", "1:1", "16:9"])
    (True, True)
    >>> are_shapes(["1K", "2K"])
    False
    """
    return sum(_SHAPE.fullmatch(str(each)) is not None for each in choices) > 1

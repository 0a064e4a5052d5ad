"""A JPEG or a PNG reduced to its picture: no place, no camera, no comment, nothing behind its end.

Nothing is decoded, so not a pixel changes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping

_SOI, _EOI, _SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
# Tables, frames as every decoder knows them (baseline, extended, progressive), lines and restarts.
_OF_THE_PICTURE = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDC, 0xDD, _SOS})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# They say how its colours are meant: by a name, so many bytes that do, of so many.
_COLOURS = {0xE0: (b"JFIF\0", 12, 14), 0xEE: (b"Adobe", 12, 12)}
_MARKER = re.compile(rb"\xff+[^\x00\x01\xff\xd0-\xd7]", re.DOTALL)
# A progressive picture has about ten. Each is a walk over all pixels, however few bytes it has.
_MOST_SCANS = 64

_PNG = b"\x89PNG\r\n\x1a\n"
# With the bytes that they have, where they have no room for anything else.
_CHUNKS: Mapping[bytes, int | None] = {
    b"IHDR": 13,
    b"IDAT": None,
    b"IEND": 0,
    b"gAMA": 4,
    b"sRGB": 1,
    b"cHRM": 32,
}


def strip_jpeg(data: bytes) -> bytes | None:
    """Return a JPEG without its metadata; None: it is of a kind that few decoders know.

    Raises:
        ValueError: it is damaged, or would take very long to decode.
    """
    kept, at, scans, common = [_SOI], len(_SOI), 0, True
    while found := _MARKER.search(data, at):
        marker, start = found[0][-1], found.end()
        if marker == _EOI[1]:
            return b"".join([*kept, _EOI]) if common else None
        end = start + int.from_bytes(data[start : start + 2], "big")
        common = common and (marker not in _FRAMES or marker in _OF_THE_PICTURE)
        if marker == _SOS:
            scans += 1
            following = _MARKER.search(data, end)
            end = following.start() if following else end
        if not start + 2 <= end <= len(data) or scans > _MOST_SCANS:
            break
        if marker in _OF_THE_PICTURE:
            kept.append(data[start - 2 : end])
        elif marker in _COLOURS:
            name, used, most = _COLOURS[marker]
            said = data[start + 2 : end]
            if said.startswith(name):
                # JFIF ends with the size of its thumbnail, which is left out.
                said = said[:used].ljust(most, b"\0")
                kept.append(data[start - 2 : start] + (len(said) + 2).to_bytes(2, "big") + said)
        at = end
    raise ValueError("no whole JPEG")


def strip_png(data: bytes) -> bytes | None:
    """Return a PNG without its metadata; None: its pixels are not written as plain RGB or RGBA of 8 bits.

    Raises:
        ValueError: it is damaged.
    """
    kept, at = [_PNG], len(_PNG)
    # Its depth, and whether its pixels are RGB or RGBA.
    plain = data[24:25] == b"\x08" and data[25:26] in (b"\x02", b"\x06")
    while name := data[at + 4 : at + 8]:
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if zlib.crc32(data[at + 4 : end - 4]).to_bytes(4, "big") != data[end - 4 : end]:
            break
        plain = plain and name != b"tRNS"
        if name in _CHUNKS and _CHUNKS[name] in (None, end - at - 12):
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept) if plain else None
        at = end
    raise ValueError("no whole PNG")


STRIP: Mapping[str, Callable[[bytes], bytes | None]] = {"JPEG": strip_jpeg, "MPO": strip_jpeg, "PNG": strip_png}
"""By Pillow's name of the format."""

"""A copy of an original with its settings inside: the file's own bytes, and a little more between them.

Nothing is decoded: a PNG gets text chunks behind its header, a JPEG gets segments before its picture.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seedream.errors import SeedreamError
from seedream.pictures.cache import Picture
from seedream.pictures.inscriptions import Inscription, TooLongError

# What one step holds in memory, in bytes.
_STEP = 1024 * 1024

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = len(_PNG) + 4 + 4 + 13 + 4

_SOI, _SOS, _APP0, _APP1, _COM = 0xD8, 0xDA, 0xE0, 0xE1, 0xFE
_MOST_IN_SEGMENT = 0xFFFF - 2
_EXIF = b"Exif\0\0"
_EXIF_POINTER, _USER_COMMENT, _LONG, _UNDEFINED = 0x8769, 0x9286, 4, 7


@dataclass(frozen=True)
class Copy:
    """A file to come: `original`, with `inserted` after its first `cut` bytes."""

    original: Path
    cut: int
    inserted: bytes
    size: int

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file, a little at a time."""
        with await asyncio.to_thread(self.original.open, "rb") as file:
            yield await asyncio.to_thread(file.read, self.cut) + self.inserted
            while piece := await asyncio.to_thread(file.read, _STEP):
                yield piece


def copy(picture: Picture, inscription: Inscription, language: str) -> Copy:
    """Plan the copy of a picture with its settings inside.

    Other tools look for a text `parameters` in a PNG, and for EXIF's UserComment in a JPEG; both get what people
    read. The settings as JSON are the text `seedream` of a PNG, and a comment of a JPEG: `{"seedream": {…}}`.

    Raises:
        SeedreamError: `file_not_a_picture`: its bytes don't follow their format, or have no place for texts.
        TooLongError: a JPEG's segment can't hold the settings.
    """
    people, machines = inscription.for_people(picture, language), inscription.for_machines()
    with picture.original.open("rb") as file:
        if picture.format == "PNG":
            cut, inserted = _into_png(file, people, machines)
        elif picture.format == "JPEG":
            cut, inserted = _into_jpeg(file, people, machines)
        else:
            raise SeedreamError("file_not_a_picture")
    return Copy(picture.original, cut, inserted, picture.size + len(inserted))


def _into_png(file: BinaryIO, people: str, machines: str) -> tuple[int, bytes]:
    start = file.read(_PNG_HEADER_BYTES)
    if len(start) < _PNG_HEADER_BYTES or not start.startswith(_PNG) or start[12:16] != b"IHDR":
        raise SeedreamError("file_not_a_picture")
    return len(start), _png_text(b"parameters", people) + _png_text(b"seedream", machines)


def _png_text(keyword: bytes, text: str) -> bytes:
    """Return a text's chunk: the old kind, which every tool reads, as long as the text is plain."""
    text = text.replace("\0", "")
    if text.isascii():
        kind, data = b"tEXt", keyword + b"\0" + text.encode()
    else:
        # Neither compressed nor in a named language.
        kind, data = b"iTXt", keyword + b"\0" + b"\0\0" + b"\0" + b"\0" + _utf8(text)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _into_jpeg(file: BinaryIO, people: str, machines: str) -> tuple[int, bytes]:
    if file.read(2) != bytes((0xFF, _SOI)):
        raise SeedreamError("file_not_a_picture")
    cut, has_exif = 2, False
    marker, data = _jpeg_segment(file)
    while marker == _APP0:
        cut = file.tell()
        marker, data = _jpeg_segment(file)
    while marker != _SOS:
        has_exif = has_exif or (marker == _APP1 and data.startswith(_EXIF))
        marker, data = _jpeg_segment(file)
    # A second EXIF block would be read by nobody, and to change the first would be to change the original.
    told = _jpeg_bytes(_COM, _utf8(people)) if has_exif else _jpeg_bytes(_APP1, _exif_comment(people))
    return cut, told + _jpeg_bytes(_COM, _utf8(f'{{"seedream": {machines}}}'))


def _jpeg_segment(file: BinaryIO) -> tuple[int, bytes]:
    """Read the next segment of a JPEG's head: its marker and what it holds."""
    start = file.read(2)
    while start == b"\xff\xff":
        start = start[1:] + file.read(1)
    size = file.read(2)
    if len(start) < 2 or start[0] != 0xFF or len(size) < 2:
        raise SeedreamError("file_not_a_picture")
    length = int.from_bytes(size, "big") - 2
    data = file.read(max(length, 0))
    if length < 0 or len(data) < length:
        raise SeedreamError("file_not_a_picture")
    return start[1], data


def _jpeg_bytes(marker: int, data: bytes) -> bytes:
    if len(data) > _MOST_IN_SEGMENT:
        raise TooLongError
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _exif_comment(text: str) -> bytes:
    """Return an EXIF block of one entry, the UserComment, in UTF-16."""
    comment = b"UNICODE\0" + text.encode("utf-16-be", "replace")
    head, entries = 8, 2 + 12 + 4
    first = struct.pack(">HHHIII", 1, _EXIF_POINTER, _LONG, 1, head + entries, 0)
    second = struct.pack(">HHHIII", 1, _USER_COMMENT, _UNDEFINED, len(comment), head + 2 * entries, 0)
    return _EXIF + b"MM\0*" + struct.pack(">I", head) + first + second + comment


def _utf8(text: str) -> bytes:
    """Encode a text; half a surrogate pair becomes what JSON writes for it, and is read back from there."""
    return text.encode("utf-8", "backslashreplace")

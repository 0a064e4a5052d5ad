"""Texts in a picture's file: a PNG gets chunks behind its header, a JPEG gets segments before its picture.

Nothing is decoded, and no byte of the file is another one but those of an XMP packet of its own, which says more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo, putchunk

from seedream.errors import SeedreamError
from seedream.pictures.ai_mark import JPEG_NAME, PNG_KEYWORD, marked

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = len(_PNG) + 4 + 4 + 13 + 4
# Not compressed, in no language, behind a keyword that is the same in each.
_PNG_XMP = PNG_KEYWORD + b"\0" * 5
_MOST_XMP_BYTES = 1024 * 1024

_SOI, _SOS, _APP0, _APP1, _COM = 0xD8, 0xDA, 0xE0, 0xE1, 0xFE
_EXIF = b"Exif\0\0"
_MOST_SEGMENT_BYTES = 0xFFFF - 2


@dataclass(frozen=True)
class Change:
    """What makes one file of another: `inserted` after its first `cut` bytes, and without those of `replaced`."""

    cut: int
    inserted: bytes
    replaced: range


def into_png(file: BinaryIO, people: str, machines: str, *, by_ai: bool) -> Change:
    """Plan the chunks `parameters`, which other tools look for, and `seedream`; XMP too if it is `by_ai`.

    Raises:
        SeedreamError: `file_not_a_picture`.
    """
    start = file.read(_PNG_HEADER_BYTES)
    if len(start) < _PNG_HEADER_BYTES or not start.startswith(_PNG) or start[12:16] != b"IHDR":
        raise SeedreamError("file_not_a_picture")
    info, inserted, replaced = PngInfo(), BytesIO(), range(0)
    for keyword, text in (("parameters", people), ("seedream", machines)):
        # The old kind, which every tool reads, as long as the text is plain.
        add = info.add_text if text.isascii() else info.add_itxt
        add(keyword, _utf8(text.replace("\0", "")))
    for kind, data, *_ in info.chunks:
        putchunk(inserted, kind, data)
    if by_ai:
        own = None
        for place, kind, data in _png_chunks(file):
            if kind == b"iTXt" and data.startswith(_PNG_XMP):
                own, replaced = data[len(_PNG_XMP) :], place
        putchunk(inserted, b"iTXt", _PNG_XMP, marked(own, _MOST_XMP_BYTES))
    return Change(len(start), inserted.getvalue(), replaced)


def into_jpeg(file: BinaryIO, people: str, machines: str, *, by_ai: bool) -> Change:
    """Plan EXIF's UserComment, which other tools look for, and a comment of JSON; XMP too if it is `by_ai`.

    The comment is `{"seedream": {…}}`.

    Raises:
        SeedreamError: `file_not_a_picture`.
    """
    if file.read(2) != bytes((0xFF, _SOI)):
        raise SeedreamError("file_not_a_picture")
    cut, has_exif, own, replaced = 2, False, None, range(0)
    marker, data = _jpeg_segment(file)
    while marker == _APP0:
        cut = file.tell()
        marker, data = _jpeg_segment(file)
    while marker != _SOS:
        has_exif = has_exif or (marker == _APP1 and data.startswith(_EXIF))
        if by_ai and marker == _APP1 and data.startswith(JPEG_NAME):
            own, replaced = data[len(JPEG_NAME) :], range(file.tell() - len(data) - 4, file.tell())
        marker, data = _jpeg_segment(file)
    # A second EXIF block would be read by nobody, and to change the first would be to change the original.
    told = _jpeg_bytes(_COM, _utf8(people)) if has_exif else _jpeg_bytes(_APP1, _exif_comment(people))
    if by_ai:
        told += _jpeg_bytes(_APP1, JPEG_NAME + marked(own, _MOST_SEGMENT_BYTES - len(JPEG_NAME)))
    return Change(cut, told + _jpeg_bytes(_COM, _utf8(f'{{"seedream": {machines}}}')), replaced)


def _png_chunks(file: BinaryIO) -> Iterator[tuple[range, bytes, bytes]]:
    """Read the chunks before the picture: where each is, its kind, what it holds. Large ones are left out."""
    while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":
        length, start = int.from_bytes(head[:4], "big"), file.tell() - 8
        end = start + 8 + length + 4
        if length <= _MOST_XMP_BYTES and len(data := file.read(length + 4)) == length + 4:
            yield range(start, end), head[4:], data[:-4]
        file.seek(end)


def _jpeg_segment(file: BinaryIO) -> tuple[int, bytes]:
    """Read the next segment of a JPEG's head: its marker and what it holds."""
    start = file.read(2)
    while start == b"\xff\xff":
        start = start[1:] + file.read(1)
    length = int.from_bytes(file.read(2), "big") - 2
    data = file.read(max(length, 0))
    if start[:1] != b"\xff" or length < 0 or len(data) < length:
        raise SeedreamError("file_not_a_picture")
    return start[1], data


def _jpeg_bytes(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _exif_comment(text: str) -> bytes:
    """Return an EXIF block of one entry, the UserComment, in UTF-16."""
    exif = Image.Exif()
    comment = b"UNICODE\0" + text.encode("utf-16-be", "replace")
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.UserComment: comment}
    return exif.tobytes()


def _utf8(text: str) -> bytes:
    """Encode a text; half a surrogate pair becomes what JSON writes for it, and is read back from there."""
    return text.encode("utf-8", "backslashreplace")

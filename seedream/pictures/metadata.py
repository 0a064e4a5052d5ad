"""A copy of an original with its settings inside: the file's own bytes, and a little more between them.

How a picture was asked for is written twice, once for people and once to be read back. Nothing is decoded: a PNG
gets text chunks behind its header, a JPEG gets segments before its picture.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo, putchunk

from seedream import texts
from seedream.errors import SeedreamError
from seedream.pictures.images import Picture
from seedream.schema import Models

# In UTF-8. Twice that in UTF-16, and a little more, is what one segment of a JPEG holds: about 5000 words.
MOST_BYTES = 30_000
_LONGEST_ID = 200
_NEEDS_QUOTES = frozenset(',:"\n')
# An address, a signed link of this page's, or what a file is.
_TELLING = re.compile(r"https?://|result:|data:")
_STEP = 1024 * 1024  # bytes that are held in memory at once

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = len(_PNG) + 4 + 4 + 13 + 4

_SOI, _SOS, _APP0, _APP1, _COM = 0xD8, 0xDA, 0xE0, 0xE1, 0xFE
_EXIF = b"Exif\0\0"


class TooLongError(ValueError):
    """The settings are longer than a copy holds."""


@dataclass(frozen=True)
class Metadata:
    """The settings of one picture.

    Attributes:
        request: what was sent, by the schema's names.
        request_id: the job's; empty where it is not known.
        model_id: whose work it is, or of whose work it is a sample.
        sample: the page drew it by itself.
    """

    request: Mapping[str, object]
    request_id: str
    model_id: str
    sample: bool

    def as_json(self) -> str:
        """Return one entry for each setting, as it was sent, and `model`, `request_id`, `sample`."""
        known = {
            name: value for name, value in (("request_id", self.request_id), ("sample", self.sample)) if value
        }
        return json.dumps({**self.request, "model": self.model_id, **known}, ensure_ascii=False)

    def as_text(self, picture: Picture, language: str) -> str:
        """Return the prompt and a line of settings, as other tools write and read them: `Name: value, …`."""
        settings = {"Size": f"{picture.width}x{picture.height}"}
        for name, value in self.request.items():
            if name != "prompt":
                settings[name.replace("_", " ").capitalize()] = (
                    " ".join(value) if isinstance(value, list) else str(value)
                )
        if self.sample:
            settings["Sample"] = texts.text("keepsake.copy_sample", language)
        else:
            settings["Model"] = self.model_id
        if self.request_id:
            settings["Request ID"] = self.request_id
        line = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items())
        return f"{self.request['prompt']}\n{line}"


def read_metadata(text: str, models: Models, *, sample: bool) -> Metadata:
    """Read what a browser says of a picture. It is foreign text: only the schema's own fields are taken in.

    Args:
        text: JSON, `{"request": {…}, "request_id": …}`.
        models: whose fields count: those of the one that the request went to.
        sample: whether the pictures here are samples; the browser is not asked.

    Raises:
        TooLongError: there is more than a copy holds.
        ValueError: it is something else.
    """
    said = json.loads(text)
    try:
        given = dict(said["request"])
    except (TypeError, KeyError) as error:
        raise ValueError("no settings of this page") from error
    model = models.of(given)
    told = telling(given, models)
    fields = ((field, told.get(field.name)) for field in model.fields)
    request = {
        field.name: value
        for field, value in fields
        if isinstance(value, str | int) or (field.references and isinstance(value, list) and value)
    }
    if "prompt" not in request:
        raise ValueError("no prompt")
    metadata = Metadata(request, str(said.get("request_id") or "")[:_LONGEST_ID], model.model_id, sample)
    if len(metadata.as_json().encode(errors="replace")) > MOST_BYTES:
        raise TooLongError
    return metadata


def telling(request: Mapping[str, object], models: Models) -> dict[str, object]:
    """Return a browser's request without references that are names of its own, which say nothing elsewhere."""
    field = models.of(request).pictures
    given = request.get(field.name) if field else None
    if not field or not isinstance(given, list):
        return dict(request)
    return {**request, field.name: [each for each in given if isinstance(each, str) and _TELLING.match(each)]}


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


def copy(picture: Picture, metadata: Metadata, language: str) -> Copy:
    """Plan the copy of a picture with its settings inside.

    Other tools look for a text `parameters` in a PNG, and for EXIF's UserComment in a JPEG; both get what people
    read. The settings as JSON are the text `seedream` of a PNG, and a comment of a JPEG: `{"seedream": {…}}`.

    Raises:
        SeedreamError: `file_not_a_picture`: its bytes don't follow their format, or have no place for texts.
    """
    people, machines = metadata.as_text(picture, language), metadata.as_json()
    with picture.original.open("rb") as file:
        if picture.format == "PNG":
            cut, inserted = _into_png(file, people, machines)
        elif picture.format == "JPEG":
            cut, inserted = _into_jpeg(file, people, machines)
        else:
            raise SeedreamError("file_not_a_picture")
    return Copy(picture.original, cut, inserted, picture.size + len(inserted))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES & set(value) else value


def _into_png(file: BinaryIO, people: str, machines: str) -> tuple[int, bytes]:
    start = file.read(_PNG_HEADER_BYTES)
    if len(start) < _PNG_HEADER_BYTES or not start.startswith(_PNG) or start[12:16] != b"IHDR":
        raise SeedreamError("file_not_a_picture")
    info, inserted = PngInfo(), BytesIO()
    for keyword, text in (("parameters", people), ("seedream", machines)):
        # The old kind, which every tool reads, as long as the text is plain.
        add = info.add_text if text.isascii() else info.add_itxt
        add(keyword, _utf8(text.replace("\0", "")))
    for kind, data, *_ in info.chunks:
        putchunk(inserted, kind, data)
    return len(start), inserted.getvalue()


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

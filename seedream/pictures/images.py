"""What a file is by its content, and its preview. Foreign input: it is checked before it is decoded."""

from __future__ import annotations

import contextlib
import ctypes
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from PIL import Image, UnidentifiedImageError

from seedream.errors import SeedreamError
from seedream.schema.references import MIB

log = logging.getLogger(__name__)

PREVIEW_PIXELS = 1280
PREVIEW_TYPE = "image/webp"
# The largest picture that the model makes has 9.5 million pixels; a file that claims far more is not decoded.
MAX_PIXELS = 50_000_000

Format = Literal["PNG", "JPEG", "WEBP", "MP4", "WEBM"]
_IMAGES: dict[str, Format] = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WEBP"}
_M_MMAP_THRESHOLD = -3  # malloc.h
# So many bytes of a file are held in memory for each who reads it, as Starlette has it for files as they are; as
# many more may wait for the line.
STEP = 64 * 1024


@dataclass(frozen=True)
class Picture:
    """A file of a job, on disk.

    Attributes:
        original: as the API made it.
        format: by its content.
        size: of the original, in bytes.
        preview: a WebP of at most 1280 px on its long side; None where the original is shown as it is: a video, or
            where the disk took no more.
        width, height: of the original, in pixels; None for a video.
    """

    original: Path
    format: Format
    size: int
    preview: Path | None = None
    width: int | None = None
    height: int | None = None

    @property
    def media_type(self) -> str:
        return f"{'image' if self.format in _IMAGES else 'video'}/{self.format.lower()}"

    @property
    def ending(self) -> str:
        """The ending that a name of this file has, with its dot."""
        return ".jpg" if self.format == "JPEG" else f".{self.format.lower()}"


def preview_image(original: Path, size: int) -> Picture:
    """Make the preview of an original of `size` bytes, beside it, and read its format and its pixels.

    Raises:
        SeedreamError: `file_not_a_picture`, or `file_too_large` for one of more than `MAX_PIXELS`.
    """
    encoded = BytesIO()
    with _opened(original) as image:
        found = Picture(original, _IMAGES[str(image.format)], size, None, *image.size)
        save_preview(image, encoded, PREVIEW_PIXELS)
    preview = original.with_name("preview.webp")
    try:
        preview.write_bytes(encoded.getvalue())
    except OSError:
        # A full disk says nothing against the picture, which is here, whole.
        log.exception("a preview could not be written, so its original is shown")
        preview.unlink(missing_ok=True)
        return found
    return replace(found, preview=preview)


def save_preview(image: Image.Image, to: BinaryIO, side: int) -> None:
    """Write a WebP of at most `side` pixels on its long side. The image is made small on the way."""
    # JPEG decodes at a reduced scale; the others are reduced by whole steps before the fine resize.
    image.draft("RGB", (side, side))
    image.thumbnail((side, side), reducing_gap=1.0)
    profile = image.info.get("icc_profile")
    mode = "RGBA" if "A" in image.getbands() else "RGB"
    image.convert(mode).save(to, "WEBP", quality=82, method=1, icc_profile=profile)


def verify_image(original: Path, size: int) -> Picture:
    """Read the format and the pixels of an original of `size` bytes, and check that it is whole.

    Raises:
        SeedreamError: as `preview_image` does.
    """
    with _opened(original) as image:
        found = Picture(original, _IMAGES[str(image.format)], size, None, *image.size)
        if found.format == "PNG":
            # Its checksums tell, in a tenth of the time that decoding takes.
            image.verify()
        else:
            image.draft("RGB", (1, 1))
            image.load()
    return found


def identify_video(original: Path, size: int) -> Picture:
    """Read a video's format from its first bytes; it is shown as it is.

    Raises:
        SeedreamError: `file_not_a_picture`.
    """
    with original.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":
        return Picture(original, "MP4", size)
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return Picture(original, "WEBM", size)
    raise SeedreamError("file_not_a_picture")


def give_buffers_back() -> None:
    """Have the C library return large buffers to the system as soon as they are freed.

    glibc learns from the first freed picture to keep such buffers, one set for each thread: after 200 pictures
    the process held 310 MB, and holds 185 MB with this. Other C libraries know no such call and need none; on
    Windows, a process can't even be asked for the library that it runs on, which is a `TypeError`.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, MIB)


def trim() -> None:
    """Return to the system what glibc keeps of smaller buffers between those that are in use."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextlib.contextmanager
def _opened(original: Path) -> Iterator[Image.Image]:
    """Open a picture that is not too large to be decoded; what Pillow stumbles over is a `SeedreamError`.

    Raises:
        OSError: the disk's own.
    """
    try:
        with Image.open(original, formats=tuple(_IMAGES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise SeedreamError("file_too_large")
            yield image
    except Image.DecompressionBombError as error:
        raise SeedreamError("file_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        # Pillow reports a damaged file as any of these.
        raise SeedreamError("file_not_a_picture") from error

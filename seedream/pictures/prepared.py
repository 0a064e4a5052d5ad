"""A picture from anywhere as it is sent: checked, upright, of plain colours, without metadata, within bounds.

A file is foreign input: its header is checked before it is decoded.
"""

from __future__ import annotations

import threading
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from math import sqrt
from pathlib import Path

from PIL import Image

from seedream.errors import SeedreamError
from seedream.pictures.plain import encode, is_srgb, plain, shrunk, turn_of
from seedream.pictures.stripping import STRIP
from seedream.schema.references import MIB, MOST_CHARACTERS, MOST_PIXELS, ReferenceRules

# By Pillow's names. A JPEG is decoded at half its size where that is enough; the others, and one that comes in
# passes, only whole.
_JPEG = ("JPEG", "MPO")
_DRAWN = ("PNG", "BMP", "GIF", "TIFF")
# Pillow opens an MPO as a JPEG, and calls it so afterwards.
_FORMATS = ("JPEG", *_DRAWN, "WEBP")
_MOST_MEGAPIXELS, _MOST_MEGAPIXELS_WHOLE = 120, 40
# Cameras put a second picture behind the first, scanners and Photoshop others: the first is meant.
_MAY_HAVE_MORE = ("MPO", "TIFF")
_LARGE_PIXELS = 16_000_000
_HEAD = len("data:image/jpeg;base64,")

# One at a time, in all threads: each takes up to half a gigabyte for its moment.
_one_large = threading.Lock()
# The bounds on pixels are our own, and asked before a picture is decoded.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Reference:
    """A picture as it is sent.

    Attributes:
        uri: a data URI.
        media_type: `image/jpeg` or `image/png`.
        width, height: in pixels.
        bytes: of the file inside.
        sha256: of the file inside, in hexadecimal.
        smaller: whether it has fewer pixels than the file that it was made from.
    """

    uri: str
    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    smaller: bool

    @property
    def told(self) -> str:
        """What it is, without the file."""
        return f"data:{self.media_type};{self.width}x{self.height};{self.bytes};sha256={self.sha256}"


def prepared(
    file: bytes | Path, rules: ReferenceRules, number: int, most_characters: int = MOST_CHARACTERS
) -> Reference:
    """Return a file as it is sent: byte for byte where it is a plain JPEG or PNG within bounds already.

    Args:
        file: its bytes, or where it is.
        rules: the model's.
        number: which of the references it is, from 1.
        most_characters: that the data URI may have.

    Raises:
        SeedreamError: `reference_…`: it does not fit, and why.
        OSError: it can't be read.
    """
    check_weight(file.stat().st_size if isinstance(file, Path) else len(file), rules, number)
    data = file.read_bytes() if isinstance(file, Path) else file
    with _refused_where_damaged(number, data), Image.open(BytesIO(data), formats=_FORMATS) as image:
        _check_header(image, rules, number)
        with _one_large if image.width * image.height > _LARGE_PIXELS else nullcontext():
            return _made_fit(image, data, (most_characters - _HEAD) // 4 * 3)


def as_it_is(data: bytes) -> Reference:
    """Return a file as a reference without looking further than its header."""
    with _refused_where_damaged(1, data), Image.open(BytesIO(data), formats=_FORMATS) as image:
        return _reference(data, image.get_format_mimetype() or "", image.size, smaller=False)


def check_weight(size: int, rules: ReferenceRules, number: int) -> None:
    """Raise SeedreamError: a file of `size` bytes is too heavy."""
    if size > rules.most_bytes:
        raise SeedreamError("reference_heavy", number=number, limit=f"{rules.most_bytes / MIB:g}")


def _check_header(image: Image.Image, rules: ReferenceRules, number: int) -> None:
    by_halves = image.format in _JPEG and not image.info.get("progressive")
    limit = _MOST_MEGAPIXELS if by_halves else _MOST_MEGAPIXELS_WHOLE
    width, height = _upright_size(image)
    if width * height > limit * 1_000_000:
        raise SeedreamError("reference_large", number=number, limit=limit)
    if image.format not in _MAY_HAVE_MORE and getattr(image, "is_animated", False):
        raise SeedreamError("reference_moving", number=number)
    if min(width, height) < rules.shortest_side:
        raise SeedreamError("reference_small", number=number, shortest=rules.shortest_side)
    if not rules.narrowest <= width / height <= rules.widest:
        widest = min(rules.widest, 1 / rules.narrowest)
        raise SeedreamError("reference_shape", number=number, widest=f"{widest:.3g}")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    turn = turn_of(image)
    lies = turn is not None and turn >= Image.Transpose.ROTATE_90 and turn != Image.Transpose.ROTATE_180
    return image.size[::-1] if lies else image.size


def _made_fit(image: Image.Image, data: bytes, most_bytes: int) -> Reference:
    format_, size = str(image.format), _upright_size(image)
    strip = STRIP.get(format_)
    kept = strip(data) if strip else None
    pixels = image.width * image.height
    if kept and len(kept) <= most_bytes and pixels <= MOST_PIXELS and _is_plain(image):
        # It is not written anew, but it is whole: who reads it afterwards is paid.
        image.draft("RGB", (1, 1))
        image.load()
        return _reference(kept, "image/png" if format_ == "PNG" else "image/jpeg", size, smaller=False)
    if pixels > MOST_PIXELS:
        # A JPEG is decoded so, which is quick; others stay as they are here.
        image.draft(None, (image.width // 2, image.height // 2))
    found = plain(image)
    if found.width * found.height > MOST_PIXELS:
        found = shrunk(found, sqrt(MOST_PIXELS / (found.width * found.height)))
    written, media_type, now = encode(found, most_bytes, lossless=format_ in _DRAWN)
    return _reference(written, media_type, now, smaller=now != size)


def _is_plain(image: Image.Image) -> bool:
    return image.mode in ("RGB", "RGBA") and turn_of(image) is None and is_srgb(image.info.get("icc_profile"))


def _reference(data: bytes, media_type: str, size: tuple[int, int], *, smaller: bool) -> Reference:
    uri = f"data:{media_type};base64,{b64encode(data).decode('ascii')}"
    return Reference(uri, media_type, *size, len(data), sha256(data).hexdigest(), smaller)


@contextmanager
def _refused_where_damaged(number: int, data: bytes) -> Iterator[None]:
    try:
        yield
    except SeedreamError:
        raise
    except Image.DecompressionBombError as error:
        limit = _MOST_MEGAPIXELS if data.startswith(b"\xff\xd8") else _MOST_MEGAPIXELS_WHOLE
        raise SeedreamError("reference_large", number=number, limit=limit) from error
    except MemoryError:
        raise
    except Exception as error:  # Pillow stumbles over foreign files in any way.
        raise SeedreamError("reference_not_a_picture", number=number) from error

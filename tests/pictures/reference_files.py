"""Pictures as people have them, made here: of every kind, turned, from a phone, broken, and such as mean harm."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms

# What may not leave with a picture.
PLACE, CAMERA, WORDS = b"N52.5200", b"CamCo 9", b"taken at home"
# Four corners, as seen when the picture is upright.
CORNERS = ((220, 40, 40), (40, 200, 60), (50, 70, 220), (235, 225, 70))
# Where the first of the file's own corners is found, for each of EXIF's orientations: turned back.
_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """An image of four colours, one in each corner."""
    small = Image.new("RGB", (2, 2))
    small.putdata(CORNERS)
    image = small.resize((width, height), Image.Resampling.NEAREST)
    return image.quantize(8) if mode == "P" else image.convert(mode)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """An image that no format makes small."""
    channels = [Image.effect_noise((width, height), 120) for _ in range(len(mode))]
    return Image.merge(mode, channels)


def written(image: Image.Image, format_: str, **options: Any) -> bytes:
    to = BytesIO()
    image.save(to, format_, **options)
    return to.getvalue()


def exif(orientation: int = 1) -> bytes:
    """What a phone writes of itself, and of where it was."""
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = orientation
    found[ExifTags.Base.Make] = CAMERA.decode()
    found[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSMapDatum: PLACE.decode()}
    return found.tobytes()


def turned(orientation: int, format_: str = "JPEG", **options: Any) -> bytes:
    """A picture that lies in its file as EXIF says."""
    back = _BACK[orientation]
    image = corners()
    return written(
        image.transpose(back) if back is not None else image, format_, exif=exif(orientation), **options
    )


def jpeg_segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(colour: int, depth: int, width: int, height: int, pixels: bytes, *more: bytes) -> bytes:
    """A PNG written by hand, of kinds that Pillow reads and does not write."""
    row = len(pixels) // height
    rows = b"".join(b"\0" + pixels[at : at + row] for at in range(0, len(pixels), row))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + data + chunk(b"IEND", b"")


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    return file[:33] + b"".join(chunks) + file[33:]


def claims(width: int, height: int, file: bytes) -> bytes:
    """The same file, saying that it has so many pixels."""
    if file.startswith(b"\x89PNG"):
        return file[:8] + chunk(b"IHDR", struct.pack(">II", width, height) + file[24:29]) + file[33:]
    at = file.index(b"\xff\xc0") + 5
    return file[:at] + struct.pack(">HH", height, width) + file[at + 4 :]


def moving(format_: str) -> bytes:
    frames = [corners(), corners().transpose(Image.Transpose.ROTATE_180)]
    return written(frames[0], format_, save_all=True, append_images=frames[1:])


def rgb_profile(swapped: bool = False) -> bytes:
    """sRGB's own profile, or one by which red is green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if not swapped:
        return profile
    table = bytearray(profile)
    for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12):
        name = bytes(table[at : at + 4])
        table[at : at + 4] = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(name, name)
    return bytes(table)


def in_passes(jpeg: bytes, passes: int) -> bytes:
    """The same picture with its last scan over and over: little to send, and much to decode."""
    at = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[at:-2] * passes + b"\xff\xd9"

"""A foreign picture as plain pixels: upright, sRGB, 8 bits a colour; and those within so many bytes."""

from __future__ import annotations

from io import BytesIO
from math import sqrt

from PIL import ExifTags, Image, ImageCms

# Up to here a drawing stays a drawing, to the last pixel; more take a PNG seconds, or have to be packed in haste.
_MOST_LOSSLESS = 4_200_000
_QUALITIES = (92, 85, 78)
_WHITE = (255, 255, 255, 255)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_SPACES = {"RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK", "L": "GRAY", "LA": "GRAY"}
# By how much a colour may differ and still be the same one to the eye, of 255.
_SAME = 2
# EXIF's numbers; Pillow turns a TIFF by itself.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """Return what makes an image upright; None: it is. What can't be read says nothing."""
    if image.format == "TIFF":
        return None
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # Pillow stumbles over foreign EXIF in any way, and the picture may be whole.
        return None


def plain(image: Image.Image) -> Image.Image:
    """Return an image as RGB or, where something of it can be seen through, as RGBA; upright, too.

    Raises:
        ValueError: its pixels are no colours.
    """
    turn, profile = turn_of(image), image.info.get("icc_profile")
    image = _in_srgb(_in_eight_bits(image), profile)
    see_through = image.mode in ("RGBA", "LA") and image.getchannel("A").getextrema() != (255, 255)
    mode = "RGBA" if see_through else "RGB"
    # Pillow copies an image even where there is nothing to convert.
    image = image if image.mode == mode else image.convert(mode)
    return image.transpose(turn) if turn is not None else image


def encode(image: Image.Image, most_bytes: int, *, lossless: bool) -> tuple[bytes, str, tuple[int, int]]:
    """Write an image as a PNG or a JPEG without metadata; return it, its media type, and its width and height.

    It stays as large as it is where it can: first the quality gives way, where nobody sees it, then the size.

    Args:
        image: RGB or RGBA.
        most_bytes: that it may have.
        lossless: whether a PNG is tried first, as for what was drawn.
    """
    small = image.width * image.height <= _MOST_LOSSLESS
    if image.mode == "RGBA" or (lossless and small):
        written = _written(image, "PNG", compress_level=6 if small else 1)
        if len(written) <= most_bytes:
            return written, "image/png", image.size
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    while True:
        for quality in _QUALITIES:
            written = _written(image, "JPEG", quality=quality, subsampling=0)
            if len(written) <= most_bytes:
                return written, "image/jpeg", image.size
        image = shrunk(image, 0.95 * sqrt(most_bytes / len(written)))


def shrunk(image: Image.Image, factor: float) -> Image.Image:
    """Return an image with its sides so many times as long."""
    size = (max(1, int(image.width * factor)), max(1, int(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def is_srgb(profile: bytes | None) -> bool:
    """Tell whether RGB looks the same without an ICC profile: there is none, it is sRGB's own, or useless."""
    ramp = Image.linear_gradient("L").resize((16, 16))
    turned = (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ramp.transpose(Image.Transpose.ROTATE_180))
    colours = Image.merge("RGB", turned)
    pairs = zip(colours.tobytes(), _in_srgb(colours, profile).tobytes(), strict=True)
    return all(abs(one - other) <= _SAME for one, other in pairs)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits of grey. Pillow would take all that is lighter than 255 of 65535 for white.
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if image.mode == "F":
        raise ValueError("numbers, of which nobody knows which is white")
    if "transparency" in image.info or image.mode in ("PA", "La", "RGBa"):
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in ("1", "P") else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an image whose colours mean what they say; one without a useful profile is left as it is."""
    if not profile:
        return image
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        if meant.profile.xcolor_space.strip() != _SPACES.get(image.mode):
            return image
        solid = image.convert("RGB" if image.mode == "RGBA" else "L") if alpha else image
        found = ImageCms.profileToProfile(solid, meant, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if found and alpha:
        found.putalpha(alpha)
    return found or image


def _written(image: Image.Image, format_: str, **options: int) -> bytes:
    to = BytesIO()
    # An image remembers what it was read with, and some of that is written if nothing else is said.
    image.info = {}
    image.save(to, format_, **options)
    return to.getvalue()

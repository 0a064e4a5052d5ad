"""What a picture's XMP packet says of where it comes from, read as any other program does."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

from PIL import Image

_PROPERTY = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def source_types(content: bytes) -> list[str]:
    """Return each digital source type that the file names; none where it has no XMP."""
    with Image.open(BytesIO(content)) as image:
        image.load()
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet is None:
        return []
    root = ElementTree.fromstring(packet)  # noqa: S314 - this project wrote the file
    return [str(found.text) for found in root.iter(_PROPERTY)]

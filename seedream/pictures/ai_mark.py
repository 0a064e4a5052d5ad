"""Says of a picture, in the way machines read, that it was made by AI: IPTC's digital source type, in XMP."""

from __future__ import annotations

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# A name that each format knows the packet by.
PNG_KEYWORD = b"XML:com.adobe.xmp"
JPEG_NAME = b"http://ns.adobe.com/xap/1.0/\0"

_PROPERTY = "DigitalSourceType"
_DESCRIPTION = (
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
    f"<Iptc4xmpExt:{_PROPERTY}>{SOURCE_TYPE}</Iptc4xmpExt:{_PROPERTY}></rdf:Description>"
)
_END = b"</rdf:RDF>"
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{_DESCRIPTION}</rdf:RDF>'
    '</x:xmpmeta><?xpacket end="r"?>'
)


def marked(own: bytes | None, most_bytes: int) -> bytes:
    """Return a packet that says it: a file's `own` and that line more, as far as it can be read and has room.

    Nobody reads a second packet. One that names a source itself is left as it is.
    """
    if own is None:
        return PACKET.encode()
    if _PROPERTY.encode() in own:
        return own
    before, end, after = own.rpartition(_END)
    joined = before + _DESCRIPTION.encode() + end + after
    return joined if end and len(joined) <= most_bytes else PACKET.encode()

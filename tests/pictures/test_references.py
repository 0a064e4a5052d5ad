"""The table: references as people, scripts and those who mean harm name them, and what each ends in.

The addresses of the table stand in `tests/schema/addresses.py`. What is sent is looked at byte by byte.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import struct
import sys
import tracemalloc
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from seedream.errors import SeedreamError
from seedream.pictures import references
from seedream.pictures.references import Reference, described, prepare_all, prepared
from seedream.pictures.stripping import STRIP
from seedream.schema import Request
from seedream.schema.references import MIB, MOST_CHARACTERS, MOST_PIXELS, ReferenceRules, checked_references
from tests.pictures.reference_files import (
    CAMERA,
    CORNERS,
    PLACE,
    WORDS,
    chunk,
    claims,
    corners,
    exif,
    in_passes,
    jpeg_segment,
    moving,
    noise,
    png,
    rgb_profile,
    turned,
    with_chunks,
    with_segments,
    written,
)
from tests.schema.addresses import FIT, UNFIT
from tests.schema.test_references import UNFIT_DATA

USUAL = ReferenceRules()
ADDRESS = "https://example.org/a.png"
JPEG, PNG = "image/jpeg", "image/png"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + WORDS + b"</x:xmpmeta>"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0" + struct.pack(">I", len(WORDS)) + WORDS
GREYS = b"".join(struct.pack(">H", 4112 * (each % 16)) for each in range(256))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"/>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)
SEEN_THROUGH = corners(mode="RGBA")
SEEN_THROUGH.putalpha(Image.linear_gradient("L").resize(SEEN_THROUGH.size))
# One colour of the palette is no colour.
HOLE = corners(mode="P")
CLEAN_JPEG = written(corners(), "JPEG", quality=90)
CLEAN_PNG = written(corners(), "PNG")


@dataclass(frozen=True)
class Row:
    """A file, and what becomes of it.

    Attributes:
        ends: the code it is refused with, or the media type, width and height that it is sent with.
        unchanged: whether it is sent byte for byte.
        pixels: whether it was stripped only: each pixel is the file's own.
        smaller: whether it has fewer pixels.
        looks: whether its corners have the colours that they should.
    """

    name: str
    make: Callable[[], bytes]
    ends: str
    rules: ReferenceRules = USUAL
    unchanged: bool = False
    pixels: bool = False
    smaller: bool = False
    looks: bool = True


def told(media_type: str, width: int = 96, height: int = 64) -> str:
    return f"{media_type} {width}x{height}"


def all_metadata_jpeg() -> bytes:
    segments = [
        jpeg_segment(0xE1, XMP),
        jpeg_segment(0xED, IPTC),
        jpeg_segment(0xFE, WORDS),
        jpeg_segment(0xEF, WORDS),
        jpeg_segment(0xE2, b"MPF\0" + WORDS),
    ]
    return with_segments(written(corners(), "JPEG", exif=exif()), *segments) + b"PK\x03\x04" + WORDS


def all_metadata_png() -> bytes:
    chunks = [
        chunk(b"tEXt", b"Comment\0" + WORDS),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        chunk(b"tIME", bytes(7)),
        chunk(b"eXIf", exif()[6:]),
        chunk(b"prVt", WORDS),
        chunk(b"sRGB", b"\0"),
    ]
    return with_chunks(CLEAN_PNG, *chunks) + b"<script>" + WORDS


def with_thumbnail() -> bytes:
    """A JFIF header with a picture of its own behind it, and an Adobe segment with words."""
    thumbnail = b"JFIF\0\x01\x02\0\0\x01\0\x01\x04\x04" + WORDS.ljust(48)
    return with_segments(
        CLEAN_JPEG[:2] + CLEAN_JPEG[20:],
        jpeg_segment(0xE0, thumbnail),
        jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + WORDS),
    )


def through_a_hole() -> bytes:
    return written(HOLE, "PNG", transparency=HOLE.getpixel((5, 5)))


def two_pages() -> bytes:
    return written(corners(), "TIFF", save_all=True, append_images=[corners(40, 40)])


def two_in_one() -> bytes:
    return written(corners(), "MPO", save_all=True, append_images=[corners(48, 32)], exif=exif())


def grey_16() -> bytes:
    return png(0, 16, 16, 16, GREYS)


def rgb_16() -> bytes:
    colours = corners().resize((16, 16), Image.Resampling.NEAREST).tobytes()
    return png(2, 16, 16, 16, b"".join(bytes((each, 7)) for each in colours))


FITS = [
    Row("a clean JPEG", lambda: CLEAN_JPEG, told(JPEG), unchanged=True),
    Row("a clean PNG", lambda: CLEAN_PNG, told(PNG), unchanged=True),
    Row(
        "a clean PNG to see through", lambda: written(SEEN_THROUGH, "PNG"), told(PNG), unchanged=True, looks=False
    ),
    Row("a JPEG in passes", lambda: written(corners(), "JPEG", progressive=True), told(JPEG), unchanged=True),
    Row("a JPEG with all metadata, and an archive behind it", all_metadata_jpeg, told(JPEG), pixels=True),
    Row("a PNG with all metadata, and a page behind it", all_metadata_png, told(PNG), pixels=True),
    Row("a JPEG with a thumbnail in its header", with_thumbnail, told(JPEG), pixels=True),
    *(
        Row(f"a phone's JPEG, turned as {each}", lambda each=each: turned(each), told(JPEG), pixels=each == 1)  # type: ignore[misc]
        for each in range(1, 9)
    ),
    Row("a turned PNG", lambda: turned(6, "PNG"), told(PNG)),
    Row("a turned WebP", lambda: turned(6, "WEBP", lossless=True), told(JPEG)),
    Row("a turned TIFF", lambda: turned(6, "TIFF"), told(PNG)),
    Row("two pictures in one JPEG (MPO)", two_in_one, told(JPEG), pixels=True),
    Row("a WebP", lambda: written(corners(), "WEBP", lossless=True), told(JPEG)),
    Row("a WebP to see through", lambda: written(SEEN_THROUGH, "WEBP", lossless=True), told(PNG), looks=False),
    Row("a BMP", lambda: written(corners(), "BMP"), told(PNG)),
    Row("a TIFF", lambda: written(corners(), "TIFF"), told(PNG)),
    Row("a TIFF of two pages", two_pages, told(PNG)),
    Row("a CMYK TIFF", lambda: written(corners(mode="CMYK"), "TIFF"), told(PNG)),
    Row("a still GIF", lambda: written(corners(), "GIF"), told(PNG)),
    Row("a CMYK JPEG", lambda: written(corners(mode="CMYK"), "JPEG", quality=95), told(JPEG)),
    Row("a grey JPEG", lambda: written(corners(mode="L"), "JPEG"), told(JPEG), looks=False),
    Row("a PNG of a palette", lambda: written(corners(mode="P"), "PNG"), told(PNG)),
    Row("a PNG of a palette with a hole", through_a_hole, told(PNG), looks=False),
    Row("a grey PNG to see through", lambda: written(SEEN_THROUGH.convert("LA"), "PNG"), told(PNG), looks=False),
    Row("a PNG that is opaque all over", lambda: written(corners(mode="RGBA"), "BMP"), told(PNG)),
    Row("a PNG of black and white", lambda: written(corners(mode="1"), "PNG"), told(PNG), looks=False),
    Row("a PNG of 16 bits of grey", grey_16, told(PNG, 16, 16), looks=False),
    Row("a PNG of 16 bits a colour", rgb_16, told(PNG, 16, 16), looks=False),
    Row(
        "a JPEG in sRGB, by its profile", lambda: written(corners(), "JPEG", icc_profile=rgb_profile()), told(JPEG)
    ),
    Row("a JPEG with a useless profile", lambda: written(corners(), "JPEG", icc_profile=b"odd" * 99), told(JPEG)),
    Row(
        "a picture as wide as it may be",
        lambda: written(corners(192, 64), "PNG"),
        told(PNG, 192, 64),
        unchanged=True,
    ),
    Row(
        "a picture as small as it may be",
        lambda: written(corners(15, 45), "PNG"),
        told(PNG, 15, 45),
        unchanged=True,
        looks=False,
    ),
    Row(
        "a JPEG of 33 megapixels",
        lambda: written(Image.new("RGB", (6600, 5000), CORNERS[0]), "JPEG"),
        told(JPEG, 3300, 2500),
        smaller=True,
        looks=False,
    ),
    Row(
        "a PNG of 33 megapixels",
        lambda: written(Image.new("L", (6600, 5000), 90), "PNG", compress_level=1),
        told(JPEG, 6499, 4923),
        smaller=True,
        looks=False,
    ),
]


def heavy() -> bytes:
    return written(Image.new("RGB", (700, 500)), "BMP")


REFUSED = [
    Row("nothing", lambda: b"", "reference_not_a_picture"),
    Row("text", lambda: b"a bay at dawn", "reference_not_a_picture"),
    Row("an SVG", lambda: SVG, "reference_not_a_picture"),
    Row("a page", lambda: b"<!doctype html><script>alert(1)</script>", "reference_not_a_picture"),
    Row("a HEIC", lambda: HEIC, "reference_not_a_picture"),
    Row("a PDF", lambda: written(corners(), "PDF"), "reference_not_a_picture"),
    Row("an icon", lambda: written(corners(), "ICO"), "reference_not_a_picture"),
    Row("a JPEG that ends too soon", lambda: CLEAN_JPEG[:-60], "reference_not_a_picture"),
    Row("a JPEG's first bytes", lambda: CLEAN_JPEG[:30], "reference_not_a_picture"),
    Row("a PNG that ends too soon", lambda: CLEAN_PNG[:-20], "reference_not_a_picture"),
    Row("a PNG with a wrong checksum", lambda: CLEAN_PNG[:60] + b"!" + CLEAN_PNG[61:], "reference_not_a_picture"),
    Row("a PNG without pixels", lambda: claims(96, 9000, claims(96, 90, CLEAN_PNG)), "reference_shape"),
    Row("a TIFF of numbers", lambda: written(corners(mode="F"), "TIFF"), "reference_not_a_picture"),
    Row("a JPEG of a hundred passes", lambda: in_passes(CLEAN_JPEG, 100), "reference_not_a_picture"),
    Row("a PNG that says 2 gigapixels", lambda: claims(50_000, 40_000, CLEAN_PNG), "reference_large"),
    Row("a PNG that says 45 megapixels", lambda: claims(9000, 5000, CLEAN_PNG), "reference_large"),
    Row("a JPEG that says 4 gigapixels", lambda: claims(65_000, 65_000, CLEAN_JPEG), "reference_large"),
    Row("a JPEG that says 130 megapixels", lambda: claims(13_000, 10_000, CLEAN_JPEG), "reference_large"),
    Row("a GIF that moves", lambda: moving("GIF"), "reference_moving"),
    Row("a WebP that moves", lambda: moving("WEBP"), "reference_moving"),
    Row("a PNG that moves", lambda: moving("PNG"), "reference_moving"),
    Row("a strip", lambda: written(corners(200, 64), "PNG"), "reference_shape"),
    Row("a tower", lambda: written(corners(64, 200), "JPEG"), "reference_shape"),
    Row("a strip on its side", lambda: turned(6), "reference_shape", ReferenceRules(widest=1.2)),
    Row("a speck", lambda: written(corners(14, 14), "PNG"), "reference_small"),
    Row("more than the model takes", heavy, "reference_heavy", ReferenceRules(most_bytes=MIB)),
]
by_name = pytest.mark.parametrize("row", [*FITS, *REFUSED], ids=lambda row: row.name)
what_fits = pytest.mark.parametrize("row", [row for row in FITS if not row.smaller], ids=lambda row: row.name)


def file_in(uri: str) -> bytes:
    return b64decode(uri.partition(";base64,")[2], validate=True)


def opened(reference: Reference | str) -> Image.Image:
    return Image.open(BytesIO(file_in(reference if isinstance(reference, str) else reference.uri)))


def looks_right(image: Image.Image) -> bool:
    right, below = image.width - 5, image.height - 5
    seen = [image.convert("RGB").getpixel(each) for each in ((5, 5), (right, 5), (5, below), (right, below))]
    return all(
        abs(one - other) < 8
        for found, wanted in zip(seen, CORNERS, strict=True)
        for one, other in zip(found, wanted, strict=True)  # type: ignore[arg-type]
    )


def test_the_table_has_rows_enough() -> None:
    assert len({row.name for row in (*FITS, *REFUSED)}) == len(FITS) + len(REFUSED) > 60


@by_name
def test_a_file_ends_as_the_table_says(row: Row) -> None:
    file = row.make()
    if row.ends.startswith("reference_"):
        with pytest.raises(SeedreamError) as caught:
            prepared(file, row.rules, 3)
        assert (caught.value.code, caught.value.facts["number"]) == (row.ends, 3)
        assert not re.search(r"\{\w+\}", caught.value.sentence())
        return
    found = prepared(file, row.rules, 1)
    sent = file_in(found.uri)
    assert row.ends == f"{found.media_type} {found.width}x{found.height}"
    assert (found.smaller, sent == file) == (row.smaller, row.unchanged)
    assert (found.bytes, found.sha256) == (len(sent), sha256(sent).hexdigest())
    assert checked_references([found.uri], row.rules, "image", "", required=True) == [found.uri]
    image = opened(found)
    assert image.size == (found.width, found.height)
    if row.looks:
        assert looks_right(image)
    if row.pixels:
        assert image.tobytes() == Image.open(BytesIO(file)).convert(image.mode).tobytes()


@what_fits
def test_what_is_sent_is_a_plain_picture_and_nothing_else(row: Row) -> None:
    found = prepared(row.make(), row.rules, 1)
    sent, image = file_in(found.uri), opened(found)
    assert image.mode in ("RGB", "RGBA")
    assert Image.MIME[str(image.format)] == found.media_type
    assert not any(each in sent for each in (PLACE, CAMERA, WORDS, b"Exif", b"ICC_PROFILE", b"iCCP", b"http"))
    assert not image.getexif()
    assert not {"comment", "icc_profile", "xmp", "exif", "photoshop"} & set(image.info)
    # It ends where its picture ends, and another time it passes as it is.
    assert STRIP[str(image.format)](sent) == sent
    assert prepared(sent, row.rules, 1).uri == found.uri


# --- colours


def test_16_bits_of_grey_become_8_and_do_not_turn_white() -> None:
    image = opened(prepared(grey_16(), USUAL, 1))
    assert [image.getpixel((at, 0)) for at in range(16)] == [(at * 16,) * 3 for at in range(16)]


def test_16_bits_a_colour_become_8() -> None:
    image = opened(prepared(rgb_16(), USUAL, 1))
    assert [image.getpixel(at) for at in ((0, 0), (15, 0), (0, 15), (15, 15))] == list(CORNERS)


def test_what_can_be_seen_through_stays_so() -> None:
    for file in (written(SEEN_THROUGH, "WEBP", lossless=True), written(SEEN_THROUGH.convert("LA"), "PNG")):
        image = opened(prepared(file, USUAL, 1))
        assert image.mode == "RGBA"
        assert image.getchannel("A").tobytes() == SEEN_THROUGH.getchannel("A").tobytes()
    hole = opened(prepared(through_a_hole(), USUAL, 1))
    assert (hole.getpixel((5, 5))[3], hole.getpixel((90, 5))[3]) == (0, 255)  # type: ignore[index]


def test_colours_of_another_profile_become_those_that_were_meant() -> None:
    file = written(corners(), "PNG", icc_profile=rgb_profile(swapped=True))
    red, green = (opened(prepared(file, USUAL, 1)).getpixel(each) for each in ((5, 5), (90, 5)))
    assert isinstance(red, tuple)
    assert isinstance(green, tuple)
    assert red[1] > 150 > red[0]
    assert green[0] > 150 > green[1]
    seen_through = corners(mode="RGBA")
    seen_through.putalpha(77)
    file = written(seen_through, "PNG", icc_profile=rgb_profile(swapped=True))
    assert opened(prepared(file, USUAL, 1)).getpixel((5, 5)) == (*red, 77)


def test_a_damaged_place_in_a_phones_picture_does_not_cost_the_picture() -> None:
    broken = exif(6)[:20] + b"\xff" * 60
    found = prepared(written(corners(), "JPEG", exif=broken), USUAL, 1)
    assert b"Exif" not in file_in(found.uri)


def test_a_damaged_file_ends_in_a_whole_picture_or_in_a_sentence() -> None:
    chance = random.Random(14)
    files = [row.make() for row in FITS if not row.smaller]
    ends: set[str] = set()
    for _ in range(600):
        file = bytearray(chance.choice(files))
        for _ in range(chance.choice((1, 1, 3, 12))):
            at = chance.randrange(min(len(file), chance.choice((60, 200, 1_000_000))))
            file[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(1, 3))
        try:
            found = prepared(bytes(file), USUAL, 1)
            opened(found).load()
            ends.add(found.media_type)
        except SeedreamError as error:
            ends.add(error.code)
    assert {JPEG, PNG, "reference_not_a_picture"} <= ends


# --- bounds


def test_a_phones_photo_of_12_megapixels_is_turned_and_stripped_and_stays_as_large() -> None:
    photo = corners(4000, 3000).transpose(Image.Transpose.ROTATE_90)
    found = prepared(written(photo, "JPEG", exif=exif(6)), USUAL, 1)
    assert (found.width, found.height, found.smaller) == (4000, 3000, False)
    assert looks_right(opened(found))


def test_what_is_too_heavy_to_be_sent_loses_quality_first_and_then_size() -> None:
    most = 140_000
    file = written(noise(300, 200), "PNG")
    lighter = prepared(file, USUAL, 1, most)
    assert (lighter.media_type, lighter.smaller) == (JPEG, False)
    tiny = prepared(file, USUAL, 1, most // 10)
    assert (tiny.media_type, tiny.smaller) == (JPEG, True)
    assert tiny.width / tiny.height == pytest.approx(1.5, rel=0.02)
    for found, bound in ((lighter, most), (tiny, most // 10)):
        assert bound * 0.5 < len(found.uri) <= bound


def test_what_can_be_seen_through_and_is_too_heavy_gets_a_white_ground() -> None:
    image = noise(300, 200, "RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 40, 40))
    found = prepared(written(image, "PNG"), USUAL, 1, 120_000)
    assert found.media_type == JPEG
    assert opened(found).crop((0, 0, 16, 16)).convert("L").getextrema() == (255, 255)


def test_the_bounds_are_the_most_that_is_sent() -> None:
    heavy_picture = written(noise(1300, 1000), "JPEG", quality=100, subsampling=0)
    assert len(heavy_picture) > MOST_CHARACTERS * 3 / 4
    found = prepared(heavy_picture, USUAL, 1)
    assert MOST_CHARACTERS / 4 < len(found.uri) <= MOST_CHARACTERS
    assert MOST_PIXELS < 6600 * 5000


# --- the door


@pytest.mark.parametrize(
    "uri",
    [
        f"data:image/png;base64,{b64encode(CLEAN_PNG).decode()}",
        f"DATA:Image/PNG;Base64,{b64encode(CLEAN_PNG).decode()}",
        f"data:image/jpeg;base64,{b64encode(CLEAN_PNG).decode()}",
        f"data:image/x-whatever;name=a.png;charset=utf-8;base64,{b64encode(CLEAN_PNG).decode()}",
        f"data:image/png;base64,{b64encode(CLEAN_PNG).decode().rstrip('=')}",
        f"data:image/png;base64,{urlsafe_b64encode(CLEAN_PNG).decode()}",
        f"data:image/png;base64,{quote(b64encode(CLEAN_PNG).decode())}",
        "data:image/png;base64," + b64encode(CLEAN_PNG).decode().replace("A", "A\r\n "),
        f"data:image/png,{quote(CLEAN_PNG)}",
    ],
)
async def test_a_data_uri_is_read_however_it_is_written(uri: str) -> None:
    assert await prepare_all([uri], USUAL) == [f"data:image/png;base64,{b64encode(CLEAN_PNG).decode()}"]


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("data:image/png;base64,", "reference_not_a_picture"),
        ("data:image/png;base64,*", "reference_not_a_picture"),
        ("data:image/png;base64,ä", "reference_not_a_picture"),
        ("data:image/png;base64,AAAAA", "reference_not_a_picture"),
        (f"data:image/svg+xml;base64,{b64encode(SVG).decode()}", "reference_not_a_picture"),
        (f"data:image/svg+xml;utf8,{SVG.decode()}", "reference_not_a_picture"),
        (f"data:image/heic;base64,{b64encode(HEIC).decode()}", "reference_not_a_picture"),
        (f"data:image/gif;base64,{b64encode(moving('GIF')).decode()}", "reference_moving"),
        ("data:image/png;base64," + "A" * 45 * MIB, "reference_heavy"),
    ],
    ids=lambda each: each[:40],
)
async def test_a_data_uri_without_a_picture_is_refused_by_its_number(uri: str, code: str) -> None:
    with pytest.raises(SeedreamError) as caught:
        await prepare_all([ADDRESS, uri], USUAL, field="pictures")
    assert (caught.value.code, caught.value.facts["number"], caught.value.field) == (code, 2, "pictures")


async def test_what_is_no_picture_of_its_own_passes_as_it_is() -> None:
    odd = [ADDRESS, "/etc/passwd", "data:text/html,<p>", "file:///etc/passwd", None, 7]
    assert await prepare_all(odd, USUAL) == odd
    assert await prepare_all(ADDRESS, USUAL) == [ADDRESS]
    # Nobody looks at a file of too many.
    too_many: list[object] = [b"odd"] * 11
    assert await prepare_all(too_many, USUAL) == too_many


async def test_no_address_is_asked_for_whatever_it_looks_like() -> None:
    asked: list[object] = []
    listening = True

    def hear(event: str, arguments: object) -> None:
        if listening and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            asked.append((event, arguments))

    # Python calls it before it looks up a name or connects, wherever that is asked for. It stays to the end.
    sys.addaudithook(hear)
    try:
        for address in (*FIT, *UNFIT, *UNFIT_DATA):
            with suppress(SeedreamError):
                several = await prepare_all([address], USUAL)
                checked_references(several, USUAL, "image", "http://127.0.0.1:8188", required=True)
        assert asked == []
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), timeout=1)
        assert len(asked) >= 1
    finally:
        listening = False


async def test_files_of_this_computer_are_taken_and_a_text_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(CLEAN_PNG)
    by_path, by_bytes, text = await prepare_all([path, CLEAN_PNG, str(path)], USUAL)
    assert by_path == by_bytes == prepared(CLEAN_PNG, USUAL, 1).uri
    assert text == str(path)
    with pytest.raises(FileNotFoundError):
        await prepare_all([tmp_path / "b.png"], USUAL)


async def test_the_first_that_does_not_fit_is_told() -> None:
    with pytest.raises(SeedreamError) as caught:
        await prepare_all([CLEAN_PNG, written(corners(200, 20), "PNG"), b"", ADDRESS], USUAL)
    assert (caught.value.code, caught.value.facts) == ("reference_shape", {"number": 2, "widest": "3"})


async def test_many_files_share_what_a_request_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MOST_CHARACTERS_IN_ALL", MIB)
    photo = written(noise(160, 115), "JPEG", quality=98, subsampling=0)
    assert 14 * len(photo) * 4 / 3 > MIB > 10 * len(photo) * 4 / 3
    several = await prepare_all([photo] * 14, ReferenceRules(most=14))
    assert MIB * 0.5 < sum(map(len, several)) <= MIB
    several = await prepare_all([photo] * 10, USUAL)
    assert several == [prepared(photo, USUAL, 1).uri] * 10


async def test_who_goes_away_leaves_its_place_when_its_work_is_done() -> None:
    files = [written(noise(600, 400), "PNG")] * 6
    waiting = asyncio.create_task(prepare_all(files, USUAL, "one"))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await prepare_all(files[:1], USUAL, "other")) == 1


async def test_nothing_of_a_reference_is_kept() -> None:
    file = written(noise(300, 200), "PNG")
    await prepare_all([file], USUAL)
    tracemalloc.start()
    try:
        for _ in range(3):
            await prepare_all([file], USUAL)
        for _ in range(500):
            if tracemalloc.get_traced_memory()[0] < len(file) / 4:
                return
            # The loop and the thread let go of the last one.
            await asyncio.sleep(0.01)
        raise AssertionError(tracemalloc.take_snapshot().statistics("lineno")[:3])
    finally:
        tracemalloc.stop()


# --- what records and logs tell


async def test_a_request_is_told_without_the_bytes_of_its_references() -> None:
    told_so = f"data:image/png;96x64;{len(CLEAN_PNG)};sha256={sha256(CLEAN_PNG).hexdigest()}"
    several = await prepare_all([CLEAN_PNG, ADDRESS], USUAL)
    prompt = several[0] + ""
    request: Request = {"prompt": prompt, "image": several, "max_images": 3, "one": several[0], "fine": True}
    wanted = {"prompt": prompt, "image": [told_so, ADDRESS], "max_images": 3, "one": told_so, "fine": True}
    assert described(request) == wanted
    assert request["image"] == several
    # From a copy, it is read again; and what is told already stays so.
    again = json.loads(json.dumps(request))
    assert described({"image": again["image"]})["image"] == [told_so, ADDRESS]
    assert described(described(request)) == wanted
    assert described({"image": ["data:image/png;base64,AAAA"]}) == {"image": ["data:"]}

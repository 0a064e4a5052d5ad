"""A copy is the original's own bytes with texts between them, which other programs read."""

from __future__ import annotations

import json
import re
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from seedream.errors import SeedreamError
from seedream.pictures.ai_mark import SOURCE_TYPE
from seedream.pictures.images import Format, Picture
from seedream.pictures.metadata import MOST_BYTES, Copy, Metadata, TooLongError, copy, read_metadata
from seedream.schema import EDIT, load, load_models
from tests.pictures.xmp import source_types

PROMPTS = {
    "plain": "a red fox",
    "foreign": '狐が「こんにちは」と言う, "quoted", back\\slash: {"json": [1]}\r\n\ttwo lines\n\n🦊👩‍🚀 café שלום',
    "other tool's words": "a fox\nNegative prompt: none\nSteps: 20, Size: 1x1",
    "600 words": "夜明けの港で 白い鷺が 三羽飛び立つ " * 200,
    "half a pair": "lost \ud83e half",
    "nothing inside": "a\0b",
}
# The text for people has to leave something out; the settings don't.
UNWRITABLE = {"half a pair", "nothing inside"}
FORMATS: list[Format] = ["PNG", "JPEG"]
every_format = pytest.mark.parametrize("format", FORMATS)


def described(prompt: str, *, sample: bool = False, **more: object) -> Metadata:
    """Read what a browser says of such a picture; `more` is what else it says."""
    request = {**load().defaults, "prompt": prompt, "resolution": "2848x1600 (16:9)"}
    said = json.dumps({"request": request, "request_id": "abc-1", "sample": not sample, **more})
    return read_metadata(said, load_models(), sample=sample)


def saved(folder: Path, format: Format, content: bytes | None = None, **options: Any) -> Picture:
    path = folder / "original"
    if content is None:
        made = Image.effect_noise((64, 48), 60).convert("RGB")
        made.save(path, format, **options)
    else:
        path.write_bytes(content)
    return Picture(path, format, path.stat().st_size, None, 64, 48)


async def whole(made: Copy) -> bytes:
    content = b"".join([piece async for piece in made.pieces()])
    assert len(content) == made.size
    return content


def texts_of(content: bytes) -> tuple[str, dict[str, Any]]:
    """Read as Pillow does: what people read, and the settings."""
    with Image.open(BytesIO(content)) as image:
        image.load()
        if image.format == "PNG":
            return str(image.info["parameters"]), json.loads(str(image.info["seedream"]))
        comment = image.getexif().get_ifd(0x8769)[0x9286]
        assert comment.startswith(b"UNICODE\0")
        return comment[8:].decode("utf-16-be"), json.loads(image.info["comment"])["seedream"]


def pixels(content: bytes) -> bytes:
    with Image.open(BytesIO(content)) as image:
        return image.convert("RGB").tobytes()


@every_format
@pytest.mark.parametrize("name", PROMPTS)
async def test_settings_come_back_exactly_and_the_original_is_untouched(
    tmp_path: Path, format: Format, name: str
) -> None:
    prompt = PROMPTS[name]
    picture = saved(tmp_path, format)
    original = picture.original.read_bytes()
    made = copy(picture, described(prompt), "en")
    content = await whole(made)
    assert content.replace(made.change.inserted, b"", 1) == original
    assert pixels(content) == pixels(original)
    people, machines = texts_of(content)
    assert machines == {
        **load().defaults,
        "prompt": prompt,
        "resolution": "2848x1600 (16:9)",
        "model": load().model_id,
        "request_id": "abc-1",
    }
    if name not in UNWRITABLE:
        assert people.startswith(f"{prompt}\nSize: 64x48, ")
    assert f", Model: {load().model_id}, Request ID: abc-1" in people
    assert 'Resolution: "2848x1600 (16:9)"' in people
    for chunk in png_chunks(content) if format == "PNG" else []:
        assert zlib.crc32(chunk[4:-4]) == struct.unpack(">I", chunk[-4:])[0]


@every_format
async def test_a_sample_says_so_by_the_pages_word_alone(tmp_path: Path, format: Format) -> None:
    picture = saved(tmp_path, format)
    people, machines = texts_of(await whole(copy(picture, described("a fox", sample=True, model="mine"), "en")))
    assert machines["sample"] is True
    assert machines["model"] == load().model_id
    assert "not the model's work" in people
    assert "Model:" not in people
    assert "sample" not in texts_of(await whole(copy(picture, described("a fox"), "en")))[1]


async def test_a_jpeg_with_exif_of_its_own_keeps_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "the camera's own words"
    made = copy(saved(tmp_path, "JPEG", exif=exif), described("a fox"), "en")
    content = await whole(made)
    with Image.open(BytesIO(content)) as image:
        assert dict(image.getexif()) == {0x010E: "the camera's own words"}
        assert json.loads(image.info["comment"])["seedream"]["prompt"] == "a fox"
    assert b"a fox\nSize: 64x48" in content


async def test_the_settings_stand_behind_a_jpegs_first_segment(tmp_path: Path) -> None:
    content = await whole(copy(saved(tmp_path, "JPEG"), described("a fox"), "en"))
    assert [content[at + 1] for at in jpeg_heads(content)[:3]] == [0xE0, 0xE1, 0xE1]


@every_format
@pytest.mark.parametrize("own", [None, "its own", "unreadable", "names a source"])
async def test_a_copy_says_once_that_ai_made_it(tmp_path: Path, format: Format, own: str | None) -> None:
    xmp = None if own is None else _OWN_XMP[own]
    picture = saved(tmp_path, format, **_with_xmp(format, xmp))
    original = picture.original.read_bytes()
    content = await whole(copy(picture, described("a fox"), "en"))
    assert pixels(content) == pixels(original)
    assert texts_of(content)[1]["prompt"] == "a fox"
    assert source_types(content) == [SOURCE_TYPE if own != "names a source" else "http://example.org/drawn"]
    assert (b"http://example.org/label" in content) == (own in {"its own", "names a source"})
    assert content.count(b"<x:xmpmeta") == 1
    assert picture.original.read_bytes() == original


@every_format
async def test_a_sample_does_not_say_that_ai_made_it(tmp_path: Path, format: Format) -> None:
    content = await whole(copy(saved(tmp_path, format), described("a fox", sample=True), "en"))
    assert source_types(content) == []
    assert b"algorithmicMedia" not in content


_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:a="http://example.org/"><a:b>http://example.org/label</a:b>{}'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_OWN_XMP = {
    "its own": _XMP.format(""),
    "unreadable": "not XMP at all",
    "names a source": _XMP.format(
        '<e:DigitalSourceType xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        "http://example.org/drawn</e:DigitalSourceType>"
    ),
}


def _with_xmp(format: Format, xmp: str | None) -> dict[str, Any]:
    if xmp is None:
        return {}
    if format == "JPEG":
        return {"xmp": xmp.encode()}
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp)
    return {"pnginfo": info}


GOOD_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 17
DAMAGED: list[tuple[Format, bytes]] = [
    ("PNG", b""),
    ("PNG", GOOD_PNG[:-1]),
    ("PNG", GOOD_PNG.replace(b"IHDR", b"IDAT")),
    ("PNG", b"\xff\xd8\xff\xe0"),
    ("JPEG", b""),
    ("JPEG", b"\xff\xd8"),
    ("JPEG", b"\xff\xd8\xff\xff\xff"),
    ("JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF"),
    ("JPEG", b"\xff\xd8\xff\xe0\0\0"),
    ("JPEG", b"\xff\xd8\0\0\0\0\0\0"),
    ("JPEG", GOOD_PNG),
    ("WEBP", b"RIFF\0\0\0\0WEBP"),
    ("MP4", b"\0\0\0\0ftyp"),
]


@pytest.mark.parametrize(("format", "content"), DAMAGED)
def test_a_damaged_file_and_other_formats_are_refused(tmp_path: Path, format: Format, content: bytes) -> None:
    with pytest.raises(SeedreamError) as caught:
        copy(saved(tmp_path, format, content), described("a fox"), "en")
    assert caught.value.code == "file_not_a_picture"


@every_format
@pytest.mark.parametrize("letter", ["a", "é", "狐", "🦊"])
async def test_the_longest_settings_fit_and_longer_ones_are_refused(
    tmp_path: Path, format: Format, letter: str
) -> None:
    rest = len(described("").as_json().encode())
    prompt = letter * ((MOST_BYTES - rest) // len(letter.encode()))
    content = await whole(copy(saved(tmp_path, format), described(prompt), "en"))
    assert texts_of(content)[1]["prompt"] == prompt
    with pytest.raises(TooLongError):
        described(prompt + letter)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "nonsense",
        "[]",
        "3",
        '"text"',
        "{}",
        '{"request": 3}',
        '{"request": {}}',
        '{"request": {"prompt": 3.5}}',
    ],
)
def test_what_is_no_settings_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_metadata(said, load_models(), sample=False)
    assert not isinstance(caught.value, TooLongError)


def test_only_the_schemas_fields_are_taken_in() -> None:
    said = {
        "request": {"prompt": "a", "token": "secret", "resolution": ["2K"]},
        "token": "secret",
        "request_id": None,
    }
    read = read_metadata(json.dumps(said), load_models(), sample=False)
    assert json.loads(read.as_json()) == {"prompt": "a", "model": load().model_id}


def test_a_picture_that_began_with_others_tells_those_that_say_something_elsewhere() -> None:
    address, file = "https://example.org/a.png", "data:image/png;64x48;120;sha256=ab"
    request = {"prompt": "in oil", "image": [address, "file:kept-here", file, 7], "resolution": "2K"}
    read = read_metadata(json.dumps({"request": request}), load_models(), sample=False)
    assert json.loads(read.as_json()) == {**request, "image": [address, file], "model": load(EDIT).model_id}
    people = read.as_text(Picture(Path("a.png"), "PNG", 1, None, 64, 48), "en")
    assert f"Image: {json.dumps(f'{address} {file}')}" in people
    # One of its own browser's alone is not told, and the model is all the same the one that made it.
    alone = read_metadata(json.dumps({"request": {**request, "image": ["file:a"]}}), load_models(), sample=False)
    assert json.loads(alone.as_json()) == {
        "prompt": "in oil",
        "resolution": "2K",
        "model": load(EDIT).model_id,
    }


def png_chunks(content: bytes) -> list[bytes]:
    chunks, at = [], 8
    while at < len(content):
        length = struct.unpack(">I", content[at : at + 4])[0]
        chunks.append(content[at : at + length + 12])
        at += length + 12
    assert re.match(rb"....IEND", chunks[-1], re.DOTALL)
    return chunks


def jpeg_heads(content: bytes) -> list[int]:
    found, at = [], 2
    while content[at + 1] != 0xDA:
        assert content[at] == 0xFF
        found.append(at)
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return found

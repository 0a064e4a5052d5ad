from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedream.errors import SeedreamError
from seedream.offline import serve
from seedream.pictures.cache import DOWNLOADS_AT_ONCE, PictureCache
from seedream.pictures.downloads import Bounds, Downloads
from seedream.pictures.images import MAX_PIXELS, Picture, preview_image
from seedream.runcomfy.responses import Output
from tests.servers import Recorder

COLOUR = (200, 60, 30)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(2000)
WEBM = b"\x1a\x45\xdf\xa3" + bytes(2000)
LIMIT = 30.0
T = TypeVar("T")


def encoded(size: tuple[int, int] = (64, 48), format: str = "PNG", mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", size, COLOUR)
    if mode == "RGBA":
        image.putalpha(100)
    elif mode == "I;16":
        image = Image.new("I;16", size, 40_000)
    else:
        image = image.convert(mode)
    image.save(file, format)
    return file.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims so many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


class Storage:
    """A file server with these files, and a record of what was asked for."""

    def __init__(self) -> None:
        self.recorder = Recorder(Starlette(routes=[Route("/{name}", self._file)]))
        self.service = serve(self.recorder)
        self.empty()

    def empty(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failures = 0
        self.recorder.calls = []

    def put(self, name: str, content: bytes) -> Output:
        self.files[name] = content
        return Output(f"{self.service.url}/{name}", "video" if name.endswith((".mp4", ".webm")) else "image")

    @property
    def asked(self) -> list[str]:
        return [call.path[1:] for call in self.recorder.calls]

    async def _file(self, request: Request) -> Response:
        if self.failures:
            self.failures -= 1
            return Response(status_code=500)
        return Response(self.files[request.path_params["name"]])


@pytest.fixture(scope="module")
def _storage() -> Iterator[Storage]:
    storage = Storage()
    with storage.service:
        yield storage


@pytest.fixture
def storage(_storage: Storage) -> Storage:
    _storage.empty()
    return _storage


@pytest.fixture
def make(storage: Storage) -> Iterator[Callable[..., PictureCache]]:
    made: list[PictureCache] = []

    def make(**options: float) -> PictureCache:
        # One type for all options keeps this simple; both bounds compare with numbers.
        made.append(PictureCache(Downloads(storage.service.url), **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def pictures(make: Callable[..., PictureCache]) -> PictureCache:
    return make()


async def soon(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, LIMIT)


async def refused(pictures: PictureCache, output: Output) -> str:
    with pytest.raises(SeedreamError) as caught:
        await soon(pictures.get(output))
    return caught.value.code


def opened(path: Path | None) -> Image.Image:
    assert path is not None
    with Image.open(path) as image:
        image.load()
        return image


def alike(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= 12 for one, other in zip(pixel[:3], COLOUR, strict=True))


@pytest.mark.parametrize(
    ("size", "preview"),
    [
        ((2304, 1728), (1280, 960)),
        ((1600, 2848), (719, 1280)),
        ((4704, 2016), (1280, 549)),
        ((1280, 1280), (1280, 1280)),
        ((1281, 10), (1280, 10)),
        ((600, 400), (600, 400)),
        ((3000, 1), (1280, 1)),
        ((1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
async def test_a_preview_is_a_webp_of_at_most_1280_pixels(
    storage: Storage, pictures: PictureCache, size: tuple[int, int], preview: tuple[int, int], format: str
) -> None:
    picture = await soon(pictures.get(storage.put("a.png", encoded(size, format))))
    assert (picture.format, picture.width, picture.height) == (format, *size)
    shown = opened(picture.preview)
    assert shown.format == "WEBP"
    assert max(abs(one - other) for one, other in zip(shown.size, preview, strict=True)) <= 1
    assert max(shown.size) <= 1280
    assert alike(shown.convert("RGB").getpixel((0, 0)))


@pytest.mark.parametrize(
    ("format", "media_type", "ending"),
    [("PNG", "image/png", ".png"), ("JPEG", "image/jpeg", ".jpg"), ("WEBP", "image/webp", ".webp")],
)
async def test_the_content_and_not_the_name_says_what_a_picture_is(
    storage: Storage, pictures: PictureCache, format: str, media_type: str, ending: str
) -> None:
    picture = await soon(pictures.get(storage.put("misnamed.gif", encoded(format=format))))
    assert (picture.format, picture.media_type, picture.original.suffix) == (format, media_type, ending)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
async def test_an_original_is_the_apis_file_byte_for_byte(
    storage: Storage, pictures: PictureCache, format: str
) -> None:
    content = encoded((1500, 1000), format) + b"and what a service appends"
    picture = await soon(pictures.get(storage.put("a", content)))
    assert hashlib.sha256(picture.original.read_bytes()).digest() == hashlib.sha256(content).digest()
    assert picture.size == len(content)


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("PNG", "L"),
        ("PNG", "LA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGBA"),
    ],
)
async def test_every_kind_of_pixel_gets_a_preview(
    storage: Storage, pictures: PictureCache, format: str, mode: str
) -> None:
    picture = await soon(pictures.get(storage.put("a", encoded((1500, 900), format, mode))))
    assert (picture.format, opened(picture.preview).size) == (format, (1280, 768))


async def test_transparency_is_kept_in_the_preview(storage: Storage, pictures: PictureCache) -> None:
    picture = await soon(pictures.get(storage.put("a.png", encoded((1500, 900), "PNG", "RGBA"))))
    shown = opened(picture.preview)
    pixel = shown.getpixel((5, 5))
    assert shown.mode == "RGBA"
    assert isinstance(pixel, tuple)
    assert abs(pixel[3] - 100) <= 3
    assert alike(pixel)


@pytest.mark.parametrize(("width", "height"), [(MAX_PIXELS // 1000 + 1, 1000), (9000, 9000), (50_000, 50_000)])
async def test_a_file_that_claims_too_many_pixels_is_not_opened(
    storage: Storage, pictures: PictureCache, width: int, height: int
) -> None:
    assert await refused(pictures, storage.put("a.png", claiming(width, height))) == "file_too_large"


def damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 40]) + content[middle + 40 :]


NOT_PICTURES = {
    "empty": b"",
    "html": b"<!doctype html><h1>Sign in</h1>",
    "json": b'{"error": "expired"}',
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "gif": encoded(format="GIF"),
    "bmp": encoded(format="BMP"),
    "tiff": encoded(format="TIFF"),
    "video": MP4,
    "signature-alone": b"\x89PNG\r\n\x1a\n",
    "half-a-png": encoded((300, 300))[:-120],
    "half-a-jpeg": encoded((300, 300), "JPEG")[:-800],
    "half-a-webp": encoded((300, 300), "WEBP")[:-60],
    "damaged-png": damaged(encoded((300, 300))),
    "no-pixels": claiming(10, 10),
}


@pytest.mark.parametrize("content", NOT_PICTURES.values(), ids=list(NOT_PICTURES))
async def test_what_is_not_a_whole_picture_is_told_and_not_kept(
    storage: Storage, pictures: PictureCache, content: bytes
) -> None:
    output = storage.put("a.png", content)
    assert await refused(pictures, output) == "file_not_a_picture"
    assert await refused(pictures, output) == "file_not_a_picture"
    assert storage.asked == ["a.png", "a.png"]


@pytest.mark.thorough
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_no_damage_is_an_unforeseen_fault(format: str, tmp_path: Path) -> None:
    whole = encoded((40, 30), format)
    file = tmp_path / "original"
    dice = Random(5)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(dice.choice((1, 2, 8))):
            content[dice.randrange(len(content))] = dice.randrange(256)
        file.write_bytes(content[: dice.choice((len(content), dice.randrange(len(content))))])
        try:
            assert preview_image(file, len(content)).format == format
        except SeedreamError as error:
            assert error.code in ("file_not_a_picture", "file_too_large")


@pytest.mark.parametrize(("content", "format"), [(MP4, "mp4"), (WEBM, "webm")], ids=["mp4", "webm"])
async def test_a_video_is_shown_as_it_is(
    storage: Storage, pictures: PictureCache, content: bytes, format: str
) -> None:
    picture = await soon(pictures.get(storage.put(f"a.{format}", content)))
    assert picture == Picture(picture.original, picture.format, len(content))
    assert (picture.format, picture.media_type) == (format.upper(), f"video/{format}")
    assert picture.original.name == f"original.{format}"
    assert picture.original.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"<h1>Sign in</h1>", encoded()])
async def test_what_is_no_video_is_not_shown_as_one(
    storage: Storage, pictures: PictureCache, content: bytes
) -> None:
    assert await refused(pictures, storage.put("a.mp4", content)) == "file_not_a_picture"


async def test_what_is_asked_for_at_once_is_fetched_once(storage: Storage, pictures: PictureCache) -> None:
    output = storage.put("a.png", encoded())
    found = await soon(asyncio.gather(*(pictures.get(output) for _ in range(20))))
    assert storage.asked == ["a.png"]
    assert len({picture.original for picture in found}) == 1


async def test_what_was_fetched_is_not_fetched_again(storage: Storage, pictures: PictureCache) -> None:
    output = storage.put("a.png", encoded())
    first = await soon(pictures.get(output))
    assert await soon(pictures.get(Output(output.url, output.kind))) == first
    assert storage.asked == ["a.png"]


async def test_a_failure_is_for_all_who_wait_and_the_next_ask_tries_again(
    storage: Storage, pictures: PictureCache
) -> None:
    output = storage.put("a.png", encoded())
    storage.failures = 1
    found = await soon(asyncio.gather(*(pictures.get(output) for _ in range(5)), return_exceptions=True))
    assert {each.code for each in found if isinstance(each, SeedreamError)} == {"file_unreachable"}
    assert len([each for each in found if isinstance(each, SeedreamError)]) == 5
    assert (await soon(pictures.get(output))).format == "PNG"
    assert storage.asked == ["a.png", "a.png"]


async def test_one_who_goes_away_takes_nothing_from_the_others(storage: Storage, pictures: PictureCache) -> None:
    output = storage.put("a.png", encoded((1500, 1000)))
    leaving, staying = (asyncio.create_task(pictures.get(output)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await soon(staying)).format == "PNG"
    assert storage.asked == ["a.png"]


async def test_an_untrusted_file_is_refused_before_it_is_asked_for(
    storage: Storage, pictures: PictureCache
) -> None:
    storage.put("a.png", encoded())
    elsewhere = Output(storage.service.url.replace("127.0.0.1", "127.0.0.2") + "/a.png", "image")
    assert await refused(pictures, elsewhere) == "file_untrusted"
    assert storage.asked == []


@pytest.mark.parametrize("url", ["", "no url", "https://cdn.runcomfy.net/\ud83c.png", "\x00"])
async def test_an_output_that_is_no_url_is_untrusted(pictures: PictureCache, url: str) -> None:
    assert await refused(pictures, Output(url, "image")) == "file_untrusted"


class InOrder(Downloads):
    """Notes in which order files are fetched."""

    fetched: list[Output]

    def save(self, output: Output, to: Path) -> int:
        self.fetched = [*getattr(self, "fetched", []), output]
        return super().save(output, to)


async def test_a_picture_waits_for_no_series_that_came_before_it(storage: Storage) -> None:
    downloads = InOrder(storage.service.url)
    pictures = PictureCache(downloads)
    series = [replace(storage.put(f"{number}.png", encoded()), job="a series") for number in range(12)]
    single = replace(storage.put("single.png", encoded()), job="another job")
    try:
        await soon(asyncio.gather(*(pictures.get(each) for each in (*series, single))))
    finally:
        pictures.close()
    assert downloads.fetched.index(single) <= DOWNLOADS_AT_ONCE + 1


async def test_a_file_beyond_the_bounds_is_refused(storage: Storage) -> None:
    pictures = PictureCache(Downloads(storage.service.url, Bounds(max_bytes=100)))
    try:
        assert await refused(pictures, storage.put("a.png", encoded())) == "file_too_large"
    finally:
        pictures.close()


async def test_the_least_recently_used_files_go_first(storage: Storage, make: Callable[..., PictureCache]) -> None:
    content = encoded((200, 200))
    a, b, c = (storage.put(f"{name}.png", content) for name in "abc")
    pictures = make(keep_bytes=3 * len(content))
    kept = {name: await soon(pictures.get(output)) for name, output in (("a", a), ("b", b))}
    await soon(pictures.get(a))
    kept["c"] = await soon(pictures.get(c))
    assert {name for name, picture in kept.items() if picture.original.exists()} == {"a", "c"}
    assert {name for name, picture in kept.items() if picture.preview and picture.preview.exists()} == {"a", "c"}
    assert (await soon(pictures.get(b))).original.exists()
    assert storage.asked == ["a.png", "b.png", "c.png", "b.png"]


async def test_the_newest_file_stays_however_large_it_is(
    storage: Storage, make: Callable[..., PictureCache]
) -> None:
    pictures = make(keep_bytes=1)
    first = await soon(pictures.get(storage.put("a.png", encoded())))
    assert first.original.exists()
    second = await soon(pictures.get(storage.put("b.png", encoded())))
    assert (first.original.exists(), second.original.exists()) == (False, True)


async def test_a_file_goes_when_it_is_too_old_used_or_not_and_also_when_no_other_comes(
    storage: Storage, make: Callable[..., PictureCache]
) -> None:
    pictures = make(keep_seconds=0.5)
    output = storage.put("a.png", encoded())
    first = await soon(pictures.get(output))

    async def until_fetched_anew() -> None:
        while await pictures.get(output) == first:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    await soon(until_fetched_anew())
    assert (first.original.exists(), storage.asked) == (False, ["a.png", "a.png"])

    async def until_gone() -> None:
        while [*pictures.folder.iterdir()]:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    await soon(until_gone())
    assert storage.asked == ["a.png", "a.png"]


async def test_the_previews_count_too(storage: Storage, make: Callable[..., PictureCache]) -> None:
    content = encoded((200, 200))
    pictures = make(keep_bytes=2 * len(content))
    first = await soon(pictures.get(storage.put("a.png", content)))
    assert first.preview and first.preview.stat().st_size > 0
    await soon(pictures.get(storage.put("b.png", content)))
    assert not first.original.exists()


async def test_the_folder_goes_with_a_cache_that_nobody_has_any_more(storage: Storage) -> None:
    pictures = PictureCache(Downloads(storage.service.url))
    folder, output = pictures.folder.parent, storage.put("a.png", encoded())
    await soon(pictures.get(output))
    assert folder.exists()
    del pictures

    async def until_gone() -> None:
        # Its timer goes on for a day.
        while folder.exists():
            await asyncio.sleep(0.01)
            gc.collect()

    await soon(until_gone())


async def test_closing_leaves_nothing_on_the_disk(storage: Storage, pictures: PictureCache) -> None:
    picture = await soon(pictures.get(storage.put("a.png", encoded())))
    folder = picture.original.parent.parent
    assert folder.exists()
    pictures.close()
    assert not folder.exists()


async def test_a_failure_leaves_nothing_on_the_disk(storage: Storage, pictures: PictureCache) -> None:
    kept = await soon(pictures.get(storage.put("a.png", encoded())))
    await refused(pictures, storage.put("b.png", b"no picture"))
    assert list(kept.original.parent.parent.iterdir()) == [kept.original.parent]

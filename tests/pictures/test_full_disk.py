"""A disk that takes no more: what is there is handed over all the same, and what is not says so."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from seedream.errors import SeedreamError
from seedream.offline import serve
from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Downloads
from seedream.runcomfy.responses import Output
from tests.servers import App, Receive, Scope, Send

KIB = 1024


@contextmanager
def disk_takes(most: int) -> Iterator[None]:
    """Let the disk take so many bytes of a file and no more, for as long as the block lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def striped() -> bytes:
    """Return a PNG that is far smaller than its preview: the same noise again and again."""
    rows = Image.frombytes("RGB", (1280, 4), Random(12).randbytes(1280 * 4 * 3))
    image = Image.new("RGB", (1280, 960))
    for top in range(0, image.height, rows.height):
        image.paste(rows, (0, top))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("files/**/*") if each.is_file()]


def serving(content: bytes) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        length = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": content})

    return app


async def test_a_preview_that_finds_no_room_takes_no_original_away(tmp_path: Path) -> None:
    content = striped()
    with serve(serving(content)) as service:
        pictures = PictureCache(Downloads(service.url), folder=tmp_path)
        with disk_takes(2 * len(content)):
            picture = await pictures.get(Output(f"{service.url}/a.png", "image"))
        assert (picture.preview, picture.format, picture.width) == (None, "PNG", 1280)
        assert picture.original.read_bytes() == content
        assert files(tmp_path) == [picture.original]
        pictures.close()


async def test_an_original_that_finds_no_room_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with serve(serving(striped())) as service:
        pictures = PictureCache(Downloads(service.url), folder=tmp_path)
        with disk_takes(8 * KIB), pytest.raises(SeedreamError) as caught:
            await pictures.get(Output(f"{service.url}/a.png", "image"))
        assert (caught.value.code, caught.value.facts) == ("file_not_saved", {"reason": "File too large"})
        assert files(tmp_path) == []
        pictures.close()

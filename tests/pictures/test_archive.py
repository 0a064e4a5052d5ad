from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest

from seedream.offline import Options, create_app, serve
from seedream.pictures.archive import archive, safe_name
from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Downloads
from seedream.runcomfy.responses import Output
from tests.offline.support import Client


@pytest.fixture
def client() -> Iterator[Client]:
    with serve(create_app(Options(queue_seconds=0, drawing_seconds=0))) as service:
        yield Client(service.url)


async def test_a_file_that_is_gone_is_named_and_the_others_are_packed(client: Client) -> None:
    url = _picture(client)
    pictures = PictureCache(Downloads(client.url))
    gone = url.replace("/1.png", "/2.png")
    named = [(Output(gone, "image"), "gone"), (Output(url, "image"), "here")]
    packed = b"".join([piece async for piece in archive(pictures, named, {"cost_usd": None})])
    with zipfile.ZipFile(BytesIO(packed)) as found:
        assert found.testzip() is None
        assert found.namelist() == ["here.png", "manifest.json"]
        manifest = json.loads(found.read("manifest.json"))
    assert manifest["files"][0] == {"url": gone, "error": "file_missing"}
    assert manifest["cost_usd"] is None
    pictures.close()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("finished_at", "date"),
    [
        ("2026-03-04T05:06:08Z", (2026, 3, 4, 5, 6, 8)),
        ("2026-03-04T01:06:08.250000+02:00", (2026, 3, 3, 23, 6, 8)),
        *(
            (unfit, (1980, 1, 1, 0, 0, 0))
            for unfit in (None, "", "soon", 7, "0001-01-01T00:00:00+14:00", "9000-01-01")
        ),
    ],
)
async def test_the_files_are_dated_by_the_job(client: Client, finished_at: object, date: tuple[int, ...]) -> None:
    named = [(Output(_picture(client), "image"), "here")]
    pictures = PictureCache(Downloads(client.url))
    packed = b"".join([piece async for piece in archive(pictures, named, {"finished_at": finished_at})])
    with zipfile.ZipFile(BytesIO(packed)) as found:
        assert [each.date_time for each in found.infolist()] == [date, date]
    pictures.close()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("2026-01-01-a-fox-01", "2026-01-01-a-fox-01"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "07"),
        ("", "07"),
        ("狐-01", "狐-01"),
        ('a\\b:c*?"<>|d', "a-b-c-d"),
        ("x" * 300, "x" * 100),
        (".hidden", "hidden"),
        ("CON", "_CON"),
        ("com1.and.more", "_com1.and.more"),
        ("LPT²", "_LPT²"),
        ("console", "console"),
        ("a fox.", "a-fox"),
    ],
)
def test_a_name_is_a_name_alone(name: str, safe: str) -> None:
    assert safe_name(name, 7) == safe


def _picture(client: Client) -> str:
    request_id = client.submit()
    while (result := client.result(request_id))["status"] != "completed":
        pass
    return str(result["output"]["image"])

"""A disk of five megabytes for the cache and the output: what was paid for and does not fit is told."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Browser, expect

from seedream.offline import Options, create_app, serve
from tests.browser.visit import visit
from tests.debian import program
from tests.sdk.scripting import TOKEN, Done, environment, run
from tests.servers import ROOT, Recorder, free_port, launched
from tests.ui.mcp_client import connected

MEGABYTES = 5
# Noise, so that a picture takes three bytes for each pixel: of these, by the side of a square.
TWO_MEGABYTES, JUST_FITS, SIX_MEGABYTES = 830, 1290, 1450
SERIES = 4
FULL = "No space left on device"
LIMIT = 60.0
HOLDER = f'mount -t tmpfs -o size={MEGABYTES}m tmpfs "$0" && echo mounted && exec sleep infinity'
SCRIPT = """
import json, sys, seedream
prompt, folder, most = sys.argv[1:]
try:
    made = seedream.generate(prompt, folder=folder, sequential_image_generation="auto", max_images=int(most))
except seedream.SeedreamError as error:
    print(json.dumps({"error": str(error)}))
else:
    missing = {each.number: str(each.error) for each in made.missing}
    print(json.dumps({"paths": [str(each.path) for each in made.pictures], "missing": missing}))
"""


@lru_cache
def noise(side: int, number: int) -> bytes:
    file = io.BytesIO()
    content = Random(number).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), content).save(file, "PNG", compress_level=0)
    return file.getvalue()


def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint noise; a prompt begins with its side in pixels."""
    return noise(int(prompt.split(maxsplit=1)[0]), number)


@dataclass(frozen=True)
class Disk:
    """A disk that only what is started on it sees at `folder`; the test looks at it by way of the holder."""

    folder: Path
    holder: int

    def command(self, *command: str) -> list[str]:
        enter = [program("nsenter", "util-linux"), "-U", "-m", "--preserve-credentials", "-t", str(self.holder)]
        return [*enter, program("env", "coreutils"), "-C", str(self.folder), *command]

    def run(self, variables: dict[str, str], *arguments: str) -> Done:
        command = self.command(sys.executable, *arguments)
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert TOKEN not in done.stdout + done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def files(self) -> dict[str, bytes]:
        """Return what is there, by the names below `folder`; but for what says that the page's process lives."""
        root = Path(f"/proc/{self.holder}/root{self.folder}")
        found = (each for each in root.rglob("*") if each.is_file() and each.name != "held-by-its-process")
        return {str(each.relative_to(root)): each.read_bytes() for each in found}


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    command = [program("unshare", "util-linux"), "-rm", "sh", "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            if holder.stdout.readline() != "mounted\n":
                pytest.skip("this system lets nobody mount a disk of their own")
            yield Disk(folder, holder.pid)
        finally:
            holder.kill()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path) as mounted:
        yield mounted


@pytest.fixture(scope="module")
def service() -> Iterator[Recorder]:
    recorder = Recorder(create_app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.04), paint))
    with serve(recorder) as running:
        recorder.url = running.url
        yield recorder


@dataclass(frozen=True)
class Page:
    """The page, its cache on the disk."""

    url: str
    disk: Disk


@pytest.fixture(scope="module")
def page(service: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with small_disk(tmp_path_factory.mktemp("cache")) as disk:
        app = launched(disk.command(sys.executable, str(ROOT / "app.py")), _variables(disk, service), ROOT)
        try:
            yield Page(app.url, disk)
        finally:
            app.kill()


def _variables(disk: Disk, service: Recorder) -> dict[str, str]:
    return environment(service.url, TMPDIR=str(disk.folder), GRADIO_SERVER_PORT=str(free_port()))


def _told(said: str, service: Recorder) -> tuple[str, set[int]]:
    """Check that this tells why, with the request ID and with URLs of the service's; return it and the numbers."""
    assert FULL in said, said
    named = re.findall(rf"{service.url}/files/([\w-]+)/(\d+)\.png", said)
    (request_id,) = {each for each, _ in named}
    assert f"request ID {request_id})" in said, said
    return request_id, {int(number) for _, number in named}


def _at_its_url(service: Recorder, request_id: str, number: int) -> bytes:
    answer = requests.get(f"{service.url}/files/{request_id}/{number}.png", timeout=LIMIT)
    answer.raise_for_status()
    return answer.content


def _only_whole(disk: Disk, side: int) -> list[int]:
    """Check that no half of a picture lies there, nor anything that nobody asked for; return the whole ones."""
    numbers = {noise(side, number): number for number in range(1, SERIES + 1)}
    found = []
    for name, content in disk.files().items():
        if content in numbers:
            found.append(numbers[content])
        else:
            assert name.endswith("preview.webp"), name
            with Image.open(io.BytesIO(content)) as image:
                image.load()
    return sorted(found)


# --- output: the command, and scripts


def test_the_command_tells_what_did_not_fit(disk: Disk, service: Recorder, tmp_path: Path) -> None:
    variables = _variables(disk, service)
    one = disk.run(variables, "-m", "seedream", f"{SIX_MEGABYTES} px", "-o", "out")
    assert (one.code, one.out) == (73, "")
    request_id, numbers = _told(one.err, service)
    assert f"--resume {request_id}" in one.err
    assert (numbers, _only_whole(disk, SIX_MEGABYTES)) == ({1}, [])
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    elsewhere.mkdir()
    found = run(elsewhere, environment(service.url), "--resume", request_id)
    assert [path.read_bytes() for path in (elsewhere / each for each in found.paths)] == [noise(SIX_MEGABYTES, 1)]

    series = ("--sequential-image-generation", "auto", "--max-images", str(SERIES))
    some = disk.run(variables, "-m", "seedream", f"{TWO_MEGABYTES} px", "-o", "out", *series)
    _, lacking = _told(some.err, service)
    _two_are_there(disk, lacking, [str(path) for path in some.paths])
    assert some.code == 73


def test_a_script_is_told_what_did_not_fit(disk: Disk, service: Recorder) -> None:
    variables = _variables(disk, service)
    one = disk.run(variables, "-c", SCRIPT, f"{SIX_MEGABYTES} px", "out", "1").json
    assert _told(one["error"], service)[1] == {1}
    assert _only_whole(disk, SIX_MEGABYTES) == []
    some = disk.run(variables, "-c", SCRIPT, f"{TWO_MEGABYTES} px", "out", str(SERIES)).json
    for number, said in some["missing"].items():
        assert _told(said, service)[1] == {int(number)}
    _two_are_there(disk, {int(number) for number in some["missing"]}, some["paths"])


def _two_are_there(disk: Disk, lacking: set[int], paths: Sequence[str]) -> None:
    """Check that as many were saved as fit, whole, under the names that were told, and that the others lack."""
    saved = _only_whole(disk, TWO_MEGABYTES)
    assert sorted(disk.files()) == sorted(paths)
    assert sorted([*saved, *lacking]) == list(range(1, SERIES + 1))
    assert len(saved) == MEGABYTES // 2


# --- cache: the page, and whoever asks it


def test_a_script_of_the_page_gets_what_fits_and_is_told_the_rest(page: Page, service: Recorder) -> None:
    client = Client(page.url, verbose=False)
    with pytest.raises(AppError) as raised:
        client.predict(prompt=f"{SIX_MEGABYTES} px", api_name="/generate")
    request_id, numbers = _told(str(raised.value), service)
    assert (numbers, _only_whole(page.disk, SIX_MEGABYTES)) == ({1}, [])
    assert _at_its_url(service, request_id, 1) == noise(SIX_MEGABYTES, 1)

    # There is room for the original and none for its preview.
    gallery, record = client.predict(prompt=f"{JUST_FITS} px", api_name="/generate")
    assert [Path(each["image"]).read_bytes() for each in gallery] == [noise(JUST_FITS, 1)]
    assert ["error" in each for each in record["outputs"]] == [False]
    assert _only_whole(page.disk, JUST_FITS) == [1]
    assert len(page.disk.files()) == 1

    gallery, record = client.predict(
        prompt=f"{TWO_MEGABYTES} px",
        sequential_image_generation="auto",
        max_images=SERIES,
        api_name="/generate",
    )
    had = [number for number, each in enumerate(record["outputs"], 1) if "error" not in each]
    assert [Path(each["image"]).read_bytes() for each in gallery] == [noise(TWO_MEGABYTES, each) for each in had]
    assert had and _only_whole(page.disk, TWO_MEGABYTES) == had
    for number, each in enumerate(record["outputs"], 1):
        assert number in had or FULL in each["error"]["message"]
        assert _at_its_url(service, record["request_id"], number) == noise(TWO_MEGABYTES, number)


async def test_an_agent_is_told_what_did_not_fit(page: Page, service: Recorder) -> None:
    async with connected(f"{page.url}/gradio_api/mcp/") as session:
        one = await session.call_tool("generate", {"prompt": f"{SIX_MEGABYTES} px"})
        assert one.isError
        assert _told(str(one.content), service)[1] == {1}
        series = {"sequential_image_generation": "auto", "max_images": SERIES}
        some = await session.call_tool("generate", {"prompt": f"{TWO_MEGABYTES} px", **series})
    assert not some.isError, some.content
    record = json.loads(next(each.text for each in some.content if each.type == "text"))
    lacking = [each for each in record["outputs"] if "error" in each]
    assert all(FULL in each["error"]["message"] for each in lacking)
    shown = [each for each in some.content if each.type == "image"]
    assert len(shown) == len(record["originals"]) == SERIES - len(lacking) > 0
    _only_whole(page.disk, TWO_MEGABYTES)


def test_a_visitor_sees_what_fits_and_is_told_the_rest(page: Page, service: Recorder, browser: Browser) -> None:
    with visit(browser, page.url) as visitor:
        visitor.prompt.fill(f"{SIX_MEGABYTES} px")
        visitor.generate()
        failed = visitor.card.locator(".tile-error")
        expect(failed.locator("p")).to_contain_text(f"could not keep this picture: {FULL}. It is paid for")
        request_id = _named(visitor.card.inner_text())
        address = failed.get_by_role("link").get_attribute("href")
        assert address == f"{service.url}/files/{request_id}/1.png"
        assert _only_whole(page.disk, SIX_MEGABYTES) == []

        visitor.prompt.fill(f"{TWO_MEGABYTES} px")
        visitor.series(SERIES)
        visitor.generate()
        ended = visitor.card.locator(".tile img, .tile-error")
        expect(ended).to_have_count(SERIES)
        lacking = visitor.card.locator(".tile-error p").all_inner_texts()
        assert all(FULL in each for each in lacking)
        visitor.pictures(SERIES - len(lacking))
        _, content = visitor.download(visitor.card.get_by_role("button", name="Download all"))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        originals = [packed.read(each) for each in packed.namelist() if each.endswith(".png")]
    assert len(originals) + len(manifest["lacks"]) + sum("error" in each for each in manifest["files"]) == SERIES
    assert set(originals) <= {noise(TWO_MEGABYTES, number) for number in range(1, SERIES + 1)}
    _only_whole(page.disk, TWO_MEGABYTES)


def _named(text: str) -> str:
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
    assert found, text
    return found[0]

"""What a visitor saves is what the API made, byte for byte."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from io import BytesIO

import pytest
import requests
from playwright.sync_api import Browser

from tests.browser.visit import visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting", "full_size")]


@pytest.mark.parametrize(("choice", "ending"), [("PNG", "png"), ("JPEG", "jpeg")])
def test_an_original_is_the_file_that_the_api_served(
    browser: Browser, app: AppProcess, api: ControlledApi, choice: str, ending: str
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill(f"a {choice} fox")
        visitor.choose("output_format", re.compile(choice))
        visitor.generate()
        visitor.pictures(1)
        _, saved = visitor.download(visitor.card.get_by_role("link", name="Save original 1"))
        assert saved == requests.get(f"{_files(api)}/1.{ending}", timeout=30).content


def test_a_series_is_one_zip_with_a_manifest(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("Three scenes: café & <fox>")
        visitor.series(3)
        visitor.generate()
        visitor.pictures(3)
        name, saved = visitor.download(visitor.card.get_by_role("button", name="Download all"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-three-scenes-café-fox\.zip", name)
        with zipfile.ZipFile(BytesIO(saved)) as packed:
            manifest = json.loads(packed.read("manifest.json"))
            assert [file["name"][11:] for file in manifest["files"]] == [
                f"three-scenes-café-fox-{number:02}.png" for number in (1, 2, 3)
            ]
            for number, file in enumerate(manifest["files"], 1):
                content = packed.read(file["name"])
                assert content == requests.get(f"{_files(api)}/{number}.png", timeout=30).content
                assert (file["width"], file["height"]) == (2304, 1728)
                assert file["bytes"] == len(content)
                assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert manifest["request"]["prompt"] == "Three scenes: café & <fox>"
        assert manifest["cost_usd"] == pytest.approx(0.12)
        assert manifest["request_id"] in _files(api)


def _files(api: ControlledApi) -> str:
    """Where the newest job's files are at the service."""
    newest = next(call for call in reversed(api.recorder.calls) if call.path.startswith("/files/"))
    return api.url + newest.path.rpartition("/")[0]

"""Addresses of pictures that hold no longer, as after a restart with another secret; and what can't be saved."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess, running_app

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def restarted(api: ControlledApi) -> Iterator[AppProcess]:
    with running_app(api.environment(SEEDREAM_SECRET="first")) as app:
        yield app


def test_addresses_are_renewed_and_no_download_leaves_the_page(browser: Browser, restarted: AppProcess) -> None:
    with visit(browser, restarted.url) as visitor:
        _series(visitor)
        save = visitor.card.get_by_role("link", name="Save original 1")
        zipped = visitor.card.get_by_role("button", name="Download all")
        _, before = visitor.download(save)
        expired = save.get_attribute("href")

        restarted.restart(SEEDREAM_SECRET="second")
        assert requests.get(f"{restarted.url}/{expired}", timeout=30).status_code == 404
        assert visitor.download(save)[1] == before
        assert save.get_attribute("href") != expired

        restarted.restart(SEEDREAM_SECRET="third")
        _, packed = visitor.download(zipped)
        with zipfile.ZipFile(BytesIO(packed)) as files:
            assert len(files.namelist()) == 3

        restarted.restart(SEEDREAM_SECRET="fourth")
        visitor.card.locator(".tile-open").first.click()
        menu = visitor.open_large_menu()
        _, copy = visitor.download(menu.get_by_role("button", name="Save with settings"))
        assert copy[:4] == b"\x89PNG"
        expect(menu).to_be_hidden()
        visitor.page.keyboard.press("Escape")

        # Nobody there at all: a sentence beside the button, and the page as it was.
        visitor.prompt.fill("half a thought")
        restarted.kill()
        failed = "the page's server did not hand it over. Nothing is lost"
        zipped.click()
        expect(visitor.card.locator(".job-actions")).to_contain_text(failed)
        save.click()
        expect(visitor.card.locator("figcaption").first).to_contain_text(failed)
        expect(visitor.prompt).to_have_value("half a thought")


def _series(visitor: Visit) -> None:
    visitor.series(2)
    visitor.generate()
    visitor.pictures(2)
    visitor.wait_for("completed")

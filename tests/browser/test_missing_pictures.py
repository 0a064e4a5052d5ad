"""Pictures that are not there: told, told before they are saved, and asked for again where they may still come."""

from __future__ import annotations

import asyncio
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.controlled_api import PATIENCE, ControlledApi, tiny_picture
from tests.servers import AppProcess, Receive, Scope, Send

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]
PREVIEWS = "**/atelier/preview/**"
LATE = "This picture is made and safe, but it could not be loaded just now. It will come by itself."


@contextmanager
def second_damaged_third_late(api: ControlledApi) -> Iterator[threading.Event]:
    """Yield what lets the third file of each job go on its way."""
    go, usual = threading.Event(), api.interceptor.usual

    def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        return b"<h1>Sign in</h1>" if number == 2 else tiny_picture(prompt, number, of, size, format)

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        if "/3.png" in scope["path"]:
            await asyncio.to_thread(go.wait, PATIENCE)
        await usual(scope, receive, send)

    painter, api.painter = api.painter, paint
    try:
        with api.interceptor.answered_by(late):
            yield go
    finally:
        go.set()
        api.painter = painter


def test_what_is_missing_is_told_and_told_before_it_is_saved(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor, second_damaged_third_late(api) as go:
        visitor.prompt.fill("four scenes")
        visitor.series(4)
        visitor.generate()
        card = visitor.card
        lacks = card.locator(".job-actions .more-note[role=status]")
        expect(lacks).to_have_text(
            "What is saved of the whole series now lacks: 2 (could not be brought here), 3 (still on the way)."
        )
        expect(card.locator(".job-words")).to_have_text("Done. Fetching it now.")
        save = card.get_by_role("button", name="Download all")
        assert _manifest(visitor.download(save)[1]) == [
            {"number": 2, "error": "file_not_a_picture"},
            {"number": 3, "on_the_way": True},
        ]
        # Where it still is, and what it is called there.
        broken = card.locator(".tile-error")
        link = broken.get_by_role("link", name="Open it at RunComfy")
        assert str(link.get_attribute("href")).startswith(f"{api.url}/files/")
        expect(card.locator(".job-id")).to_contain_text("Request ID")

        go.set()
        expect(card.locator(".job-words")).to_have_text(
            "3 of 4 pictures are here. Where one is missing, it says why."
        )
        expect(lacks).to_have_text("What is saved of the whole series now lacks: 2 (could not be brought here).")
        assert _manifest(visitor.download(save)[1]) == [{"number": 2, "error": "file_not_a_picture"}]


@pytest.mark.parametrize("large", [False, True])
def test_a_picture_that_came_while_the_network_was_away_comes_by_itself_afterwards(
    browser: Browser, app: AppProcess, large: bool
) -> None:
    with visit(browser, app.url) as visitor:
        page, card = visitor.page, visitor.card
        small = page.locator(".history-picture img")
        held: list[Route] = []
        page.route(PREVIEWS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright needs to mark it
        with page.expect_request(PREVIEWS):
            visitor.generate()
        page.context.set_offline(True)
        held[0].abort()
        page.unroute(PREVIEWS)
        late = card.locator(".tile").get_by_role("status").filter(has_text=LATE)
        expect(late).to_be_visible()
        expect(card.locator(".tile-open")).to_be_hidden()
        assert violations(visitor) == []
        again = card.get_by_role("button", name="Try again", exact=True)
        again.click()
        expect(again).to_have_text("Try again")
        expect(small).to_have_count(0)
        again.focus()
        said = page.locator(".view .view-late")
        if large:
            page.locator(".history-picture").click()
            expect(said).to_have_text(LATE)
        page.context.set_offline(False)
        expect(card.locator(".tile-error")).to_have_count(0)
        if large:
            # Nothing was pressed, and nobody sees the card.
            expect(said).to_have_text("")
            page.keyboard.press("Escape")
        else:
            expect(card.locator(".tile-open")).to_be_focused()
        visitor.pictures(1)
        small.evaluate("image => image.decode()")


def test_what_was_made_long_ago_gets_its_small_copy_once_it_is_seen_large(
    browser: Browser, app: AppProcess
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        page.route(PREVIEWS, lambda route: route.abort())
        visitor.generate()
        expect(visitor.card.locator(".tile")).to_contain_text(LATE)
        page.evaluate("sessionStorage.clear()")
        page.unroute(PREVIEWS)
        page.reload()
        expect(visitor.cards).to_have_count(0)
        page.locator(".history-picture").click()
        page.locator(".view-picture").evaluate("image => image.decode()")
        page.keyboard.press("Escape")
        page.locator(".history-picture img").evaluate("image => image.decode()")


def test_the_day_in_a_name_is_the_visitors(browser: Browser, app: AppProcess) -> None:
    names = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with visit(browser, app.url, timezone_id=zone) as visitor:
            visitor.generate()
            visitor.pictures(1)
            names.append(visitor.download(visitor.card.get_by_role("link", name="Save original 1"))[0])
            assert names[-1][:10] == visitor.page.evaluate("new Date().toLocaleDateString('sv')")
    # They are 25 hours apart.
    assert names[0] != names[1]


def _manifest(packed: bytes) -> object:
    with zipfile.ZipFile(BytesIO(packed)) as files:
        return json.loads(files.read("manifest.json"))["lacks"]

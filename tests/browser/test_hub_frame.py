"""The page in a frame that is as tall as what is in it, as the Hub shows a Space: it doesn't scroll by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, ViewportSize, expect

from seedream.offline import serve
from tests.controlled_api import ControlledApi
from tests.hosting import sizing
from tests.servers import AppProcess

WINDOWS = {"laptop": ViewportSize(width=1280, height=720), "phone": ViewportSize(width=390, height=844)}
# Of a form, one job and the list of all: 1,500 on a laptop, 2,500 on a phone.
MOST_TALL = 4000
_TALL = "document.querySelector('iframe').offsetHeight"
_SEEN = "box => box.y >= -1 && box.y + box.height <= innerHeight + 1"


@contextmanager
def on_the_hub(browser: Browser, app: AppProcess, window: ViewportSize) -> Iterator[tuple[Page, FrameLocator]]:
    with serve(sizing(app.url)) as hub:
        context = browser.new_context(locale="en-US", viewport=window, reduced_motion="reduce")
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(hub.url.replace("127.0.0.1", "localhost"))
        yield page, page.frame_locator("iframe")
        assert faults == []
        context.close()


def _is_seen(page: Page, what: Locator) -> None:
    """Wait until all of it is within the window, not only within the frame."""
    expect(what).to_be_visible()
    for _ in range(100):
        box = what.bounding_box()
        if box and page.evaluate(_SEEN, box):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{what} lies at {what.bounding_box()}")


@pytest.mark.parametrize("window", WINDOWS)
def test_what_a_press_brings_is_in_view(
    browser: Browser, app: AppProcess, api: ControlledApi, window: str
) -> None:
    with on_the_hub(browser, app, WINDOWS[window]) as (page, frame):
        frame.locator("#field-prompt textarea").fill("a heron at dawn")
        frame.locator("#generate").click()
        card = frame.locator("#gallery .job").first
        _is_seen(page, card.locator(".job-line"))
        api.finish()
        expect(card).to_have_attribute("data-status", "completed")
        _is_seen(page, card.locator(".job-line"))

        # The frame has its height, and asks for no more.
        tall = page.evaluate(_TALL)
        page.wait_for_timeout(1500)
        assert page.evaluate(_TALL) == tall < MOST_TALL

        send, tile = frame.locator("#send").bounding_box(), card.locator(".tile img").bounding_box()
        assert send and tile
        assert send["y"] + send["height"] <= tile["y"] or send["x"] + send["width"] <= tile["x"]

        card.locator(".tile-open").click()
        view = frame.get_by_role("dialog")
        _is_seen(page, view)
        _is_seen(page, view.locator("img").first)
        # It stays before the visitor when the page around is scrolled.
        page.evaluate("scrollBy(0, -200)")
        _is_seen(page, view)
        page.keyboard.press("Escape")
        expect(view).to_be_hidden()

        more = frame.locator(".history-row .menu-button").first
        more.scroll_into_view_if_needed()
        more.click()
        _is_seen(page, frame.locator(":popover-open"))

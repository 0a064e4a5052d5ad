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
_SEEN_TOP = "Math.max(0, scrollY - document.querySelector('iframe').offsetTop)"
# How near to the window's edge a field comes.
MARGIN = 12
_SEEN = "([box, beyond]) => box.y >= -1 && box.y + box.height <= innerHeight + beyond"


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


def _hears_of_scrolling(page: Page, frame: FrameLocator) -> None:
    """Wait until the page in the frame knows which part of it is seen."""
    seen = f"{page.evaluate(_SEEN_TOP)}px"
    expect(frame.locator(":root")).to_have_css("--seen-top", seen)


def _is_seen(page: Page, what: Locator, beyond: int = 1) -> None:
    """Wait until all of it, but so many pixels at its end, is within the window, not only within the frame."""
    expect(what).to_be_visible()
    for _ in range(100):
        box = what.bounding_box()
        if box and page.evaluate(_SEEN, [box, beyond]):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{what} lies at {what.bounding_box()}")


@pytest.mark.thorough
@pytest.mark.parametrize("edge", ["top", "bottom"])
@pytest.mark.parametrize("window", WINDOWS)
def test_a_list_opens_where_it_is_seen(browser: Browser, app: AppProcess, window: str, edge: str) -> None:
    with on_the_hub(browser, app, WINDOWS[window]) as (page, frame):
        size = frame.locator("#field-resolution input")
        expect(frame.get_by_role("radio", name="Fine")).to_be_visible()
        box = size.bounding_box()
        assert box
        at = MARGIN if edge == "top" else page.evaluate("innerHeight") - box["height"] - MARGIN
        page.evaluate("by => scrollBy(0, by)", box["y"] - at)
        _hears_of_scrolling(page, frame)
        size.click()
        listed = frame.get_by_role("listbox")
        _is_seen(page, listed)
        _is_seen(page, listed.get_by_role("option", selected=True))
        field, shown = size.bounding_box(), listed.bounding_box()
        assert field and shown
        assert shown["y"] + shown["height"] <= field["y"] + 1 or shown["y"] >= field["y"] + field["height"] - 1


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
        _is_seen(page, card.locator(".tile img"), beyond=MARGIN)

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

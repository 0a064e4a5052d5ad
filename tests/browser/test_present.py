"""Pictures are presented over the whole screen: by mouse, keyboard and finger, from a card and the large view."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.hands import Finger, Keys, Mouse, every_hand
from tests.browser.test_accessibility import violations
from tests.browser.visit import Visit, visit
from tests.servers import AppProcess

pytestmark = pytest.mark.usefixtures("no_waiting")
SERIES = 3
EACH_MS = 6000
_FULL = "document.fullscreenElement?.classList.contains('present-frame')"
# The browser's own locks, noted as they are given.
_NOTE_LOCKS = """() => {
  const { wakeLock } = navigator;
  const request = wakeLock.request.bind(wakeLock);
  const given = [];
  wakeLock.request = async (kind) => {
    const lock = await request(kind);
    given.push(lock);
    return lock;
  };
  document.addEventListener("locks", (event) => event.detail.push(...given.map(({ released }) => released)));
}"""
_LOCKS = (
    "() => { const told = []; document.dispatchEvent(new CustomEvent('locks', { detail: told })); return told; }"
)


@every_hand
def test_from_a_card_to_the_end(browser: Browser, app: AppProcess, kind: type[Mouse | Keys]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand = kind(visitor.page)
        page, card = visitor.page, _series(visitor)
        page.evaluate(_NOTE_LOCKS)
        start = card.get_by_role("button", name="Present", exact=True)
        hand.press(start)
        shown = _presentation(visitor)
        page.wait_for_function(_FULL)
        page.wait_for_function(f"({_LOCKS})().join() === 'false'")
        _is_at(shown, 1)
        for number in (2, 3, 3):
            _next(hand)
            _is_at(shown, number)
        _previous(hand)
        _is_at(shown, 2)
        if kind is Keys:
            page.keyboard.press("Escape")
        else:
            page.mouse.move(200, 200)
            hand.press(shown.get_by_role("button", name="End"))
        expect(shown).to_have_count(0)
        page.wait_for_function("!document.fullscreenElement")
        page.wait_for_function(f"({_LOCKS})().join() === 'true'")
        expect(start).to_be_focused()


def test_all_keys_and_no_chrome(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        card, page = _series(visitor), visitor.page
        card.get_by_role("button", name="Present", exact=True).press("Enter")
        shown = _presentation(visitor)
        bar, title = shown.locator(".present-bar"), shown.locator(".present-title")
        for key, number in (
            ("ArrowRight", 2),
            ("PageDown", 3),
            ("ArrowLeft", 2),
            (" ", 3),
            ("Home", 1),
            ("Enter", 2),
            ("PageUp", 1),
            ("End", 3),
            ("Backspace", 2),
        ):
            page.keyboard.press(key)
            _is_at(shown, number)
        # The picture has the whole screen, and nothing stands beside it.
        box, window = shown.get_by_role("img").bounding_box(), page.evaluate("[innerWidth, innerHeight]")
        assert box
        assert [box["width"], box["height"]] == window
        expect(title).to_be_hidden()
        expect(bar).to_have_css("opacity", "0")
        page.keyboard.press("Tab")
        expect(bar).to_have_css("opacity", "1")
        toggle = shown.get_by_role("button", name="Title and number")
        toggle.press("Enter")
        expect(toggle).to_have_attribute("aria-pressed", "true")
        expect(title).to_have_text("three boats")
        _is_at(shown, 2)
        toggle.press(" ")
        expect(title).to_be_hidden()
        expect(toggle).to_have_attribute("aria-pressed", "false")


@pytest.mark.thorough
def test_by_time(browser: Browser, app: AppProcess) -> None:
    # The time zone makes it a tab of its own: in the next visitor's, time would stand still.
    with visit(browser, app.url, timezone_id="Asia/Tokyo") as visitor:
        card, page = _series(visitor), visitor.page
        # Time goes on by the test's word alone.
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        card.get_by_role("button", name="Present", exact=True).click()
        shown = _presentation(visitor)
        page.clock.run_for(2 * EACH_MS)
        _is_at(shown, 1)
        run = shown.get_by_role("button", name="Run by itself")
        run.press("Enter")
        for number in (2, 3, 1):
            page.clock.run_for(EACH_MS)
            _is_at(shown, number)
        # Who turns by hand sees that picture for its whole time.
        page.clock.run_for(EACH_MS - 100)
        page.keyboard.press("ArrowRight")
        page.clock.run_for(EACH_MS - 100)
        _is_at(shown, 2)
        page.clock.run_for(100)
        _is_at(shown, 3)
        run.press("Enter")
        page.clock.run_for(2 * EACH_MS)
        _is_at(shown, 3)


@pytest.mark.thorough
def test_from_the_large_view_and_back(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        card, page = _series(visitor), visitor.page
        card.locator(".tile-open").nth(1).click()
        view = page.get_by_role("dialog", name="Large view")
        view.get_by_role("button", name="Present", exact=True).click()
        shown = _presentation(visitor)
        _is_at(shown, 2)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Escape")
        expect(shown).to_have_count(0)
        # It goes on with the picture that was seen last.
        expect(view.get_by_role("status").first).to_have_text("3 of 3")
        expect(view.get_by_role("button", name="Present", exact=True)).to_be_focused()
        page.keyboard.press("Escape")
        expect(view).to_be_hidden()


@pytest.mark.thorough
def test_a_finger_swipes(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url, **Finger.context) as visitor:
        _series(visitor).get_by_role("button", name="Present", exact=True).tap()
        shown = _presentation(visitor)
        _swipe(visitor, 300, 60)
        _is_at(shown, 2)
        _swipe(visitor, 60, 300)
        _is_at(shown, 1)


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, app: AppProcess, scheme: Any) -> None:
    with visit(browser, app.url, color_scheme=scheme) as visitor:
        _series(visitor).get_by_role("button", name="Present", exact=True).click()
        shown = _presentation(visitor)
        visitor.page.mouse.move(200, 200)
        shown.get_by_role("button", name="Title and number").click()
        assert violations(visitor) == []
        # Who wants no motion has none.
        assert visitor.page.evaluate("document.getAnimations().length") == 0


def _series(visitor: Visit) -> Locator:
    page = visitor.page
    page.goto(f"{page.url}?prompt=three+boats&sequential_image_generation=auto&max_images={SERIES}")
    expect(page.locator("#field-max_images input[type=number]")).to_have_value(str(SERIES))
    visitor.generate()
    visitor.pictures(SERIES)
    return visitor.card


def _presentation(visitor: Visit) -> Locator:
    shown = visitor.page.get_by_role("dialog", name="Presentation")
    expect(shown).to_be_visible()
    return shown


def _is_at(shown: Locator, number: int) -> None:
    expect(shown.get_by_role("status")).to_have_text(f"{number} of {SERIES}")
    expect(shown.get_by_role("img")).to_have_attribute("alt", f"Picture {number} of {SERIES}: three boats")


def _next(hand: Mouse | Keys) -> None:
    _turn(hand, "ArrowRight", 0.7)


def _previous(hand: Mouse | Keys) -> None:
    _turn(hand, "ArrowLeft", 0.2)


def _turn(hand: Mouse | Keys, key: str, part: float) -> None:
    if isinstance(hand, Keys):
        hand.page.keyboard.press(key)
        return
    width, height = hand.page.evaluate("[innerWidth, innerHeight]")
    place = (width * part, height * 0.6)
    if isinstance(hand, Finger):
        hand.page.touchscreen.tap(*place)
    else:
        hand.page.mouse.click(*place)


def _swipe(visitor: Visit, start: int, end: int) -> None:
    touch = visitor.page.context.new_cdp_session(visitor.page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) // 2), ("touchMove", end)):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 500}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()

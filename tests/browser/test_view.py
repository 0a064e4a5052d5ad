"""A picture, large: over the whole window, by keys, presses and fingers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visit import Visit, copy_link, visit
from tests.servers import AppProcess

pytestmark = pytest.mark.usefixtures("no_waiting", "full_size")
FINGER = 44
REST_MS = 150
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
DENSE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "device_scale_factor": 2}


PASTED_SIZE = """async () => {
  const [item] = await navigator.clipboard.read();
  const bitmap = await createImageBitmap(await item.getType("image/png"));
  return [bitmap.width, bitmap.height];
}"""
# A device's own sheet, which no test can see: what it is given.
SHEET = """() => {
  navigator.canShare = ({ files }) => files.length === 1;
  navigator.share = async ({ files: [file], title }) => {
    window.handed = [file.name, file.type, file.size > 1000, title];
  };
}"""


class Looking:
    """A visitor with a finished series, and a record of which originals the page fetched."""

    def __init__(self, visitor: Visit) -> None:
        self.visitor = visitor
        self.originals: list[str] = []
        visitor.page.on(
            "request", lambda asked: self.originals.append(asked.url) if "/original/" in asked.url else None
        )
        self.view = visitor.page.get_by_role("dialog", name="Large view")
        self.picture = self.view.get_by_role("img")

    def tile(self, number: int) -> Locator:
        return self.visitor.card.get_by_role("button", name=f"Open large: Picture {number} of 3")

    def is_at(self, number: int) -> None:
        expect(self.view.get_by_role("status").first).to_have_text(f"{number} of 3")
        expect(self.picture).to_have_attribute("alt", f"Picture {number} of 3: three boats")

    def fits(self) -> None:
        """See that the whole picture is on the screen, in its own shape."""
        self.picture.evaluate("image => image.decode()")
        box = self.picture.bounding_box()
        window = self.visitor.page.viewport_size
        assert box and window
        assert box["width"] / box["height"] == pytest.approx(4 / 3, rel=0.01)
        assert box["x"] >= 0 and box["x"] + box["width"] <= window["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
        assert box["width"] >= 0.6 * window["width"]

    def width(self) -> int:
        """Return how many pixels the picture has that is on the screen."""
        return int(self.picture.evaluate("image => image.naturalWidth"))


@contextmanager
def looking(browser: Browser, app: AppProcess, **context: Any) -> Iterator[Looking]:
    with visit(browser, app.url, **context) as visitor:
        visitor.prompt.fill("three boats")
        visitor.series(3)
        visitor.generate()
        visitor.pictures(3)
        yield Looking(visitor)


def test_by_keys_and_presses(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app) as look:
        page, view = look.visitor.page, look.view
        look.tile(2).focus()
        page.keyboard.press("Enter")
        look.is_at(2)
        look.fits()
        before = page.evaluate("scrollY")
        page.mouse.move(640, 360)
        page.mouse.wheel(0, 600)
        for key, number in (("ArrowRight", 3), ("ArrowRight", 3), ("Home", 1), ("ArrowLeft", 1), ("End", 3)):
            page.keyboard.press(key)
            look.is_at(number)
        for name, number in (("Previous picture", 2), ("Previous picture", 1), ("Next picture", 2)):
            button = view.get_by_role("button", name=name)
            box = button.bounding_box()
            assert box and min(box["width"], box["height"]) >= FINGER
            button.click()
            look.is_at(number)
        # All of them, small: the one that is shown is marked, and the others are a press away.
        small = view.get_by_role("group", name="All of them, small").get_by_role("button")
        expect(small).to_have_count(3)
        small.nth(0).click()
        look.is_at(1)
        expect(small.nth(0)).to_have_attribute("aria-current", "true")
        page.keyboard.press("ArrowRight")
        look.is_at(2)
        expect(small.nth(1)).to_be_focused()
        assert page.evaluate("scrollY") == before
        expect(view.locator(".view-about")).to_have_text(
            re.compile(
                r"^2,304 × 1,728 PNG · [\d.]+ MB · Landscape 4:3 · 3 pictures · \$0\.12 · \w+ \d+, \d{4}, .+$"
            )
        )

        assert look.originals == []
        assert look.width() == 1280
        view.get_by_role("button", name="Full size").click()
        page.wait_for_function("document.querySelector('.view-picture').naturalWidth === 2304")
        assert look.picture.evaluate("image => image.clientWidth") == 2304
        # A mouse takes it along; only a press that stays where it is ends it.
        seen = view.locator(".view-frame")
        left = seen.evaluate("frame => frame.scrollLeft")
        page.mouse.move(640, 360)
        page.mouse.down()
        page.mouse.move(540, 360, steps=4)
        page.mouse.up()
        assert seen.evaluate("frame => frame.scrollLeft") == left + 100
        page.mouse.click(640, 360)
        look.fits()

        name, original = look.visitor.download(view.get_by_role("link", name="Save original 2"))
        assert name.endswith("-three-boats-02.png")
        assert original.startswith(b"\x89PNG")

        page.keyboard.press("Escape")
        expect(view).to_be_hidden()
        expect(look.tile(2)).to_be_focused()


@pytest.mark.thorough
def test_what_is_taken_along(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app, permissions=["clipboard-read", "clipboard-write"]) as look:
        page, view = look.visitor.page, look.view
        look.tile(2).click()
        expect(view.locator(".view-prompt")).to_have_text("three boats")
        copies = view.get_by_role("button", name="Copy image")
        before = copies.bounding_box()
        copies.click()
        expect(view.locator(".save-said")).to_have_text("Copied")
        assert page.evaluate(PASTED_SIZE) == [2304, 1728]
        # Where a device has no sheet to share by, a link is offered.
        expect(view.get_by_role("button", name="Share…")).to_have_count(0)
        copy_link(view, "Without the prompt")
        page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('/?request_id='))")
        expect(view.locator(".save-said")).to_contain_text("It leads to this computer alone")
        # What is said moves no button from under the hand.
        assert copies.bounding_box() == before
        look.visitor.open_large_menu().get_by_role("button", name="Copy prompt").click()
        page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'three boats')")
        look.visitor.open_large_menu().get_by_role("button", name="Copy link to the file").click()
        page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/2.png'))")


def test_the_arrows_go_through_all_pictures_from_a_card(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        for prompt in ("one", "two", "three"):
            visitor.prompt.fill(prompt)
            visitor.generate()
            visitor.pictures(1)
        view, opened = page.get_by_role("dialog", name="Large view"), _opener(visitor, "three")
        place = view.get_by_role("status").first
        opened.click()
        for key, number, prompt in (("Home", 1, "three"), ("ArrowRight", 2, "two"), ("End", 3, "one")):
            page.keyboard.press(key)
            expect(place).to_have_text(f"{number} of 3")
            expect(view.get_by_role("img", name=f"Picture 1 of 1: {prompt}")).to_be_visible()
        expect(view.get_by_role("group", name="All of them, small").get_by_role("button")).to_have_count(3)
        page.keyboard.press("Escape")
        # Its card may have left: then it is among all pictures.
        small = page.get_by_role("button", name="Open large: one", exact=True)
        expect(_opener(visitor, "one").or_(small).and_(page.locator(":focus"))).to_have_count(1)

        # What the list is narrowed down to is the list's alone.
        page.get_by_role("searchbox", name="Search the prompts").fill("two")
        expect(visitor.rows).to_have_count(1)
        opened.click()
        expect(place).to_have_text("1 of 3")


@pytest.mark.thorough
def test_by_fingers_on_a_phone(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app, **PHONE) as look:
        look.tile(1).tap()
        look.is_at(1)
        look.fits()
        _swipe(look, -120)
        look.is_at(2)
        # As far as a trembling finger goes, and up or down, nothing turns.
        _swipe(look, -20)
        _swipe(look, 60, down=200)
        look.is_at(2)
        _swipe(look, 120)
        look.is_at(1)
        for button in look.view.get_by_role("button").all():
            box = button.bounding_box()
            assert box and box["height"] >= FINGER
        assert look.visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
        look.view.locator(".view-prompt").evaluate("prompt => prompt.append(' long'.repeat(90))")
        close = look.view.get_by_role("button", name="Close").bounding_box()
        assert close and close["x"] + close["width"] <= 390
        look.view.get_by_role("button", name="Close").tap()
        expect(look.tile(1)).to_be_focused()
        # An original has megabytes: on a phone it is fetched only when wished for.
        assert look.originals == []


@pytest.mark.thorough
def test_a_phone_on_its_side_has_the_neighbours_where_they_cost_no_room(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app, **{**PHONE, "viewport": {"width": 844, "height": 390}}) as look:
        look.tile(1).tap()
        small = look.view.get_by_role("group", name="All of them, small").get_by_role("button")
        expect(small).to_have_count(3)
        for each in small.all():
            box = each.bounding_box()
            assert box and min(box["width"], box["height"]) >= FINGER
        small.nth(2).tap()
        look.is_at(3)
        # As large as its height allows, which the strip takes nothing of.
        picture, frame = look.picture.bounding_box(), look.view.locator(".view-frame").bounding_box()
        assert picture and frame and picture["height"] == pytest.approx(frame["height"])
        assert frame["height"] >= 0.6 * 390
        assert frame["width"] / frame["height"] >= 21 / 9


def test_a_picture_goes_to_the_phones_own_sheet(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app, **PHONE) as look:
        look.visitor.page.evaluate(SHEET)
        look.tile(2).tap()
        look.view.get_by_role("button", name="Share…").tap()
        look.visitor.page.wait_for_function("window.handed")
        name, kind, whole, title = look.visitor.page.evaluate("window.handed")
        assert name.endswith("-three-boats-02.png")
        assert (kind, whole, title) == ("image/png", True, "three boats")


def test_a_dense_screen_gets_the_original_by_itself(browser: Browser, app: AppProcess) -> None:
    with looking(browser, app, **DENSE) as look:
        look.tile(3).click()
        look.visitor.page.wait_for_function("document.querySelector('.view-picture').naturalWidth === 2304")
        look.fits()
        assert len(look.originals) == 1


def _opener(visitor: Visit, prompt: str) -> Locator:
    """What opens a picture from its card."""
    return visitor.cards.get_by_role("button", name=f"Open large: Picture 1 of 1: {prompt}")


def _swipe(look: Looking, across: int, *, down: int = 0) -> None:
    hand = look.visitor.page.context.new_cdp_session(look.visitor.page)
    box = look.picture.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in (1, 2, 3, 4):
        point = {"x": x + across * step / 4, "y": y + down * step / 4}
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    # The finger rests before it lifts: Chromium takes a tap soon after a flick as one that stops its momentum.
    look.visitor.page.wait_for_timeout(REST_MS)
    hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    hand.detach()

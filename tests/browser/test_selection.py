"""Several of all pictures are selected, by mouse, keyboard and finger, and taken along, presented or removed."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, expect

from tests.browser.hands import Finger, Keys
from tests.browser.page_scripts import SMALL_COPIES
from tests.browser.test_accessibility import violations
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

pytestmark = pytest.mark.usefixtures("no_waiting")
HELD_MS = 700
_SCROLLED = "[scrollY, document.documentElement.scrollHeight]"

_AT_THE_END = """() => [...document.querySelectorAll(".view-zoomed")]
  .every((each) => each.scrollTop > 0 && each.scrollTop + each.clientHeight >= each.scrollHeight - 2)"""


class Selecting:
    """A visitor on a fresh page with three pictures: two of herons, and a fox."""

    def __init__(self, visitor: Visit) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.rows = visitor.rows
        self.bar = self.page.locator(".selection-bar")
        self.undo = self.page.locator(".history-forgotten")

    def check(self, name: str) -> Locator:
        return self.page.get_by_role("checkbox", name=f"Select {name}", exact=True)

    def picture(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=f"Open large: {name}", exact=True)

    def act(self, name: str) -> Locator:
        return self.bar.get_by_role("button", name=name, exact=True)

    def says(self, words: str) -> None:
        expect(self.bar.locator(".selection-count")).to_have_text(words)
        # Heard once, from where changes are heard.
        expect(self.page.get_by_role("status").filter(has_text=words)).to_have_count(1)
        expect(self.page.get_by_role("group", name=words)).to_be_visible()


@contextmanager
def selecting(browser: Browser, app: AppProcess, **context: Any) -> Iterator[Selecting]:
    with visit(browser, app.url, **context) as visitor:
        page = visitor.page
        for prompt, more in (("a fox", ""), ("herons", "&sequential_image_generation=auto&max_images=2")):
            page.goto(f"{app.url}/?prompt={prompt.replace(' ', '+')}{more}")
            expect(visitor.prompt).to_have_value(prompt)
            visitor.prompt.press("Control+Enter")
            expect(page.locator(f'.history-row:has-text("{prompt}") img')).to_have_count(2 if more else 1)
        # What is left from elsewhere has no cards.
        page.goto(f"{app.url}/healthz")
        page.evaluate("sessionStorage.clear()")
        page.goto(app.url)
        # The page's own, not those of its shell.
        expect(page.locator("#gallery .history-picture img")).to_have_count(3)
        yield Selecting(visitor)


@pytest.mark.thorough
def test_by_mouse_for_a_zip_and_a_list(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with selecting(browser, app, permissions=["clipboard-read", "clipboard-write"]) as chosen:
        page = chosen.page
        before = page.evaluate(_SCROLLED)
        chosen.picture("a fox").hover()
        chosen.check("a fox").click()
        chosen.says("1 selected")
        chosen.picture("herons, 1 of 2").click(modifiers=["Shift"])
        chosen.says("3 selected")
        assert page.evaluate(_SCROLLED) == before
        assert page.evaluate("getSelection().toString()") == ""
        chosen.picture("herons, 2 of 2").click(modifiers=["ControlOrMeta"])
        chosen.says("2 selected")
        for name, checked in (("a fox", "true"), ("herons, 1 of 2", "true"), ("herons, 2 of 2", "false")):
            expect(chosen.check(name)).to_have_attribute("aria-checked", checked)
        assert violations(chosen.visitor) == []

        chosen.act("Copy list").click()
        page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('1. herons\\n'))")
        listed = str(page.evaluate("navigator.clipboard.readText()"))
        ids = set(re.findall("Request ID: (.+)", listed))
        assert len(ids) == 2
        assert listed.count(f"\n{api.url}/files/") == 2
        assert "\n\n2. a fox\n" in listed

        with page.expect_download() as started:
            chosen.act("Save as ZIP").click()
        with zipfile.ZipFile(BytesIO(started.value.path().read_bytes())) as found:
            names = found.namelist()
            manifest = json.loads(found.read("manifest.json"))
        day = page.evaluate("new Date().toLocaleDateString('sv')")
        assert names == [f"01-{day}-herons-01.png", f"02-{day}-a-fox-01.png", "manifest.json"]
        told = [(each["request"]["prompt"], each["request_id"], each["files"]) for each in manifest["jobs"]]
        assert [(prompt, files) for prompt, _, files in told] == [
            ("herons", [f"01-{day}-herons-01"]),
            ("a fox", [f"02-{day}-a-fox-01"]),
        ]
        assert {request_id for _, request_id, _ in told} == ids
        for jobs in ("x", ["x"], {"x": 1}):
            junk = {"job": json.dumps({"files": [], "about": {"jobs": jobs}})}
            assert requests.post(f"{app.url}/atelier/archive", junk, timeout=30).status_code == 422
        page.keyboard.press("Escape")
        expect(chosen.bar).to_have_count(0)
        expect(chosen.check("herons, 2 of 2")).to_be_focused()


@pytest.mark.thorough
def test_by_keys_to_remove_them_and_have_them_back(browser: Browser, app: AppProcess) -> None:
    with selecting(browser, app) as chosen:
        page, hand = chosen.page, Keys(chosen.page)
        hand.reach(chosen.check("herons, 1 of 2"))
        page.keyboard.press("Space")
        chosen.says("1 selected")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(chosen.check("a fox")).to_be_focused()
        page.keyboard.press("Shift+Space")
        chosen.says("3 selected")
        page.keyboard.press("Escape")
        expect(chosen.bar).to_have_count(0)
        expect(chosen.check("herons, 1 of 2")).to_be_focused()
        hand.reach(chosen.picture("herons, 2 of 2"))
        page.keyboard.press("Shift+ArrowRight")
        expect(chosen.picture("a fox")).to_be_focused()
        chosen.says("2 selected")
        hand.press(chosen.act("Remove 3 from this list"))
        expect(chosen.rows).to_have_count(0)
        expect(chosen.undo).to_have_text(
            "3 pictures are removed from this list. A series goes as a whole.Bring them back"
        )
        expect(chosen.undo.get_by_role("button", name="Bring them back")).to_be_focused()
        page.keyboard.press("Enter")
        # With their small copies, and without the cards that were not there.
        expect(page.locator(".history-picture img")).to_have_count(3)
        expect(page.locator(".job")).to_have_count(0)
        expect(chosen.rows.locator(":focus")).to_have_count(1)
        # What waits to be written as a page ends is lost with it, and costs only a small copy.
        assert len(page.evaluate(SMALL_COPIES)) == 3
        page.reload()
        expect(page.locator(".history-picture img")).to_have_count(3)


@pytest.mark.thorough
def test_by_a_finger_to_present_them(browser: Browser, app: AppProcess) -> None:
    with selecting(browser, app, **Finger.context) as chosen:
        page = chosen.page
        _hold(chosen, chosen.picture("herons, 2 of 2"))
        chosen.says("1 selected")
        chosen.picture("a fox").tap()
        chosen.says("2 selected")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        chosen.act("Present").tap()
        shown = page.get_by_role("dialog", name="Presentation")
        expect(shown.get_by_role("status")).to_have_text("1 of 2")
        expect(shown.get_by_role("img")).to_have_attribute("alt", "Picture 2 of 2: herons")
        page.keyboard.press("ArrowRight")
        expect(shown.get_by_role("img")).to_have_attribute("alt", "Picture 1 of 1: a fox")
        expect(shown.get_by_role("img")).to_have_attribute("src", re.compile("preview"))
        page.keyboard.press("Escape")
        expect(chosen.act("Present")).to_be_focused()
        expect(page.locator(".job")).to_have_count(0)
        chosen.act("Clear selection").tap()
        expect(chosen.bar).to_have_count(0)
        # Who doesn't know of a finger that stays finds it in the menu: of all pictures of a series at once.
        chosen.visitor.act(chosen.rows.first, "Select")
        chosen.says("2 selected")
        chosen.act("Clear selection").tap()

        # Or above the list: then each tap selects, until it is pressed again.
        begin = page.locator(".history-head").get_by_role("button", name="Select", exact=True)
        begin.tap()
        expect(begin).to_have_attribute("aria-pressed", "true")
        expect(chosen.bar).to_have_count(0)
        chosen.picture("a fox").tap()
        chosen.says("1 selected")
        # What a mouse finds over a picture is there for one.
        chosen.act("Star it").tap()
        expect(chosen.act("Take the star away")).to_be_visible()
        star = chosen.rows.last.locator(".history-star")
        expect(star).to_have_attribute("aria-pressed", "true")
        assert violations(chosen.visitor) == []
        chosen.picture("herons, 1 of 2").tap()
        expect(chosen.act("Take the star away")).to_be_hidden()
        chosen.picture("herons, 1 of 2").tap()
        chosen.act("Use these settings").tap()
        expect(chosen.visitor.prompt).to_have_value("a fox")
        expect(chosen.bar).to_have_count(0)
        expect(begin).to_have_attribute("aria-pressed", "false")
        begin.tap()
        begin.tap()
        chosen.picture("a fox").tap()
        expect(page.get_by_role("dialog", name="Large view")).to_be_visible()
        page.keyboard.press("Escape")
        begin.tap()
        chosen.picture("a fox").tap()
        chosen.act("Show").tap()
        expect(chosen.visitor.card.locator(".job-prompt")).to_have_text("a fox")
        expect(chosen.visitor.card).to_be_focused()


@pytest.mark.thorough
@pytest.mark.usefixtures("full_size")
def test_two_are_compared_in_step(browser: Browser, app: AppProcess) -> None:
    with selecting(browser, app) as chosen:
        page, hand = chosen.page, Keys(chosen.page)
        hand.reach(chosen.check("a fox"))
        page.keyboard.press("Space")
        hand.press(chosen.act("Compare"))
        expect(chosen.bar).to_contain_text("select exactly two")
        hand.reach(chosen.check("herons, 2 of 2"))
        page.keyboard.press("Space")
        hand.press(chosen.act("Compare"))
        pair = page.get_by_role("dialog", name="Two pictures side by side")
        expect(pair.get_by_role("figure").nth(0)).to_contain_text("herons")
        expect(pair.get_by_role("figure").nth(0)).to_contain_text("2 of 2 · 2,304 × 1,728 PNG")
        expect(pair.get_by_role("figure").nth(1)).to_contain_text("2,304 × 1,728 PNG")
        for name in ("Picture 2 of 2: herons", "Picture 1 of 1: a fox"):
            expect(pair.get_by_role("img", name=name)).to_have_attribute("src", re.compile("preview"))
        # A long prompt is cut, and takes no room from the other picture.
        _, width = (pair.get_by_role("figure").nth(side).evaluate("each => each.clientWidth") for side in (0, 1))
        pair.locator(".pair-prompt").first.evaluate("each => (each.textContent = 'a fox '.repeat(60))")
        assert pair.get_by_role("figure").nth(1).evaluate("each => each.clientWidth") == width
        assert pair.evaluate("each => each.scrollWidth <= each.clientWidth")
        hand.press(pair.get_by_role("button", name="Full size"))
        zoomed = pair.locator(".view-zoomed")
        expect(zoomed).to_have_count(2)
        assert violations(chosen.visitor) == []
        zoomed.nth(1).focus()
        page.keyboard.press("End")
        page.wait_for_function(_AT_THE_END)
        pair.get_by_role("img").nth(0).click()
        expect(zoomed).to_have_count(0)
        # Or one over the other, with a line between that goes with the keys.
        hand.press(pair.get_by_role("button", name="One over the other"))
        slider = pair.get_by_role("slider", name="How much of the first picture is shown")
        expect(slider).to_be_focused()
        expect(pair.get_by_role("img", name="Picture 2 of 2: herons")).to_be_hidden()
        expect(pair.get_by_role("img", name="Picture 1 of 1: a fox")).to_be_visible()
        laid = pair.locator(".view-earlier")
        expect(laid).to_have_attribute("src", re.compile("preview"))
        slider.press("ArrowRight")
        assert laid.evaluate("image => image.style.getPropertyValue('--part')") == "51%"
        assert violations(chosen.visitor) == []
        hand.press(pair.get_by_role("button", name="One over the other"))
        expect(pair.get_by_role("img", name="Picture 2 of 2: herons")).to_be_visible()
        page.keyboard.press("Escape")
        expect(chosen.act("Compare")).to_be_focused()
        expect(page.locator(".job")).to_have_count(0)


def _hold(chosen: Selecting, target: Locator) -> None:
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    finger = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    hand = chosen.page.context.new_cdp_session(chosen.page)
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    chosen.page.wait_for_timeout(HELD_MS)
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    hand.detach()

"""Menus and trays: they lie over the page, push nothing, and close by Escape, by a press elsewhere and by use."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.hands import Finger, Keys, Mouse, every_hand
from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

# Where everything is that can be pressed or seen, within the form and within the gallery.
WHERE = """() => ["#form", "#gallery"].flatMap((name) => {
  const root = document.querySelector(name);
  const at = root.getBoundingClientRect();
  const all = [...root.querySelectorAll("button, input, textarea, img")];
  const drawn = all.filter((each) => !each.closest("[popover], #send") && each.checkVisibility());
  const places = drawn.map((each) => each.getBoundingClientRect());
  return [at.height, ...places.flatMap(({ left, top }) => [left - at.left, top - at.top])].map(Math.round);
})"""
OPENERS = {
    "starting points": ".under-prompt-row .more-button >> nth=0",
    "words to add": ".under-prompt-row .more-button >> nth=1",
    "a picture's address": ".reference-row .more-button",
    "what a card offers": ".job-line > .menu-button",
    "another shape": ".job-actions .more-button",
    "what a row offers": ".history-line > .menu-button",
}

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.mark.thorough
@every_hand
def test_what_opens_pushes_nothing_and_closes(browser: Browser, app: AppProcess, kind: type[Mouse | Keys]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand, page = kind(visitor.page), visitor.page
        hand.write(visitor.prompt, "a heron")
        hand.press(visitor.generate_button)
        visitor.pictures(1)
        visitor.wait_for("completed")
        # A finger finds with the selected pictures what a row offers.
        openers = [name for name in OPENERS if not (name == "what a row offers" and kind is Finger)]
        for opener in (page.locator(OPENERS[name]) for name in openers):
            opener.scroll_into_view_if_needed()
            before = page.evaluate(WHERE)
            hand.press(opener)
            _is_open(page, opener)
            assert page.evaluate(WHERE) == before
            page.keyboard.press("Escape")
            expect(_open(page)).to_have_count(0)
            expect(opener).to_be_focused()

            hand.press(opener)
            _is_open(page, opener)
            _leave(hand, page)
            expect(_open(page)).to_have_count(0)
            expect(opener).to_have_attribute("aria-expanded", "false")

            # The same press that opens it closes it.
            hand.press(opener)
            _is_open(page, opener)
            if isinstance(hand, Keys):
                page.keyboard.press("Shift+Tab")
                page.keyboard.press("Enter")
            else:
                hand.press(opener)
            expect(_open(page)).to_have_count(0)


@pytest.mark.thorough
def test_one_is_open_at_a_time_and_is_sound(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        visitor.prompt.fill("a heron")
        visitor.generate()
        visitor.pictures(1)
        for name in ("starting points", "words to add", "what a card offers", "another shape"):
            # By a script: to the mouse, what lies over it may hide it.
            page.locator(OPENERS[name]).evaluate(
                "opener => [opener.scrollIntoView({ block: 'nearest' }), opener.click()]"
            )
            _is_open(page, page.locator(OPENERS[name]))
            assert violations(visitor) == []


@pytest.mark.thorough
def test_a_double_press_in_a_menu_is_one_press(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        for prompt in ("a heron", "a fox"):
            visitor.prompt.fill(prompt)
            visitor.generate()
            visitor.pictures(1)
        # The menu lies over the pictures; the second half of the press is for none of them.
        page.locator(OPENERS["another shape"]).first.click()
        shapes = _open(page).get_by_role("button")
        for number in range(2):
            shapes.nth(number).dblclick()
            api.arrived(before + 3 + number)
            visitor.pictures(1)
            expect(page.get_by_role("dialog")).to_have_count(0)
            assert api.submitted() == before + 3 + number
            page.locator(OPENERS["another shape"]).first.click()


@pytest.mark.parametrize("kind", [Mouse, Finger], ids=["mouse", "finger"])
def test_the_list_of_sizes_leaves_the_head_of_the_page_free(
    browser: Browser, app: AppProcess, kind: type[Mouse]
) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand, page = kind(visitor.page), visitor.page
        size, options = page.locator("#field-resolution input"), page.locator("#form .options:has([role=listbox])")
        size.scroll_into_view_if_needed()
        hand.press(size)
        expect(options).to_be_in_viewport(ratio=1)
        head, place = page.locator("#heading").bounding_box(), options.bounding_box()
        assert head
        assert place
        assert place["y"] >= head["y"] + head["height"]
        # What is chosen is seen in it.
        expect(options.locator("[aria-selected=true]")).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(size).to_be_focused()


def _open(page: Page) -> Locator:
    return page.locator("[popover]:popover-open")


def _is_open(page: Page, opener: Locator) -> None:
    expect(_open(page)).to_have_count(1)
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(_open(page).locator(":focus")).to_have_count(1)
    expect(_open(page)).to_be_in_viewport(ratio=1)


def _leave(hand: Mouse | Keys, page: Page) -> None:
    """Go on to something else."""
    if isinstance(hand, Keys):
        for _ in range(2):
            page.keyboard.press("Shift+Tab")
    else:
        hand.press(page.locator("#title h1"))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [Mouse, Finger], ids=["mouse", "finger"])
def test_names_beside_drawn_shapes_stand_in_one_line(browser: Browser, app: AppProcess, kind: type[Mouse]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        visitor.prompt.fill("a heron")
        visitor.generate()
        visitor.pictures(1)
        for name in ("starting points", "another shape"):
            opener = visitor.page.locator(OPENERS[name])
            opener.press("Enter")
            _is_open(visitor.page, opener)
            begins = (
                _open(visitor.page)
                .locator("button")
                .evaluate_all(
                    """all => all.map((each) => {
                  const words = document.createRange();
                  words.selectNode(each.querySelector(".shape-icon").nextSibling);
                  return Math.round(words.getBoundingClientRect().left);
                })"""
                )
            )
            assert len(begins) > 3
            assert len(set(begins)) == 1, begins
            visitor.page.keyboard.press("Escape")

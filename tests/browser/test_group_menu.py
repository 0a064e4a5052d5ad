"""What is done with a whole group from its heading: alternatives, a series, a picture and its changes."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.hands import Keys, Mouse, every_hand
from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess


@pytest.mark.thorough
@every_hand
def test_alternatives_are_cancelled_saved_and_presented_together(
    browser: Browser, app: AppProcess, api: ControlledApi, kind: type[Mouse | Keys]
) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand, page = kind(visitor.page), visitor.page
        hand.write(visitor.prompt, "a heron")
        hand.mark(page.get_by_role("radio", name="2 alternatives"))
        hand.press(visitor.generate_button)
        group = page.locator("#gallery .job-group").first
        more = group.locator(".group-head > .menu-button")
        cards = group.locator(".job")
        expect(cards.and_(page.locator("[data-status=in_queue]"))).to_have_count(2)
        hand.press(more)
        hand.press(group.get_by_role("button", name="Cancel all", exact=True))
        for number in range(2):
            expect(cards.nth(number)).to_contain_text("nothing was charged")
        # Then there is nothing to be done with both.
        expect(more).to_be_hidden()

        # On a phone, another button is in its place while pictures are in view.
        page.evaluate("scrollTo(0, 0)")
        hand.write(visitor.prompt, "a fox")
        hand.press(visitor.generate_button)
        expect(cards.and_(page.locator("[data-status=in_queue]"))).to_have_count(2)
        held: list[Route] = []

        def late(route: Route) -> None:
            if '"cancel"' in (route.request.post_data or ""):
                held.append(route)
            else:
                route.continue_()

        page.route(re.compile("component_server"), late)
        hand.press(more)
        hand.press(group.get_by_role("button", name="Cancel all", exact=True))
        api.draw()
        expect(cards.and_(page.locator("[data-status=in_progress]"))).to_have_count(2)
        for route in held:
            route.continue_()
        expect(group.locator(".group-head .save-said")).to_contain_text(
            "Still going on: 2 of 2. For each of these: It is already being drawn"
        )
        page.keyboard.press("Escape")
        # What is drawn can't be taken back any more, and the keyboard goes on from here.
        expect(more).to_be_hidden()
        expect(group).to_be_focused()
        api.finish()
        visitor.pictures(2, group)

        hand.press(more)
        assert violations(visitor) == []
        with page.expect_download() as started:
            hand.press(group.get_by_role("button", name="Save as ZIP"))
        with zipfile.ZipFile(BytesIO(started.value.path().read_bytes())) as packed:
            assert len([each for each in packed.namelist() if each.endswith(".png")]) == 2
        expect(group.locator(".group-head .menu")).to_be_hidden()
        hand.press(more)
        hand.press(group.get_by_role("button", name="Present", exact=True))
        presented = page.get_by_role("dialog", name="Presentation")
        expect(presented.locator(".present-place")).to_have_text("1 of 2")
        page.keyboard.press("Escape")
        expect(presented).to_have_count(0)
        expect(more).to_be_focused()


@pytest.mark.thorough
def test_a_chain_has_a_heading_and_a_series_a_menu_among_all_pictures(
    browser: Browser, app: AppProcess, api: ControlledApi, no_waiting: None
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        visitor.prompt.fill("a heron")
        visitor.generate()
        visitor.pictures(1)
        visitor.card.get_by_role("button", name="Change this…").click()
        expect(page.locator(".reference-item")).to_have_count(1)
        visitor.prompt.fill("at night")
        visitor.generate_button.click()
        group = page.locator(".history-group")
        expect(group.locator(".history-row")).to_have_count(2)
        expect(group.locator(".history-prompt").first).to_have_text("a heron")
        expect(group.locator(".history-note").first).to_have_text("2 pictures · $0.08")
        _present(group.locator(".history-line").first)
        expect(page.get_by_role("dialog", name="Presentation").locator(".present-place")).to_have_text("1 of 2")
        page.keyboard.press("Escape")
        expect(group.locator(".history-line > .menu-button").first).to_be_focused()
        # Nothing of it stays on the page.
        assert violations(visitor) == []

        page.get_by_role("button", name="Remove picture 1").click()
        visitor.prompt.fill("boats")
        visitor.series(3)
        visitor.generate()
        visitor.pictures(3)
        _present(visitor.rows.first)
        expect(page.get_by_role("dialog", name="Presentation").locator(".present-place")).to_have_text("1 of 3")
        page.keyboard.press("Escape")
        with page.expect_download() as started:
            visitor.act(visitor.rows.first, "Save as ZIP")
        assert started.value.suggested_filename.endswith(".zip")


def _present(line: Locator) -> None:
    line.locator(".menu-button").first.click()
    line.get_by_role("button", name="Present", exact=True).click()

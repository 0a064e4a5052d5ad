"""What a hand does seldom: by the keyboard alone and by finger, too."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Hand, Keys, Mouse, every_hand
from tests.browser.visit import visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]
OWN = "own-2d81f0c4"


@every_hand
def test_a_token_of_ones_own(browser: Browser, app: AppProcess, kind: type[Mouse | Keys]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand: Hand = kind(visitor.page)
        page = visitor.page
        hand.press(page.get_by_role("button", name="Use your own"))
        hand.write(page.get_by_label("Your own RunComfy token"), OWN)
        hand.press(page.get_by_role("button", name="Use it", exact=True))
        stop = page.get_by_role("button", name="Stop using it")
        expect(stop).to_be_visible()
        hand.press(stop)
        expect(stop).to_be_hidden()


@every_hand
def test_a_shared_result(browser: Browser, app: AppProcess, api: ControlledApi, kind: type[Mouse | Keys]) -> None:
    address = f"{app.url}/?{urlencode({'prompt': 'two foxes', 'request_id': api.client().submit()})}"
    with visit(browser, address, **kind.context) as visitor:
        visitor.pictures(1)
        hand: Hand = kind(visitor.page)
        page = visitor.page
        hand.press(page.get_by_role("button", name="Open large"))
        hand.press(page.get_by_role("dialog").get_by_role("button", name="Close"))
        hand.press(page.get_by_role("button", name="Make your own"))
        expect(visitor.prompt).to_have_value("two foxes")
        expect(visitor.prompt).to_be_focused()


@every_hand
def test_a_line_of_what_was_not_made(browser: Browser, app: AppProcess, kind: type[Mouse | Keys]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand: Hand = kind(visitor.page)
        card = visitor.open_by_id("00000000-0000-4000-8000-000000000000")
        visitor.wait_for("error", card)
        hand.press(card.get_by_role("button", name="Remove from this list"))
        expect(visitor.cards).to_have_count(0)
        expect(visitor.rows).to_have_count(0)

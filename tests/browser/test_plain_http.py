"""Over plain HTTP, as colleagues open a demo: no secure context, and so without some of a browser's own means."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import copy_link, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

pytestmark = pytest.mark.thorough


def test_the_main_journey_over_plain_http(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url.replace("127.0.0.1", "demo.test")) as visitor:
        page = visitor.page
        assert page.evaluate("[isSecureContext, typeof crypto.randomUUID, typeof navigator.clipboard]") == [
            False,
            "undefined",
            "undefined",
        ]
        visitor.prompt.fill("a red fox\nin the snow")
        visitor.generate()
        # Nobody can be notified here, so that is said instead of offered.
        expect(visitor.card.locator(".notify")).to_contain_text("this tab's title will tell")
        expect(visitor.card.get_by_role("button", name="Tell me")).to_have_count(0)
        visitor.wait_for("in_queue")
        api.finish()
        visitor.pictures(1)
        assert visitor.download(visitor.card.get_by_role("link", name="Save original 1"))[1]

        visitor.open_menu().get_by_role("button", name="Copy prompt").click()
        # Once that has been said, the menu closes.
        expect(visitor.card.locator(".menu-button")).to_be_focused()
        visitor.prompt.fill("")
        visitor.prompt.press("ControlOrMeta+V")
        expect(visitor.prompt).to_have_value("a red fox\nin the snow")

        # Where even that is refused, the text is there to be taken.
        page.evaluate("document.execCommand = () => false")
        copy_link(visitor.open_menu(), "Without the prompt")
        shown = visitor.card.get_by_label("This browser does not let the page copy.")
        expect(shown).to_be_focused()
        selected = str(page.evaluate("String(getSelection())"))
        assert selected == shown.input_value()
        assert selected.startswith(f"{page.url}?request_id=")

"""A page of what the catalogue tells: more of a model than its file says, and another model."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.grown_catalogue import DESCRIPTION, TITLE, grown, last_request, served
from tests.schema.test_live import NEW


def test_what_the_catalogue_adds_is_on_the_page_and_sent(browser: Browser) -> None:
    with served(grown()) as (app, recorder), visit(browser, app.url) as visitor:
        page = visitor.page
        page.locator("label.size-tile", has_text="32:9").click()
        visitor.open_advanced()
        page.get_by_label(TITLE).check()
        expect(page.locator("#field-watermark .field-description")).to_have_text(DESCRIPTION)
        visitor.prompt.fill("a bay")
        visitor.wait_for("completed", visitor.generate())
        # The settings are held as any: a link has them, and a reload keeps them.
        page.reload()
        visitor.open_advanced()
        expect(page.get_by_label(TITLE)).to_be_checked()
        page.goto(f"{app.url}/?watermark=false&prompt=two+bays")
        visitor.open_advanced()
        expect(page.get_by_label(TITLE)).not_to_be_checked()
        sent = last_request(recorder)
    assert (sent["resolution"], sent["watermark"]) == (NEW, True)

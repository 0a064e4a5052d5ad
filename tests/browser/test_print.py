"""The page itself on paper: the pictures and what is known of them, and nothing to press."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.servers import AppProcess

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]
# Pictures to press are pictures on paper.
_TO_PRESS = "button:not(:has(img)), a, input, textarea, select, [popover], #form, footer"


def test_paper_has_the_pictures_and_their_words_and_nothing_to_press(browser: Browser, app: AppProcess) -> None:
    prompt = "A heron over the harbour, " + "and a gull, " * 40 + "at dawn"
    with visit(browser, app.url, color_scheme="dark") as visitor:
        page = visitor.page
        visitor.prompt.fill(prompt)
        visitor.generate()
        visitor.pictures(1)
        visitor.wait_for("completed")
        expect(visitor.rows).to_have_count(1)
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for place, words in ((visitor.card, ".job-prompt"), (visitor.rows, ".history-prompt")):
            expect(place.locator("img:visible")).to_have_count(1)
            said = place.locator(words)
            assert said.inner_text() == prompt
            assert said.evaluate(
                "each => each.scrollWidth <= each.clientWidth && getComputedStyle(each).opacity === '1'"
            )
            assert place.evaluate("each => getComputedStyle(each).breakInside") == "avoid"
        expect(visitor.card.locator(".job-cost")).to_be_visible()
        # Below the picture, on which it lies on the screen.
        note = visitor.rows.locator(".history-note")
        expect(note).to_contain_text("Ready")
        picture, below = visitor.rows.locator("img").bounding_box(), note.bounding_box()
        assert picture and below and below["y"] >= picture["y"] + picture["height"]
        assert page.locator(_TO_PRESS).locator("visible=true").all_inner_texts() == []
        ink, paper = (
            page.locator(f"{place}").evaluate(f"each => getComputedStyle(each).{of}")
            for place, of in ((".history-prompt", "color"), ("body", "backgroundColor"))
        )
        assert (ink, paper) == ("rgb(31, 27, 22)", "rgb(255, 255, 255)")


def test_alternatives_stand_side_by_side_on_paper(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.how_many("2 alternatives")
        visitor.prompt.fill("a heron")
        visitor.generate_button.click()
        expect(visitor.cards.locator(".tile img")).to_have_count(2)
        visitor.page.emulate_media(media="print")
        tops = visitor.cards.evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")
        assert len(tops) == 2
        assert tops[0] == tops[1]

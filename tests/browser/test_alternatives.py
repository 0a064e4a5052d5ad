"""Alternatives of one prompt: so many jobs of one press, each paid once, which stand together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize, expect

from seedream import texts
from tests.browser.hands import Keys
from tests.browser.test_accessibility import violations
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess, running_app

PHONE: ViewportSize = {"width": 390, "height": 844}
# On the narrowest phone, the cost takes a second line.
LONG_WORDS: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "locale": "de-DE"}
_TOP = "tile => tile.getBoundingClientRect().top + scrollY"


@pytest.mark.thorough
def test_four_alternatives_are_four_jobs_in_one_group(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        hand, page = Keys(visitor.page), visitor.page
        hand.write(visitor.prompt, "a heron")
        hand.mark(page.get_by_role("radio", name="4 alternatives"))
        expect(visitor.generate_button).to_have_accessible_name("Generate 4 · $0.16")
        hand.press(visitor.generate_button)
        api.arrived(before + 4)
        bodies = [each.json for each in api.submissions[before:]]
        assert [each["prompt"] for each in bodies] == ["a heron"] * 4
        assert bodies == bodies[:1] * 4
        expect(_groups(visitor)).to_have_count(1)
        _all(visitor, "in_queue")
        # One is taken back, and the others go on.
        hand.press(visitor.cards.nth(3).get_by_role("button", name="Cancel"))
        _all(visitor, "error", 1)
        assert violations(visitor) == []
        api.finish()
        _all(visitor, "completed", 3)
        visitor.pictures(3, page.locator("#gallery .job-group"))
        expect(page.locator(".group-facts")).to_have_text(re.compile(r"4 alternatives · \$0\.12 · \d+ s"))
        expect(page.locator(".job-group .job-cost:not(:empty)")).to_have_text(["Cost: $0.04"] * 3)
        expect(page.locator(".history-group .history-row")).to_have_count(4)

        # What is tried again, or made once more, is that one job.
        hand.press(visitor.cards.nth(3).get_by_role("button", name="Try again · $0.04"))
        expect(visitor.cards).to_have_count(5)
        _all(visitor, "in_queue", 1)
        second = _groups(visitor).locator(".job").nth(1)
        hand.press(second.get_by_role("button", name="More about “a heron, 2 of 4”"))
        assert violations(visitor) == []
        hand.press(second.get_by_role("button", name="Make another · $0.04"))
        expect(visitor.cards).to_have_count(6)
        expect(_groups(visitor).locator(".job")).to_have_count(4)
        api.arrived(before + 6)

        # The large view goes through all of them.
        hand.press(_groups(visitor).get_by_role("button", name="Open large: Picture 1 of 4: a heron"))
        view = page.get_by_role("dialog", name="Large view")
        page.keyboard.press("ArrowRight")
        expect(view.get_by_role("img", name="Picture 2 of 4: a heron")).to_be_visible()
        expect(view.get_by_role("status").first).to_have_text("2 of 3")
        page.keyboard.press("Escape")
        expect(second.get_by_role("button", name="Open large: Picture 2 of 4: a heron")).to_be_focused()
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(visitor) == []
    assert api.submitted() == before + 6


def test_a_double_press_makes_four_and_a_reload_loses_none(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("two herons")
        visitor.how_many("4 alternatives")
        with api.interceptor.holding_answers():
            visitor.generate_button.dblclick()
            # They are remembered before any is sent, and stand in order.
            expect(visitor.cards).to_have_count(4)
            api.arrived(before + 4)
            visitor.page.reload()
            expect(_groups(visitor).locator(".job")).to_have_count(4)
            # So many are still chosen, and none of them goes out by itself.
            expect(visitor.generate_button).to_have_accessible_name("Generate 4 · $0.16")
        _all(visitor, "in_queue")
        api.finish()
        _all(visitor, "completed")
        visitor.pictures(4, _groups(visitor))
        other = Visit(visitor.page.context.new_page(), app.url)
        expect(other.page.locator(".history-group .history-row")).to_have_count(4)
        labels = other.page.locator(".history-group .history-picture").all()
        assert [(each.get_attribute("aria-label") or "").split(", ")[1] for each in labels] == [
            f"{number} of 4" for number in range(1, 5)
        ]
    assert api.submitted() == before + 4


@pytest.mark.thorough
def test_what_the_limits_leave_is_sent_and_the_rest_is_said(
    browser: Browser, api: ControlledApi, before: int
) -> None:
    limits = {"SEEDREAM_LIMITS": "on", "SEEDREAM_PICTURES_PER_HOUR": "6", "SEEDREAM_JOBS_PER_VISITOR": "4"}
    with running_app(api.environment(**limits)) as app, visit(browser, app.url) as visitor:
        left = visitor.page.locator(".account-payer")
        visitor.how_many("2 alternatives")
        visitor.generate()
        expect(left).to_contain_text("4 pictures left this hour")
        visitor.how_many("4 alternatives")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text(
            "Sent and going on: 2 of 4 alternatives. Each of the others was refused: You have 4 jobs under way"
        )
        expect(_groups(visitor)).to_have_count(2)
        _all(visitor, "in_queue")
        expect(left).to_contain_text("2 pictures left this hour")
        api.finish()
        _all(visitor, "completed")
        visitor.generate_button.click()
        expect(visitor.notice).to_have_text(
            "Left this hour: 2. That is not enough for 4, so nothing was sent. Choose fewer, then press again."
        )
        expect(visitor.rows).to_have_count(4)
    assert api.submitted() == before + 4


@pytest.mark.thorough
def test_on_a_phone_it_is_said_once_how_they_are(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url, **LONG_WORDS) as visitor:
        visitor.page.locator("[name=how-many][value='4']").check()
        visitor.generate()
        _all(visitor, "in_queue")
        said, each = visitor.page.locator(".group-words"), visitor.page.locator(".job-group .job-words:visible")
        expect(said).to_contain_text("Warteschlange")
        expect(each).to_have_count(0)
        first = visitor.cards.first.locator(".tile")
        top = first.evaluate(_TOP)
        # What was not made says so itself.
        visitor.cards.nth(3).get_by_role("button", name=texts.text("job.cancel", "de")).click()
        expect(each).to_have_count(1)
        api.finish()
        _all(visitor, "completed", 3)
        visitor.pictures(3, visitor.page.locator("#gallery .job-group"))
        expect(said).to_have_text(texts.text("state.completed.other", "de", count=3))
        expect(each).to_have_count(1)
        assert first.evaluate(_TOP) == top
        line, cost = (visitor.cards.first.locator(each).bounding_box() for each in (".job-line", ".job-cost"))
        assert line and cost and line["x"] == cost["x"]


@pytest.mark.thorough
def test_one_picture_of_a_series_is_made_once_more(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("boats")
        visitor.series(2)
        visitor.generate()
        api.arrived(before + 1)
        api.finish()
        visitor.pictures(2)
        visitor.page.get_by_role("button", name="Open large: Picture 2 of 2: boats").click()
        view = visitor.page.get_by_role("dialog", name="Large view")
        scrolled = visitor.page.evaluate("scrollY")
        view.get_by_role("button", name="One like this · $0.04").dblclick()
        # What becomes of it is said over the picture, which stays.
        sent = view.locator(".view-sent")
        expect(sent.get_by_role("status")).to_have_text(re.compile("^“boats”: In line"))
        expect(view.get_by_role("img", name="Picture 2 of 2: boats")).to_be_visible()
        expect(visitor.cards).to_have_count(2)
        api.arrived(before + 2)
        assert violations(visitor) == []
        api.finish()
        sent.get_by_role("button", name="Show").click()
        expect(view.get_by_role("img", name="Picture 1 of 1: boats")).to_be_visible()
        expect(view.get_by_role("status").first).to_have_text("1 of 3")
        expect(sent.get_by_role("button", name="Show")).to_be_hidden()
        view.get_by_role("button", name="Another shape").click()
        view.get_by_role("button", name=re.compile(r"Tall 9:16 .*· \$0\.04$")).click()
        api.arrived(before + 3)
        expect(sent.get_by_role("status")).to_have_text(re.compile("^“boats”: In line"))
        assert visitor.page.evaluate("scrollY") == scrolled
        api.finish()
        series, alone = (each.json for each in api.submissions[before : before + 2])
        del series["max_images"]
        assert alone == {**series, "sequential_image_generation": "disabled"}
        tall = {**alone, "resolution": "1600x2848 (9:16)"}
        assert api.submissions[before + 2].json == tall


def _groups(visitor: Visit) -> Locator:
    return visitor.page.locator("#gallery .job-group")


def _all(visitor: Visit, status: str, count: int = 4) -> None:
    """Wait until so many cards are in a state."""
    cards = visitor.page.locator(f".job[data-status={status}]")
    expect(cards).to_have_count(count)

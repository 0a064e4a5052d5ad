"""What comes after: the title that tells, the next job from a finished one, cards that leave, links to a job."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visit import Visit, copy_link, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

# Chromium without a window is never hidden, so the page is told that it is; all else is the browser's own.
_LOOK_AWAY = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_LISTEN = """() => {
  window.notified = [];
  window.Notification = class extends Notification {
    constructor(title, options) { super(title, options); window.notified.push([title, options.body]); }
  };
}"""


@pytest.mark.thorough
def test_the_title_and_a_notification_tell_who_looks_elsewhere(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with (
        visit(browser, app.url) as asked,
        visit(browser, app.url, permissions=["notifications"]) as allowed,
    ):
        allowed.page.evaluate(_LISTEN)
        for visitor in (asked, allowed):
            visitor.generate()
            expect(visitor.page).to_have_title("In line… · Seedream Atelier")
        expect(allowed.card.get_by_role("button", name="Tell me")).to_have_count(0)
        asked.card.get_by_role("button", name="Tell me when it is done").click()
        # Without a window nobody can say yes.
        expect(asked.card.locator(".notify")).to_contain_text("this tab's title will tell")
        api.draw()
        expect(asked.page).to_have_title("Drawing… · Seedream Atelier")
        allowed.page.evaluate(_LOOK_AWAY, True)
        api.finish()
        for visitor in (asked, allowed):
            visitor.wait_for("completed")
        expect(asked.page).to_have_title("Seedream Atelier")
        expect(allowed.page).to_have_title("Ready · Seedream Atelier")
        assert allowed.page.evaluate("notified") == [["Seedream Atelier", "Your picture is ready."]]
        allowed.page.evaluate(_LOOK_AWAY, False)
        expect(allowed.page).to_have_title("Seedream Atelier")


def test_the_next_job_from_a_finished_one(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("a heron")
        visitor.choose("output_format", re.compile("JPEG"))
        first = _finished(visitor, api, visitor.generate())
        expect(first).to_contain_text("Cost: $0.04")
        sent = api.submissions[-1].json
        submitted = api.submitted()

        first.get_by_role("button", name="Make another · $0.04", exact=True).dblclick()
        second = _finished(visitor, api, visitor.card)
        assert api.submitted() == submitted + 1
        assert api.submissions[-1].json == sent

        second.get_by_role("button", name="Another shape").click()
        second.get_by_role("button", name=re.compile(r"Tall 9:16 .*· \$0\.04$")).click()
        api.arrived(submitted + 2)
        assert api.submissions[-1].json == {**sent, "resolution": "1600x2848 (9:16)"}
        _finished(visitor, api, visitor.card)

        visitor.prompt.fill("something else")
        second.get_by_role("button", name="Use these settings").click()
        expect(visitor.prompt).to_have_value("a heron")
        expect(visitor.prompt).to_be_focused()
        expect(visitor.page.locator(".fill-said")).to_contain_text("Nothing was sent.")
        visitor.act(visitor.rows.first, "Use these settings")
        expect(visitor.page.locator("#field-resolution input")).to_have_value("Tall 9:16 · 1600x2848")
        # However often the form is filled, what the visitor had typed is a press away.
        visitor.page.get_by_role("button", name="Bring back my text").click()
        expect(visitor.prompt).to_have_value("something else")
        expect(visitor.page.locator("#field-resolution input")).to_have_value("Landscape 4:3 · 2304x1728")
        assert api.submitted() == submitted + 2


@pytest.mark.thorough
def test_a_picture_that_comes_while_one_is_seen_large_is_its_neighbour(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("one")
        one = _finished(visitor, api, visitor.generate())
        visitor.prompt.fill("two")
        visitor.generate()
        visitor.wait_for("in_queue")
        view = visitor.page.get_by_role("dialog", name="Large view")
        one.get_by_role("button", name="Open large").click()
        expect(view.get_by_role("button", name="Previous picture")).to_be_hidden()
        api.finish()
        expect(view.get_by_role("status").first).to_have_text("2 of 2")
        visitor.page.keyboard.press("ArrowLeft")
        expect(view.get_by_role("img", name="Picture 1 of 1: two")).to_be_visible()


@pytest.mark.thorough
def test_finished_cards_leave_when_newer_jobs_come(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two"):
            visitor.prompt.fill(prompt)
            _finished(visitor, api, visitor.generate())
        one, two = _card(visitor, "one"), _card(visitor, "two")
        expect(one).to_be_visible()
        visitor.prompt.fill("three")
        visitor.generate()
        expect(one).to_have_count(0)
        expect(two).to_be_visible()
        # What it made is among all pictures, and on the page again for who wants it.
        row = visitor.page.locator(".history-row", has_text="one")
        expect(row.locator(".history-picture img")).to_have_count(1)
        visitor.act(row, "Show")
        visitor.pictures(1, one)
        _finished(visitor, api, _card(visitor, "three"))
        visitor.prompt.fill("four")
        visitor.generate()
        expect(two).to_have_count(0)
        expect(one).to_be_visible()


def test_what_was_refused_is_a_line_that_can_be_dismissed(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        page, card = visitor.page, visitor.card
        visitor.prompt.fill("fail: unsafe content")
        visitor.generate()
        visitor.wait_for("in_queue")
        api.finish()
        visitor.wait_for("error")
        expect(card).to_contain_text("The model's safety rules did not let this through")
        expect(card).to_contain_text("RunComfy said: ValueError: fail: unsafe content")
        # The same once more would end the same.
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        visitor.prompt.fill("half a thought")
        card.get_by_role("button", name="Edit prompt").click()
        expect(visitor.prompt).to_have_value("fail: unsafe content")
        expect(card.locator(".job-id")).to_be_hidden()
        expect(visitor.open_menu().locator(".job-id")).to_be_visible()
        page.keyboard.press("Escape")
        expect(visitor.rows.first.get_by_role("button", name="Edit prompt")).to_be_visible()

        card.get_by_role("button", name="Remove from this list").click()
        expect(visitor.cards).to_have_count(0)
        expect(visitor.rows).to_have_count(0)
        back = page.get_by_role("button", name="Bring it back")
        expect(back).to_be_focused()
        back.press("Enter")
        expect(visitor.rows).to_have_count(1)
        visitor.rows.first.get_by_role("button", name="Remove “fail: unsafe content” from this list").click()
        expect(visitor.rows).to_have_count(0)


def test_the_head_says_how_many_jobs_are_under_way(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        running = visitor.page.locator(".running")
        expect(running).to_be_hidden()
        for prompt in ("one", "two"):
            visitor.prompt.fill(prompt)
            visitor.generate()
            visitor.wait_for("in_queue")
        expect(running).to_have_accessible_name("2 running")
        for prompt in ("two", "one", "two"):
            visitor.page.evaluate("scrollTo(0, 0)")
            running.click()
            expect(_card(visitor, prompt)).to_be_focused()
        api.finish()
        expect(running).to_be_hidden()


@pytest.mark.thorough
def test_a_link_to_a_result_is_a_page_to_look_at(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    links = {}
    with visit(browser, app.url, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        visitor.prompt.fill("a heron")
        visitor.choose("output_format", re.compile("JPEG"))
        _finished(visitor, api, visitor.generate())
        for choice in ("Without the prompt", "With the prompt"):
            copy_link(visitor.open_menu(), choice)
            visitor.page.wait_for_function(
                "whole => navigator.clipboard.readText().then((text) => text.includes('heron') === whole)",
                arg=choice == "With the prompt",
            )
            links[choice] = str(visitor.page.evaluate("navigator.clipboard.readText()"))
        # Whoever made it has it among their own.
        visitor.page.goto(links["Without the prompt"])
        visitor.pictures(1)
        expect(visitor.generate_button).to_be_visible()
    bare, whole = links.values()
    assert "heron" not in bare
    submitted = api.submitted()
    with visit(browser, bare) as visitor:
        for _ in range(2):
            visitor.pictures(1)
            expect(visitor.cards).to_have_count(1)
            expect(visitor.page).to_have_url(bare)
            for hidden in (visitor.generate_button, visitor.card.locator(".menu-button"), visitor.rows.first):
                expect(hidden).to_be_hidden()
            expect(visitor.card.get_by_role("button", name="Make another")).to_be_hidden()
            expect(visitor.card.get_by_role("link", name="Save original 1")).to_be_visible()
            visitor.page.reload()
    with visit(browser, whole) as visitor:
        for _ in range(2):
            visitor.pictures(1)
            expect(visitor.page.locator(".shared-prompt")).to_have_text("a heron")
            visitor.page.reload()
        # Another link in the same tab is that one's alone.
        visitor.page.goto(f"{app.url}/?request_id=00000000-0000-4000-8000-000000000000")
        visitor.wait_for("error")
        expect(visitor.cards).to_have_count(1)
        assert visitor.faults == []
    with visit(browser, whole) as visitor:
        visitor.page.get_by_role("button", name="Make your own").click()
        expect(visitor.prompt).to_be_focused()
        expect(visitor.prompt).to_have_value("a heron")
        expect(visitor.page.locator("#field-output_format input")).to_have_value("JPEG, smaller")
        expect(visitor.page.locator(".shared")).to_have_count(0)
        expect(visitor.page).to_have_url(f"{app.url}/")
        visitor.pictures(1)
    with visit(browser, app.url) as visitor:
        _finished(visitor, api, visitor.generate())
        visitor.page.goto(bare)
        # Their own pictures are no neighbours of somebody else's.
        visitor.card.get_by_role("button", name="Open large").click()
        view = visitor.page.get_by_role("dialog", name="Large view")
        expect(view.get_by_role("link", name="Save original 1")).to_be_visible()
        expect(view.get_by_role("button", name="Next picture")).to_be_hidden()
        expect(view.locator(".view-about")).not_to_contain_text("$")
        submitted += 1
    assert api.submitted() == submitted


def _finished(visitor: Visit, api: ControlledApi, card: Locator) -> Locator:
    """Let a card's job be done, and return the card by its job, wherever it stands then."""
    key = card.get_attribute("data-key")
    settled = visitor.page.locator(f'.job[data-key="{key}"]')
    visitor.wait_for("in_queue", settled)
    api.finish()
    visitor.wait_for("completed", settled)
    visitor.pictures(1, settled)
    return settled


def _card(visitor: Visit, prompt: str) -> Locator:
    return visitor.cards.filter(has=visitor.page.get_by_text(prompt, exact=True))

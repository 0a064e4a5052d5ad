"""The stream of a page that is not alone, not looked at, or refused, and what it finds that it can't read."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from seedream import texts
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

WATCH = re.compile("atelier/watch")
LEFT = """() => window.dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}))"""
COME_BACK_TO = """() => window.dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))"""
HOLDS_NOTHING = """async () => (await navigator.locks.query()).held.length === 0"""

NOTE_PAUSES = """() => {
  window.pauses = [];
  const usual = setTimeout;
  window.setTimeout = (act, milliseconds, ...rest) => {
    pauses.push(milliseconds ?? 0);
    return usual(act, milliseconds, ...rest);
  };
}"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("status", "says"), [(401, "state.log_in"), (422, "state.reload"), (502, "state.reconnecting")]
)
def test_a_refused_stream_says_what_it_is(
    browser: Browser, app: AppProcess, api: ControlledApi, status: int, says: str
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.route(WATCH, lambda route: route.fulfill(status=status))
        visitor.generate()
        expect(visitor.card).to_contain_text(texts.text(says))


@pytest.mark.usefixtures("no_waiting")
def test_a_stream_that_told_all_is_no_failure(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in "abcd":
            visitor.prompt.fill(prompt)
            visitor.generate()
            visitor.wait_for("completed")
        visitor.page.route(WATCH, lambda route: route.abort())
        visitor.page.evaluate(NOTE_PAUSES)
        visitor.prompt.fill("e")
        visitor.generate()
        expect(visitor.card).to_contain_text(texts.text("state.reconnecting"))
        # The first try after a line is lost comes within a second, whatever was made before.
        assert any(800 < each < 1000 for each in visitor.page.evaluate("pauses"))


def test_two_tabs_share_a_stream_and_one_takes_up_what_the_other_leaves(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as first:
        first.generate()
        first.wait_for("in_queue")
        second = Visit(first.page.context.new_page(), app.url)
        sent: list[str] = []
        second.page.on("request", lambda request: sent.append(request.url))
        second.generate()
        second.wait_for("in_queue")
        api.arrived(before + 2)
        api.draw()
        for tab in (first, second):
            tab.wait_for("in_progress")
        assert not any(map(WATCH.search, sent))
        first.page.close()
        api.finish()
        for card in second.cards.all():
            second.pictures(1, card)
            second.wait_for("completed", card)
        assert any(map(WATCH.search, sent))
        assert second.faults == []


@pytest.mark.thorough
def test_a_page_in_the_back_forward_cache_lets_go_and_comes_back(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        visitor.wait_for("in_queue")
        expect(visitor.card).to_contain_text("in line")
        visitor.page.evaluate(LEFT)
        visitor.page.wait_for_function(HOLDS_NOTHING)
        visitor.page.evaluate(COME_BACK_TO)
        api.arrived(before + 1)
        api.finish()
        visitor.pictures(1)
        visitor.wait_for("completed")


@pytest.mark.thorough
def test_what_cannot_be_read_never_stops_the_page(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        spoilt = ["{", "null", "7", json.dumps({"key": "x", "at": "late"}), json.dumps({"key": 3, "record": []})]
        for number, text in enumerate(spoilt):
            visitor.page.evaluate("kept => localStorage.setItem(...kept)", [f"seedream.job.{number}", text])
        for left in ("{", '"a"', '{"values": 3, "shown": "x"}'):
            # The page keeps it anew as it is left.
            keep = (
                f"addEventListener('pagehide', () => sessionStorage.setItem('seedream.left', {json.dumps(left)}))"
            )
            visitor.page.evaluate(keep)
            visitor.page.reload()
            expect(visitor.page.locator("#gallery .gallery-empty")).to_be_visible()


def test_only_keys_in_the_form_generate(
    browser: Browser, app: AppProcess, before: int, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.get_by_role("textbox", name="Show a result by its request ID").press("Control+Enter")
        visitor.page.get_by_role("button", name="Use your own").click()
        visitor.page.get_by_label("Your own RunComfy token").press("Control+Enter")
        visitor.page.keyboard.press("Escape")
        visitor.page.evaluate("document.body.append(document.createElement('dialog'))")
        visitor.page.evaluate("document.querySelector('body > dialog').showModal()")
        visitor.page.keyboard.press("Control+Enter")
        visitor.page.keyboard.press("Escape")
        expect(visitor.cards).to_have_count(0)
        visitor.prompt.press("Control+Enter")
        expect(visitor.cards).to_have_count(1)
        api.arrived(before + 1)
    assert api.submitted() == before + 1


def test_a_full_store_lets_the_visitor_pay(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full') } }")
        visitor.bring_token("a-token-of-the-visitors-own")
        expect(visitor.page.get_by_text("Your own token is in use")).to_be_visible()

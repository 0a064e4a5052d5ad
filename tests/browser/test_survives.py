"""No job is lost and none is paid for twice, whatever dies or is pressed twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Dialog, Request, Route, expect

from seedream import texts
from tests.browser.page_scripts import SMALL_COPIES
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi, wait_until
from tests.servers import AppProcess

# A page that has other things to do whenever somebody does this.
BUSY = """names => {
  for (const name of names) {
    addEventListener(name, () => {
      for (const from = performance.now(); performance.now() - from < 900; );
    });
  }
}"""
COPIES_SHOWN = """count => {
  const waiting = [...document.querySelectorAll(".tile[data-state=waiting]")];
  const behind = waiting.map((each) => getComputedStyle(each, "::before").backgroundImage);
  return behind.filter((each) => each.includes("blob:")).length === count;
}"""
SUBMITTED = re.compile(r"submitted request_id=(\S+)")


@pytest.mark.thorough
@pytest.mark.parametrize("killed", ["in_queue", "in_progress"])
def test_a_killed_server_costs_nobody_a_picture(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int, killed: str
) -> None:
    with visit(browser, app.url) as reloaded, visit(browser, app.url) as left_open:
        for visitor in (reloaded, left_open):
            visitor.generate()
            visitor.wait_for("in_queue")
            expect(visitor.card).to_contain_text("Number 3 in line")
        if killed == "in_progress":
            api.draw()
            reloaded.wait_for("in_progress")
            left_open.wait_for("in_progress")
        app.kill()
        expect(left_open.card).to_contain_text("Your job goes on; trying to reach it again.")
        app.start()
        reloaded.page.reload()
        api.finish()
        for visitor in (reloaded, left_open):
            visitor.pictures(1)
            visitor.wait_for("completed")
            expect(visitor.cards).to_have_count(1)
    assert api.submitted() == before + 2


@pytest.mark.thorough
def test_a_server_killed_before_the_page_heard_leaves_an_unknown_job_that_its_id_brings_back(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        lines = len(app.lines)
        with api.interceptor.holding_answers():
            visitor.generate()
            assert api.interceptor.holding.wait(30)
            context = visitor.page.context
            # The page ends with that; closed, it might still hear of the answer in its last moment.
            visitor.page.goto("about:blank")
            visitor.page.close()
        wait_until(lambda: SUBMITTED.search("".join(app.lines[lines:])))
        app.kill()
        log = "".join(app.lines[lines:])
        app.start()
        returned = Visit(context.new_page(), app.url)
        expect(returned.card).to_contain_text(
            "never heard back, so it may have been accepted and charged. We won't send it again by ourselves."
        )
        assert api.submitted() == before + 1

        found = SUBMITTED.search(log)
        assert found
        returned.open_by_id(found[1])
        api.finish()
        returned.pictures(1)
        returned.wait_for("completed")
    assert api.submitted() == before + 1


def test_a_tab_closed_while_it_submits_finds_its_job_finished(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        lines = len(app.lines)
        with api.interceptor.holding_answers():
            visitor.generate()
            assert api.interceptor.holding.wait(30)
            visitor.page.close()
        wait_until(lambda: SUBMITTED.search("".join(app.lines[lines:])))
        api.finish()
        returned = Visit(visitor.page.context.new_page(), app.url)
        returned.pictures(1)
        returned.wait_for("completed")
        assert returned.faults == []
    assert api.submitted() == before + 1


def test_a_double_click_is_one_submission(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate_button.dblclick()
        _ends_once(visitor, api, before)


@pytest.mark.thorough
def test_a_busy_page_makes_no_second_press_of_one(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        page.evaluate(BUSY, ["keydown", "pointerdown"])
        visitor.generate_button.focus()
        for _ in range(4):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        api.arrived(before + 1)
        api.finish()
        visitor.pictures(1)
        visitor.generate_button.dblclick()
        api.arrived(before + 2)
        api.finish()
        expect(visitor.rows).to_have_count(2)
        expect(visitor.rows.locator(".history-picture img")).to_have_count(2)
        visitor.card.get_by_role("button", name="Make another").dblclick()
        api.arrived(before + 3)
        api.finish()
        expect(visitor.rows.locator(".history-picture img")).to_have_count(3)
        assert api.submitted() == before + 3


@pytest.mark.parametrize("where", ["button", pytest.param("prompt", marks=pytest.mark.thorough)])
def test_a_key_held_down_is_one_submission(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int, where: str
) -> None:
    with visit(browser, app.url) as visitor:
        keyboard = visitor.page.keyboard
        if where == "button":
            visitor.generate_button.focus()
        else:
            visitor.prompt.focus()
            keyboard.down("Control")
        # As long as someone would who waits for a sign of life, and as often as a keyboard repeats.
        for _ in range(60):
            keyboard.down("Enter")
            visitor.page.wait_for_timeout(30)
        keyboard.up("Enter")
        _ends_once(visitor, api, before)


def test_a_replayed_request_is_one_submission(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        with visitor.page.expect_request(_is_submission) as sent:
            visitor.generate()
        visitor.wait_for("in_queue")
        original = sent.value
        statuses = visitor.page.evaluate(
            """([url, type, body]) => Promise.all([1, 2, 3].map(async () => {
              const answer = await fetch(url, {method: "POST", headers: {"content-type": type}, body});
              return answer.status;
            }))""",
            [original.url, original.headers["content-type"], original.post_data],
        )
        assert statuses == [200, 200, 200]
        _ends_once(visitor, api, before)


def test_a_press_that_reaches_another_process_is_brought_again_until_it_reaches_its_own(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    refused: list[object] = []
    own = 4

    def elsewhere(route: Route) -> None:
        if not _is_submission(route.request) or len(refused) >= own:
            route.continue_()
            return
        refused.append((route.request.post_data_json or {})["data"])
        route.fulfill(json={"error": {"code": "press_elsewhere"}})

    with visit(browser, app.url) as visitor:
        visitor.page.route(re.compile("component_server"), elsewhere)
        # The route is taken only while something of the page is waited for.
        visitor.wait_for("in_queue", visitor.generate())
        _ends_once(visitor, api, before)
        # The very same each time: key and ticket hold once.
        assert refused == [refused[0]] * own


@pytest.mark.thorough
def test_where_no_ticket_is_to_be_had_nothing_is_sent(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    told: dict[str, object] = {}

    def instead(route: Route) -> None:
        if told:
            route.fulfill(json=told)
        else:
            route.abort()

    with visit(browser, app.url) as visitor:
        visitor.page.route("**/atelier/ticket", instead)
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("could not be reached, so nothing was sent")
        told["error"] = {"code": "claim_unreachable"}
        visitor.prompt.fill("another")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("is paid for only once, so it sent nothing")
        expect(visitor.cards).to_have_count(0)
    assert api.submitted() == before


@pytest.mark.thorough
def test_a_second_tab_watches_the_same_job(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        visitor.wait_for("in_queue")
        second = Visit(visitor.page.context.new_page(), app.url)
        second.wait_for("in_queue")
        _ends_once(visitor, api, before)
        _ends_once(second, api, before)
        assert second.faults == []


@pytest.mark.thorough
def test_two_tabs_that_are_opened_during_the_submission_send_nothing(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        with api.interceptor.holding_answers():
            visitor.generate()
            assert api.interceptor.holding.wait(30)
            second = Visit(visitor.page.context.new_page(), app.url)
            second.wait_for("submitting")
        _ends_once(visitor, api, before)
        _ends_once(second, api, before)


def test_an_unknown_job_is_sent_again_only_by_a_visitor_who_confirms(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    said: list[str] = []
    confirmed = False

    def answer(dialog: Dialog) -> None:
        said.append(dialog.message)
        if confirmed:
            dialog.accept()
        else:
            dialog.dismiss()

    with visit(browser, app.url) as visitor:
        visitor.page.on("dialog", answer)
        visitor.prompt.fill("a heron at dawn")
        with api.interceptor.answering("lose"):
            visitor.generate()
            visitor.wait_for("error")
        unknown = visitor.page.locator("#gallery .job", has_text="never heard back")
        expect(unknown).to_be_visible()
        expect(visitor.prompt).to_have_value("a heron at dawn")
        again = unknown.get_by_role("button", name="Send it again")
        again.click()
        expect(visitor.cards).to_have_count(1)
        assert api.submitted() == before + 1

        confirmed = True
        again.click()
        expect(visitor.cards).to_have_count(2)
        api.arrived(before + 2)
        api.finish()
        visitor.pictures(1)
        assert said == ["It may be charged twice. Send it again?"] * 2
    assert api.submitted() == before + 2


@pytest.mark.thorough
def test_a_job_that_could_not_be_read_is_taken_up_again(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        with api.interceptor.answering("deny"):
            visitor.generate()
            visitor.wait_for("error")
            expect(visitor.card).to_contain_text("This job belongs to another RunComfy account")
        visitor.card.get_by_role("button", name="Look again").click()
        _ends_once(visitor, api, before)


def _is_submission(request: Request) -> bool:
    return "component_server" in request.url and '"submit"' in (request.post_data or "")


def _ends_once(visitor: Visit, api: ControlledApi, before: int) -> None:
    """The job ends with its picture, in one card, and after one submission."""
    expect(visitor.card.locator(".job-clock")).not_to_be_empty()
    api.arrived(before + 1)
    api.finish()
    visitor.pictures(1)
    visitor.wait_for("completed")
    expect(visitor.cards).to_have_count(1)
    assert api.submitted() == before + 1


@pytest.mark.thorough
def test_what_is_put_back_does_not_push_away_what_stands_below(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        visitor.wait_for("in_queue")
        api.finish()
        visitor.pictures(1)
        page = visitor.page
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/atelier/watch", hold)
        with page.expect_request("**/atelier/watch"):
            page.reload()
        below = page.locator(".history-title")
        before = below.bounding_box()
        held[0].continue_()
        page.unroute("**/atelier/watch")
        expect(visitor.card.get_by_role("button", name="Make another")).to_be_visible()
        assert below.bounding_box() == before


@pytest.mark.thorough
def test_what_has_ended_is_not_put_back_as_if_it_went_on(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        page, held = visitor.page, list[Route]()
        visitor.series(2)
        visitor.generate()
        visitor.wait_for("in_queue")
        api.finish()
        visitor.pictures(2)
        expect(visitor.rows.locator("img")).to_have_count(2)
        assert len(page.evaluate(SMALL_COPIES)) == 2
        visitor.generate()
        visitor.card.get_by_role("button", name="Cancel").click()
        visitor.wait_for("error")
        facts = page.locator("#gallery .job :is(.job-cost, .job-clock)")
        before = facts.all_inner_texts()

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/atelier/watch", hold)
        with page.expect_request("**/atelier/watch"):
            page.reload()
        cancelled, done = visitor.cards.all()
        expect(cancelled.locator(".job-words")).to_have_text(texts.text("error.job_cancelled"))
        expect(done.locator(".job-words")).to_have_text("Done. Fetching it now.")
        for card in (cancelled, done):
            expect(card.get_by_role("button", name="Cancel")).to_be_hidden()
            expect(card.locator(".job-bar")).not_to_be_visible()
        expect(page.locator(".running")).to_be_hidden()
        assert facts.all_inner_texts() == before
        # Their small copies are there at once.
        page.wait_for_function(COPIES_SHOWN, arg=2)
        held[0].continue_()
        page.unroute("**/atelier/watch")
        visitor.pictures(2, done)

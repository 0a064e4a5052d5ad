"""What this browser asked for before: shown, opened, used again, forgotten."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Dialog, expect

from seedream import texts
from tests.browser.visit import PATIENCE_MS, Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

MOST_KEPT = 50
MOST_PUT_BACK = 12


pytestmark = pytest.mark.usefixtures("no_waiting")


def test_a_row_tells_a_job_in_short(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        expect(visitor.page.get_by_text("Nothing here yet.")).to_have_count(1)
        _series_of_three(visitor)
        visitor.open_history()
        row = visitor.rows.first
        expect(row).to_contain_text("two herons")
        expect(row).to_contain_text("Ready")
        expect(row).to_contain_text("3 pictures")
        expect(row).to_contain_text("Wide 16:9 · 2848x1600")
        expect(row).to_contain_text("JPEG, smaller")
        expect(row).to_contain_text("$0.12")
        expect(row).to_contain_text(re.compile(r"[A-Z][a-z]{2} \d{1,2}, 20\d\d, \d{1,2}:\d\d\s[AP]M"))


def test_a_job_without_pictures_has_its_row_too(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("fail: no paint")
        visitor.generate()
        visitor.wait_for("error")
        visitor.open_history()
        expect(visitor.rows).to_have_count(1)
        expect(visitor.rows.first).to_contain_text("Not made")
        expect(visitor.rows.first).not_to_contain_text("picture")


def test_show_fetches_the_result_anew(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        visitor = Visit(before.page.context.new_page(), app.url)
        visitor.open_history()
        expect(visitor.cards).to_have_count(0)
        calls = len(api.recorder.calls)
        visitor.rows.first.get_by_role("button", name="Show").click()
        visitor.pictures(1)
        visitor.wait_for("completed")
        assert any(call.path.endswith("/result") for call in api.recorder.calls[calls:])
        expect(visitor.rows).to_have_count(1)


def test_settings_are_used_again(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as before:
        _series_of_three(before)
        first = api.submissions[-1].json
        visitor = Visit(before.page.context.new_page(), app.url)
        expect(visitor.prompt).not_to_have_value("two herons")
        visitor.open_history()
        visitor.rows.first.get_by_role("button", name="Use these settings").click()
        expect(visitor.prompt).to_have_value("two herons")
        expect(visitor.prompt).to_be_focused()
        field = visitor.page.locator
        expect(field("#field-resolution input")).to_have_value(re.compile("Wide 16:9 · 2848x1600"))
        expect(field("#field-sequential_image_generation input")).to_have_value("A series")
        expect(field("#field-max_images input[type=number]")).to_have_value("3")
        expect(field("#field-output_format input")).to_have_value("JPEG, smaller")
        visitor.generate()
        visitor.pictures(3)
        assert api.submissions[-1].json == first


def test_one_is_forgotten(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two", "three"):
            _picture(visitor, prompt)
        visitor.open_history()
        middle = visitor.page.locator(".history-row", has_text="two")
        middle.get_by_role("button", name="Forget").click()
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "one"])
        expect(visitor.cards.locator(".job-prompt")).to_have_text(["three", "one"])
        back = visitor.page.get_by_role("button", name="Bring it back")
        expect(back).to_be_focused()
        expect(visitor.page.locator(".history-forgotten")).to_contain_text("“two” is forgotten in this browser.")
        back.press("Enter")
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "two", "one"])
        visitor.pictures(1, visitor.cards.filter(has_text="two"))
        expect(back).to_be_hidden()
        middle.get_by_role("button", name="Forget").click()
        visitor.page.reload()
        visitor.open_history()
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "one"])


def test_all_are_forgotten_after_a_yes(browser: Browser, app: AppProcess) -> None:
    said: list[str] = []
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two"):
            _picture(visitor, prompt)
        visitor.open_history()
        forget = visitor.page.get_by_role("button", name="Forget all")

        def answer(dialog: Dialog) -> None:
            said.append(dialog.message)
            if len(said) == 1:
                dialog.dismiss()
            else:
                dialog.accept()

        visitor.page.on("dialog", answer)
        forget.click()
        expect(visitor.rows).to_have_count(2)
        forget.click()
        expect(visitor.rows).to_have_count(0)
        expect(visitor.cards).to_have_count(0)
        expect(forget).to_be_hidden()
        assert said == [texts.text("history.forget_sure")] * 2
        visitor.page.reload()
        visitor.open_history()
        expect(visitor.page.get_by_text("Nothing here yet.")).to_be_visible()


def test_a_request_id_from_elsewhere_brings_its_pictures(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    elsewhere = api.client().submit(sequential_image_generation="auto", max_images=2)
    with visit(browser, app.url) as visitor:
        submitted = api.submitted()
        visitor.open_by_id(f"  {elsewhere} ")
        visitor.pictures(2)
        expect(visitor.card).to_contain_text("Opened by its request ID")
        expect(visitor.rows.first).to_contain_text("2 pictures")
        assert api.submitted() == submitted
        visitor.open_by_id(elsewhere)
        expect(visitor.rows).to_have_count(1)
        expect(visitor.cards).to_have_count(1)


def test_a_request_id_that_nobody_knows_gets_a_sentence(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.open_by_id("not one at all")
        paste = visitor.page.locator(".history-open")
        expect(paste.locator("[role=alert]")).to_contain_text("This does not look like a request ID.")
        expect(paste.get_by_role("textbox")).to_have_value("not one at all")
        expect(visitor.cards).to_have_count(0)
        visitor.open_by_id("00000000-0000-4000-8000-000000000000")
        visitor.wait_for("error")
        expect(paste.locator("[role=alert]")).to_be_empty()
        expect(visitor.card).to_contain_text("RunComfy has no such job or model, or it has expired.")


def test_the_last_fifty_are_kept(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    made = [api.client().submit() for _ in range(MOST_KEPT + 2)]
    with visit(browser, app.url) as visitor:
        for request_id in made[:MOST_KEPT]:
            visitor.open_by_id(request_id)
        ready = visitor.page.locator("#gallery .job[data-status=completed]")
        expect(ready).to_have_count(MOST_KEPT, timeout=PATIENCE_MS)
        for request_id in made[MOST_KEPT:]:
            visitor.open_by_id(request_id)
        expect(ready).to_have_count(MOST_KEPT + 2, timeout=PATIENCE_MS)
        expect(visitor.rows).to_have_count(MOST_KEPT)
        visitor.page.reload()
        visitor.open_history()
        expect(visitor.rows).to_have_count(MOST_KEPT)
        expect(ready).to_have_count(MOST_PUT_BACK, timeout=PATIENCE_MS)
        # Those that were put back have been asked for once their pictures are here.
        expect(ready.locator(".tile img")).to_have_count(MOST_PUT_BACK, timeout=PATIENCE_MS)
        # The newest is at the top: the last that was pasted.
        calls = len(api.recorder.calls)
        visitor.rows.first.get_by_role("button", name="Show").click()
        visitor.pictures(1)
        assert {call.path.split("/")[3] for call in api.recorder.calls[calls:]} == {made[-1]}


def test_it_survives_a_reload_and_a_restart_of_the_server(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        _picture(visitor, "before the restart")
        app.restart()
        visitor.page.reload()
        visitor.open_history()
        expect(visitor.rows).to_have_count(1)
        expect(visitor.rows.first).to_contain_text("before the restart")
        visitor.rows.first.get_by_role("button", name="Show").click()
        visitor.pictures(1)


def test_two_tabs_keep_each_others_jobs(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        second = Visit(visitor.page.context.new_page(), app.url)
        for tab, prompt in ((visitor, "one"), (second, "two"), (visitor, "three")):
            _picture(tab, prompt)
        for tab in (visitor, second):
            tab.page.reload()
            tab.open_history()
            expect(tab.rows.locator(".history-prompt")).to_have_text(["three", "two", "one"])
        assert second.faults == []


def _picture(visitor: Visit, prompt: str) -> None:
    visitor.page.bring_to_front()
    visitor.prompt.fill(prompt)
    visitor.generate()
    visitor.pictures(1)
    visitor.wait_for("completed")


def _series_of_three(visitor: Visit) -> None:
    visitor.prompt.fill("two herons")
    visitor.choose("resolution", re.compile("Wide 16:9 · 2848x1600"))
    visitor.choose("sequential_image_generation", "A series")
    visitor.page.locator("#field-max_images input[type=number]").fill("3")
    visitor.choose("output_format", re.compile("JPEG"))
    visitor.generate()
    visitor.pictures(3)
    visitor.wait_for("completed")

"""What this browser asked for before: shown, opened, used again, forgotten."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Dialog, expect
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedream import texts
from tests.browser.hands import Finger
from tests.browser.many_pictures import SHAPES, make_many_more
from tests.browser.page_scripts import SMALL_COPIES
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

MOST_KEPT = 500
MOST_PUT_BACK = 12
MORE_THAN_IS_DRAWN = 50
# For each picture.
MOST_NODES = 16
SCROLLED_TO = """count => {
  document.querySelector(".history-foot").scrollIntoView();
  return document.querySelectorAll(".history-row").length === count;
}"""
# A value that is no file, and a file that is no picture.
SPOIL_SMALL_COPIES = """async () => {
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(indexedDB.open("seedream.thumbnails", 1));
  const store = database.transaction("thumbnails", "readwrite").objectStore("thumbnails");
  const spoilt = ["no file", new Blob(["no picture"], { type: "image/webp" })];
  for (const entry of await done(store.getAll())) await done(store.put({ ...entry, blob: spoilt.shift() }));
  database.close();
}"""
MADE_EARLIER = """hours => {
  const [name] = Object.keys(localStorage).filter((each) => localStorage[each].includes('"prompt":"a heron"'));
  const entry = JSON.parse(localStorage[name]);
  localStorage[name] = JSON.stringify({ ...entry, at: entry.at - hours * 3600000 });
}"""
# A finger's breadth from each corner, and in the middle.
UNCOVERED = """pictures => pictures.map((picture) => {
  picture.scrollIntoView({ block: "center" });
  const { left, right, top, bottom } = picture.getBoundingClientRect();
  const places = [[left + 22, top + 22], [right - 22, top + 22], [(left + right) / 2, (top + bottom) / 2]];
  const found = places.map(([x, y]) => document.elementFromPoint(x, y));
  const line = picture.closest(".history-row").querySelector(".history-line");
  return found.every((each) => picture.contains(each)) && getComputedStyle(line).opacity === "0";
})"""
SLIM = ("1728x2304 (3:4)", "1600x2848 (9:16)", "1664x2496 (2:3)")
IN_EACH_ROW = """rows => Object.values(Object.groupBy(rows, (row) => row.offsetTop)).map(({ length }) => length)"""
NOTHING = Starlette(routes=[Route("/{path:path}", lambda _: JSONResponse({"error_code": 404001}, 404))])


pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.mark.thorough
def test_a_row_tells_a_job_in_short(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        expect(visitor.page.get_by_text("Nothing here yet.")).to_have_count(1)
        _series_of_three(visitor)
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
        expect(visitor.rows).to_have_count(1)
        expect(visitor.rows.first).to_contain_text("Not made")
        expect(visitor.rows.first).not_to_contain_text("picture")
        # No empty screen stands between what was not made and what was.
        expect(visitor.page.locator(".history-title")).to_be_in_viewport()


def test_show_fetches_the_result_anew(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        visitor = Visit(before.page.context.new_page(), app.url)
        expect(visitor.cards).to_have_count(0)
        calls = len(api.recorder.calls)
        visitor.act(visitor.rows.first, "Show")
        visitor.pictures(1)
        visitor.wait_for("completed")
        assert any(call.path.endswith("/result") for call in api.recorder.calls[calls:])
        expect(visitor.rows).to_have_count(1)


@pytest.mark.thorough
def test_all_pictures_begin_right_under_the_last_one(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.locator("[name=size-shape][value='21:9']").check()
        visitor.generate()
        visitor.pictures(1)
        expect(visitor.page.locator(".history-title")).to_be_in_viewport()


@pytest.mark.thorough
def test_settings_are_used_again(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as before:
        _series_of_three(before)
        first = api.submissions[-1].json
        visitor = Visit(before.page.context.new_page(), app.url)
        expect(visitor.prompt).not_to_have_value("two herons")
        visitor.act(visitor.rows.first, "Use these settings")
        expect(visitor.prompt).to_have_value("two herons")
        expect(visitor.prompt).to_be_focused()
        field = visitor.page.locator
        expect(field("#field-resolution input")).to_have_value(re.compile("Wide 16:9 · 2848x1600"))
        expect(visitor.count).to_have_accessible_name("A series")
        expect(visitor.length).to_have_value("3")
        expect(field("#field-output_format input")).to_have_value("JPEG, smaller")
        visitor.generate()
        visitor.pictures(3)
        assert api.submissions[-1].json == first


@pytest.mark.thorough
def test_one_is_forgotten(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two", "three"):
            _picture(visitor, prompt)
        middle = visitor.page.locator(".history-row", has_text="two")
        visitor.act(middle, "Remove from this list")
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "one"])
        expect(visitor.cards.locator(".job-prompt")).to_have_text(["three"])
        back = visitor.page.get_by_role("button", name="Bring it back")
        expect(back).to_be_focused()
        assert len(visitor.page.evaluate(SMALL_COPIES)) == 2
        expect(visitor.page.locator(".history-forgotten")).to_contain_text("“two” is removed from this list.")
        back.press("Enter")
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "two", "one"])
        expect(middle.locator("img")).to_have_count(1)
        expect(back).to_be_hidden()
        visitor.act(middle, "Remove from this list")
        visitor.page.reload()
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "one"])


@pytest.mark.thorough
def test_the_field_stays_where_it_is_and_a_second_press_takes_no_undo_away(
    browser: Browser, app: AppProcess
) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two", "three", "four"):
            _picture(visitor, prompt)
        page = visitor.page
        words = page.get_by_role("searchbox")
        words.evaluate("field => scrollBy(0, field.getBoundingClientRect().top - 40)")
        before = words.bounding_box()
        words.fill("nothing of the kind")
        expect(visitor.rows).to_have_count(0)
        assert words.bounding_box() == before
        words.fill("")
        expect(visitor.rows).to_have_count(4)

        close = page.locator(".history-forgotten").get_by_role("button", name="Close")
        at_once = """() => {
            const row = document.querySelector(".history-row");
            row.querySelector(".menu-button").click();
            const named = ({ textContent }) => textContent === "Remove from this list";
            [...row.querySelectorAll("button")].find(named).click();
            document.querySelector(".history-forgotten .close-button").click();
        }"""
        page.evaluate(at_once)
        expect(visitor.rows).to_have_count(3)
        expect(close).to_be_visible()
        page.wait_for_timeout(900)
        close.click()
        expect(close).to_be_hidden()


@pytest.mark.thorough
def test_all_are_forgotten_after_a_yes(browser: Browser, app: AppProcess) -> None:
    said: list[str] = []
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two"):
            _picture(visitor, prompt)
        forget = visitor.page.get_by_role("button", name="Remove all")

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
        assert visitor.page.evaluate(SMALL_COPIES) == []
        visitor.page.get_by_role("button", name="Bring them back").press("Enter")
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["two", "one"])
        expect(visitor.page.locator(".history-picture img")).to_have_count(2)
        expect(visitor.card.locator(".job-prompt")).to_have_text("two")
        forget.click()
        expect(visitor.rows).to_have_count(0)
        assert said == [texts.text("history.forget_sure")] * 3
        visitor.page.reload()
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


@pytest.mark.thorough
def test_all_pictures_are_there_before_the_server_has_said_a_word(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        _series_of_three(before)
        expect(before.page.locator(".history-picture img")).to_have_count(4)
        # One whose card is on the page is there already.
        before.page.get_by_role("button", name="Open large: two herons, 3 of 3").click()
        view = before.page.get_by_role("dialog", name="Large view")
        expect(view.get_by_role("link", name="Save original 3")).to_be_visible()
        before.page.keyboard.press("Escape")
        expect(before.cards.first).to_be_visible()
        calls = len(api.recorder.calls)
        visitor = Visit(before.page.context.new_page(), app.url)
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        copies = visitor.page.locator(".history-picture img")
        expect(copies).to_have_count(4)
        for copy in copies.all():
            assert copy.evaluate("image => image.decode().then(() => image.src.startsWith('blob:'))")
        expect(visitor.page.get_by_role("heading", name="Today")).to_be_visible()
        expect(visitor.page.locator(".gallery-empty")).to_be_hidden()
        assert [url for url in asked if not url.startswith("blob:")] == []
        assert len(api.recorder.calls) == calls

        # Large, it is asked for; so is each that is looked at, and no card comes of it.
        visitor.page.get_by_role("button", name="Open large: two herons, 2 of 3").click()
        view = visitor.page.get_by_role("dialog", name="Large view")
        expect(view.locator(".view-place")).to_have_text("2 of 4")
        expect(view.get_by_role("link", name="Save original 2")).to_be_visible()
        visitor.page.keyboard.press("End")
        expect(view.locator(".view-place")).to_have_text("4 of 4")
        expect(view.get_by_role("img", name="Picture 1 of 1: a heron")).to_be_visible()
        expect(view.get_by_role("link", name="Save original 1")).to_be_visible()
        visitor.page.keyboard.press("Escape")
        expect(visitor.page.get_by_role("button", name="Open large: a heron")).to_be_focused()
        expect(visitor.cards).to_have_count(0)
        assert visitor.faults == []


@pytest.mark.thorough
def test_what_cannot_be_read_of_the_small_copies_costs_no_row(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as before:
        for prompt in ("one", "two"):
            _picture(before, prompt)
        expect(before.page.locator(".history-picture img")).to_have_count(2)
        assert len(before.page.evaluate(SMALL_COPIES)) == 2
        before.page.evaluate(SPOIL_SMALL_COPIES)
        visitor = Visit(before.page.context.new_page(), app.url)
        expect(visitor.rows).to_have_count(2)
        # Their words stand in their places.
        expect(visitor.rows.locator(".history-blank")).to_have_text(["two", "one"])
        assert visitor.faults == []


@pytest.mark.thorough
def test_a_chain_stays_together_over_midnight_and_however_much_lies_between(
    browser: Browser, app: AppProcess
) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        make_many_more(before.page, MORE_THAN_IS_DRAWN)
        before.card.get_by_role("button", name="Change this…").click()
        expect(before.page.locator(".reference-item")).to_have_count(1)
        _picture(before, "at night")
        before.page.evaluate(MADE_EARLIER, MORE_THAN_IS_DRAWN + 26)
        visitor = Visit(before.page.context.new_page(), app.url)
        today = visitor.page.locator(".history-day").first
        group = today.locator(".history-group")
        expect(group.locator(".history-row .history-prompt")).to_have_text(["at night", "a heron"])
        expect(group.locator(".history-note").first).to_have_text("2 pictures · $0.08")
        # In the order in which they stand, they are gone through.
        group.get_by_role("button", name="Open large: at night").click()
        view = visitor.page.get_by_role("dialog", name="Large view")
        visitor.page.keyboard.press("ArrowRight")
        expect(view.get_by_role("img", name="Picture 1 of 1: a heron")).to_be_visible()
        visitor.page.keyboard.press("Escape")
        visitor.page.wait_for_function(SCROLLED_TO, arg=MORE_THAN_IS_DRAWN + 2)
        expect(visitor.page.locator(".history-group")).to_have_count(1)
        assert visitor.faults == []


@pytest.mark.thorough
def test_what_runcomfy_has_dropped_is_still_seen_small(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        expect(before.page.locator(".history-picture img")).to_have_count(1)
        visitor = Visit(before.page.context.new_page(), app.url)
        app.restart()
        with api.interceptor.answered_by(NOTHING):
            visitor.page.get_by_role("button", name="Open large: a heron").click()
            view = visitor.page.get_by_role("dialog", name="Large view")
            expect(view).to_contain_text("it has expired")
            expect(view.get_by_role("img", name="Picture 1 of 1: a heron")).to_be_visible()
            visitor.page.keyboard.press("Escape")
        expect(visitor.page.locator(".history-picture img")).to_have_count(1)


@pytest.mark.thorough
def test_they_are_found_by_words_by_a_star_and_by_how_they_are(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        for prompt in ("a red heron", "a fox in snow", "a grey heron"):
            _picture(visitor, prompt)
        prompts = visitor.rows.locator(".history-prompt")
        words = page.get_by_role("searchbox", name="Search the prompts")
        words.fill("Heron a")
        expect(prompts).to_have_text(["a grey heron", "a red heron"])
        words.fill("owl")
        expect(page.get_by_text("Nothing here fits.")).to_be_visible()
        words.fill("")
        star = page.get_by_role("button", name="Star “a red heron”")
        star.focus()
        star.press("Enter")
        expect(star).to_have_attribute("aria-pressed", "true")
        kind = page.get_by_role("combobox", name="Which ones")
        kind.select_option("Starred")
        expect(prompts).to_have_text(["a red heron"])
        kind.select_option("All")
        # Also while nobody is at it.
        shown = "places => places.map((each) => getComputedStyle(each, '::after').content)"
        assert visitor.rows.locator(".history-place").evaluate_all(shown) == ["none", "none", '"\u2605"']
        visitor.prompt.fill("fail: no paint")
        visitor.generate()
        visitor.wait_for("error")
        expect(prompts).to_have_count(4)
        with api.interceptor.holding_answers():
            visitor.prompt.fill("a slow heron")
            visitor.generate()
            # What goes on stands above, and in the list for who looks for it.
            kind.select_option("Under way")
            expect(prompts).to_have_text(["a slow heron"])
            kind.select_option("Not made")
            expect(prompts).to_have_text(["fail: no paint"])
            words.fill("heron")
            expect(prompts).to_have_count(0)
            kind.select_option("All")
            expect(prompts).to_have_text(["a slow heron", "a grey heron", "a red heron"])
            words.fill("")
            expect(prompts).to_have_text(["fail: no paint", "a grey heron", "a fox in snow", "a red heron"])
        visitor.wait_for("completed")
        expect(prompts).to_have_count(5)
        page.reload()
        kind.select_option("Starred")
        expect(prompts).to_have_text(["a red heron"])


@pytest.mark.thorough
def test_five_hundred_are_kept_and_what_is_starred_longer(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        make_many_more(before.page, MOST_KEPT - 1)
        visitor = Visit(before.page.context.new_page(), app.url)
        page = visitor.page
        expect(visitor.rows.first).to_be_visible()
        # Those that are far below are drawn when somebody comes near them.
        assert visitor.rows.count() < MOST_KEPT / 2
        # So are the neighbours of the one that is shown large.
        page.get_by_role("button", name="Open large: a heron", exact=True).click()
        small = page.locator(".strip-item")
        expect(page.locator(".strip-item[aria-current=true]")).to_be_in_viewport()
        assert 0 < small.count() < MOST_KEPT / 10
        page.locator(".view-strip").evaluate("strip => strip.scrollTo(0, strip.scrollHeight)")
        expect(page.get_by_role("button", name=f"{MOST_KEPT} of {MOST_KEPT}", exact=True)).to_be_in_viewport()
        assert small.count() < MOST_KEPT / 10
        page.keyboard.press("Escape")
        page.wait_for_function(SCROLLED_TO, arg=MOST_KEPT)
        page.get_by_role("button", name=f"Star “a heron {MOST_KEPT - 1}”").press("Enter")
        for prompt in ("one more", "and one"):
            _picture(visitor, prompt)
        kept = "Object.keys(localStorage).filter((name) => name.startsWith('seedream.job.'))"
        page.wait_for_function(f"{kept}.length === {MOST_KEPT + 1}")
        assert f"seedream.job.k{MOST_KEPT - 1}" in page.evaluate(kept)
        assert f"seedream.job.k{MOST_KEPT - 2}" not in page.evaluate(kept)


@pytest.mark.thorough
def test_a_wall_of_five_hundred_asks_nobody_and_draws_what_is_looked_at(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as before:
        _picture(before, "a heron")
        make_many_more(before.page, MOST_KEPT - 1, copies=True)
        visitor = Visit(before.page.context.new_page(), app.url)
        page = visitor.page
        expect(page.locator(".history-picture img").first).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        calls = len(api.recorder.calls)
        # One window's pictures, and some more for who scrolls.
        assert visitor.rows.count() <= MOST_KEPT / 10
        page.wait_for_function(SCROLLED_TO, arg=MOST_KEPT)
        expect(page.locator(".history-picture img")).to_have_count(MOST_KEPT)
        assert page.locator("#gallery *").count() < MOST_NODES * MOST_KEPT
        assert [url for url in asked if not url.startswith("blob:")] == []
        assert len(api.recorder.calls) == calls
        assert visitor.faults == []


def test_after_a_reload_the_newest_cards_are_there(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    made = [api.client().submit() for _ in range(MOST_PUT_BACK + 2)]
    with visit(browser, app.url) as visitor:
        for request_id in made:
            visitor.open_by_id(request_id)
        ready = visitor.page.locator("#gallery .job[data-status=completed]")
        visitor.wait_for("completed")
        visitor.page.reload()
        expect(ready).not_to_have_count(0)
        expect(visitor.rows).to_have_count(MOST_PUT_BACK + 2)
        # Those that were put back have been asked for once their pictures are here.
        expect(ready).to_have_count(visitor.cards.count())
        expect(ready.locator(".tile img")).to_have_count(visitor.cards.count())
        # The newest is at the top: the last that was pasted.
        calls = len(api.recorder.calls)
        visitor.act(visitor.rows.first, "Show")
        visitor.pictures(1)
        assert {call.path.split("/")[3] for call in api.recorder.calls[calls:]} == {made[-1]}


def test_it_survives_a_reload_and_a_restart_of_the_server(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        _picture(visitor, "before the restart")
        app.restart()
        visitor.page.reload()
        expect(visitor.rows).to_have_count(1)
        expect(visitor.rows.first).to_contain_text("before the restart")
        visitor.act(visitor.rows.first, "Show")
        visitor.pictures(1)


@pytest.mark.thorough
def test_two_tabs_keep_each_others_jobs(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        second = Visit(visitor.page.context.new_page(), app.url)
        for tab, prompt in ((visitor, "one"), (second, "two"), (visitor, "three")):
            _picture(tab, prompt)
        for tab in (visitor, second):
            tab.page.reload()
            expect(tab.rows.locator(".history-prompt")).to_have_text(["three", "two", "one"])
        assert second.faults == []


@pytest.mark.thorough
def test_what_goes_on_in_another_tab_has_its_row(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        second = Visit(visitor.page.context.new_page(), app.url)
        visitor.page.bring_to_front()
        with api.interceptor.holding_answers():
            visitor.prompt.fill("a heron")
            visitor.generate()
            second.page.bring_to_front()
            expect(second.rows.locator(".history-note")).to_contain_text("Under way")
            visitor.page.bring_to_front()
            expect(visitor.rows).to_have_count(0)
            # Not that nothing was found.
            expect(visitor.page.get_by_text("Nothing here fits.")).to_be_hidden()
        visitor.wait_for("completed")
        expect(visitor.rows).to_have_count(1)
        assert second.faults == []


@pytest.mark.thorough
def test_on_a_phone_two_stand_in_a_row_and_nothing_lies_over_them(
    browser: Browser, app: AppProcess, full_size: None
) -> None:
    with visit(browser, app.url, **Finger.context) as visitor:
        visitor.prompt.fill("tall herons")
        visitor.page.get_by_role("radio", name="Tall 9:16").check()
        visitor.how_many("4 alternatives")
        visitor.generate()
        pictures = visitor.page.locator(".history-group .history-picture")
        expect(pictures.locator("img")).to_have_count(4)
        boxes = [picture.bounding_box() for picture in pictures.all()]
        assert len({round(box["width"]) for box in boxes if box}) == 1
        assert [box["y"] for box in boxes if box][::2] == [box["y"] for box in boxes if box][1::2]
        assert pictures.evaluate_all(UNCOVERED) == [True] * 4
        # What a mouse finds over it, keys and a screen reader find there.
        first = visitor.rows.first
        more = first.locator(".menu-button")
        first.locator(".history-check").press("Tab")
        expect(first.locator(".history-star")).to_be_focused()
        expect(first.locator(".history-line")).to_have_css("opacity", "1")
        more.press("Enter")
        first.get_by_role("button", name="Star it", exact=True).press("Enter")
        expect(first.locator(".history-star")).to_have_attribute("aria-pressed", "true")
        shown = first.locator(".history-place").evaluate("place => getComputedStyle(place, '::after').content")
        assert "\u2605" in shown


@pytest.mark.thorough
@pytest.mark.usefixtures("full_size")
@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("shapes", [SHAPES, SLIM], ids=["mixed", "slim"])
def test_on_a_wide_screen_at_most_five_stand_in_a_row(
    browser: Browser, app: AppProcess, width: int, shapes: Sequence[str]
) -> None:
    with visit(browser, app.url, viewport={"width": width, "height": 1080}) as before:
        _picture(before, "a heron")
        make_many_more(before.page, 30, copies=True, shapes=shapes)
        before.page.get_by_role("radio", name="Tall 9:16").check()
        before.series(9)
        before.generate()
        before.pictures(9)
        visitor = Visit(before.page.context.new_page(), app.url)
        expect(visitor.page.locator(".history-picture img")).to_have_count(40)
        rows: list[int] = visitor.rows.evaluate_all(IN_EACH_ROW)
        assert 3 <= max(rows) <= 5
        series = visitor.rows.first
        places = series.locator(".history-place")
        assert places.evaluate_all(IN_EACH_ROW) == [5, 4]
        # They take all of the row.
        row, fifth = series.bounding_box(), places.nth(4).bounding_box()
        assert row and fifth and fifth["x"] + fifth["width"] == pytest.approx(row["x"] + row["width"], abs=1)


def _picture(visitor: Visit, prompt: str) -> None:
    visitor.page.bring_to_front()
    visitor.prompt.fill(prompt)
    visitor.generate()
    visitor.pictures(1)
    visitor.wait_for("completed")


def _series_of_three(visitor: Visit) -> None:
    visitor.prompt.fill("two herons")
    visitor.choose("resolution", re.compile("Wide 16:9 · 2848x1600"))
    visitor.series(3)
    visitor.choose("output_format", re.compile("JPEG"))
    visitor.generate()
    visitor.pictures(3)
    visitor.wait_for("completed")

"""The whole main job: from a prompt to pictures, a series, a cancelled job, an error."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Request, Route, expect
from starlette import routing
from starlette.applications import Starlette
from starlette.responses import JSONResponse

from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

# Press, as fast as nobody can, the button that comes where *Cancel* was.
_PRESSES_WHAT_COMES = """() => {
  window.pressed = 0;
  new MutationObserver((_, observer) => {
    const button = document.querySelector('.job-retry button');
    if (!button) return;
    observer.disconnect();
    window.pressed += 1;
    button.click();
  }).observe(document.querySelector('.job-retry'), { childList: true });
}"""


def test_one_press_shows_one_sample_of_the_default_size(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        expect(visitor.page.locator("#banner")).to_have_text("Demo These pictures don't follow your text.")
        visitor.generate()
        visitor.pictures(1)
        visitor.wait_for("completed")
        expect(visitor.card).to_contain_text("Your picture is ready.")
        expect(visitor.card.locator("figcaption")).to_contain_text("Sample · 2,304 × 1,728 PNG")
        expect(visitor.card).to_contain_text("Free sample")
        name, original = visitor.download(visitor.card.get_by_role("link", name="Save original 1"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-a-vibrant-close-up-editorial-portrait-01\.png", name)
        assert Image.open(BytesIO(original)).size == (2304, 1728)


@pytest.mark.thorough
def test_auto_and_six_show_six_in_order(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        expect(visitor.page.locator("#field-max_images")).to_have_count(0)
        visitor.series(6)
        visitor.generate()
        pictures = visitor.pictures(6)
        alts = [picture.get_attribute("alt") or "" for picture in pictures]
        assert [alt.split(":")[0] for alt in alts] == [f"Picture {number} of 6" for number in range(1, 7)]
        expect(visitor.card).to_contain_text("Your 6 pictures are ready.")


@pytest.mark.usefixtures("no_waiting")
def test_the_request_is_what_was_chosen(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        expect(visitor.page.locator("#banner")).to_have_count(0)
        visitor.prompt.fill("two scenes of a red fox\nin snow")
        visitor.choose("resolution", re.compile("Wide 16:9 · 2848x1600"))
        visitor.series(3)
        visitor.choose("output_format", re.compile("JPEG"))
        visitor.generate()
        visitor.pictures(3)
        assert api.submissions[-1].json == {
            "prompt": "two scenes of a red fox\nin snow",
            "resolution": "2848x1600 (16:9)",
            "sequential_image_generation": "auto",
            "max_images": 3,
            "output_format": "jpeg",
            "optimize_prompt_options": "standard",
        }


def test_a_queued_job_is_cancelled(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        expect(visitor.card).to_contain_text("Number 3 in line")
        visitor.card.get_by_role("button", name="Cancel").click()
        expect(visitor.card).to_contain_text("Cancelled before it was drawn, so nothing was charged.")
        expect(visitor.card.get_by_role("button", name="Cancel")).to_be_hidden()
        visitor.card.get_by_role("button", name="Try again").click()
        expect(visitor.cards).to_have_count(2)
        expect(visitor.card).to_contain_text("Number 3 in line")


@pytest.mark.thorough
def test_what_comes_where_cancel_was_orders_nothing_at_once(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        expect(visitor.card).to_contain_text("Number 3 in line")
        visitor.page.evaluate(_PRESSES_WHAT_COMES)
        visitor.card.get_by_role("button", name="Cancel").click()
        again = visitor.card.get_by_role("button", name="Try again")
        expect(again).to_have_attribute("aria-disabled", "false")
        assert visitor.page.evaluate("window.pressed") == 1
        assert api.submitted() == before + 1
        again.click()
        expect(visitor.cards).to_have_count(2)
    assert api.submitted() == before + 2


def test_cancel_is_offered_as_long_as_it_works(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        api.arrived(before + 1)
        line, cancel = visitor.card.locator(".job-line"), visitor.card.get_by_role("button", name="Cancel")
        cancel.focus()
        words = visitor.card.locator(".job-words")
        before_it, tall = words.bounding_box(), line.bounding_box()
        api.draw()
        visitor.wait_for("in_progress")
        expect(cancel).to_be_hidden()
        # Nothing moved, and the keyboard goes on from here.
        assert (words.bounding_box(), line.bounding_box()) == (before_it, tall)
        expect(visitor.card).to_be_focused()
        api.finish()
        visitor.pictures(1)
        visitor.wait_for("completed")


@pytest.mark.parametrize("sample", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_a_job_that_is_drawn_as_it_is_to_be_cancelled_goes_on(
    browser: Browser, app: AppProcess, sample_app: AppProcess, api: ControlledApi, sample: bool
) -> None:
    with visit(browser, (sample_app if sample else app).url) as visitor:
        held: list[Route] = []

        def late(route: Route) -> None:
            if _cancels(route.request):
                held.append(route)
            else:
                route.continue_()

        visitor.page.route(re.compile("component_server"), late)
        visitor.generate()
        with visitor.page.expect_request(_cancels):
            visitor.card.get_by_role("button", name="Cancel").click()
        if not sample:
            api.draw()
        visitor.wait_for("in_progress")
        held[0].continue_()
        cost = (
            "It is a sample, so it costs nothing."
            if sample
            else "It will finish, and the picture will be charged."
        )
        said = f"It is already being drawn and can't be cancelled any more. {cost}"
        expect(visitor.card.get_by_role("alert")).to_have_text(said)
        if not sample:
            api.finish()
        visitor.pictures(1)
        visitor.wait_for("completed")


def _cancels(request: Request) -> bool:
    return '"cancel"' in (request.post_data or "")


def test_the_seconds_tick_in_the_browser(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        expect(visitor.card.locator(".job-clock")).to_have_text(re.compile(r"^[3-9] s$"))


def test_an_empty_prompt_is_refused_before_anything_is_sent(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        sent = len(api.submissions)
        visitor.prompt.fill("   ")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("There is nothing to draw yet.")
        visitor.prompt.press("a")
        expect(visitor.notice).to_be_hidden()
        expect(visitor.prompt).to_be_focused()
        # Nor does it stay when what stands there now can't be sent for another reason.
        visitor.prompt.fill("   ")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("There is nothing to draw yet.")
        visitor.prompt.fill("a" * 20_001)
        expect(visitor.notice).to_be_hidden()
        expect(visitor.cards).to_have_count(0)
        assert len(api.submissions) == sent


def test_an_error_is_a_sentence_and_loses_nothing_typed(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    broke = {"error_code": 400002, "error_message": "balance is 0"}
    answer = Starlette(
        routes=[routing.Route("/{path:path}", lambda _: JSONResponse(broke, 402), methods=["GET", "POST"])]
    )
    with visit(browser, app.url) as visitor, api.interceptor.answered_by(answer):
        visitor.prompt.fill("a lighthouse")
        visitor.generate()
        visitor.wait_for("error")
        expect(visitor.card).to_contain_text("has run out of credit, so nothing was made and nothing was charged")
        expect(visitor.prompt).to_have_value("a lighthouse")


@pytest.mark.usefixtures("no_waiting")
def test_words_are_counted_and_a_long_prompt_is_only_warned_about(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("a red fox")
        expect(visitor.page.locator(".counter")).to_have_text("3 words")
        visitor.prompt.fill("fox " * 601)
        expect(visitor.page.locator(".counter")).to_contain_text("Beyond about 600")
        visitor.generate()
        visitor.pictures(1)
        assert api.submissions[-1].json["prompt"] == "fox " * 601


@pytest.mark.usefixtures("no_waiting")
def test_jobs_run_side_by_side(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two", "three"):
            visitor.prompt.fill(prompt)
            visitor.generate()
        expect(visitor.rows.locator(".history-prompt")).to_have_text(["three", "two", "one"])
        expect(visitor.rows.locator(".history-picture img")).to_have_count(3)
        expect(visitor.card.locator(".job-prompt")).to_have_text("three")


@pytest.mark.usefixtures("no_waiting")
def test_ctrl_enter_generates(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.press("Control+Enter")
        visitor.pictures(1)


def test_a_reload_takes_up_what_is_under_way(
    browser: Browser, app: AppProcess, api: ControlledApi, before: int
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.generate()
        api.arrived(before + 1)
        api.draw()
        visitor.wait_for("in_progress")
        visitor.page.reload()
        api.finish()
        visitor.pictures(1)
        expect(visitor.cards).to_have_count(1)


@pytest.mark.usefixtures("no_waiting")
def test_a_reload_loses_neither_what_was_typed_nor_what_hangs_on_the_wall(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        for prompt in ("one", "two"):
            visitor.prompt.fill(prompt)
            visitor.generate()
            visitor.pictures(1)
        sent = len(api.submissions)
        visitor.prompt.fill("half a thought")
        visitor.choose("output_format", "JPEG, smaller")
        for _ in range(2):
            visitor.page.reload()
            expect(visitor.prompt).to_have_value("half a thought")
            expect(visitor.page.locator("#field-output_format input")).to_have_value("JPEG, smaller")
            expect(visitor.cards.locator(".job-prompt")).to_have_text(["two", "one"])
            visitor.pictures(1, visitor.cards.nth(1))
        # A link comes first, and gives way.
        visitor.page.goto(f"{app.url}/?prompt=a+heron")
        expect(visitor.prompt).to_have_value("a heron")
        visitor.page.get_by_role("button", name="Bring back my text").click()
        expect(visitor.prompt).to_have_value("half a thought")
        # One press empties it, touches nothing else, and is taken back by another.
        visitor.page.get_by_role("button", name="Clear the prompt").click()
        expect(visitor.prompt).to_have_value("")
        expect(visitor.prompt).to_be_focused()
        expect(visitor.page.get_by_role("button", name="Clear the prompt")).to_be_hidden()
        expect(visitor.page.locator("#field-output_format input")).to_have_value("JPEG, smaller")
        said = visitor.page.locator(".fill-said")
        expect(said).to_have_text("The prompt is empty now.")
        visitor.prompt.press_sequentially("a")
        expect(said).to_be_empty()
        visitor.page.get_by_role("button", name="Bring back my text").click()
        expect(visitor.prompt).to_have_value("half a thought")
        assert len(api.submissions) == sent
    with visit(browser, app.url) as stranger:
        expect(stranger.cards).to_have_count(0)


@pytest.mark.usefixtures("no_waiting")
def test_what_was_written_and_not_sent_is_there_again_in_a_new_tab(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        usual = visitor.prompt.input_value()
        visitor.prompt.fill("half a thought")
        visitor.page.close()
        second = Visit(visitor.page.context.new_page(), app.url)
        expect(second.prompt).to_have_value("half a thought")
        second.generate()
        second.pictures(1)
        second.page.close()
        third = Visit(visitor.page.context.new_page(), app.url)
        expect(third.prompt).to_have_value(usual)


@pytest.mark.thorough
def test_japanese_visitors_read_japanese(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url, locale="ja-JP") as visitor:
        expect(visitor.generate_button).to_have_text("生成")
        expect(visitor.page.locator("html")).to_have_attribute("lang", "ja")
        visitor.generate()
        visitor.pictures(1)
        expect(visitor.card).to_contain_text("1 枚の画像ができました。")
        visitor.prompt.fill("桜と海")
        visitor.page.reload()
        expect(visitor.prompt).to_have_value("桜と海")


def test_the_page_fits_a_phone(browser: Browser, sample_app: AppProcess) -> None:
    phone = {"width": 360, "height": 780}
    with visit(browser, sample_app.url, viewport=phone, has_touch=True, is_mobile=True) as visitor:
        visitor.generate()
        visitor.pictures(1)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
